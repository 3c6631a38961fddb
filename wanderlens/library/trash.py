"""The trash: deleted clips that can be restored."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

from ..disk import atomic_path
from ..errors import InputError
from .files import ENDINGS

#: Names that are tried for a clip whose own is taken.
_MOST_NAMES = 1000


@dataclass(frozen=True, slots=True)
class Removed:
    """A clip in the bin.

    Attributes:
        place: Where it lay.
        kept: Where it lies now.
    """

    place: Path
    kept: Path


class Bin:
    """Keeps removed clips in a folder, and knows where those of its own time belong.

    Nothing is ever overwritten, neither there nor on the way back. It may be used from several
    threads.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is made yet.

        Args:
            folder: Where removed clips lie; made when it is first needed.
        """
        self._folder = folder
        self._removed: dict[str, Removed] = {}
        self._lock = threading.Lock()

    def remove(self, file: Path, root: Path) -> str:
        """Moves a clip into the bin.

        Args:
            file: The clip.
            root: The folder that it must lie in.

        Returns:
            An id, for `restore`.

        Raises:
            InputError: It is no clip, or lies outside the folder.
            FileNotFoundError: There is no such file.
            OSError: It cannot be moved; then it is where it was.
        """
        place = Path(os.path.realpath(file.parent)) / file.name
        if not place.is_relative_to(os.path.realpath(root)):
            raise InputError("file must lie in the output folder", file.name, "Name a clip there.")
        if place.suffix.lower() not in ENDINGS:
            raise InputError(
                f"file must end in {', '.join(ENDINGS)}", file.name, "Only clips are removed here."
            )
        if not place.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))
        if place.is_symlink() or not place.is_file():
            raise InputError("file must be a regular file", file.name, "Remove it by hand.")
        entry = uuid.uuid4().hex
        kept = self._folder / entry / place.name
        kept.parent.mkdir(parents=True)
        try:
            if not _move(place, kept):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(kept))
        except BaseException:
            _remove_folder(kept.parent)
            raise
        with self._lock:
            self._removed[entry] = Removed(place, kept)
        return entry

    def restore(self, entry: str) -> Path:
        """Moves a clip back to where it lay, or beside it where its name is taken.

        Args:
            entry: What `remove` gave.

        Returns:
            The clip.

        Raises:
            InputError: The bin has no clip of this id.
            OSError: It cannot be moved; then it is still in the bin.
        """
        with self._lock:
            removed = self._removed.pop(entry, None) if isinstance(entry, str) else None
        if removed is None:
            raise InputError("id must be that of a clip in the bin", entry, "It may be back.")
        try:
            removed.place.parent.mkdir(parents=True, exist_ok=True)
            for place in _names(removed.place):
                if _move(removed.kept, place):
                    _remove_folder(removed.kept.parent)
                    return place
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(removed.place))
        except FileNotFoundError as error:
            if removed.kept.exists():
                self._put_back(entry, removed)
                raise
            remedy = "The bin was emptied meanwhile."
            raise InputError("id must be that of a clip in the bin", entry, remedy) from error
        except BaseException:
            self._put_back(entry, removed)
            raise

    def _put_back(self, entry: str, removed: Removed) -> None:
        with self._lock:
            self._removed[entry] = removed


def _names(place: Path):
    """The place itself, and free names beside it."""
    yield place
    for number in range(2, _MOST_NAMES):
        yield place.with_name(f"{place.stem} ({number}){place.suffix}")


def _move(source: Path, target: Path) -> bool:
    """Moves a file, across file systems too; False where the target is taken.

    Raises:
        OSError: It cannot be moved; then the source is as it was.
    """
    try:
        # Taking the name first: a file that appears meanwhile is never replaced.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        return False
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            _unlink(target)
            raise
        _carry_over(source, target)
    return True


def _carry_over(source: Path, target: Path) -> None:
    """Moves a file into another file system; the target is ours and empty."""
    try:
        with atomic_path(target) as partial:
            shutil.copy2(source, partial)
        source.unlink()
    except BaseException:
        if source.exists():
            _unlink(target)
        raise


def _unlink(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()


def _remove_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
