"""Folders that may not be written to: the output folder, and the user folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from .checks import check_files, check_next, check_told, clip_of
from .full_disk import goes_on
from .mounts import mounted_rows, read_only
from .prompts import FRAMES, shot
from .rows import Row
from .server import Server, hosts


def rows(base: Path) -> Iterator[Row]:
    """A row for each folder."""
    cases = (
        ("output folder read-only: SaveVideo", _saving),
        ("output folder read-only: decoding fails", _decoding),
        ("user folder read-only", _user),
    )
    yield from mounted_rows(cases, base)


def _saving(row: Row, base: Path) -> None:
    with Server(base) as server:
        with read_only(server.host.output_dir):
            told = server.failure(shot(2))
            row.check("told", "read-only" in told.lower(), f"ComfyUI's own: {told.split(':')[0]}")
            row.check("server", server.host.is_running(), "alive")
            check_files(row, server)
        goes_on(row, server, shot(2), "")
        check_next(row, server, 3)


def _decoding(row: Row, base: Path) -> None:
    with Server(base, {"WANDERLENS_KEEP_LATENTS": "0"}) as server:
        with read_only(server.host.output_dir):
            with server.plan.fault("decode", "gpu memory"):
                told = server.failure(shot(2))
            row.check("server", server.host.is_running(), "alive")
            check_told(row, told)
            check_files(row, server)
        goes_on(row, server, shot(2), None)
        check_next(row, server, 3)


def _user(row: Row, base: Path) -> None:
    with Server(base) as server:
        server.run(shot(1))
    with read_only(base / "user"), contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(Server(base))
        except hosts.HostError as error:
            row.check("server", False, f"does not start: {str(error).splitlines()[-1]}")
            return
        entry = server.run(shot(2))
        frames = server.look().frames.get(clip_of(server, entry))
        row.check("finished work", frames == FRAMES, f"the clip is made, {frames} frames")
        warned = "could not be kept" in server.host.log_text()
        row.check("told", warned, "in the log")
        row.check("server", server.host.is_running(), "alive")
        check_files(row, server)
        check_next(row, server, 3)
