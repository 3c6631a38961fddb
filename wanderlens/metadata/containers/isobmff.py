"""ISO base media files: AVIF (ISO 23008-12), and the tags of MP4 and MOV."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..limits import MAX_DEPTH, MetadataError
from .carrier import Carrier
from .exif import read_exif
from .source import EndOfDataError, Source
from .xmp import read_xmp

_ITUNES = {b"\xa9cmt": "comment", b"\xa9nam": "title", b"desc": "description",
           b"ldes": "synopsis", b"\xa9too": "encoder", b"\xa9des": "description"}  # fmt: skip
_FOLDERS = (b"moov", b"udta")
_MAX_TABLE = 1 << 20

Box = tuple[bytes, int, int]  # type, first byte after the header, end


def read_isobmff(source: Source, carrier: Carrier) -> None:
    """Reads a picture's Exif and XMP items, and a film's tags."""
    _walk(source, carrier, 0, source.size, 0)


def _boxes(source: Source, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        source.next_part()
        size, kind = struct.unpack(">I4s", source.read_at(start, 8))
        header = 8
        if size == 1:
            size, header = struct.unpack(">Q", source.read_at(start + 8, 8))[0], 16
        elif size == 0:
            size = end - start
        if size < header:
            raise EndOfDataError
        yield kind, start + header, min(start + size, end)
        start += size


def _walk(source: Source, carrier: Carrier, start: int, end: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise EndOfDataError
    for kind, first, last in _boxes(source, start, end):
        if kind in _FOLDERS:
            _walk(source, carrier, first, last, depth + 1)
        elif kind == b"meta":
            _read_meta(source, carrier, first, last)


def _read_meta(source: Source, carrier: Carrier, first: int, last: int) -> None:
    # QuickTime's meta box has no version; ISO's has four bytes of it.
    if source.read_at(first, 8)[4:] != b"hdlr":
        first += 4
    inside = {kind: (start, end) for kind, start, end in _boxes(source, first, last)}
    if b"iinf" in inside and b"iloc" in inside:
        _read_items(source, carrier, inside)
    if b"ilst" in inside:
        names = _keys(source, *inside[b"keys"]) if b"keys" in inside else []
        _read_tags(source, carrier, names, *inside[b"ilst"])


def _table(source: Source, start: int, end: int) -> bytes:
    if end - start > _MAX_TABLE:
        raise MetadataError("a table in it is too large")
    return source.read_at(start, end - start)


def _keys(source: Source, start: int, end: int) -> list[str]:
    data, names, at = _table(source, start, end), [], 8
    while at + 8 <= len(data):
        source.next_part()
        size = struct.unpack_from(">I", data, at)[0]
        if size < 8:
            break
        names.append(data[at + 8 : at + size].decode("utf-8", "replace"))
        at += size
    return names


def _read_tags(source: Source, carrier: Carrier, names: list[str], start: int, end: int) -> None:
    """Reads tags: numbered ones name themselves in `keys`, the others are iTunes'."""
    for kind, first, last in _boxes(source, start, end):
        number = int.from_bytes(kind, "big")
        name = names[number - 1] if 0 < number <= len(names) else _ITUNES.get(kind)
        if name is None:
            continue
        for inner, data_first, data_last in _boxes(source, first, last):
            length = data_last - data_first - 8
            if inner != b"data" or length <= 0:
                continue
            if length > source.text_left:
                carrier.notes.append(f"The tag {name[:40]!r} is left out: too large.")
                continue
            text = source.read_at(data_first + 8, length)
            carrier.add(source, name[:80], text, f"{carrier.kind} tag '{name[:40]}'")


def _read_items(source: Source, carrier: Carrier, inside: dict[bytes, tuple[int, int]]) -> None:
    kinds = _item_kinds(source, *inside[b"iinf"])
    places = _item_places(_table(source, *inside[b"iloc"]))
    idat = inside.get(b"idat", (0, 0))[0]
    for item, kind in kinds.items():
        method, offset, length = places.get(item, (0, 0, 0))
        if length == 0 or method > 1:
            continue
        if length > source.text_left:
            carrier.notes.append(f"The {kind} data is left out: too large.")
            continue
        data = source.read_at(offset + (idat if method == 1 else 0), length)
        if kind == "Exif":
            skip = struct.unpack(">I", data[:4])[0] if len(data) >= 4 else 0
            read_exif(source, carrier, data[4 + skip :].removeprefix(b"Exif\0\0"))
        else:
            read_xmp(source, carrier, data)


def _item_kinds(source: Source, start: int, end: int) -> dict[int, str]:
    """Items that hold words: number to "Exif" or "XMP"."""
    version = source.read_at(start, 1)[0]
    found = {}
    for kind, first, last in _boxes(source, start + (6 if version == 0 else 8), end):
        if kind != b"infe" or last - first > 4096:
            continue
        data = source.read_at(first, last - first)
        wide = data[:1] == b"\3"
        item = int.from_bytes(data[4 : 8 if wide else 6], "big")
        at = 10 if wide else 8
        if data[at : at + 4] == b"Exif":
            found[item] = "Exif"
        elif data[at : at + 4] == b"mime" and b"application/rdf+xml" in data:
            found[item] = "XMP"
    return found


def _item_places(data: bytes) -> dict[int, tuple[int, int, int]]:
    """Items of one extent: number to construction method, offset and length.

    Raises:
        EndOfDataError: If the table is cut short.
    """
    version = data[0] if data else 0
    reader = _Numbers(data, 4)
    sizes = reader.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> s & 15 for s in (12, 8, 4, 0))
    count = reader.take(2 if version < 2 else 4)
    found = {}
    for _ in range(count):
        item = reader.take(2 if version < 2 else 4)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)
        base = reader.take(base_size)
        extents = reader.take(2)
        index = index_size if version else 0
        if extents == 1:
            reader.take(index)
            found[item] = (method, base + reader.take(offset_size), reader.take(length_size))
        else:  # in one step: there may be 65,535 of them that take no byte, in each of many items
            reader.take(extents * (index + offset_size + length_size))
    return found


class _Numbers:
    """Reads big-endian numbers in turn."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, size: int) -> int:
        if self._at + size > len(self._data):
            raise EndOfDataError
        value = int.from_bytes(self._data[self._at : self._at + size], "big")
        self._at += size
        return value
