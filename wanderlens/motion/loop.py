"""Closes a clip into a loop, and measures the seam.

The loop's frames are computed one at a time, so that memory does not grow with the clip's frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..checks import on_or_off, one_of
from .blend import check_blend
from .frames import Frames, Progress, TensorFrames, check_finite, check_frames
from .loop_frames import CUTS, LOOP_METHODS, LoopFrames
from .loop_planner import plan_loop
from .loop_report import plan_report
from .seam import SPAN, measure_seam
from .seam_measures import SeamMeasures, seam_report

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """A loop and the measures of its seam.

    Attributes:
        frames: The loop's frames.
        measures: Its seam.
        report: What was done and measured, in lines for the user.
    """

    frames: LoopFrames
    measures: SeamMeasures
    report: str


def close_loop(
    frames: Frames,
    method: object = "auto",
    blend_frames: object = 8,
    match_exposure: object = True,
    *,
    shortest: int | None = None,
    longest: int | None = None,
    fps: float = 16.0,
    progress: Progress | None = None,
) -> ClosedLoop:
    """Close a clip into a loop.

    Time grows with the clip's length (best cut: T log² T). For each frame two reduced 8-bit copies
    are held (some 120 kB together for 16:9, whatever the frames' size) and, for the best cut, its
    thumbnail; full-size frames only while they are worked on.

    Args:
        frames: A clip of at least 2 frames. Not changed.
        method: One of `LOOP_METHODS`.
        blend_frames: Frames to blend at the wrap, 1 to 256, for the crossfades.
        match_exposure: Whether the colours of the end are brought to those of the start, gradually
            over the whole period.
        shortest: Least frames of the best cut, at least 2; None for a third of the clip.
        longest: Most frames of the best cut, at least `shortest`; None for no limit.
        fps: Frames per second, for the measure of the last second.
        progress: Called whenever a frame is read, with a rising share of the work.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    tell = _parts_of(progress, 2, len(frames))
    loop, lines = _planned(
        frames, method, blend_frames, match_exposure, (shortest, longest), fps, partial(tell, 0)
    )
    return _measured(loop, loop, lines, fps, partial(tell, 1))


def loop_of_tensor(
    frames: torch.Tensor,
    method: object = "auto",
    blend_frames: object = 8,
    match_exposure: object = True,
    *,
    fps: float = 16.0,
    progress: Progress | None = None,
    allocate: Callable[[tuple[int, ...]], torch.Tensor] | None = None,
) -> tuple[torch.Tensor, ClosedLoop]:
    """Close a clip held in memory; see `close_loop`.

    Args:
        frames: [T, H, W, C] of a floating dtype, 0..1, T at least 2, C 1, 3 or 4. Not changed.
        method: One of `LOOP_METHODS`.
        blend_frames: Frames to blend, 1 to 256.
        match_exposure: Whether colours are matched.
        fps: Frames per second, for the measure of the last second.
        progress: Called while frames are measured and written.
        allocate: Returns the tensor of a given shape that the loop is written to; None for a new
            one.

    Returns:
        One period, [T', H, W, C], dtype and device of `frames` (a view of them where none is
        changed), and what was measured.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    import torch

    check_frames(frames)
    check_finite(frames)
    tell = _parts_of(progress, 3, len(frames))
    loop, lines = _planned(
        TensorFrames(frames), method, blend_frames, match_exposure, (None, None), fps,
        partial(tell, 0),
    )  # fmt: skip
    plan = loop.plan
    if plan.method in CUTS and plan.colour is None:
        period = frames[plan.start : plan.stop]
    else:
        period = (allocate or frames.new_empty)((len(loop), *frames.shape[1:]))
        for index in range(len(loop)):
            period[index] = torch.from_numpy(loop[index])
            tell(1, index + 1, len(loop))
    return period, _measured(loop, TensorFrames(period), lines, fps, partial(tell, 2))


def _parts_of(
    progress: Progress | None, parts: int, frames: int
) -> Callable[[int, int, int], None]:
    """Progress over equal parts of the work: planning, writing if there is any, and measuring."""

    def tell(part: int, done: int, of: int) -> None:
        if progress is not None:
            progress((part * of + done) * frames // of, parts * frames)

    return tell


def _planned(
    frames: Frames,
    method: object,
    blend_frames: object,
    match_exposure: object,
    lengths: tuple[int | None, int | None],
    fps: float,
    progress: Progress,
) -> tuple[LoopFrames, list[str]]:
    """A loop, its frames not computed yet, and its report lines; see `close_loop`."""
    method = one_of(method, "method", LOOP_METHODS)
    blend = check_blend(blend_frames)
    match_colours = on_or_off(match_exposure, "match_exposure")
    plan, why = plan_loop(frames, method, blend, match_colours, lengths, fps, progress)
    return LoopFrames(frames, plan), plan_report(plan, len(frames), blend, why)


def _measured(
    loop: LoopFrames, frames: Frames, lines: list[str], fps: float, progress: Progress
) -> ClosedLoop:
    """A loop with the measures of its frames."""
    measures = measure_seam(frames, width=max(SPAN, loop.plan.blend), fps=fps, progress=progress)
    return ClosedLoop(loop, measures, "\n".join([*lines, *seam_report(measures)]))
