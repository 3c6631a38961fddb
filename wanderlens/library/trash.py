"""The trash: deleted clips that can be restored."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..disk import atomic_path
from ..errors import InputError
from .files import ENDINGS

#: The most names that are tried for a clip whose own name is taken.
_MAX_NAMES = 1000


@dataclass(frozen=True, slots=True)
class _TrashedClip:
    """A clip in the trash.

    Attributes:
        original: The path that it was removed from.
        stored: Its path in the trash.
    """

    original: Path
    stored: Path


class Trash:
    """Keeps removed clips in a folder, and restores those that this object has removed.

    No file is ever overwritten, neither in the trash nor by restoring. Safe to use from several
    threads.
    """

    def __init__(self, folder: Path) -> None:
        """Creates nothing yet.

        Args:
            folder: The folder of removed clips; created when needed.
        """
        self._folder = folder
        self._removed: dict[str, _TrashedClip] = {}
        self._lock = threading.Lock()

    def remove(self, file: Path, root: Path) -> str:
        """Moves a clip into the trash.

        Args:
            file: The clip.
            root: The folder that it must be in.

        Returns:
            An id, for `restore`.

        Raises:
            InputError: It is not a clip, or outside the folder.
            FileNotFoundError: It does not exist.
            OSError: It cannot be moved; it then stays where it was.
        """
        original = Path(os.path.realpath(file.parent)) / file.name
        if not original.is_relative_to(os.path.realpath(root)):
            raise InputError("file must lie in the output folder", file.name, "Name a clip there.")
        if original.suffix.lower() not in ENDINGS:
            raise InputError(
                f"file must end in {', '.join(ENDINGS)}", file.name, "Only clips are removed here."
            )
        if not original.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(original))
        if original.is_symlink() or not original.is_file():
            raise InputError("file must be a regular file", file.name, "Remove it by hand.")
        entry = uuid.uuid4().hex
        stored = self._folder / entry / original.name
        stored.parent.mkdir(parents=True)
        try:
            if not _move(original, stored):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(stored))
        except BaseException:
            _remove_folder(stored.parent)
            raise
        with self._lock:
            self._removed[entry] = _TrashedClip(original, stored)
        return entry

    def restore(self, entry: str) -> Path:
        """Moves a clip back to its folder, under another name if its own is taken.

        Args:
            entry: The id that `remove` returned.

        Returns:
            The restored clip.

        Raises:
            InputError: The trash has no clip of this id.
            OSError: It cannot be moved; it then stays in the trash.
        """
        with self._lock:
            clip = self._removed.pop(entry, None) if isinstance(entry, str) else None
        if clip is None:
            raise InputError("id must be that of a clip in the trash", entry, "It may be back.")
        try:
            clip.original.parent.mkdir(parents=True, exist_ok=True)
            for target in _names(clip.original):
                if _move(clip.stored, target):
                    _remove_folder(clip.stored.parent)
                    return target
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(clip.original))
        except FileNotFoundError as error:
            if clip.stored.exists():
                self._keep(entry, clip)
                raise
            remedy = "The trash was emptied meanwhile."
            raise InputError("id must be that of a clip in the trash", entry, remedy) from error
        except BaseException:
            self._keep(entry, clip)
            raise

    def _keep(self, entry: str, clip: _TrashedClip) -> None:
        with self._lock:
            self._removed[entry] = clip


def _names(file: Path) -> Iterator[Path]:
    """The file itself, then numbered names in its folder: "clip (2).mp4" and so on."""
    yield file
    for number in range(2, _MAX_NAMES):
        yield file.with_name(f"{file.stem} ({number}){file.suffix}")


def _move(source: Path, target: Path) -> bool:
    """Moves a file, also to another file system; False if the target exists.

    Raises:
        OSError: It cannot be moved; the source is then unchanged.
    """
    try:
        # Reserves the name first, so that a file that appears meanwhile is never replaced.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        return False
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            _unlink(target)
            raise
        _move_across_file_systems(source, target)
    return True


def _move_across_file_systems(source: Path, target: Path) -> None:
    """Copies a file over the empty target that `_move` has created, and deletes the source."""
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
