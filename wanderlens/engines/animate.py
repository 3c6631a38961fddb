"""From a still to a clip, with any engine: everything that does not need a model is done here."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from ..errors import InputError
from ..motion import Interpolator, convert_frame_rate
from ..shot import (
    FrameSize,
    Segment,
    ShotPlan,
    ShotRequest,
    fit_size,
    plan_shot,
    split_experts,
)
from .base import Engine, KnownClip, Sampler, SamplingPass, sampling_passes
from .latent_files import Rescue, rescuing
from .pictures import Picture, fit_picture
from .store import KeptLatents, digest
from .turn import close_generated, close_turn, decode_turn

_ONE_MODEL = "sampling"
_EXPERTS = {"high_noise": "high noise", "low_noise": "low noise"}


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished clip.

    Attributes:
        frames: [frames, height, width, 3], float32, 0..1.
        fps: Frames per second.
        latents: What was sampled for the last shot, before decoding.
        report: What was done, in lines for the user.
    """

    frames: torch.Tensor
    fps: float
    latents: torch.Tensor
    report: str


def animate(
    engine: Engine,
    request: ShotRequest,
    still: Picture,
    ending: Picture | None = None,
    *,
    interpolator: Interpolator | None = None,
    kept: KeptLatents | None = None,
    rescue: Rescue | None = None,
    save: Callable[[torch.Tensor], None] | None = None,
) -> Clip:
    """Make a clip.

    Args:
        engine: What encodes, denoises and decodes.
        request: What is asked for; its picture size is the still's.
        still: The picture that the clip starts with.
        ending: The picture that it ends on; `request.has_end_image` says whether there is one.
        interpolator: Makes the frames in between, where the frame rate asks for some; without it
            optical flow does.
        kept: Where sampled latents are kept and looked up; None keeps nothing.
        rescue: Where sampled latents go when something later fails; None lets them go.
        save: Given the finished frames, [frames, height, width, 3], float32, 0..1; the latents are
            rescued when it fails too.

    Returns:
        The clip, with `plan.timing.output_frames` frames.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `latent_files.rescuing`.
    """
    plan = plan_shot(request, engine.family)
    _check_optical_flow(plan, interpolator)
    sampler = engine.prepare(plan.settings)
    settings = plan.settings
    split = split_experts(sampler.sigmas, settings.split_rule, settings.boundary)
    plan = replace(plan, sigmas=sampler.sigmas, split=split)
    first = fit_picture(still, plan.size)
    last, end_notes = _last_frame(plan, first, ending)
    shots = _Shots(engine, sampler, plan, first, last, kept)
    if rescue is not None:
        context = plan.segments[-1].context if len(plan.segments) > 1 else 0
        rescue = replace(rescue, kept=kept is not None, context=context)
    with rescuing(rescue, shots.sampled, engine.is_cancellation):
        frames = shots.make()
        engine.check_cancelled()
        seam: list[str] = []
        if plan.timing.loop:
            with shots.watch.stage("loop"):
                frames, seam = close_generated(
                    frames, plan.timing, first[0], engine.progress_bar("loop")
                )
        if plan.timing.ratio != 1:
            with shots.watch.stage("interpolate"):
                frames = _at_output_rate(frames, plan, interpolator, engine)
        if save is not None:
            with shots.watch.stage("save"):
                save(frames)
    notes = [*still.notes, *end_notes, *engine.notes, *sampler.notes]
    report = [plan.summary(), *(f"Note: {note}" for note in notes), *seam, *shots.report()]
    return Clip(frames, float(plan.timing.output_fps), shots.sampled[-1], "\n".join(report))


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


class _Shots:
    """Makes the shots of a plan one after the other and joins them."""

    def __init__(
        self,
        engine: Engine,
        sampler: Sampler,
        plan: ShotPlan,
        first: torch.Tensor,
        last: torch.Tensor,
        kept: KeptLatents | None,
    ) -> None:
        self._engine = engine
        self._sampler = sampler
        self._plan = plan
        self._first = first
        self._last = last
        self._kept = kept
        self._key = "" if kept is None else self._clip_key(kept)
        self._found: list[int] = []
        self._resumed: list[int] = []
        self.sampled: list[torch.Tensor] = []
        self.watch = Stopwatch()

    def make(self) -> torch.Tensor:
        """All native frames of the clip, [frames, height, width, 3], float32."""
        plan = self._plan
        clip: torch.Tensor | None = None
        for segment in plan.segments:
            known = self._known(segment, clip)
            latents = self._latents(segment, known)
            self.sampled.append(latents)
            if len(plan.segments) == 1:
                break  # it is decoded as a whole clip
            frames = self._decoded(latents)
            if clip is None:
                clip = frames.new_empty((plan.timing.sampled_frames, *frames.shape[1:]))
            clip[segment.start : segment.start + segment.new_frames] = frames[-segment.new_frames :]
        if self._turns:
            return self._turn(clip)
        return self._decoded(self.sampled[0]) if clip is None else clip

    def _decoded(self, latents: torch.Tensor) -> torch.Tensor:
        """The frames of latents, [1 + 4n, height, width, 3]."""
        size, stride = self._plan.size, self._plan.family.time_stride
        with self.watch.stage("decode"):
            frames = self._engine.decode(latents)
        expected = (1 + stride * (latents.shape[2] - 1), size.height, size.width, 3)
        if tuple(frames.shape) != expected:
            raise RuntimeError(
                f"the VAE gave frames of shape {tuple(frames.shape)} instead of {expected}"
            )
        return frames

    @property
    def _turns(self) -> bool:
        """Whether the clip is a loop whose end was known."""
        return self._plan.timing.loop and not self._plan.timing.blended

    def _turn(self, clip: torch.Tensor | None) -> torch.Tensor:
        """One turn of a loop; its first shot is decoded as what follows the last."""
        first, lead = decode_turn(self._decoded, self.sampled[0], self.sampled[-1])
        if clip is None:
            clip = first
        else:
            clip[: len(first)] = first
        return close_turn(clip, lead)

    def report(self) -> list[str]:
        """Lines on time and on what did not have to be sampled."""
        lines = [f"Time: {self.watch}"]
        if len(self._found) == len(self._plan.segments):
            lines.append("Kept: the latents of an earlier run were used; 0 steps were sampled.")
        elif self._found:
            shots = ", ".join(str(index + 1) for index in self._found)
            lines.append(f"Kept: the latents of an earlier run were used for shot {shots}.")
        if self._resumed:
            lines.append(f"Kept: {sum(self._resumed)} steps of an earlier run were used.")
        return lines

    def _known(self, segment: Segment, clip: torch.Tensor | None) -> KnownClip:
        if clip is None:
            head = self._first
        else:
            head = clip[segment.start - segment.context : segment.start].to(self._first.device)
        tail = self._last[: segment.known.tail]
        return KnownClip(segment.sampled_frames, segment.known, head, tail)

    def _latents(self, segment: Segment, known: KnownClip) -> torch.Tensor:
        """The shot's latents, kept or sampled."""
        seed = self._plan.segment_seed(segment)
        if self._kept is not None:
            # Each key holds the one before: a shot goes on from what was made until then.
            self._key = self._kept.key(
                self._key, segment.sampled_frames, known.known.head, known.known.tail, seed
            )
            latents = self._kept.store.get(self._key)
            if latents is not None:
                self._found.append(segment.index)
                return latents
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
        settings = self._plan.settings
        split = self._plan.split
        return kept.key(
            self._plan.family.id,
            digest(self._first),
            digest(self._last) if self._plan.segments[-1].known.tail else None,
            self._sampler.sigmas,
            None if split is None else split.high_steps,
            settings.cfg,
            settings.shift,
            settings.sampler_name,
            settings.scheduler,
        )


def _last_frame(
    plan: ShotPlan, first: torch.Tensor, ending: Picture | None
) -> tuple[torch.Tensor, tuple[str, ...]]:
    """The frame that the clip ends on, [1, height, width, 3], and notes on it.

    A loop ends on its first frame. Where no end is known the first frame stands in, unused.
    """
    if ending is None:
        return first, ()
    size = _end_size(ending, plan)
    notes = list(ending.notes)
    if size.crop_fraction > 0:
        notes.append(f"{size.crop_fraction:.1%} of end_image is cropped to the frames' shape.")
    return fit_picture(ending, size), tuple(notes)


def _end_size(ending: Picture, plan: ShotPlan) -> FrameSize:
    size = plan.size
    try:
        return fit_size(ending.width, ending.height, "custom", plan.family, size.width, size.height)
    except InputError as error:
        rule = error.rule.replace("the image", "end_image")
        raise InputError(rule, error.value, error.remedy, "end_image") from error


def _check_optical_flow(plan: ShotPlan, interpolator: Interpolator | None) -> None:
    """Refuses what needs OpenCV where it is missing, before anything is sampled."""
    timing = plan.timing
    between = timing.ratio != 1 and interpolator is None
    if not (between or timing.loop) or importlib.util.find_spec("cv2") is not None:
        return
    if timing.loop:
        what, value, remedy, widget = "a loop", True, "switch loop off", "loop"
    else:
        what, remedy, widget = "a rate the model does not make", "connect interp_model", "fps"
        value = timing.output_fps
    raise InputError(
        f"{what} needs OpenCV, which is not installed",
        value,
        f"Run pip install opencv-python-headless, or {remedy}.",
        widget,
    )


def _at_output_rate(
    frames: torch.Tensor, plan: ShotPlan, interpolator: Interpolator | None, engine: Engine
) -> torch.Tensor:
    timing = plan.timing
    converted = convert_frame_rate(
        frames,
        native_fps=timing.native_fps,
        output_fps=timing.output_fps,
        loop=timing.loop,
        interpolator=interpolator,
        progress=engine.progress_bar("interpolate"),
    )
    if converted.shape[0] != timing.output_frames:
        raise RuntimeError(
            f"the interpolation gave {converted.shape[0]} frames instead of {timing.output_frames}"
        )
    return converted


def _seconds(spent: float) -> str:
    return f"{spent:.2f} s" if spent < 10 else f"{spent:.0f} s"
