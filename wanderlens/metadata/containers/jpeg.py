"""JPEG: Exif, XMP and IPTC segments, and comments, all before the picture data."""

from __future__ import annotations

import struct

from .carrier import Carrier
from .exif import read_exif
from .iptc import read_iptc
from .source import Source
from .xmp import read_xmp

_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_APP1, _APP13, _COMMENT = 0xE1, 0xED, 0xFE
_STARTS_SCAN, _ENDS = 0xDA, 0xD9
_ALONE = {0x01, *range(0xD0, 0xD8)}


def read_jpeg(source: Source, carrier: Carrier) -> None:
    """Reads the segments up to the first scan."""
    offset = 2
    while offset + 4 <= source.size:
        source.next_part()
        fill, marker, length = struct.unpack(">BBH", source.read_at(offset, 4))
        if fill != 0xFF or marker in (_STARTS_SCAN, _ENDS):
            return
        if marker == 0xFF or marker in _ALONE:
            offset += 1 if marker == 0xFF else 2
            continue
        if marker in (_APP1, _APP13, _COMMENT):
            data = source.read_at(offset + 4, max(0, length - 2))
            if data.startswith(_EXIF):
                read_exif(source, carrier, data[len(_EXIF) :])
            elif data.startswith(_XMP):
                read_xmp(source, carrier, data[len(_XMP) :])
            elif data.startswith(_PHOTOSHOP):
                read_iptc(source, carrier, data[len(_PHOTOSHOP) :])
            elif marker == _COMMENT:
                carrier.add(source, "Comment", data, "JPEG comment")
        offset += 2 + max(2, length)
