"""Memory runs out at each stage: of the GPU (torch.OutOfMemoryError) and of the machine.

Then the same prompt is queued again, with the memory there: what had been sampled must not be
sampled a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .checks import check_files, check_next, check_told, clip_of
from .prompts import STEPS, extension, shot
from .rows import Row
from .server import Server

FAULTS = ("gpu memory", "memory")

#: Stage, the prompt that comes to it, the call that fails, and the calls of the models when it is
#: queued again. A clip that is being saved is longer: a short one waits in the encoder.
CASES: tuple[tuple[str, Callable[[int], dict[str, Any]], int, str], ...] = (
    ("encode", shot, 1, "hhll"),
    ("high noise", shot, 2, "hhll"),
    ("low noise", shot, 2, "ll"),
    ("decode", shot, 1, ""),
    ("match", extension, 1, ""),
    ("loop", lambda seed: shot(seed, loop=True), 1, ""),
    ("interpolate", lambda seed: shot(seed, fps=32), 1, ""),
    ("save", lambda seed: shot(seed, duration=_SAVED), 400, ""),
)
_SAVED = 5.0


def rows(base: Path) -> Iterator[Row]:
    """A row for each stage."""
    with Server(base) as server:
        server.run(shot(1))
        for number, (stage, prompt, call, again) in enumerate(CASES):
            row = Row(f"out of memory: {stage}")
            for offset, fault in enumerate(FAULTS):
                _run_out(row, server, prompt(10 + 2 * number + offset), stage, call, fault, again)
            row.check("server", server.host.is_running(), "alive")
            check_files(row, server)
            check_next(row, server, 100 + number)
            yield row


def _run_out(
    row: Row,
    server: Server,
    prompt: dict[str, Any],
    stage: str,
    call: int,
    fault: str,
    expected: str,
) -> None:
    there = set(server.look().frames)
    with server.plan.fault(stage, fault, call):
        told = server.failure(prompt)
        if not server.plan.reached:
            row.check("told", False, f"{stage} was not reached")
            return
    if expected == "" and stage != "save":
        check_told(row, told)
    else:
        row.check("told", "memory" in told.lower(), "out of memory")
    for file, count in server.look().frames.items():
        if file not in there and server.is_cores(file):
            # ComfyUI closes the file when encoding fails: it plays, but is not all of the clip.
            row.say("core's half files", f"a clip that ends at frame {count}")
    before = server.plan.calls()
    entry = server.run(prompt)
    again = server.plan.calls()[len(before) :]
    row.check("finished work", again == expected, f"{len(again)} of {STEPS} steps again")
    frames = server.look().frames.get(clip_of(server, entry))
    expected_frames = len(entry["outputs"]["hashes"]["text"])
    if frames != expected_frames:
        row.check("finished work", False, f"{frames} of {expected_frames} frames")
