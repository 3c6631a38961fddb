"""The server killed at a bad moment, started again on the same folders, the prompt queued again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .checks import check_files, check_gone, check_next, clip_of, grow_old, report_of
from .prompts import shot
from .rows import Row
from .server import Server

#: Where it is killed: stage, call, the model's calls when the prompt is queued again, the clip's
#: seconds. One that is being saved is longer: a short one waits in the encoder until its end.
CASES = (
    ("within the high-noise steps", "high noise", 2, "hhll", 1.0),
    ("between the experts", "low noise", 1, "ll", 1.0),
    ("within the low-noise steps", "low noise", 2, "ll", 1.0),
    ("while latents are written", "write latents", 3, "ll", 1.0),
    ("while decoding", "decode", 1, "", 1.0),
    ("while SaveVideo writes", "save", 400, "", 5.0),
)


def rows(base: Path) -> Iterator[Row]:
    """A row for each moment."""
    server = Server(base)
    try:
        server.host.start()
        server.run(shot(1))
        for number, (name, stage, call, again, seconds) in enumerate(CASES):
            row = Row(f"killed {name}")
            prompt = shot(10 + number, duration=seconds)
            _kill(row, server, prompt, stage, call, again, round(16 * seconds) + 1)
            check_next(row, server, 100 + number)
            yield row
        row = Row("killed while the page's list is written")
        _kill_listing(row, server)
        yield row
    finally:
        server.host.stop()


def _kill(
    row: Row,
    server: Server,
    prompt: dict[str, Any],
    stage: str,
    call: int,
    expected: str,
    length: int,
) -> None:
    with server.plan.fault(stage, "pause", call):
        server.host.queue(prompt)
        if not server.plan.wait(server.host.is_running):
            row.check("server", False, f"{stage} was not reached")
        server.host.kill()
    since = time.monotonic()
    seconds = server.restart()
    row.check("server", server.host.is_running(), f"started again in {seconds:.1f} s")
    before = server.plan.calls()
    entry = server.run(prompt)
    row.say("s to recover", f"{time.monotonic() - since:.1f}")
    again = server.plan.calls()[len(before) :]
    row.check("finished work", again == expected, f"{len(again)} of 4 steps sampled again")
    frames = server.look().frames.get(clip_of(server, entry))
    row.check("finished work", frames == length, f"{frames} frames")
    kept = [line for line in report_of(entry).splitlines() if line.startswith("Kept:")]
    told = kept[0] if kept else "nothing was kept"
    row.check("told", bool(kept) == (expected != "hhll"), told)
    check_files(row, server, leftovers=stage == "write latents")
    if stage == "write latents":
        grow_old(server)
        server.run(shot(90))
        check_gone(row, server)


def _kill_listing(row: Row, server: Server) -> None:
    """The page asks for its list while clips are new; the list is kept on disk."""
    server.run(shot(50))
    with server.plan.fault("write list", "pause"):
        _ask_and_leave(server)
        if not server.plan.wait(server.host.is_running):
            row.check("server", False, "the list was not written")
        server.host.kill()
    seconds = server.restart()
    row.check("server", server.host.is_running(), f"started again in {seconds:.1f} s")
    check_next(row, server, 200)
    check_files(row, server, leftovers=True)
    grow_old(server)
    server.run(shot(91))
    server.listed()
    check_gone(row, server)


def _ask_and_leave(server: Server) -> None:
    from urllib.request import ProxyHandler, build_opener

    opener = build_opener(ProxyHandler({}))
    try:
        opener.open(f"{server.host.url}/wanderlens/clips", timeout=3)
    except OSError:
        return  # the answer waits for the write
