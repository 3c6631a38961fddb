"""Carrier: the texts read from one file, within a budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..limits import decode, json_object
from .source import Source


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
