"""Memory and time of an extension beside the model: how they grow with its length.

    python tools/bench/extend.py

A camera glides over a photograph at 832 × 480. The clip has 81 frames; 5, 10 and 30 seconds are
added, at 16 and at 32 frames per second, each in a process of its own. The model is a stand-in that
gives the next frames of the glide, known ones included, so that what is measured is what the
package itself needs: colours, joints, other frame rates, the joined clip. Printed are

- the IMAGE: bytes of the clip and of the joined clip, which ComfyUI asks for;
- the peak beyond it, of the process's resident memory;
- seconds, and milliseconds per added frame.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from interpolation import photographs, read

from wanderlens.pipeline.extend import extend
from wanderlens.shot import I2V_A14B, ExtensionRequest, sampler_sigmas

WIDTH, HEIGHT, FRAMES = 832, 480, 81
CASES = tuple((fps, seconds) for fps in (16, 32) for seconds in (5, 10, 30))


@dataclass(frozen=True)
class Shot:
    """How many latents a shot has."""

    latents: int
    note: str = ""


@dataclass
class Glide:
    """An engine that gives the frames of a camera that glides over a photograph."""

    photo: Any
    family = I2V_A14B
    notes: tuple[str, ...] = ()
    now: int = 0
    settings: Any = None

    def frames(self, start: int, count: int) -> torch.Tensor:
        rows, columns = self.photo.shape[:2]
        made = torch.empty((count, HEIGHT, WIDTH, 3))
        for index in range(count):
            x = abs((start + index) % (2 * (columns - WIDTH)) - (columns - WIDTH))
            y = (rows - HEIGHT) // 2
            made[index] = torch.from_numpy(self.photo[y : y + HEIGHT, x : x + WIDTH])
        return made

    def prepare(self, settings: Any) -> Glide:
        self.settings = settings
        return self

    @property
    def sigmas(self) -> tuple[float, ...]:
        return sampler_sigmas(self.settings.steps, self.settings.shift, "euler")

    def encode(self, clip: Any) -> Any:
        self.now -= clip.known.head - 1
        return Shot((clip.frames - 1) // 4 + 1)

    def encode_frames(self, frames: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def denoise(self, encoded: Shot, latents: Any, run: Any, seed: int) -> torch.Tensor:
        del latents, run, seed
        return torch.zeros((1, 16, encoded.latents, HEIGHT // 8, WIDTH // 8))

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        count = 4 * (latents.shape[2] - 1) + 1
        made = self.frames(self.now, count)
        self.now += count - 1
        yield made

    def progress_bar(self, stage: str) -> Any:
        del stage
        return lambda _done, _total: None

    def check_cancelled(self) -> None: ...

    def is_cancellation(self, error: BaseException) -> bool:
        del error
        return False


def memory() -> int:
    """Most resident memory of this process so far, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measured(fps: int, seconds: int, folder: Path | None) -> None:
    engine = Glide(cv2.resize(read(photographs(folder)[0], HEIGHT), (2 * WIDTH, 2 * HEIGHT)))
    clip = engine.frames(0, FRAMES)
    engine.now = FRAMES - 1
    request = ExtensionRequest(
        clip_frames=FRAMES, clip_width=WIDTH, clip_height=HEIGHT, clip_fps=fps, duration=seconds
    )
    before, start = memory(), time.monotonic()
    made = extend(engine, request, clip)
    spent = time.monotonic() - start
    joined = made.frames.numel() * 4
    beyond = memory() - before - joined
    added = len(made.new_frames)
    image = (clip.numel() * 4 + joined) / 1e6
    print(
        f"| {fps} | {seconds:g} | {added} | {image:.0f} | {beyond / 1e6:.0f} | {spent:.1f} "
        f"| {1000 * spent / added:.0f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory and time of extensions.")
    parser.add_argument("--case", nargs=2, type=int, metavar=("FPS", "SECONDS"))
    parser.add_argument("--photos", type=Path, help="a folder, instead of scikit-image's")
    arguments = parser.parse_args()
    if arguments.case:
        fps, seconds = arguments.case
        measured(fps, seconds, arguments.photos)
        return
    print("| fps | seconds added | frames | IMAGE, MB | peak beyond it, MB | s | ms per frame |")
    print("|---" * 7 + "|", flush=True)
    for fps, seconds in CASES:
        case = ["--case", str(fps), str(seconds)]
        photos = ["--photos", str(arguments.photos)] if arguments.photos else []
        subprocess.run([sys.executable, __file__, *case, *photos], check=True)


if __name__ == "__main__":
    main()
