"""Compare ways to generate a loop, on the nano model.

    python tools/nano/loop_methods.py PHOTOS REPORT

Each method makes the same shots: held-out photographs (see `tools/nano/photos.py`) times camera
moves, each with a seed of its own, 33 frames of 128 × 96. One run prints, for each method, medians
of the seam's measures (`wanderlens.motion.seam`), the motion kept against the open clip of the same
shot, and seconds. The VAE's own floor stands above: perfect loops, encoded and decoded.

The methods:

- *first = last*: the still is the known first and last frame; what ComfyUI's users do today.
- *circular decoding*: the latents are decoded with the last ones in front, so that the causal
  decoder comes to the seam as it comes to any other frame (`wanderlens.pipeline.loop_decode`).
- *colours matched*: the step of colour is spread over the turn
  (`wanderlens.motion.match_loop_to_still`).
- *bridge*: an open clip; then a second shot from its last five frames to its first four.
- *roll*: Mobius (arXiv:2502.20307). The latents after the first turn by a few places at every step,
  and the mask and the picture's condition turn along.
- *circular positions*: the rotary attention's frequencies in time are rounded so that they repeat
  after one turn (in the spirit of Loopy, arXiv:2608.23090, without its training).
- *padded*: circular padding; at every step, latents of the other end stand on both sides.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import clips
import cv2
import numpy as np
import photos
import torch

from wanderlens.engines.base import Expert, KnownClip
from wanderlens.engines.diffusers.denoiser import DiffusersSegment
from wanderlens.engines.diffusers.engine import DiffusersEngine
from wanderlens.engines.diffusers.load_models import Files
from wanderlens.engines.diffusers.models import Placement, WanModels
from wanderlens.motion import TensorFrames, loop_of_tensor, match_loop_to_still, measure_seam
from wanderlens.nano import HashTextEncoder, nano_files
from wanderlens.pipeline.loop_decode import blend_end_into_start, decode_after_end
from wanderlens.shot import (
    NANO,
    CustomSettings,
    KnownFrames,
    quality_settings,
    sampler_sigmas,
    split_experts,
)

WIDTH, HEIGHT, PERIOD = 128, 96, 32
MOVES = ("pan left", "pan right", "tilt up", "tilt down")
#: Frames that an open clip's motion crossfade blends.
OVERLAP = 9


@dataclass(frozen=True)
class Shot:
    """One shot that every method makes."""

    photo: str
    move: str
    seed: int
    prompt: str
    still: torch.Tensor


class Studio:
    """The nano model, and the parts that the methods are made of."""

    def __init__(self, models: WanModels, negative: str) -> None:
        self.models = models
        self.settings = quality_settings("standard", NANO, True, CustomSettings())
        self.sigmas = sampler_sigmas(self.settings.steps, self.settings.shift, "euler")
        split = split_experts(self.sigmas, self.settings.split_rule, self.settings.boundary)
        assert split is not None, "two experts"
        self.high_steps = split.high_steps
        self.encoder = HashTextEncoder()
        self.negative = self.encoder.encode([negative])

    def engine(self, prompt: str) -> DiffusersEngine:
        return DiffusersEngine(self.models, self.encoder.encode([prompt]), self.negative)

    def sample(
        self, engine: DiffusersEngine, encoded: DiffusersSegment, seed: int, turn: int = 0
    ) -> torch.Tensor:
        """Latents of a shot by Euler steps; all but the first turn by `turn` places a step."""
        x = torch.randn(encoded.shape, generator=torch.Generator().manual_seed(seed))
        turned = 0
        with torch.inference_mode():
            for step in range(self.settings.steps):
                expert: Expert = "high_noise" if step < self.high_steps else "low_noise"
                now = replace(encoded, condition=rolled(encoded.condition, turned))
                velocity = engine.denoiser(now, expert, self.settings.cfg)
                made = velocity(x, self.sigmas[step])
                x = x + (self.sigmas[step + 1] - self.sigmas[step]) * made
                x, turned = rolled(x, turn), turned + turn
        return engine.denormalised(rolled(x, -turned))


def rolled(latents: torch.Tensor, places: int) -> torch.Tensor:
    """Latents [1, C, T, H, W] with all but the first moved on in the ring."""
    if not places:
        return latents
    return torch.cat([latents[:, :, :1], latents[:, :, 1:].roll(places, 2)], 2)


def known(
    still: torch.Tensor, tail: torch.Tensor | None = None, frames: int = PERIOD + 1
) -> KnownClip:
    """A shot of which the frames at the ends are known, [n, H, W, 3]."""
    head_count, tail_count = len(still), 0 if tail is None else len(tail)
    return KnownClip(
        frames, KnownFrames(head_count, tail_count), still, still[:0] if tail is None else tail
    )


def decoded(engine: DiffusersEngine, latents: torch.Tensor) -> torch.Tensor:
    """All frames of latents, [n, H, W, 3]."""
    return torch.cat(list(engine.decode(latents)))


def decode_circular(engine: DiffusersEngine, latents: torch.Tensor) -> torch.Tensor:
    """One turn, ending on the frame that repeats the still; [PERIOD, H, W, 3]."""
    latents = torch.cat([latents[:, :, :1], latents[:, :, -PERIOD // 4 :]], 2)
    return blend_end_into_start(*decode_after_end(partial(decoded, engine), latents, latents)).roll(
        -1, 0
    )


@contextmanager
def circular_positions(models: WanModels, ring: int) -> Iterator[None]:
    """Rotary frequencies in time rounded to whole turns per `ring` places."""
    kept = []
    for expert in models.experts.values():
        rope = expert.rope
        kept.append((rope, rope.freqs_cos, rope.freqs_sin))
        angle = torch.atan2(rope.freqs_sin[1, : rope.t_dim], rope.freqs_cos[1, : rope.t_dim])
        unit = torch.pi * 2 / ring
        places = torch.arange(len(rope.freqs_cos), dtype=torch.float64)[:, None]
        angles = places * (angle.double() / unit).round() * unit
        for name, function in (("freqs_cos", torch.cos), ("freqs_sin", torch.sin)):
            table = getattr(rope, name).clone()
            table[:, : rope.t_dim] = function(angles).to(table.dtype)
            setattr(rope, name, table)
    try:
        yield
    finally:
        for rope, cosine, sine in kept:
            rope.freqs_cos, rope.freqs_sin = cosine, sine


def padded(studio: Studio, shot: Shot) -> torch.Tensor:
    """Circular padding: at every step the ring's last latents stand before it, its first after."""
    pad, size = 2, PERIOD // 4
    engine = studio.engine(shot.prompt)
    encoded = engine.encode(known(shot.still, None, 4 * (size + 2 * pad) + 1))
    end = engine.encode(known(shot.still, shot.still)).condition[:, :, -1]
    condition = encoded.condition.clone()
    condition[:, :, pad + size] = condition[:, :, pad] = end  # the ring's last frame is the still
    x = torch.randn(encoded.shape, generator=torch.Generator().manual_seed(shot.seed))
    first, ring = x[:, :, :1], x[:, :, 1 + pad : 1 + pad + size]
    settings, sigmas = studio.settings, studio.sigmas
    with torch.inference_mode():
        for step in range(settings.steps):
            expert: Expert = "high_noise" if step < studio.high_steps else "low_noise"
            velocity = engine.denoiser(replace(encoded, condition=condition), expert, settings.cfg)
            x = torch.cat([first, ring[:, :, size - pad :], ring, ring[:, :, :pad]], 2)
            x = x + (sigmas[step + 1] - sigmas[step]) * velocity(x, sigmas[step])
            first, ring = x[:, :, :1], x[:, :, 1 + pad : 1 + pad + size]
    return decode_circular(engine, engine.denormalised(torch.cat([first, ring], 2)))


Method = Callable[[Studio, Shot], torch.Tensor]


def open_clip(studio: Studio, shot: Shot, frames: int = PERIOD + 1) -> torch.Tensor:
    engine = studio.engine(shot.prompt)
    latents = studio.sample(engine, engine.encode(known(shot.still, None, frames)), shot.seed)
    return decoded(engine, latents)


def blended(studio: Studio, shot: Shot) -> torch.Tensor:
    """An open clip, longer by what its motion crossfade needs."""
    clip = open_clip(studio, shot, PERIOD + OVERLAP)
    loop, _ = loop_of_tensor(clip, "motion crossfade", OVERLAP)
    return loop.roll(-1, 0)


def plain(*, end: bool = True, circular: bool = False, turn: int = 0, ring: bool = False) -> Method:
    """A method of one shot.

    Args:
        end: The still is the known last frame too.
        circular: Circular decoding.
        turn: Places to roll per step.
        ring: Circular positions.
    """

    def make(studio: Studio, shot: Shot) -> torch.Tensor:
        engine = studio.engine(shot.prompt)
        encoded = engine.encode(known(shot.still, shot.still if end else None))
        if ring:
            with circular_positions(studio.models, PERIOD // 4):
                latents = studio.sample(engine, encoded, shot.seed, turn)
        else:
            latents = studio.sample(engine, encoded, shot.seed, turn)
        if circular:
            return decode_circular(engine, latents)
        return decoded(engine, latents)[:PERIOD]

    return make


def bridge(studio: Studio, shot: Shot) -> torch.Tensor:
    """An open clip of 21 frames without its first one, and a bridge of 21 with 12 new ones."""
    head, tail, frames = 5, 4, 21
    clip = open_clip(studio, shot, frames)[1:]
    engine = studio.engine(shot.prompt)
    encoded = engine.encode(known(clip[-head:], clip[:tail], frames))
    gap = decoded(engine, studio.sample(engine, encoded, shot.seed + 1))
    return torch.cat([clip, gap[head : frames - tail]])


METHODS: dict[str, Method] = {
    "open clip": lambda studio, shot: open_clip(studio, shot)[:PERIOD],
    "first = last": plain(),
    "first = last, circular decoding": plain(circular=True),
    "bridge": bridge,
    "roll": plain(end=False, circular=True, turn=3),
    "first = last, roll": plain(circular=True, turn=3),
    "first = last, circular positions": plain(circular=True, ring=True),
    "first = last, padded": padded,
    "open clip, motion crossfade": blended,
}
#: Methods that are measured with their colours matched over the turn too; no more sampling.
MATCHED = ("first = last, circular decoding",)


def matched(loop: torch.Tensor, still: torch.Tensor) -> torch.Tensor:
    """The loop with its colours matched; it ends on the still's frame here, and starts after it."""
    turned = loop.roll(1, 0)
    match_loop_to_still(turned, still[0])
    return turned.roll(-1, 0)


def pictures(folder: Path, scale: float = 1.0) -> Iterator[tuple[str, np.ndarray]]:
    """A part of each held-out photograph, by name, `scale` times the size of the shots."""
    width, height = (round(side * scale) for side in (WIDTH, HEIGHT))
    for index, (name, photo) in enumerate(sorted(photos.load(folder, "held out").items())):
        yield name, clips.crop(photo, width, height, random.Random(index), least=0.8)


def shots(
    folder: Path, moves: Sequence[str], seeds: tuple[int, int], *, loop: bool
) -> Iterator[Shot]:
    """Each picture under each move; the seeds are so far apart by picture and by move."""
    for index, (name, picture) in enumerate(pictures(folder)):
        still = torch.from_numpy(picture.astype(np.float32) / 255)[None]
        for number, move in enumerate(moves):
            prompt, _ = clips.caption_of(move, "none", 1.0, loop=loop)
            yield Shot(name, move, seeds[0] * index + seeds[1] * number, prompt, still)


def true_clips(
    folder: Path, moves: Sequence[str], frames: int, *, loop: bool
) -> Iterator[tuple[str, str, torch.Tensor]]:
    """Each move over each photograph itself: name, move, frames [n, H, W, 3]."""
    for name, picture in pictures(folder, clips.OVERSAMPLING):
        for move in moves:
            _, settled = clips.caption_of(move, "none", 1.0, loop=loop)
            video = clips.render(picture, settled, frames, (WIDTH, HEIGHT))
            yield name, move, torch.from_numpy(video.astype(np.float32) / 255)


class Runs:
    """What was measured so far, a line each in a file, so that a broken run goes on.

    Attributes:
        rows: One per method and shot.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "runs.jsonl"
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def note(self, **row: Any) -> None:
        self.rows.append(row)
        with self._log.open("a") as handle:
            handle.write(json.dumps(row) + "\n")


def nano_studio(threads: int) -> Studio:
    torch.set_num_threads(threads)
    cv2.setNumThreads(1)
    placement = Placement(torch.device("cpu"), torch.float32, "none")
    return Studio(Files(*nano_files(), nano=True).load(placement), "")


def measured(loop: torch.Tensor, still: torch.Tensor) -> dict[str, float]:
    """The seam's measures, the worst step of the whole turn, and how near it comes to the still."""
    d = (loop.roll(-1, 0) - loop).abs().mean((1, 2, 3))
    return asdict(measure_seam(TensorFrames(loop))) | {
        "worst": float(d.max() / d.median()),
        "still": max(psnr(frame, still[0]) for frame in loop),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares ways to generate a loop.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("report", type=Path)
    parser.add_argument("--shots", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    studio = nano_studio(arguments.threads)
    runs = Runs(arguments.report)
    rows = runs.rows
    done = {(row["method"], row["shot"]) for row in rows}

    def note(method: str, shot: str, loop: torch.Tensor, still: torch.Tensor, spent: float) -> None:
        runs.note(method=method, shot=shot, s=spent, **measured(loop, still))

    for name, loop, still in perfect_loops(studio, arguments.photos):
        label = f"floor {len(rows)}"
        if len([row for row in rows if row["method"] == name]) < arguments.shots:
            note(name, label, loop, still, 0.0)
    every = list(shots(arguments.photos, MOVES, (100, 1), loop=True))
    for shot in random.Random(0).sample(every, min(arguments.shots, len(every))):
        label = f"{shot.photo} {shot.move}"
        for name, method in METHODS.items():
            if (name, label) in done:
                continue
            start = time.monotonic()
            loop = method(studio, shot)
            spent = time.monotonic() - start
            note(name, label, loop, shot.still, spent)
            if name in MATCHED:
                note(
                    f"{name}, colours matched", label, matched(loop, shot.still), shot.still, spent
                )
    print(table(rows))


def perfect_loops(studio: Studio, folder: Path) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """Loops that are perfect, as they are and through the VAE: what no method can be below."""
    for _, _, truth in true_clips(folder, MOVES, PERIOD + 1, loop=True):
        engine = studio.engine("")
        latents = engine.encode_frames(truth)
        still = truth[:1]
        yield "perfect loops", truth[1:], still
        yield "perfect loops, VAE", decoded(engine, latents)[:PERIOD], still
        yield "perfect loops, VAE, circular decoding", decode_circular(engine, latents), still


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return -10 * float(torch.log10((one - other).square().mean().clamp(min=1e-10)))


COLUMNS = {
    "closure": "{:.2f}", "worst": "{:.2f}", "flow_ratio": "{:.2f}", "flow_turn": "{:.0f}°",
    "jolt": "{:.2f}", "colour_step": "{:.1f}", "flicker": "{:.2f}", "end_motion": "{:.2f}",
    "still": "{:.1f}", "s": "{:.1f}",
}  # fmt: skip


def table(rows: list[dict[str, Any]]) -> str:
    """Medians of each method, and the motion it keeps against the open clip of the same shot."""
    opened = {row["shot"]: row["motion"] for row in rows if row["method"] == "open clip"}
    heads = ("closure", "worst step", "speed", "turn", "jolt", "ΔE", "flicker", "last second")
    lines = [
        f"| method | {' | '.join(heads)} | still, dB | s | motion kept |",
        "|---" * (len(COLUMNS) + 2) + "|",
    ]
    for name in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == name]
        cells = [form.format(np.median([row[key] for row in own])) for key, form in COLUMNS.items()]
        kept = [row["motion"] / opened[row["shot"]] for row in own if opened.get(row["shot"])]
        cells.append(f"{np.median(kept):.0%}" if kept else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
