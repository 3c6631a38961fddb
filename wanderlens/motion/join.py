"""Join two clips without a model: a cut, a dissolve, or one along the motion; and close the result.

The last frames of one clip go over into the first ones of the next, whose colours are brought to
those of the one before. A joined clip is made frame by frame, so that length costs no memory, and
only what lies around a joint is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checks import number_between, on_or_off, one_of
from .blend import check_blend
from .frames import Frames, Progress, TensorFrames, check_finite, check_frames
from .join_plan import JOIN_METHODS, Join, Made, Steps, plan_join
from .seam import SeamMeasures, measure_seam, seam_report

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class JoinedClip:
    """A joined clip with what was measured of it.

    Attributes:
        frames: Its frames, made when they are asked for.
        joint: The frame after the middle of the blend, for a cut the second clip's first frame;
            None where a clip was only closed.
        wrap: Frames of the start that went into the end; the clip begins with the one after them.
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
        color_match: How much of the change of colour is made, 0..1.
        close_loop: Whether the result is to be a loop.

    Returns:
        The four of them.

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
    """Join two clips, close what they make, or both.

    Frames that neither a blend nor a change of colour reaches stay as they are, bit for bit.
    Colours are matched on what both clips show: all of the second clip is changed alike. Where a
    crossfade closes the loop, what the end is then off by goes little by little after the joint.

    Only frames that are blended and those around a joint are read, however long the clips are. A
    clip that was joined can be joined again.

    Args:
        first: A clip of at least one frame. Not changed.
        second: What comes after it, brought to its size (see `fit_frames`). Not changed. None to
            close the first clip alone.
        method: One of `JOIN_METHODS`.
        blend_frames: Frames to blend, 1 to 256; at most half of the shorter clip are. Next to a
            clip of one frame there is a cut.
        color_match: How much of the change of colour is made, 0..1.
        close_loop: Whether the end is joined to the start as well; a cut only measures that.
        fps: Frames per second, more than 0, to know how much to measure.
        progress: Called when a frame was measured or compared, with a rising share of the work.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    values = check_join(method, blend_frames, color_match, close_loop)
    join = plan_join(first, second, values, fps)
    steps = Steps(progress, join.steps)
    made = join.made(steps)
    return _measured(join, made, made.frames, steps)


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
    """Join clips that lie in memory; see `join_clips`.

    Args:
        first: [T, H, W, C] of a floating dtype, 0..1, T at least 1, C 1, 3 or 4. Not changed.
        second: Likewise, of any size, channels, dtype and device. Not changed. None to close the
            first clip alone.
        method: One of `JOIN_METHODS`.
        blend_frames: Frames to blend, 1 to 256.
        color_match: How much of the change of colour is made, 0..1.
        close_loop: Whether the end is joined to the start as well.
        fps: Frames per second, more than 0.
        progress: Called when a frame was compared, written or measured.

    Returns:
        The joined clip, [T', H, W, C], dtype and device of `first`; where its frames that are new
        or changed start, and how many they are, up to its end; and what was measured.

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
    join = plan_join(
        TensorFrames(first), None if second is None else TensorFrames(second), values, fps
    )
    steps = Steps(progress, join.steps + join.frames)
    made = join.made(steps)
    result = first.new_empty((join.frames, *first.shape[1:]))
    result[: made.new] = first[join.wrap : join.wrap + made.new]
    steps.done(made.new)
    for index in range(made.new, join.frames):
        result[index] = torch.from_numpy(made.frames[index])
        steps.done(1)
    new = made.new, join.frames - made.new
    return result, new, _measured(join, made, TensorFrames(result), steps)


def _measured(join: Join, made: Made, frames: Frames, steps: Steps) -> JoinedClip:
    """A joined clip, its seams measured on `frames`, which are those that were made."""
    lines, measures = made.lines, []
    for what, part, at, width in join.seams(frames):
        found = measure_seam(part, at, width=width, fps=join.fps, progress=lambda *_: steps.done(1))
        lines = [*lines, *seam_report(found, what, whole=at is None)]
        measures.append(found)
    return JoinedClip(made.frames, join.joint, join.wrap, tuple(measures), "\n".join(lines))
