"""Compare ways to blend the ends of a clip into a loop, on camera moves over photographs.

Each photograph is filmed by a virtual camera that sways out and back and stops a little beyond its
start, as clips do that nearly come round. The loop is then closed by LoopBlend's motion crossfade,
by its plain crossfade, and by FFmpeg's `minterpolate`, which is given the frames around the gap at
a low rate and makes those between (motion compensation, and its blending). One run prints medians
of the seam's measures, the sharpness of the softest frame of the blend against the clip's median (a
ghost is soft), and frames of a loop per second, with the ratio to `minterpolate`. With --growth it
prints how time and memory grow with a clip's length instead.

    python tools/bench/loop_blend.py                      # scikit-image's photographs
    python tools/bench/loop_blend.py --photos folder      # your own
"""

import argparse
import math
import time
import tracemalloc
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from interpolation import MOVES, Array, Method, film, filtered, photographs, read

from wanderlens.motion import LOOP_METHODS, TensorFrames, close_loop, measure_seam

FRAMES, FPS, BLEND = 49, 16, 8
#: Turns of the sway; the clip ends this much beyond its start.
TURNS = 1.08


def ours(method: str) -> Method:
    """LoopBlend."""

    def run(clip: Array) -> Array:
        loop = close_loop(TensorFrames(torch.from_numpy(clip)), method, BLEND, False).frames
        return np.stack([loop[index] for index in range(len(loop))])

    return run


def minterpolate(mode: str) -> Method:
    """FFmpeg fills the gap between the end and the start, `BLEND` frames long."""

    def run(clip: Array) -> Array:
        step = BLEND + 1
        kept = clip[: FRAMES - BLEND]
        before = [kept[-1 - 2 * step], kept[-1 - step], kept[-1]]
        around = np.stack([*before, clip[0], clip[step], clip[2 * step]])
        made = filtered(around, 1, f"minterpolate=fps={step}:mi_mode={mode}:scd=none")
        # FFmpeg's first frames repeat the first one given; the gap begins at the third.
        first = int(np.argmin([np.abs(m.astype(int) - kept[-1]).mean() for m in made]))
        gap = made[first + 1 : first + 1 + BLEND]
        return np.concatenate([kept, gap]).astype(np.float32) / 255

    return run


METHODS: dict[str, Method] = {
    "motion crossfade": ours("motion crossfade"),
    "crossfade": ours("crossfade"),
    "minterpolate, mci": minterpolate("mci"),
    "minterpolate, blend": minterpolate("blend"),
}
REFERENCE = "minterpolate, mci"
"""What the frames per second are put in proportion to."""

COLUMNS = ("closure", "peak", "flow_ratio", "flow_turn", "jolt", "sharpness")


class Endless:
    """A clip of any length that is never held: a camera on a slow, never quite closed path."""

    def __init__(self, count: int, photo: Array) -> None:
        self._count, self._photo = count, photo

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int, /) -> Array:
        x, y = 60 * math.sin(index / 9), 40 * math.sin(index / 13.7)
        view = np.array([[1, 0, -x - 60], [0, 1, -y - 40]])
        return cv2.warpAffine(self._photo, view, (320, 192))


def growth(photo: Array) -> None:
    """Seconds and peak memory of each method against the clip's length."""
    picture = cv2.resize(photo, (480, 300), interpolation=cv2.INTER_AREA)
    print("| frames | method | s | ms per frame | peak, MB | the clip itself, MB |")
    print("|---|---|---|---|---|---|")
    for count in (100, 400, 1600):
        for method in LOOP_METHODS:
            tracemalloc.start()
            start = time.perf_counter()
            closed = close_loop(Endless(count, picture), method, BLEND)
            for index in range(len(closed.frames)):
                closed.frames[index]
            spent = time.perf_counter() - start
            peak = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
            whole = count * 320 * 192 * 12 / 1e6
            per_frame = 1000 * spent / count
            row = f"{count} | {method} | {spent:.1f} | {per_frame:.1f} | {peak:.0f} | {whole:.0f}"
            print(f"| {row} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares ways to blend a clip into a loop.")
    parser.add_argument("--photos", type=Path, help="a folder of photographs")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--growth", action="store_true", help="how time and memory grow")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    files = photographs(arguments.photos)
    if arguments.growth:
        growth(read(files[0], 480))
        return
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in METHODS}
    sway = 0.5 + 0.5 * np.sin(math.tau * TURNS * np.linspace(0, 1, FRAMES))
    pictures = [read(file, arguments.size) for file in files]
    for number, photo in enumerate(pictures):
        for move in MOVES:
            clip = film(photo, pictures[number - 1], move, arguments.size, sway)
            for name, method in METHODS.items():
                start = time.perf_counter()
                loop = method(clip)
                spent = time.perf_counter() - start
                seam = measure_seam(TensorFrames(torch.from_numpy(loop)), width=BLEND, fps=FPS)
                rows[name].append(asdict(seam) | {"rate": len(loop) / spent})
    print(f"{len(rows['crossfade'])} clips of {FRAMES} frames, {BLEND} blended; medians")
    rates = {name: np.median([row["rate"] for row in found]) for name, found in rows.items()}
    print(f"| method | {' | '.join(COLUMNS)} | frames/s | by {REFERENCE} |")
    print("|---" * (len(COLUMNS) + 3) + "|")
    for name, found in rows.items():
        cells = [f"{np.median([row[column] for row in found]):.2f}" for column in COLUMNS]
        cells += [f"{rates[name]:.0f}", f"{rates[name] / rates[REFERENCE]:.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    sharp = {name: np.median([row["sharpness"] for row in found]) for name, found in rows.items()}
    for name in list(METHODS)[1:]:
        print(f"sharpness against {name}: {sharp['motion crossfade'] / sharp[name]:.2f} times")


if __name__ == "__main__":
    main()
