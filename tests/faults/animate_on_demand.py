"""`wanderlens animate` whose stages can stand still or fail on demand; see pack/tripwire.py.

A process of its own for the fault scripts: it wraps the engine's methods before it hands over to
the command line. With ``AS_A_REAL_MODEL`` in the environment the nano model's latents are rescued
as those of Wan 2.2 are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pack.tripwire import note_call, strike

import wanderlens.commands.animate as command
from wanderlens import video
from wanderlens.cli import main
from wanderlens.engines.diffusers import engine


def wrap() -> None:
    """Puts the faults in."""
    decode, denoise = engine.DiffusersEngine.decode, engine.DiffusersSampler.denoise
    write_video = video.write_video

    def watched_decode(self: Any, *given: Any, **named: Any) -> Any:
        strike("decode")
        return decode(self, *given, **named)

    def watched_denoise(self: Any, encoded: Any, latents: Any, run: Any, seed: int) -> Any:
        stage = run.expert.replace("_", " ")
        note_call(stage[0])
        strike(stage)
        return denoise(self, encoded, latents, run, seed)

    def watched_write(file: Path, frames: Iterable[Any], *given: Any, **named: Any) -> int:
        def watched() -> Iterator[Any]:
            for frame in frames:
                strike("save")
                yield frame

        return write_video(file, watched(), *given, **named)

    engine.DiffusersEngine.decode = watched_decode
    engine.DiffusersSampler.denoise = watched_denoise
    video.write_video = video.writer.write_video = watched_write
    if os.environ.get("AS_A_REAL_MODEL"):
        command.is_nano = lambda _: False


if __name__ == "__main__":
    wrap()
    sys.exit(main())
