"""From a still to a clip, with any engine: everything that does not need a model is done here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ..errors import InputError
from ..motion import Interpolator, convert_frame_rate
from ..shot import FrameSize, ShotPlan, ShotRequest, fit_size, plan_shot, split_experts
from .base import Engine, Observer
from .latent_files import Rescue, rescuing
from .pictures import Picture, fit_picture
from .requirements import check_optical_flow
from .shots import Ends, Shots
from .store import KeptLatents
from .turn import close_generated, close_turn, decode_turn


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
    observer: Observer | None = None,
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
        observer: Told of every stage and of the end; None for nobody.
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
    ends = Ends(first, last, (first[0],), continues=False, turns=plan.timing.loop)
    shots = Shots(engine, sampler, plan, ends, kept, observer=observer)
    if rescue is not None:
        context = plan.segments[-1].context if len(plan.segments) > 1 else 0
        rescue = replace(rescue, kept=kept is not None, context=context)
    with rescuing(rescue, shots.sampled, engine.is_cancellation):
        frames = _whole(shots, plan)
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
    shots.finish()
    notes = [*still.notes, *end_notes, *engine.notes, *sampler.notes]
    report = [plan.summary(), *(f"Note: {note}" for note in notes), *seam, *shots.report()]
    return Clip(frames, float(plan.timing.output_fps), shots.sampled[-1], "\n".join(report))


def _whole(shots: Shots, plan: ShotPlan) -> torch.Tensor:
    """All native frames of a clip, [frames, height, width, 3], float32.

    Those of a loop whose end was known are one turn; its first shot is decoded as what follows the
    last.
    """
    clip: torch.Tensor | None = None
    turns = plan.timing.loop and not plan.timing.blended
    if len(plan.segments) == 1:
        latents = shots.sample(plan.segments[0])
        if not turns:
            return shots.decode(latents)
    else:
        for segment, frames in shots:
            if clip is None:
                clip = frames.new_empty((plan.timing.sampled_frames, *frames.shape[1:]))
            clip[segment.start : segment.start + segment.new_frames] = frames
            del frames
    if turns:
        first, lead = decode_turn(shots.decode, shots.sampled[0], shots.sampled[-1])
        if clip is None:
            clip = first
        else:
            clip[: len(first)] = first
        return close_turn(clip, lead)
    assert clip is not None, "a plan has at least one shot"
    return clip


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
    check_optical_flow(timing.loop, "a loop", True, "loop", "switch loop off")
    check_optical_flow(
        len(plan.segments) > 1,
        "a clip of several shots",
        timing.requested_seconds,
        "duration",
        "set a shorter one",
    )
    check_optical_flow(
        between, "a rate the model does not make", timing.output_fps, "fps", "connect interp_model"
    )  # fmt: skip


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
