"""XMP: descriptions and comments in RDF (ISO 16684-1), read as a stream, without a tree."""

from __future__ import annotations

from xml.parsers import expat

from ..limits import MetadataError
from .carrier import Carrier
from .source import Source

_DC = "http://purl.org/dc/elements/1.1/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_NAMES = {
    f"{_DC} description": "XMP description",
    f"{_DC} title": "XMP title",
    f"{_DC} subject": "XMP subject",
    f"{_EXIF} UserComment": "XMP UserComment",
    f"{_XMP} CreatorTool": "XMP CreatorTool",
    f"{_PHOTOSHOP} Headline": "XMP headline",
}
_MAX_XMP = 1 << 20
_MAX_LEVELS = 64


def read_xmp(source: Source, carrier: Carrier, data: bytes) -> None:
    """Reads the few properties that hold words.

    A document type is refused, and with it every entity of the file's own.

    Raises:
        MetadataError: If it is larger than 1 MiB, or the file's text budget is spent.
    """
    if len(data) > _MAX_XMP:
        raise MetadataError("its XMP is larger than 1 MiB")
    found = _Properties()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.characters
    parser.StartDoctypeDeclHandler = found.refuse
    try:
        parser.Parse(data.strip(b"\0 \r\n"), True)
    except (expat.ExpatError, MetadataError, ValueError, LookupError):
        carrier.notes.append("The XMP data is damaged; what stands before was read.")
    for name, parts in found.texts.items():
        # Several items are either one text in several languages, or keywords.
        text = ", ".join(parts) if name == "XMP subject" else parts[0]
        carrier.add(source, name, text, name)


class _Properties:
    """What the parser's events add up to."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self._level = 0
        self._name = ""
        self._name_level = 0
        self._buffer: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._level += 1
        if self._level > _MAX_LEVELS:
            raise MetadataError("its XMP is nested too deep")
        for key, value in attributes.items():
            if key in _NAMES and value.strip():
                self.texts.setdefault(_NAMES[key], []).append(value)
        if tag in _NAMES and not self._name:
            self._name, self._name_level = _NAMES[tag], self._level
        self._buffer = []

    def end(self, _tag: str) -> None:
        text = "".join(self._buffer).strip()
        if self._name and text:
            self.texts.setdefault(self._name, []).append(text)
        self._buffer = []
        if self._name and self._level == self._name_level:
            self._name = ""
        self._level -= 1

    def characters(self, text: str) -> None:
        if self._name:
            self._buffer.append(text)

    def refuse(self, *_: object) -> None:
        raise MetadataError("its XMP has a document type")
