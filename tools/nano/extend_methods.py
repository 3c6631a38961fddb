"""Compare ways to make a clip longer, on the nano model.

    python tools/nano/extend_methods.py PHOTOS REPORT

Each method extends the same shots five times over: held-out photographs (see
`tools/nano/photos.py`) times camera moves, each with a seed of its own; a first shot of 33 frames
of 128 × 96, then five more of 32 new frames each, every one with the next seed and the same prompt.
One run prints medians for each method:

- at the joints (`wanderlens.motion.seam`): closure, speed and direction of the flow across them,
  the step of colour; and, for the shots that move, *velocity*: the change of the flow from the 8
  frames before a joint to the 8 after it, per block, in percent of the longer side per frame;
- *ΔE in place*, for the shots that stand still: between the mean colours of the still and of the
  last frame;
- *ΔE followed*, for all: how far the colours of what one sees wander from the first frame to the
  last. Every second frame is compared with the one before it where Farnebäck's flow finds the same
  points in both; what `wanderlens` measures for itself uses another flow and other frames.

The methods:

- *concatenated*: the last frame is the next shot's still; the shots are put one after the other.
- *one frame*: the same without the frame that is shown twice; what ComfyUI's users do today.
- *extend*: what FrameContinuityExtend does with five context frames, through its own code.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from loop_methods import (
    HEIGHT,
    WIDTH,
    Runs,
    Shot,
    Studio,
    decoded,
    known,
    nano_studio,
    shots,
    true_clips,
)

from wanderlens.motion import TensorFrames, measure_seam
from wanderlens.motion.flow import luma_8bit, sample
from wanderlens.motion.lab import lab_of
from wanderlens.pipeline.extend import extend
from wanderlens.shot import ExtensionRequest

FIRST, ADDED, TIMES = 33, 32, 5
MOVES = ("static", "pan left", "pan right", "tilt down")
CONTEXT = 5
METHODS = ("concatenated", "one frame", "extend")
AROUND = 24
SPAN = 8


def first_shot(studio: Studio, shot: Shot) -> torch.Tensor:
    engine = studio.engine(shot.prompt)
    latents = studio.sample(engine, engine.encode(known(shot.still, None, FIRST)), shot.seed)
    return decoded(engine, latents)


def chained(studio: Studio, shot: Shot, clip: torch.Tensor) -> list[torch.Tensor]:
    """The shots that follow, each with the last frame of the one before as its still."""
    engine, more = studio.engine(shot.prompt), []
    for number in range(1, TIMES + 1):
        encoded = engine.encode(known(clip[-1:], None, 1 + ADDED))
        more.append(decoded(engine, studio.sample(engine, encoded, shot.seed + number)))
        clip = more[-1]
    return more


def extended(studio: Studio, shot: Shot, clip: torch.Tensor) -> torch.Tensor:
    request = ExtensionRequest(
        clip_frames=len(clip), clip_width=WIDTH, clip_height=HEIGHT, duration=TIMES * ADDED / 16,
        context_frames=CONTEXT, seed=shot.seed + 1,
    )  # fmt: skip
    return extend(studio.engine(shot.prompt), request, clip).frames


def variants(
    studio: Studio, shot: Shot, done: set[str]
) -> Iterator[tuple[str, torch.Tensor, list[int], float]]:
    """Each method's clip that is not done yet, its joints, and seconds."""
    clip = first_shot(studio, shot)
    evenly = [FIRST + ADDED * number for number in range(TIMES)]
    if not {"concatenated", "one frame"} <= done:
        start = time.monotonic()
        more = chained(studio, shot, clip)
        spent = time.monotonic() - start
        repeated = [FIRST + (ADDED + 1) * number for number in range(TIMES)]
        yield "concatenated", torch.cat([clip, *more]), repeated, spent
        yield "one frame", torch.cat([clip, *(each[1:] for each in more)]), evenly, spent
    if "extend" not in done:
        start = time.monotonic()
        joined = extended(studio, shot, clip)
        yield "extend", joined, evenly, time.monotonic() - start


def measured(clip: torch.Tensor, joints: list[int], still: torch.Tensor) -> dict[str, float]:
    """Medians over the joints, and the wander of colour."""
    seams = []
    for joint in joints:
        low, high = joint - AROUND, min(joint + AROUND, len(clip))
        seam = measure_seam(TensorFrames(clip[low:high]), joint - low)
        seams.append(
            {
                "closure": seam.closure, "ratio": seam.flow_ratio, "turn": seam.flow_turn,
                "colour": seam.colour_step, "sharp": seam.sharpness,
                "velocity": velocity_change(clip, joint),
            }
        )  # fmt: skip
    medians = {name: float(np.median([seam[name] for seam in seams])) for name in seams[0]}
    mean = [lab_of(frame.numpy()).mean((0, 1)) for frame in (still[0], clip[-1])]
    return medians | {
        "in place": float(np.linalg.norm(mean[1] - mean[0])),
        "followed": wander(clip),
    }


def velocity_change(clip: torch.Tensor, joint: int) -> float:
    """Mean change of the blocks' flow across a joint, in percent of the longer side per frame."""
    before, after = (
        flow(clip[start].numpy(), clip[start + SPAN].numpy()) / SPAN
        for start in (joint - 1 - SPAN, joint - 1)
    )
    blocks = [cv2.resize(each, (8, 6), interpolation=cv2.INTER_AREA) for each in (before, after)]
    return float(np.linalg.norm(blocks[1] - blocks[0], axis=-1).mean()) / WIDTH * 100


def flow(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Farnebäck's flow, [H, W, 2] in pixels."""
    start = np.zeros((*first.shape[:2], 2), np.float32)
    lumas = luma_8bit(first), luma_8bit(second)
    return cv2.calcOpticalFlowFarneback(*lumas, start, 0.5, 4, 15, 5, 5, 1.1, 0)


def wander(clip: torch.Tensor) -> float:
    """ΔE that the colours of what one sees have wandered by at the end."""
    total = np.zeros(3)
    grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), -1).astype(np.float32)
    for index in range(0, len(clip) - 2, 2):
        first, second = clip[index].numpy(), clip[index + 2].numpy()
        there = flow(first, second)
        back = sample(flow(second, first), grid + there)
        at = grid + there
        inside = (at >= 0).all(-1) & (at[..., 0] < WIDTH) & (at[..., 1] < HEIGHT)
        seen = inside & (np.linalg.norm(there + back, axis=-1) < 0.5)
        if seen.mean() > 0.1:
            moved = sample(lab_of(second), at)
            total += (moved - lab_of(first))[seen].mean(0)
    return float(np.linalg.norm(total))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares ways to make a clip longer.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("report", type=Path)
    parser.add_argument("--shots", type=int, default=40)
    parser.add_argument("--methods", nargs="*", default=METHODS, choices=METHODS)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    studio = nano_studio(arguments.threads)
    runs = Runs(arguments.report)
    rows = runs.rows
    every = list(shots(arguments.photos, MOVES, (1000, 100), loop=False))
    chosen = random.Random(0).sample(every, min(arguments.shots, len(every)))
    for shot in chosen:
        label = f"{shot.photo} {shot.move}"
        done = {row["method"] for row in rows if row["shot"] == label}
        done |= set(METHODS) - set(arguments.methods)
        if done >= set(METHODS):
            continue
        for name, clip, joints, spent in variants(studio, shot, done):
            if name not in done:
                measures = measured(clip, joints, shot.still)
                runs.note(method=name, shot=label, move=shot.move, s=spent, **measures)
    evenly = [FIRST + ADDED * number for number in range(TIMES)]
    done = {row["shot"] for row in rows if row["method"] == "true moves"}
    # Camera moves over the photographs themselves: what no method can be below.
    for name, move, clip in true_clips(arguments.photos, MOVES, evenly[-1] + ADDED, loop=False):
        label = f"{name} {move}"
        if label not in done:
            measures = measured(clip, evenly, clip[:1])
            runs.note(method="true moves", shot=label, move=move, s=0.0, **measures)
    labels = {f"{shot.photo} {shot.move}" for shot in chosen}
    print(table([row for row in rows if row["shot"] in labels]))


COLUMNS = {
    "closure": "{:.2f}", "ratio": "{:.2f}", "turn": "{:.0f}°", "velocity": "{:.2f}",
    "colour": "{:.1f}", "sharp": "{:.2f}", "in place": "{:.1f}",
    "followed": "{:.1f}", "s": "{:.0f}",
}  # fmt: skip


def table(rows: list[dict[str, Any]]) -> str:
    """Medians of each method, of all shots or of those that a measure is for."""
    heads = (
        "closure", "speed", "turn", "velocity, %", "ΔE at the joint", "sharpness",
        "ΔE in place", "ΔE followed", "s",
    )  # fmt: skip
    lines = [f"| method | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == name]
        cells = []
        for key, form in COLUMNS.items():
            still = {"in place": True, "velocity": False}.get(key)
            some = [row for row in own if still in (None, row["move"] == "static")]
            cells.append(form.format(np.median([row[key] for row in some])))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
