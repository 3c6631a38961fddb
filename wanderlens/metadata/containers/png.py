"""PNG: text chunks, before and after the pixels (PNG specification, third edition, 11.3)."""

from __future__ import annotations

import struct

from ..limits import MetadataError, inflate
from .carrier import Carrier
from .exif import read_exif
from .source import Source
from .xmp import read_xmp

XMP_KEYWORD = "XML:com.adobe.xmp"
_ALPHA_TYPES = (4, 6)
# `comf` is the private chunk in which ComfyUI's animated PNGs keep their texts.
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt", b"comf")


def read_png(source: Source, carrier: Carrier) -> None:
    """Reads tEXt, zTXt, iTXt, eXIf and ComfyUI's comf chunks; a bad one is left out by itself.

    Checksums are not verified: a text with a wrong one is still a text.
    """
    offset = 8
    while offset + 8 <= source.size:
        source.next_part()
        length, kind = struct.unpack(">I4s", source.read_at(offset, 8))
        if kind == b"IEND":
            return
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", source.read_at(offset + 8, 10))
            carrier.pixels, carrier.alpha = width * height, colour in _ALPHA_TYPES
        elif kind == b"tRNS":
            carrier.alpha = True
        elif kind in _TEXT_CHUNKS or kind == b"eXIf":
            if length > source.text_left:
                carrier.notes.append(f"A PNG text chunk of {length} bytes is left out: too large.")
            else:
                _read_chunk(source, carrier, kind, source.read_at(offset + 8, length))
        offset += length + 12


def _read_chunk(source: Source, carrier: Carrier, kind: bytes, data: bytes) -> None:
    if kind == b"eXIf":
        read_exif(source, carrier, data)
        return
    name, _, rest = data.partition(b"\0")
    keyword = name[:79].decode("latin-1")
    try:
        if kind == b"zTXt":
            rest = inflate(rest[1:], source.text_left)
        elif kind == b"iTXt":
            rest = _international(source, rest)
        if keyword == XMP_KEYWORD:
            read_xmp(source, carrier, rest)
        else:
            carrier.add(source, keyword, rest, f"PNG text chunk '{keyword}'")
    except MetadataError as error:
        carrier.notes.append(f"The PNG text chunk {keyword!r} is left out: {error}.")


def _international(source: Source, rest: bytes) -> bytes:
    """The text of an iTXt chunk after its keyword."""
    flag, rest = rest[:1], rest[2:]
    parts = rest.split(b"\0", 2)
    if len(parts) < 3:
        raise MetadataError("it is cut short")
    return inflate(parts[2], source.text_left) if flag == b"\1" else parts[2]
