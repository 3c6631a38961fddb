"""IPTC: the caption, headline and keywords of a Photoshop resource block (IIM 4.2)."""

from __future__ import annotations

import struct

from .carrier import Carrier
from .source import Source

_IPTC = 0x0404
_RECORD = 2
_TITLE, _KEYWORD, _HEADLINE, _CAPTION = 5, 25, 105, 120
_NAMES = {_TITLE: "IPTC title", _HEADLINE: "IPTC headline", _CAPTION: "IPTC caption"}


def read_iptc(source: Source, carrier: Carrier, data: bytes) -> None:
    """Reads the IPTC resource out of a block of Photoshop resources.

    Raises:
        MetadataError: If the file's text budget is spent.
    """
    offset = 0
    while data[offset : offset + 4] == b"8BIM" and offset + 8 <= len(data):
        source.next_part()
        number = struct.unpack_from(">H", data, offset + 4)[0]
        offset += 6 + (data[offset + 6] + 2) // 2 * 2
        if offset + 4 > len(data):
            return
        length = struct.unpack_from(">I", data, offset)[0]
        offset += 4
        if number == _IPTC:
            _read_records(source, carrier, data[offset : offset + length])
        offset += length + (length & 1)


def _read_records(source: Source, carrier: Carrier, data: bytes) -> None:
    offset, keywords = 0, []
    while data[offset : offset + 1] == b"\x1c" and offset + 5 <= len(data):
        source.next_part()
        record, kind, length = struct.unpack_from(">BBH", data, offset + 1)
        value = data[offset + 5 : offset + 5 + length]
        if record == _RECORD and kind in _NAMES:
            carrier.add(source, _NAMES[kind], value, _NAMES[kind])
        elif record == _RECORD and kind == _KEYWORD:
            keywords.append(value)
        offset += 5 + length
    carrier.add(source, "IPTC keywords", b", ".join(keywords), "IPTC keywords")
