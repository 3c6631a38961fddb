"""Opens still images upright, as 8-bit RGB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InputError
from .file_formats import DAMAGED, is_of_the_file_system, picture_formats

if TYPE_CHECKING:
    from PIL.Image import Image


def open_picture(file: Path, widget: str = "photo") -> Image:
    """Opens a picture as 8-bit RGB, turned upright by its EXIF orientation.

    16-bit greyscale is scaled to 8 bits; transparency is blended onto white, as the node does.

    Args:
        file: A picture file.
        widget: The input's name, for errors.

    Raises:
        InputError: The file is not a picture that Pillow can read, or so large that decoding it
            could exhaust memory.
        OSError: The file cannot be read.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file, formats=picture_formats()) as opened:
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith("I"):
                picture = picture.convert("I").point(lambda value: value / 257).convert("L")
            if picture.has_transparency_data:
                picture = picture.convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(white, picture)
            return picture.convert("RGB")
    except Image.DecompressionBombError as error:
        remedy = "Make it smaller first."
        raise InputError(f"{widget} must not be so large", str(file), remedy, widget) from error
    except DAMAGED as error:
        if is_of_the_file_system(error):
            raise
        remedy = "Use a PNG, JPEG or WebP file."
        raise InputError(f"{widget} must be a picture", str(file), remedy, widget) from error
