"""Lists the files below a folder that may be clips."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

ENDINGS = (".mp4", ".webm", ".mov", ".webp", ".gif")
"""The endings of clip files."""

#: The most clips and folder entries that are looked at, and how deep folders are followed.
MAX_CLIPS = 20_000
MAX_ENTRIES = 1_000_000
MAX_DEPTH = 16


def clip_files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Lists the files below a folder that may be clips, within the bounds of this module.

    Links to folders are not followed, links to files only if they point below the root. Hidden
    and unreadable files and folders are skipped.

    Args:
        root: The folder, without links in its path.

    Yields:
        The path relative to the root with "/" between its parts, and the file's status.
    """
    entries_left, clips_left = MAX_ENTRIES, MAX_CLIPS
    folders = deque([("", 0)])
    while folders:
        folder, depth = folders.popleft()
        try:
            listing = os.scandir(root / folder)
        except OSError:
            continue
        with listing:
            for entry in listing:
                entries_left -= 1
                if entries_left < 0:
                    return
                if entry.name.startswith("."):
                    continue
                path = f"{folder}/{entry.name}" if folder else entry.name
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if depth < MAX_DEPTH:
                            folders.append((path, depth + 1))
                        continue
                    if not entry.name.lower().endswith(ENDINGS) or not entry.is_file():
                        continue
                    if entry.is_symlink() and not _is_below(root / path, root):
                        continue
                    path.encode()  # a name that is not valid UTF-8 cannot be sent to the page
                    status = entry.stat()
                except (OSError, UnicodeEncodeError):
                    continue
                clips_left -= 1
                if clips_left < 0:
                    return
                yield path, status


def _is_below(file: Path, root: Path) -> bool:
    return Path(os.path.realpath(file)).is_relative_to(root)
