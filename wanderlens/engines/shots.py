"""The shots of a clip, made one after the other, each going on from what was made until then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from ..motion import Continuation, continue_shot, seam_report
from ..shot import CONTEXT_FRAMES, ExpertSplit, Family, QualitySettings, Segment
from .base import Anchor, Engine, KnownClip, Sampler, SamplingPass, sampling_passes
from .store import KeptLatents, digest

_ONE_MODEL = "sampling"
_EXPERTS = {"high_noise": "high noise", "low_noise": "low noise"}

BESIDE = 16
"""Frames of the clip so far that are held to judge the next joint by."""

BAD_FLASH = 8.0
"""ΔE of a flash from which on a shot is made again from fewer context frames."""

_CONTINUITY = 1  # to be counted up when later shots come out differently from the same settings


class Size(Protocol):
    """The model's frames, in pixels."""

    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102


class ShotsPlan(Protocol):
    """What a plan has to say for its shots to be made; see `shot.ShotPlan`."""

    @property
    def family(self) -> Family: ...  # noqa: D102
    @property
    def size(self) -> Size: ...  # noqa: D102
    @property
    def settings(self) -> QualitySettings: ...  # noqa: D102
    @property
    def split(self) -> ExpertSplit | None: ...  # noqa: D102
    @property
    def segments(self) -> tuple[Segment, ...]: ...  # noqa: D102
    def segment_seed(self, segment: Segment) -> int: ...  # noqa: D102


@dataclass(slots=True)
class Stopwatch:
    """Seconds spent in each stage of a clip.

    Attributes:
        seconds: By name of the stage, in the order of their first start.
    """

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time of the block under a stage's name."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start

    def __str__(self) -> str:
        """The stages that took any time worth telling."""
        return ", ".join(f"{name} {_seconds(spent)}" for name, spent in self.seconds.items())


@dataclass(frozen=True, slots=True)
class Ends:
    """What is known at both ends of a clip that shots are made for. All [n, H, W, 3], float32.

    Attributes:
        before: The frames that it starts with: a still, or the last native frames of a clip, at
            least as many as the first shot's context.
        continues: Whether `before` is the end of a clip, and the first shot goes on from it.
        after: The frames that it ends on, in time order, at least as many as the last shot's tail;
            none for an open end.
        anchors: Frames [H, W, 3] that colours are held to, best first.
    """

    before: torch.Tensor
    continues: bool
    after: torch.Tensor
    anchors: tuple[torch.Tensor, ...]


class Shots:
    """Makes the shots of a plan.

    Attributes:
        sampled: The latents of the shots that are done, [1, C, t, h, w].
        watch: The time that each stage took.
    """

    def __init__(
        self,
        engine: Engine,
        sampler: Sampler,
        plan: ShotsPlan,
        ends: Ends,
        kept: KeptLatents | None = None,
        *,
        color_match: float = 1.0,
        pad: Callable[[torch.Tensor], torch.Tensor] = lambda frames: frames,
        crop: Callable[[torch.Tensor], torch.Tensor] = lambda frames: frames,
        anchored: bool = False,
    ) -> None:
        """Nothing is made yet.

        Args:
            engine: What encodes, denoises and decodes.
            sampler: The engine, set to the plan's settings.
            plan: The shots.
            ends: What is known.
            kept: Where sampled latents are kept and looked up; None keeps nothing.
            color_match: How much of the colour changes is made at joints, 0..1.
            pad: Brings frames to the size that the model takes.
            crop: The reverse.
            anchored: Whether later shots are given in the SVI layout.
        """
        self._engine = engine
        self._sampler = sampler
        self._plan = plan
        self._ends = ends
        self._kept = kept
        self._color_match = color_match
        self._pad, self._crop = pad, crop
        self._anchored = anchored
        self._key = "" if kept is None else self._clip_key(kept)
        self._found: list[int] = []
        self._sampled_steps = 0
        self._resumed: list[int] = []
        self._joints: list[tuple[Segment, Continuation]] = []
        self._again: list[tuple[Segment, int, bool]] = []
        self.sampled: list[torch.Tensor] = []
        self.watch = Stopwatch()

    def __iter__(self) -> Iterator[tuple[Segment, torch.Tensor]]:
        """Each shot with its frames.

        Yields:
            The segment and what it adds to the clip, [segment.new_frames, H, W, 3], float32. The
            first shot's start is what was known, as the model gives it again.
        """
        so_far = self._ends.before
        for segment in self._plan.segments:
            if segment.index or self._ends.continues:
                frames = self._continued(segment, so_far)
            else:
                frames = self._made(segment, so_far)
            # The shot is freed here; its last frames are all that is needed of it.
            so_far = torch.cat([so_far, frames[-BESIDE:]])[-BESIDE:]
            yield segment, frames

    def sample(self, segment: Segment) -> torch.Tensor:
        """The latents of the first and only shot, not decoded yet."""
        known = self._known(segment, self._ends.before)
        self.sampled.append(self._latents(segment, known))
        return self.sampled[-1]

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """The frames of latents, [1 + 4n, height, width, 3]."""
        size, stride = self._plan.size, self._plan.family.time_stride
        with self.watch.stage("decode"):
            frames = self._engine.decode(latents)
        expected = (1 + stride * (latents.shape[2] - 1), size.height, size.width, 3)
        if tuple(frames.shape) != expected:
            raise RuntimeError(
                f"the VAE gave frames of shape {tuple(frames.shape)} instead of {expected}"
            )
        return self._crop(frames)

    def report(self) -> list[str]:
        """Lines on joints, on time and on what did not have to be sampled."""
        lines = []
        for segment, done in self._joints:
            lines += _joint_lines(segment, done)
        for segment, context, better in self._again:
            kept = "kept" if better else "no better and not kept"
            lines.append(
                f"Shot {segment.index + 1}: its start flashed, so it was made again from {context} "
                f"context frame{'s' if context > 1 else ''}; that was {kept}."
            )
        lines.append(f"Time: {self.watch}")
        if self._found and not self._sampled_steps:
            lines.append("Kept: the latents of an earlier run were used; 0 steps were sampled.")
        elif self._found:
            shots = ", ".join(str(index + 1) for index in dict.fromkeys(self._found))
            lines.append(f"Kept: the latents of an earlier run were used for shot {shots}.")
        if self._resumed:
            steps = sum(self._resumed)
            lines.append(
                f"Kept: {steps} step{'s' if steps > 1 else ''} of an earlier run "
                f"{'were' if steps > 1 else 'was'} used."
            )
        return lines

    @property
    def continuations(self) -> list[Continuation]:
        """What was done at each joint."""
        return [done for _, done in self._joints]

    def _made(self, segment: Segment, so_far: torch.Tensor) -> torch.Tensor:
        """All frames of a shot as the model gives them."""
        latents = self._latents(segment, self._known(segment, so_far))
        self.sampled.append(latents)
        return self.decode(latents)

    def _continued(self, segment: Segment, so_far: torch.Tensor) -> torch.Tensor:
        """What a shot adds, going on from the clip; made again from less if it starts badly."""
        frames, done = self._joined(segment, so_far)
        fewer = [count for count in CONTEXT_FRAMES if count < segment.context]
        if done.flash >= BAD_FLASH and fewer and not self._anchored:
            first, context = self.sampled.pop(), fewer[-1]
            again, other = self._joined(segment.from_fewer(context), so_far)
            self._again.append((segment, context, other.flash < done.flash))
            if other.flash < done.flash:
                frames, done = again, other
            else:
                self.sampled[-1] = first
        self._joints.append((segment, done))
        return frames

    def _joined(self, segment: Segment, so_far: torch.Tensor) -> tuple[torch.Tensor, Continuation]:
        shot = self._made(segment, so_far).to("cpu", torch.float32)
        after = self._ends.after if segment.known.tail else None
        with self.watch.stage("match"):
            done = continue_shot(
                shot,
                so_far,
                segment.context,
                after=after,
                ends_with=segment.known.tail,
                anchors=self._ends.anchors,
                amount=self._color_match,
                fps=self._plan.family.native_fps,
                progress=self._engine.progress_bar("match"),
            )
        return shot[-segment.new_frames :], done

    def _known(self, segment: Segment, so_far: torch.Tensor) -> KnownClip:
        head = self._pad(so_far[-segment.context :])
        tail = self._pad(self._ends.after[: segment.known.tail])
        anchor = None
        if self._anchored:
            anchor = Anchor(self._pad(self._ends.anchors[0][None]), self._motion(so_far))
        return KnownClip(segment.sampled_frames, segment.known, head, tail, anchor)

    def _motion(self, so_far: torch.Tensor) -> torch.Tensor:
        """The clip's last latents: those that were sampled, or else its last frames encoded."""
        if self.sampled:
            return self.sampled[-1]
        frames = so_far[-(4 * ((len(so_far) - 1) // 4) + 1) :]
        with self.watch.stage("encode"):
            return self._engine.encode_frames(self._pad(frames))

    def _latents(self, segment: Segment, known: KnownClip) -> torch.Tensor:
        """The shot's latents, kept or sampled."""
        seed = self._plan.segment_seed(segment)
        key = ""
        if self._kept is not None:
            # Each key holds the one before: a shot goes on from what was made until then.
            parts = (segment.sampled_frames, known.known.head, known.known.tail, seed)
            if self.sampled:
                parts = (*parts, *self._matched_by())
            key = self._kept.key(self._key, *parts)
            latents = self._kept.store.get(key)
            if latents is not None:
                self._key = key
                self._found.append(segment.index)
                return latents
        self._key = key
        with self.watch.stage("encode"):
            encoded = self._engine.encode(known)
        latents = None
        steps = len(self._sampler.sigmas) - 1
        total = steps * len(self._plan.segments)
        for run in sampling_passes(self._plan.split, steps, steps * segment.index, total):
            latents = self._passed(encoded, latents, run, seed)
        assert latents is not None, "a shot has at least one step"
        if self._kept is not None:
            self._kept.store.put(self._key, latents)
        return latents

    def _passed(
        self, encoded: Any, latents: torch.Tensor | None, run: SamplingPass, seed: int
    ) -> torch.Tensor:
        """The latents after one pass; those that one expert hands to the other are kept too."""
        key = ""
        if self._kept is not None and run.last_step < len(self._sampler.sigmas) - 1:
            key = self._kept.key(self._key, "handed over", run.last_step)
            handed_over = self._kept.store.get(key)
            if handed_over is not None:
                self._resumed.append(run.steps)
                return handed_over
        stage = _ONE_MODEL if self._plan.split is None else _EXPERTS[run.expert]
        with self.watch.stage(stage):
            latents = self._sampler.denoise(encoded, latents, run, seed)
        self._sampled_steps += run.steps
        if not torch.isfinite(latents).all():
            raise RuntimeError(
                f"The {stage} steps gave latents that are not numbers (NaN or infinity), so there "
                "is nothing to decode. This happens when a model runs in too low a precision: "
                "switch off fp16 accumulation or SageAttention, or load the model in another dtype."
            )
        if self._kept is not None and key:
            self._kept.store.put(key, latents)
        return latents

    def _clip_key(self, kept: KeptLatents) -> str:
        """What all shots have in common: pictures, size, noise levels and settings."""
        plan, settings, split = self._plan, self._plan.settings, self._plan.split
        segments = list(plan.segments)
        first = self._ends.before[-segments[0].context :]
        tail = segments[-1].known.tail
        return kept.key(
            plan.family.id,
            digest(first),
            digest(self._ends.after[:tail]) if tail else None,
            self._sampler.sigmas,
            None if split is None else split.high_steps,
            settings.cfg,
            settings.shift,
            settings.sampler_name,
            settings.scheduler,
            (digest(self._ends.anchors[0]), digest(self._ends.before)) if self._anchored else None,
        )

    def _matched_by(self) -> tuple[object, ...]:
        """What the frames that a later shot goes on from have been matched by."""
        before, anchors = self._ends.before, self._ends.anchors
        return _CONTINUITY, self._color_match, digest(before), digest(anchors)


def _joint_lines(segment: Segment, done: Continuation) -> list[str]:
    """What was done and measured where a shot starts."""
    lines = []
    for joint, where in zip(done.joints, ("start", "end"), strict=False):
        how = "its picture was carried over" if joint.warped else "trimmed only"
        name = f"Joint at the {where} of shot {segment.index + 1}"
        seam, *rest = seam_report(joint.measures, name, whole=False)
        notes = [line for line in rest if line.startswith("Note: at the joint")]
        lines += [f"{seam}; {how}", *notes]
    colours = []
    if done.flash:
        colours.append(f"a flash of ΔE {done.flash:.1f} on its first frames was taken out")
    if done.meant:
        colours.append("its colours change so much that only the joint was matched")
    elif done.start or done.end:
        colours.append(f"matched by ΔE {done.start:.1f} at its start, {done.end:.1f} at its end")
    if colours:
        lines.append(f"Colour of shot {segment.index + 1}: {'; '.join(colours)}")
    return lines


def _seconds(spent: float) -> str:
    return f"{spent:.2f} s" if spent < 10 else f"{spent:.0f} s"
