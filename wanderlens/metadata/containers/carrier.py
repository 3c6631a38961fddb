"""Opens a file and collects its texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..limits import MetadataError, decode, json_object
from .source import EndOfDataError, Source, open_source


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a file.

    Attributes:
        text: The text as it stands in the file.
        where: Where it stands, for people ("PNG text chunk", "Exif UserComment").
    """

    text: str
    where: str


@dataclass(slots=True)
class Carrier:
    """The texts of a file.

    Attributes:
        kind: "PNG", "JPEG", "WebP", "AVIF", "GIF", "MP4", "WebM", or empty for a file that is none.
        texts: By name: a PNG keyword, a container's tag, or for the standards "Exif UserComment",
            "XMP description", "IPTC caption" and the like.
        alpha: Whether the picture may have an alpha channel.
        pixels: Width times height as the file's header states it, 0 where it is not read.
        notes: What could not be read, for people.
    """

    kind: str = ""
    texts: dict[str, Text] = field(default_factory=dict)
    alpha: bool = False
    pixels: int = 0
    notes: list[str] = field(default_factory=list)
    _records: dict[str, dict[str, Any] | None] = field(default_factory=dict, repr=False)

    def add(self, source: Source, name: str, text: str | bytes, where: str) -> None:
        """Keeps a text within the file's budget; an empty one is none, a later one replaces.

        Raises:
            MetadataError: If the budget is spent.
        """
        source.take_text(len(text))
        if isinstance(text, bytes):
            text = decode(text)
        text = text.strip("\0 \t\r\n")
        if text:
            self.texts[name] = Text(text, where)

    def record(self, name: str) -> dict[str, Any] | None:
        """The JSON object that a text is, parsed once; None when it is none, or damaged."""
        if name not in self._records:
            text = self.texts.get(name)
            self._records[name] = json_object(text.text) if text else None
        return self._records[name]

    def get(self, *names: str) -> Text | None:
        """The first of these texts that there is."""
        return next((self.texts[name] for name in names if name in self.texts), None)


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
