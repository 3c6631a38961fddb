"""WebP: the EXIF and XMP chunks of its RIFF container."""

from __future__ import annotations

import struct

from .carrier import Carrier
from .exif import read_exif
from .source import Source
from .xmp import read_xmp

_ALPHA_FLAG = 0x10


def read_webp(source: Source, carrier: Carrier) -> None:
    """Reads EXIF and XMP; they stand after the picture, or after all frames of an animation."""
    offset = 12
    while offset + 8 <= source.size:
        source.next_part()
        kind, length = struct.unpack("<4sI", source.read_at(offset, 8))
        if kind == b"VP8X" and length >= 10:
            data = source.read_at(offset + 8, 10)
            carrier.alpha = bool(data[0] & _ALPHA_FLAG)
            width = 1 + int.from_bytes(data[4:7], "little")
            carrier.pixels = width * (1 + int.from_bytes(data[7:10], "little"))
        elif kind == b"VP8L" and length >= 5 and not carrier.pixels:
            bits = int.from_bytes(source.read_at(offset + 9, 4), "little")
            carrier.alpha = bool(bits >> 28 & 1)
            carrier.pixels = ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
        elif kind in (b"EXIF", b"XMP "):
            if length > source.text_left:
                carrier.notes.append(f"A WebP chunk of {length} bytes is left out: too large.")
            elif kind == b"EXIF":
                data = source.read_at(offset + 8, length)
                read_exif(source, carrier, data.removeprefix(b"Exif\0\0"))
            else:
                read_xmp(source, carrier, source.read_at(offset + 8, length))
        offset += 8 + length + (length & 1)
