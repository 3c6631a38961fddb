"""The job of `wanderlens animate`: a photo and the file of its clip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..pipeline.input_image import Picture


@dataclass(frozen=True, slots=True)
class Job:
    """One photo and the file of its clip."""

    photo: Path
    output: Path


def read_picture(file: Path, widget: str) -> Picture:
    """Reads a picture file for the engines.

    Args:
        file: A picture file.
        widget: The input's name, for errors.

    Raises:
        InputError: The file is not a picture.
        OSError: The file cannot be read.
    """
    import numpy as np
    import torch

    from ..pipeline.input_image import checked_picture
    from ..still_image import open_picture

    pixels = np.asarray(open_picture(file, widget), np.float32)[None] / 255
    return checked_picture(torch.from_numpy(pixels), widget)
