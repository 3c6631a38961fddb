"""A full disk: while ComfyUI saves, and while our rescue, latent store and run log write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from .checks import check_files, check_next, check_told, clip_of
from .mounts import empty, fill, mounted_rows, small_disk
from .prompts import FRAMES, shot
from .rows import Row
from .server import Server

_LEFT = 8192
"""Bytes that are left for a clip: it begins, and does not end."""


def rows(base: Path) -> Iterator[Row]:
    """A row for each writer."""
    cases = (
        ("disk full: SaveVideo", _saving),
        ("disk full: rescue, latents kept too", _rescuing),
        ("disk full: rescue, latents not kept", _rescuing_alone),
        ("disk full: latent store", _keeping),
        ("both disks full: decoding fails", _nowhere),
        ("disk full: run log", _logging),
    )
    yield from mounted_rows(cases, base)


def _saving(row: Row, base: Path) -> None:
    with small_disk(base / "output"), Server(base) as server:
        output = server.host.output_dir
        server.run(shot(1))
        fill(output, _LEFT)
        told = server.failure(shot(2))
        row.check("told", "space" in told.lower(), f"ComfyUI's own: {told.split(':')[0]}")
        row.check("server", server.host.is_running(), "alive")
        check_files(row, server)
        empty(output)
        goes_on(row, server, shot(2), "")
        check_next(row, server, 3)


def _rescuing(row: Row, base: Path) -> None:
    with small_disk(base / "output"), Server(base) as server:
        _rescue(row, server, server.host.output_dir, kept=True)


def _rescuing_alone(row: Row, base: Path) -> None:
    alone = {"WANDERLENS_KEEP_LATENTS": "0"}
    with small_disk(base / "output"), Server(base, alone) as server:
        _rescue(row, server, server.host.output_dir)


def _nowhere(row: Row, base: Path) -> None:
    with small_disk(base / "output"), small_disk(base / "user"), Server(base) as server:
        _rescue(row, server, server.host.output_dir, server.user)


def _rescue(row: Row, server: Server, *disks: Path, kept: bool = False) -> None:
    """Decoding fails while disks are full; `kept` says whether the latents are in the store."""
    server.run(shot(1))
    for disk in disks:
        fill(disk)
    with server.plan.fault("decode", "gpu memory"):
        told = server.failure(shot(2))
    row.check("server", server.host.is_running(), "alive")
    check_told(row, told)
    check_files(row, server)
    for disk in disks:
        empty(disk)
    goes_on(row, server, shot(2), "" if kept else None)
    check_next(row, server, 3)


def _keeping(row: Row, base: Path) -> None:
    with small_disk(base / "user"), Server(base) as server:
        server.run(shot(1))
        fill(server.user)
        entry = server.run(shot(2))
        frames = server.look().frames.get(clip_of(server, entry))
        row.check("finished work", frames == FRAMES, f"the clip is made, {frames} frames")
        warned = "could not be kept" in server.host.log_text()
        row.check("told", warned, "in the log")
        row.check("server", server.host.is_running(), "alive")
        check_files(row, server)
        _check_poster(row, server, clip_of(server, entry))
        empty(server.user)
        check_next(row, server, 3)


def _check_poster(row: Row, server: Server, clip: Path) -> None:
    """A poster that cannot be kept: the page is told why, or has it all the same."""
    query = urlencode({"filename": clip.name, "subfolder": clip.parent.name})
    status, raw = server.host.request("GET", f"/wanderlens/poster?{query}")
    told = "No space left" in raw.decode(errors="replace")
    row.check("told", status == 200 or told, "on the page" if told else f"poster: HTTP {status}")


def _logging(row: Row, base: Path) -> None:
    """The log's line is cut in the middle, as the disk's last page ends there."""
    with small_disk(base / "user"), Server(base) as server:
        server.run(shot(1))
        log = server.user / "__wanderlens" / "runs.jsonl"
        (line,) = log.read_text(encoding="utf-8").splitlines(keepends=True)
        filler = line.rstrip("\n")
        filler += " " * (4096 - len(line) - 40 - len(filler) - 1) + "\n"
        log.write_text(line + filler, encoding="utf-8")
        fill(server.user)
        server.run(shot(2))
        cut = not log.read_text(encoding="utf-8").endswith("\n")
        row.check("server", server.host.is_running(), "alive")
        warned = "The time that the clip took is not kept" in server.host.log_text()
        row.check("told", warned, f"in the log; the line was {'cut' if cut else 'not written'}")
        empty(server.user)
        server.run(shot(3))
        whole = sum(_is_json(each) for each in log.read_text(encoding="utf-8").splitlines())
        row.check("finished work", whole == 3, f"{whole} of 3 lines readable after the next clip")
        check_files(row, server)
        check_next(row, server, 4)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def goes_on(row: Row, server: Server, prompt: dict, expected: str | None) -> None:
    """The same prompt again: a whole clip, and as many calls of the models as are expected."""
    before = server.plan.calls()
    entry = server.run(prompt)
    again = server.plan.calls()[len(before) :]
    frames = server.look().frames.get(clip_of(server, entry))
    row.check("finished work", frames == FRAMES, f"queued again: {frames} frames")
    if expected is not None:
        row.check("finished work", again == expected, f"{len(again)} steps sampled again")
    else:
        row.say("finished work", f"{len(again)} steps sampled again")
