"""The picture and video formats that are opened: those that only hold pixels and sound.

Pillow and FFmpeg tell a format by the content, whatever the name says.
"""

from __future__ import annotations

import struct

_PICTURES = ("PNG", "JPEG", "MPO", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM",
             "TGA", "PSD", "QOI")  # fmt: skip

CONTAINERS = {
    "format_whitelist": "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf",
    "protocol_whitelist": "file",
}
"""Options for FFmpeg: the containers that hold a clip themselves.

It follows a playlist to the files and addresses that are written in it.
"""

DAMAGED = (OSError, ValueError, EOFError, SyntaxError, IndexError, TypeError, struct.error)
"""What Pillow raises for damaged files."""


def is_of_the_file_system(error: BaseException) -> bool:
    """Whether an error says that a file could not be read, and not that it is damaged."""
    return isinstance(error, OSError) and error.errno is not None


def picture_formats() -> list[str]:
    """Names of the picture formats that this Pillow has and that are decoded by itself.

    It hands some of the others, such as EPS, to programs of the machine.
    """
    from PIL import Image

    Image.init()
    return [name for name in _PICTURES if name in Image.OPEN]
