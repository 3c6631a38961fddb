"""Joins two clips without a model, by a cut or a crossfade, and can close the result into a loop.

The last frames of one clip are blended into the first ones of the next, whose colours are matched
to the clip before. The joined clip is computed frame by frame, so that memory does not grow with
its length, and only the frames around a joint are measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checks import number_between, on_or_off, one_of
from .blend import check_blend
from .frames import Frames, Progress, TensorFrames, check_finite, check_frames
from .join_colour import StepCounter
from .join_plan import JOIN_METHODS, JoinOutput, JoinPlan, plan_join
from .seam import measure_seam
from .seam_measures import SeamMeasures, seam_report

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class JoinedClip:
    """A joined clip and the measures of its seams.

    Attributes:
        frames: Its frames, computed when they are read.
        joint: The frame after the middle of the blend, for a cut the second clip's first frame;
            None where a clip was only closed.
        wrap: Frames of the start that were blended into the end; the clip begins after them.
        measures: Of the joint, if there is one, then of the wrap, if the clip was closed.
        report: What was done and measured, in lines for the user.
    """

    frames: Frames
    joint: int | None
    wrap: int
    measures: tuple[SeamMeasures, ...]
    report: str


def check_join(
    method: object, blend_frames: object = 8, color_match: object = 1.0, close_loop: object = False
) -> tuple[str, int, float, bool]:
    """Check how clips are to be joined, before any work is done.

    Args:
        method: One of `JOIN_METHODS`.
        blend_frames: Frames to blend, 1 to 256.
        color_match: How much of the change of colour is applied, 0..1.
        close_loop: Whether the result is to be a loop.

    Returns:
        The four values.

    Raises:
        InputError: a value is refused; the error names its widget, `join` for the method.
    """
    return (
        one_of(method, "join", JOIN_METHODS),
        check_blend(blend_frames),
        number_between(color_match, "color_match", 0, 1, "Set color_match to 1."),
        on_or_off(close_loop, "close_loop"),
    )


def join_clips(
    first: Frames,
    second: Frames | None,
    method: object,
    blend_frames: object = 8,
    color_match: object = 1.0,
    *,
    close_loop: object = False,
    fps: float = 16.0,
    progress: Progress | None = None,
) -> JoinedClip:
    """Join two clips, close the result into a loop, or both.

    Frames that neither a blend nor a change of colour reaches stay as they are, bit for bit.
    Colours are matched on the content visible in both clips; all of the second clip is changed
    alike. Where a crossfade closes the loop, the difference of the end's colours from the start's
    is removed gradually after the joint.

    Only frames that are blended and those around a joint are read, however long the clips are. A
    clip that was joined can be joined again.

    Args:
        first: A clip of at least one frame. Not changed.
        second: The clip that follows, fitted to its size (see `fit_frames`). Not changed. None to
            close the first clip alone.
        method: One of `JOIN_METHODS`.
        blend_frames: Frames to blend, 1 to 256; at most half of the shorter clip are. A clip
            of one frame is joined by a cut.
        color_match: How much of the change of colour is applied, 0..1.
        close_loop: Whether the end is joined to the start as well; a cut only measures that.
        fps: Frames per second, more than 0, which sets how many frames are measured.
        progress: Called when a frame was measured or compared, with a rising share of the work.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    values = check_join(method, blend_frames, color_match, close_loop)
    plan = plan_join(first, second, values, fps)
    steps = StepCounter(progress, plan.steps)
    output = plan.build(steps)
    return _measured(plan, output, output.frames, steps)


def join_of_tensors(
    first: torch.Tensor,
    second: torch.Tensor | None,
    method: object,
    blend_frames: object = 8,
    color_match: object = 1.0,
    *,
    close_loop: object = False,
    fps: float = 16.0,
    progress: Progress | None = None,
) -> tuple[torch.Tensor, tuple[int, int], JoinedClip]:
    """Join clips held in memory; see `join_clips`.

    Args:
        first: [T, H, W, C] of a floating dtype, 0..1, T at least 1, C 1, 3 or 4. Not changed.
        second: Likewise, of any size, channels, dtype and device. Not changed. None to close the
            first clip alone.
        method: One of `JOIN_METHODS`.
        blend_frames: Frames to blend, 1 to 256.
        color_match: How much of the change of colour is applied, 0..1.
        close_loop: Whether the end is joined to the start as well.
        fps: Frames per second, more than 0.
        progress: Called when a frame was compared, written or measured.

    Returns:
        The joined clip, [T', H, W, C], dtype and device of `first`; the index of its first frame
        that is new or changed, and the number of frames from there to its end; and what was
        measured.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    import torch

    values = check_join(method, blend_frames, color_match, close_loop)
    check_frames(first)
    check_finite(first)
    if second is not None:
        check_frames(second, "next_frames")
        check_finite(second, "next_frames")
    first = first.detach()
    plan = plan_join(
        TensorFrames(first), None if second is None else TensorFrames(second), values, fps
    )
    steps = StepCounter(progress, plan.steps + plan.frames)
    output = plan.build(steps)
    result = first.new_empty((plan.frames, *first.shape[1:]))
    result[: output.new] = first[plan.wrap : plan.wrap + output.new]
    steps.advance(output.new)
    for index in range(output.new, plan.frames):
        result[index] = torch.from_numpy(output.frames[index])
        steps.advance(1)
    new = output.new, plan.frames - output.new
    return result, new, _measured(plan, output, TensorFrames(result), steps)


def _measured(plan: JoinPlan, output: JoinOutput, frames: Frames, steps: StepCounter) -> JoinedClip:
    """The joined clip, its seams measured on `frames`, which hold the output's frames."""
    lines, measures = output.lines, []
    for what, part, at, width in plan.seams(frames):
        seam = measure_seam(
            part, at, width=width, fps=plan.fps, progress=lambda *_: steps.advance(1)
        )
        lines = [*lines, *seam_report(seam, what, whole=at is None)]
        measures.append(seam)
    return JoinedClip(output.frames, plan.joint, plan.wrap, tuple(measures), "\n".join(lines))
