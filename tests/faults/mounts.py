"""Small disks and read-only folders, for real: by mounts, which need Linux and root."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .rows import Row

_BALLAST = ".ballast"
_PAGE = 4096


class NoMounts(RuntimeError):
    """Mounting is not allowed here."""


def mounted_rows(
    cases: Iterable[tuple[str, Callable[[Row, Path], None]]], base: Path
) -> Iterator[Row]:
    """A row for each case, each in a folder of its own; skipped where mounting is not allowed."""
    for number, (name, case) in enumerate(cases):
        row = Row(name)
        folder = base / str(number)
        folder.mkdir()
        try:
            case(row, folder)
        except NoMounts as error:
            row.skipped = str(error)
        yield row


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 4) -> Iterator[None]:
    """Puts a disk of a few MB over a folder, which is made if need be.

    Raises:
        NoMounts: It cannot be done here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield
    finally:
        _run("umount", "-l", str(folder))


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Makes a folder and all below it read-only, for root too.

    Raises:
        NoMounts: It cannot be done here.
    """
    _run("mount", "--bind", str(folder), str(folder))
    try:
        _run("mount", "-o", "remount,ro,bind", str(folder))
        yield
    finally:
        _run("umount", "-l", str(folder))


def fill(folder: Path, leave: int = 0) -> None:
    """Fills the disk that a folder is on, but for some bytes."""
    status = os.statvfs(folder)
    size = status.f_bavail * status.f_frsize - leave
    with (folder / _BALLAST).open("wb") as ballast:
        for _ in range(size // _PAGE):
            ballast.write(b"\0" * _PAGE)


def empty(folder: Path) -> None:
    """Takes away what `fill` has put there."""
    (folder / _BALLAST).unlink(missing_ok=True)


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NoMounts(f"mounting is not allowed here ({said.strip()})") from error
