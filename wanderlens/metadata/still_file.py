"""Opens stills of unknown origin with Pillow readers that run nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..file_formats import DAMAGED, picture_formats
from .limits import MAX_PIXELS, MetadataError

if TYPE_CHECKING:
    from PIL import Image


@contextmanager
def open_still(file: Path, *, decodable: bool = True) -> Iterator[Image.Image]:
    """Opens a picture; its pixels are not decoded yet.

    Args:
        file: The file.
        decodable: Refuse one of more than ``limits.MAX_PIXELS`` pixels. Otherwise nothing may be
            asked of it for which it must be decoded.

    Raises:
        MetadataError: It is no picture, or one too large to decode. What Pillow raises inside the
            block becomes one too.
    """
    from PIL import Image

    try:
        with Image.open(file, formats=picture_formats()) as opened:
            if decodable and opened.width * opened.height > MAX_PIXELS:
                raise MetadataError("it has too many pixels")
            yield opened
    except MetadataError:
        raise
    except Image.DecompressionBombError as error:
        raise MetadataError("it has too many pixels") from error
    except DAMAGED as error:
        raise MetadataError("it is no picture") from error
