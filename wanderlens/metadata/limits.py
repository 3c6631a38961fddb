"""Bounds for reading files of unknown origin, and bounded JSON, inflating and decoding.

Nothing here trusts a length, a count or a depth that a file states. Reading a file costs at most
`MAX_READ` bytes of I/O and `MAX_TEXT` bytes of text, whatever the file says of itself.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

#: Bytes read of one file. Pixel data is skipped, not read, so this is never about its size.
MAX_READ = 64 << 20
#: Bytes of text kept of one file, after inflating.
MAX_TEXT = 4 << 20
#: Chunks, segments, boxes or elements visited in one file.
MAX_PARTS = 65_536
#: Levels of nested boxes and elements.
MAX_DEPTH = 16
#: Pixels of a file's picture that is decoded: to look for hidden text, or to measure it.
MAX_PIXELS = 40_000_000

_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*")')


class MetadataError(ValueError):
    """A file, or a part of it, cannot be read; the message says why, for people."""


def load_json(text: str) -> Any:
    """Parses JSON; the interpreter's own recursion limit bounds its depth.

    Raises:
        MetadataError: If it is no JSON, nested too deep, or holds a number too long to convert.
    """
    try:
        return json.loads(text.strip().rstrip("\0"))
    except RecursionError as error:
        raise MetadataError("its JSON is nested too deep") from error
    except ValueError as error:
        raise MetadataError("its JSON is damaged") from error


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is; None when it is anything else, or damaged."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = load_json(text)
    except MetadataError:
        return None
    return value if isinstance(value, dict) else None


def looks_like_json(text: str) -> bool:
    """Whether a text opens like a JSON object, damaged or not: then it is no prompt."""
    return bool(_JSON.match(text))


def inflate(data: bytes, limit: int, *, gzip: bool = False) -> bytes:
    """Inflates at most `limit` bytes.

    Raises:
        MetadataError: If the data is damaged or inflates to more.
    """
    engine = zlib.decompressobj(31 if gzip else 15)
    try:
        result = engine.decompress(data, limit + 1)
    except zlib.error as error:
        raise MetadataError("its compressed text is damaged") from error
    if len(result) > limit:
        raise MetadataError(f"its text inflates to more than {MAX_TEXT >> 20} MiB")
    return result


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8 where they are, else Latin-1 (PNG's and IPTC's own encoding)."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decode_utf16(data: bytes, big_endian_file: bool = True) -> str:
    """UTF-16 of unknown byte order: by its mark, else by where its zero bytes are.

    Exif does not say which order a UserComment has, and tools differ.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    even, odd = data[0:4096:2].count(0), data[1:4096:2].count(0)
    big = even > odd if even != odd else big_endian_file
    return data.decode("utf-16-be" if big else "utf-16-le", errors="replace")
