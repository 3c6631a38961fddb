"""Atomic writes, removal of what dead writers left, and folders kept within a size."""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

STALE = 3600.0
"""Seconds after which nobody is still writing a file that has not grown since."""

_LONGEST_STEM = 100  # bytes: file systems take names of 255, and more is put around it
_PARTIAL = re.compile(r"\.(.+)\.\d+-[0-9a-f]{32}\.partial(?:\.\w+)?", re.DOTALL)


@contextlib.contextmanager
def atomic_path(file: Path) -> Iterator[Path]:
    """A path beside a file, to be written to; it takes the file's name when the block ends.

    So the file's name never stands for half of it. An existing file is replaced; when the block
    fails, it stays and what was written is removed. The path has the file's own ending, and other
    users may read it, as any new file (those of `tempfile` only their owner may).

    Args:
        file: The file that is to appear, in a folder that exists.

    Raises:
        OSError: The file cannot be put in its place.
    """
    partial = file.with_name(
        f".{_stem(file)}.{os.getpid()}-{uuid.uuid4().hex}.partial{file.suffix}"
    )
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def remove_leftovers(folder: Path, of: Path | None = None, older_than: float = STALE) -> None:
    """Removes what `atomic_path` has left in a folder where a process died.

    What has grown lately stays: another process may be at work on it. Nothing is raised.

    Args:
        folder: Where to look; folders below it are left alone.
        of: Only what was to become this file; None for any.
        older_than: Seconds since it has grown.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for entry in listing:
            match = _PARTIAL.fullmatch(entry.name)
            if match is None or (of is not None and match[1] != _stem(of)):
                continue
            with contextlib.suppress(OSError):  # another process may remove it meanwhile
                if entry.stat(follow_symlinks=False).st_mtime < time.time() - older_than:
                    os.unlink(entry.path)


def evict_oldest(
    folder: Path,
    suffix: str,
    keep: Path,
    *,
    most_bytes: int | None = None,
    most_files: int | None = None,
) -> None:
    """Removes the files of a folder that were not used for longest, until it is within its bounds.

    Args:
        folder: The folder.
        suffix: What the files end in; others do not count.
        keep: The file that goes last.
        most_bytes: Of all files together; None for any number.
        most_files: How many there may be; None for any number. Where there are more, a twentieth
            more than that goes, so that not every new file costs a look at all dates.

    Raises:
        OSError: The folder cannot be read.
    """
    with os.scandir(folder) as listing:
        files = [Path(entry.path) for entry in listing if entry.name.endswith(suffix)]
    excess = 0
    if most_files is not None and len(files) > most_files:
        excess = len(files) - most_files + most_files // 20
    elif most_bytes is None:
        return
    dated = []
    for file in files:
        with contextlib.suppress(OSError):  # another process may remove it meanwhile
            status = file.stat()
            dated.append((file == keep, status.st_mtime_ns, status.st_size, file))
    total = sum(size for _, _, size, _ in dated)
    for index, (_, _, size, file) in enumerate(sorted(dated)):
        if index >= excess and (most_bytes is None or total <= most_bytes):
            break
        with contextlib.suppress(OSError):
            file.unlink()
        total -= size


def _stem(file: Path) -> str:
    return file.stem.encode(errors="surrogateescape")[:_LONGEST_STEM].decode(errors="ignore")
