"""Clips that were cut off, at many lengths, as a kill or a full disk leaves them.

ComfyUI's nodes write straight under the final name, so that is what lies there then. The page must
list none that cannot be played to its end, and must not break on any.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from .checks import clip_of
from .files import look
from .prompts import FRAMES, shot
from .rows import Row
from .server import Server, graphs

_SAVERS = {
    "MP4": ("SaveVideo", {"format": "auto", "codec": "auto"}),
    "WebM": ("SaveWEBM", {"codec": "vp9", "fps": 16.0, "crf": 32.0}),
    "WebP": (
        "SaveAnimatedWEBP",
        {"fps": 16.0, "lossless": False, "quality": 80, "method": "default"},
    ),
}
_LENGTHS = 200


def rows(base: Path) -> Iterator[Row]:
    """A row for each kind of file."""
    with Server(base) as server:
        for kind, (saver, inputs) in _SAVERS.items():
            row = Row(f"{kind} cut off at {_LENGTHS} lengths")
            prompt = shot(1)
            source = {"video": ["video", 0]} if saver == "SaveVideo" else {"images": ["ours", 0]}
            prompt["saved"] = graphs.node(
                saver, filename_prefix=f"whole/{kind}", **source, **inputs
            )
            clip = clip_of(server, server.run(prompt))
            _cut(row, server, clip)
            yield row


def _cut(row: Row, server: Server, clip: Path) -> None:
    folder = clip.parent.parent / f"cut-{clip.suffix[1:]}"
    folder.mkdir()
    content = _unfinished(clip.read_bytes())
    # Close together towards the end, where little is missing.
    lengths = {round(len(content) * index / 100) for index in range(100)}
    lengths |= {len(content) - 1 - index * index // 4 for index in range(_LENGTHS - 100)}
    for length in sorted(each for each in lengths if 0 <= each < len(content)):
        (folder / f"cut_{length:07}_{clip.suffix}").write_bytes(content[:length])
    since = time.monotonic()
    listed = server.listed()
    spent = time.monotonic() - since
    frames = look([folder]).frames
    half = {f"{folder.name}/{file.name}" for file in folder.iterdir() if frames.get(file) != FRAMES}
    shown = sorted(half & set(listed))
    whole = f"{clip.parent.name}/{clip.name}" in listed
    row.check("server", server.host.is_running() and whole, f"alive; listed in {spent:.1f} s")
    names = f": {shown[0]} to {shown[-1]}" if shown else ""
    row.check("core's half files", not shown, f"{len(half)}, {len(shown)} listed{names}")
    row.say("finished work", "the whole clip is listed")
    shutil.rmtree(folder)


def _unfinished(content: bytes) -> bytes:
    """A WebM as it is until its end is written: its length and duration are filled in then."""
    content = re.sub(
        rb"\x18\x53\x80\x67.{8}",
        b"\x18\x53\x80\x67\x01" + b"\xff" * 7,
        content,
        count=1,
        flags=re.DOTALL,
    )
    return re.sub(rb"\x44\x89\x88.{8}", b"\xec\x89" + b"\0" * 9, content, count=1, flags=re.DOTALL)
