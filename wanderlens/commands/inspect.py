"""`wanderlens inspect`: shows the generation data in a picture or clip."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from ..style.carry import Carried
    from .console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `inspect`."""
    parser.add_argument("file", type=Path, help="a PNG, JPEG, WebP, AVIF, GIF, MP4 or WebM file")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Prints what would carry over from a file, and the settings it was made with.

    Raises:
        InputError: the file cannot be read.
        OSError: the file does not exist.
    """
    carried = carried_from(arguments.file)
    console.say(carried.report)
    console.result(
        carried.as_json() | {"raw_prompt": carried.raw, "raw_negative": carried.raw_negative}
    )


def carried_from(file: Path) -> Carried:
    """What carries over from a picture or video file.

    Raises:
        InputError: the file cannot be read.
        OSError: the file does not exist.
    """
    from ..metadata.containers.source import open_source
    from ..metadata.limits import MetadataError
    from ..style.carry import Still, carry_over

    file.stat()  # a missing file is an OSError, not an InputError
    try:
        with open_source(file):
            pass
    except MetadataError as error:
        raise InputError(
            "file must be a file that can be read", str(file), f"As it is, {error}.", "file"
        ) from error
    return carry_over(Still(file=str(file), find_file=lambda _: file, pixels=lambda: _pixels(file)))


def _pixels(file: Path) -> Any:
    """The picture, [height, width, 3], uint8; None if it is not a picture, or too large."""
    import numpy as np

    from ..metadata.limits import MAX_PIXELS, MetadataError
    from ..metadata.still_file import open_still

    try:
        with open_still(file, decodable=False) as opened:
            opened.draft("RGB", (2048, 2048))  # decodes a large JPEG at a fraction of its size
            if opened.width * opened.height > MAX_PIXELS:
                return None
            return np.asarray(opened.convert("RGB"))
    except MetadataError:
        return None
