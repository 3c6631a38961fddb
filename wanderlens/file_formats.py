"""The picture and video formats that are opened: those that only hold pixels and sound.

Pillow and FFmpeg recognise a format by the content, whatever the name says.
"""

from __future__ import annotations

import struct

_PICTURES = ("PNG", "JPEG", "MPO", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM",
             "TGA", "PSD", "QOI")  # fmt: skip

CONTAINERS = {
    "format_whitelist": "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf",
    "protocol_whitelist": "file",
}
"""Options for FFmpeg: local files in containers that hold the clip itself.

Playlists are left out: FFmpeg would open the files and addresses that they name.
"""

DAMAGED = (OSError, ValueError, EOFError, SyntaxError, IndexError, TypeError, struct.error)
"""The exceptions that Pillow raises for damaged files."""


def is_of_the_file_system(error: BaseException) -> bool:
    """Whether an error means that a file could not be read, not that it is damaged."""
    return isinstance(error, OSError) and error.errno is not None


def picture_formats() -> list[str]:
    """The formats in `_PICTURES` that this Pillow can decode.

    Others, such as EPS, are left out: Pillow hands them to external programs.
    """
    from PIL import Image

    Image.init()
    return [name for name in _PICTURES if name in Image.OPEN]
