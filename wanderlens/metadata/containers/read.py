"""Opens a picture or video file of any known format and collects its texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..limits import MetadataError
from .carrier import Carrier
from .source import EndOfDataError, Source, open_source

Reader = Callable[[Source, Carrier], None]


def read_carrier(file: Path | bytes) -> Carrier:
    """Reads the texts of a picture or video file.

    Costs at most ``limits.MAX_READ`` bytes of I/O and ``limits.MAX_TEXT`` bytes of text.

    Args:
        file: Its path, or its bytes.

    Returns:
        What was found; a damaged file gives what stands before the damage.

    Raises:
        MetadataError: If it cannot be opened, or is not of a format that is read here.
    """
    with open_source(file) as source:
        if source.size == 0:
            raise MetadataError("it is empty")
        head = source.read_at(0, min(source.size, 16))
        kind, reader = _reader(head)
        carrier = Carrier(kind)
        try:
            reader(source, carrier)
        except EndOfDataError:
            carrier.notes.append("The file ends early or is damaged; what stands before was read.")
        except MetadataError as error:
            carrier.notes.append(f"Not all of the file was read: {error}.")
    return carrier


def _reader(head: bytes) -> tuple[str, Reader]:
    from .gif import read_gif
    from .isobmff import read_isobmff
    from .jpeg import read_jpeg
    from .matroska import read_matroska
    from .png import read_png
    from .webp import read_webp

    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG", read_png
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG", read_jpeg
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP", read_webp
    if head[4:8] == b"ftyp":
        is_picture = head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
        return "AVIF" if is_picture else "MP4", read_isobmff
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", read_gif
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "WebM", read_matroska
    raise MetadataError("it is no PNG, JPEG, WebP, AVIF, GIF, MP4 or WebM")
