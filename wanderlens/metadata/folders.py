"""Resolves a file name inside allowed folders, and refuses everything else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from .limits import MetadataError

_ANNOTATED = re.compile(r"(.*?)\s*\[(input|output|temp)\]\s*", re.DOTALL)
_LONGEST_NAME = 400
_OUTSIDE = "it lies outside ComfyUI's input, output and temp folders"


def find_in_folders(name: str, folders: Mapping[str, Path]) -> Path:
    """The regular file that a name stands for.

    Takes the forms that ComfyUI's loaders take: a name below the input folder
    ("clipspace/mask.png"), a name with its folder ("still.png [output]"), and a full path. Links
    are followed first, and the file they lead to must lie inside one of the folders.

    Args:
        name: The name.
        folders: "input", "output" and "temp", as far as there are any.

    Raises:
        MetadataError: If the name leads outside the folders, or to no regular file.
    """
    if len(name) > _LONGEST_NAME:  # before the expression, which is slow on long blanks
        raise MetadataError("its name is not valid")
    match = _ANNOTATED.fullmatch(name)
    kinds = [match[2]] if match else list(folders)
    plain = (match[1] if match else name).strip().replace("\\", "/")
    if not plain or "\0" in plain:
        raise MetadataError("its name is not valid")
    if plain.startswith("//") and not any(
        Path(plain).is_relative_to(folder) for folder in folders.values()
    ):
        # Another machine's on Windows: only to look for it would sign the user in there.
        raise MetadataError(_OUTSIDE)
    allowed = [Path(os.path.realpath(folder)) for folder in folders.values()]
    outside = False
    for kind in kinds:
        if kind not in folders:
            continue
        # An absolute name replaces the folder in the join, and is then held to the same rule.
        try:
            candidate = Path(os.path.realpath(folders[kind] / plain))
            if not any(candidate.is_relative_to(folder) for folder in allowed):
                outside = True
            elif candidate.is_file():
                return candidate
        except (OSError, ValueError) as error:  # too long, or not to be encoded
            raise MetadataError("its name is not valid") from error
    if outside:
        raise MetadataError(_OUTSIDE)
    raise MetadataError("there is no such file in ComfyUI's input, output or temp folder")
