"""Exif: a TIFF structure with the few tags that hold words (Exif 3.0, CIPA DC-008)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from ..limits import MetadataError, decode, decode_utf16
from .carrier import Carrier
from .source import Source

_EXIF_FOLDER = 0x8769
_USER_COMMENT = 0x9286
_NAMES = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    _USER_COMMENT: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
}
#: Bytes per value of each of the field types.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1}
_MAX_FIELDS = 1000
# ComfyUI writes `prompt:{...}` into 0x0110 and other texts, named alike, from 0x010F downwards.
_NAMED = re.compile(r"\s*([A-Za-z_]{1,32}):\s*(?=[{\[])")


def read_exif(source: Source, carrier: Carrier, data: bytes) -> None:
    """Reads the words of IFD0 and of the Exif folder; both are bounded by the data itself.

    Raises:
        MetadataError: If the file's text budget is spent.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        carrier.notes.append("The Exif data is damaged.")
        return
    first = struct.unpack_from(f"{order}I", data, 4)[0]
    folders = [first]
    for number in range(2):
        if number >= len(folders):
            break
        for tag, raw in _fields(data, folders[number], order):
            if tag == _EXIF_FOLDER and number == 0 and len(raw) == 4:
                folders.append(struct.unpack(f"{order}I", raw)[0])
            elif tag != _EXIF_FOLDER:
                _add(source, carrier, tag, raw, order == ">")


def _fields(data: bytes, offset: int, order: str) -> Iterator[tuple[int, bytes]]:
    """The fields that are read, each tag once: many may claim the same bytes, all of them."""
    if offset + 2 > len(data):
        return
    count = min(struct.unpack_from(f"{order}H", data, offset)[0], _MAX_FIELDS)
    wanted = {_EXIF_FOLDER, *_NAMES}
    for index in range(count):
        start = offset + 2 + 12 * index
        if start + 12 > len(data):
            return
        tag, kind, values = struct.unpack_from(f"{order}HHI", data, start)
        if tag not in wanted:
            continue
        length = values * _SIZES.get(kind, 0)
        at = start + 8 if length <= 4 else struct.unpack_from(f"{order}I", data, start + 8)[0]
        if 0 < length <= len(data) - at:
            wanted.discard(tag)
            yield tag, data[at : at + length]


def _add(source: Source, carrier: Carrier, tag: int, raw: bytes, big_endian: bool) -> None:
    name = _NAMES[tag]
    where = f"Exif {name}"
    if tag == _USER_COMMENT:
        text = _user_comment(raw, big_endian)
    elif name.startswith("XP"):
        text = raw.decode("utf-16-le", errors="replace")
    else:
        text = decode(raw)
    text = text.strip("\0 ")
    if tag != _USER_COMMENT and (named := _NAMED.match(text)):
        carrier.add(source, named[1].lower(), text[named.end() :], where)
        return
    try:
        carrier.add(source, where, text, where)
    except MetadataError:
        carrier.notes.append(f"{where} is left out: too large.")


def _user_comment(raw: bytes, big_endian: bool) -> str:
    code, text = raw[:8], raw[8:]
    if code == b"UNICODE\0":
        return decode_utf16(text, big_endian)
    if code in (b"ASCII\0\0\0", b"\0" * 8, b"JIS\0\0\0\0\0"):
        raw = text
    # Some tools leave the code out, or say ASCII and write UTF-16.
    if raw[:200].count(0) > len(raw[:200]) // 4:
        return decode_utf16(raw, big_endian)
    return decode(raw)
