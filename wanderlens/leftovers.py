"""Files that a process had not finished when it died."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

STALE = 3600.0
"""Seconds after which nobody is still writing a file that has not grown since."""


def remove_leftovers(folder: Path, names: re.Pattern[str], older_than: float = STALE) -> None:
    """Removes files of a folder that were being written, and have not been for a while.

    Others may be another process's, which is at work on them now.

    Args:
        folder: Where to look; folders below it are left alone.
        names: What the whole names of such files look like.
        older_than: Seconds since they have grown.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for entry in listing:
            if not names.fullmatch(entry.name):
                continue
            with contextlib.suppress(OSError):  # another process may remove it meanwhile
                if entry.stat(follow_symlinks=False).st_mtime < time.time() - older_than:
                    os.unlink(entry.path)
