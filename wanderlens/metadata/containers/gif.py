"""GIF: the comments before its first picture (GIF89a, section 24)."""

from __future__ import annotations

import struct

from .carrier import Carrier
from .source import Source

_EXTENSION, _COMMENT = 0x21, 0xFE
_HAS_TABLE = 0x80


def read_gif(source: Source, carrier: Carrier) -> None:
    """Reads comments; those after the first picture would mean to read the whole file."""
    width, height, flags = struct.unpack("<HHB", source.read_at(6, 5))
    carrier.pixels = width * height
    offset = 13
    if flags & _HAS_TABLE:
        offset += 3 << ((flags & 7) + 1)
    while source.read_at(offset, 1)[0] == _EXTENSION:
        source.next_part()
        label = source.read_at(offset + 1, 1)[0]
        data, offset = _blocks(source, offset + 2)
        if label == _COMMENT:
            carrier.add(source, "comment", data, "GIF comment")


def _blocks(source: Source, offset: int) -> tuple[bytes, int]:
    """The content of a chain of sub-blocks, and what stands after it."""
    parts = []
    while length := source.read_at(offset, 1)[0]:
        source.next_part()
        parts.append(source.read_at(offset + 1, length))
        offset += 1 + length
    return b"".join(parts), offset + 1
