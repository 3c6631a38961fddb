"""`wanderlens inspect`: shows the generation data in a picture or clip."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from ..style.carry import Carried
    from .console import Console


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Prints what would carry over from a file, and the settings it was made with.

    Raises:
        InputError: the file cannot be read.
        OSError: there is none.
    """
    carried = carried_from(arguments.file)
    console.say(carried.report)
    console.result(
        carried.as_json() | {"raw_prompt": carried.raw, "raw_negative": carried.raw_negative}
    )


def carried_from(file: Path) -> Carried:
    """What carries over from a picture or video file.

    Raises:
        InputError: it cannot be read.
        OSError: there is none.
    """
    from ..metadata.containers.source import open_source
    from ..metadata.limits import MetadataError
    from ..style.carry import Still, carry_over

    file.stat()  # a file that is not there is an error of the system's
    try:
        with open_source(file):
            pass
    except MetadataError as error:
        raise InputError(
            "file must be a file that can be read", str(file), f"As it is, {error}.", "file"
        ) from error
    return carry_over(Still(file=str(file), find_file=lambda _: file, pixels=lambda: _pixels(file)))


def _pixels(file: Path) -> Any:
    """The picture as [height, width, 3], uint8; None for what is no picture, or too large."""
    import numpy as np

    from ..metadata.limits import MAX_PIXELS, MetadataError
    from ..metadata.still_file import open_still

    try:
        with open_still(file, decodable=False) as opened:
            opened.draft("RGB", (2048, 2048))  # a JPEG decodes no larger than is of use
            if opened.width * opened.height > MAX_PIXELS:
                return None
            return np.asarray(opened.convert("RGB"))
    except MetadataError:
        return None
