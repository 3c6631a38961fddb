"""What is looked at after a fault: the files, the page, and whether the next prompt runs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .files import Found, look
from .prompts import FRAMES, shot
from .rows import Row
from .server import Server, hosts

_FILE = re.compile(r"(/\S+?\.latent)")
_AGAIN = "Queue the same prompt again"


def clip_of(server: Server, entry: Mapping[str, Any]) -> Path:
    """The file that a prompt has saved."""
    (saved,) = entry["outputs"]["saved"]["images"]
    return server.host.output_dir / saved["subfolder"] / saved["filename"]


def report_of(entry: Mapping[str, Any]) -> str:
    """What our node has told of a clip."""
    return entry["outputs"]["ours"]["text"][0]


def check_files(row: Row, server: Server, leftovers: bool = False) -> Found:
    """Checks that there are no half files of ours, and that the page lists none of core's.

    Args:
        row: Where to note it.
        server: Whose files.
        leftovers: Whether one temporary file may be left for now, as by a process that was killed.
    """
    found = server.look()
    ours = [file for file in found.half if not server.is_cores(file)]
    names = "".join(f" {file.name}" for file in ours)
    row.check("half files", not ours, f"{len(ours)}{names}")
    cores = [file for file in found.half if server.is_cores(file)]
    listed = server.listed()
    shown = [file for file in cores if _below(server, file) in listed]
    row.check(
        "core's half files", not shown, f"{len(cores)}, {len(shown)} listed" if cores else "0"
    )
    clips = {file: count for file, count in found.frames.items() if server.is_cores(file)}
    wrong = [file for file, count in clips.items() if listed.get(_below(server, file)) != count]
    if wrong:
        row.check("finished work", False, f"{len(wrong)} whole clips are not listed as they are")
    row.check("temporary files", len(found.temporary) <= leftovers, f"{len(found.temporary)}")
    return found


def grow_old(server: Server) -> None:
    """Makes temporary files as old as they are when nobody can be writing them any more."""
    for file in server.look().temporary:
        os.utime(file, (0, 0))


def check_gone(row: Row, server: Server) -> None:
    """Checks that temporary files that were old are gone with what has been written since."""
    left = len(server.look().temporary)
    row.check("temporary files", not left, f"{left} with the next write an hour later")


def check_next(row: Row, server: Server, seed: int) -> None:
    """Checks that the next ordinary prompt gives a whole clip."""
    since = time.monotonic()
    try:
        entry = server.run(shot(seed))
        frames = server.look().frames.get(clip_of(server, entry))
    except hosts.HostError as error:
        row.check("next prompt", False, f"failed: {str(error).splitlines()[0]}")
        return
    row.check(
        "next prompt", frames == FRAMES, f"{frames} frames in {time.monotonic() - since:.1f} s"
    )


def _below(server: Server, file: Path) -> str:
    return file.relative_to(server.host.output_dir).as_posix()


def check_told(row: Row, told: str) -> bool:
    """Checks that an error says where the latents are, and that they are there and whole.

    Returns:
        Whether it says to queue the same prompt again.
    """
    files = [Path(name) for name in _FILE.findall(told)]
    there = [file for file in files if file.is_file()]
    whole = not look({file.parent for file in there}).half
    promised = _AGAIN in told
    words = [f"names {len(files)} file" if files else "", "queue it again" if promised else ""]
    text = ", ".join(word for word in words if word) or f"only {told[:70]!r}"
    row.check("told", bool(files or promised) and len(there) == len(files) and whole, text)
    return promised
