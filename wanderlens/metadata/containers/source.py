"""Source: bounded, seekable reading of a file of unknown origin."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..limits import MAX_PARTS, MAX_READ, MAX_TEXT, MetadataError


class EndOfDataError(Exception):
    """The file ends, or a budget is spent, before what was asked for."""


class Source:
    """Seekable bytes with budgets; every reader gets its bytes here.

    Attributes:
        size: The file's size in bytes.
        text_left: Bytes of text that may still be kept.
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase, size: int) -> None:
        """Starts with full budgets."""
        self._stream = stream
        self._read_left = MAX_READ
        self._parts_left = MAX_PARTS
        self.size = size
        self.text_left = MAX_TEXT

    def read_at(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes from `offset`.

        Raises:
            EndOfDataError: If there are not as many, or the budget is spent.
        """
        if count < 0 or offset < 0 or count > self._read_left or offset + count > self.size:
            raise EndOfDataError
        self._read_left -= count
        self._stream.seek(offset)
        data = self._stream.read(count) or b""
        while len(data) < count:  # an unbuffered read may give less
            more = self._stream.read(count - len(data))
            if not more:
                raise EndOfDataError
            data += more
        return data

    def next_part(self) -> None:
        """Counts a chunk, segment, box or element.

        Raises:
            EndOfDataError: If there were too many.
        """
        self._parts_left -= 1
        if self._parts_left < 0:
            raise EndOfDataError

    def take_text(self, count: int) -> None:
        """Counts bytes of text.

        Raises:
            MetadataError: If the file holds more than is kept.
        """
        if count > self.text_left:
            raise MetadataError(f"it holds more than {MAX_TEXT >> 20} MiB of text")
        self.text_left -= count


@contextmanager
def open_source(file: Path | bytes) -> Iterator[Source]:
    """Opens a file, or bytes.

    A pipe, a device or a folder is refused without being read; opening never waits.

    Raises:
        MetadataError: If there is no such file, or it is not a regular one.
    """
    if isinstance(file, bytes):
        yield Source(io.BytesIO(file), len(file))
        return
    try:
        # O_NONBLOCK: a pipe without a writer must not hold us up.
        descriptor = os.open(
            file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        raise MetadataError(f"it cannot be opened ({reason})") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise MetadataError("it is not a regular file")
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as stream:
            yield Source(stream, status.st_size)
    finally:
        os.close(descriptor)


def content_key(file: Path) -> str:
    """A hash of a file's size and of its first `MAX_READ` bytes.

    Raises:
        MetadataError: If it cannot be opened, or is not a regular file.
    """
    with open_source(file) as source:
        key = hashlib.sha256(str(source.size).encode())
        block, end = 1 << 20, min(source.size, MAX_READ)
        for offset in range(0, end, block):
            key.update(source.read_at(offset, min(block, end - offset)))
    return key.hexdigest()
