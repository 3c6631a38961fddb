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
"""Seconds after which a file that has not grown counts as abandoned by its writer."""

_LONGEST_STEM = 100  # bytes; file systems allow names of 255, and the stem is only a part
_PARTIAL = re.compile(r"\.(.+)\.\d+-[0-9a-f]{32}\.partial(?:\.\w+)?", re.DOTALL)


@contextlib.contextmanager
def atomic_path(file: Path) -> Iterator[Path]:
    """Gives a temporary path beside a file, which is renamed to the file when the block ends.

    So the file is never half written. An existing file is replaced; if the block fails, it stays
    and the temporary file is removed. The temporary path has the file's suffix, and the usual
    permissions of a new file (those of `tempfile` let only the owner read).

    Args:
        file: The file to write, in a folder that exists.

    Yields:
        The temporary path.

    Raises:
        OSError: The temporary file cannot be renamed.
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
    """Removes temporary files that `atomic_path` has left behind where a process died.

    Recently written ones stay: another process may still be writing. Raises nothing.

    Args:
        folder: The folder; folders below it are not searched.
        of: Only the temporary files of this file; None for all.
        older_than: Seconds since the last write.
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
    """Removes the oldest files of a folder until it is within its limits.

    Age is the time since modification; a reader that touches files makes it the time since use.

    Args:
        folder: The folder.
        suffix: Only files with this suffix count.
        keep: The file that is removed last.
        most_bytes: The limit of their total size; None for no limit.
        most_files: The limit of their number; None for no limit. Above it, a twentieth of the
            limit is removed in addition, so that not every new file makes all dates be read.

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
