"""WebM and Matroska: the container's tags (RFC 9559)."""

from __future__ import annotations

from collections.abc import Iterator

from ..limits import MAX_DEPTH
from .carrier import Carrier
from .source import EndOfDataError, Source

_SEGMENT, _TAGS, _TAG, _SIMPLE = 0x18538067, 0x1254C367, 0x7373, 0x67C8
_NAME, _STRING = 0x45A3, 0x4487
_CLUSTER = 0x1F43B675
_FOLDERS = (_SEGMENT, _TAGS, _TAG)


def read_matroska(source: Source, carrier: Carrier) -> None:
    """Reads the tags, skipping clusters; names are told in lower case, as writers differ."""
    _walk(source, carrier, 0, source.size, 0)


def _elements(source: Source, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Elements as number, first byte of the content, end; unknown sizes reach to `end`."""
    while at < end:
        source.next_part()
        number, at = _number(source, at, end, keep_marker=True)
        size, at = _number(source, at, end, keep_marker=False)
        if size is None and number == _CLUSTER:
            return  # a live recording: what follows cannot be told without reading it all
        last = end if size is None else min(at + size, end)
        yield number or 0, at, last
        at = last


def _number(source: Source, at: int, end: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """A number of variable length; None for the size that says "unknown"."""
    first = source.read_at(at, 1)[0]
    length = 9 - first.bit_length()
    if first == 0 or at + length > end:
        raise EndOfDataError
    value = int.from_bytes(source.read_at(at, length), "big")
    if keep_marker:
        return value, at + length
    value &= (1 << (7 * length)) - 1
    return (None if value == (1 << (7 * length)) - 1 else value), at + length


def _walk(source: Source, carrier: Carrier, start: int, end: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise EndOfDataError
    for number, first, last in _elements(source, start, end):
        if number in _FOLDERS:
            _walk(source, carrier, first, last, depth + 1)
        elif number == _SIMPLE:
            _read_tag(source, carrier, first, last)


def _read_tag(source: Source, carrier: Carrier, start: int, end: int) -> None:
    name, place = "", None
    for number, first, last in _elements(source, start, end):
        if number == _NAME and last - first <= 80:
            name = source.read_at(first, last - first).decode("utf-8", "replace").lower()
        elif number == _STRING:
            place = (first, last - first)
    if not name or place is None:
        return
    if place[1] > source.text_left:
        carrier.notes.append(f"The tag {name!r} is left out: too large.")
        return
    carrier.add(source, name, source.read_at(*place), f"WebM tag '{name}'")
