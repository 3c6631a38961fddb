"""Close a clip into a loop: which frames are kept, which are blended, and what that is worth.

A loop of frames is a plan over a clip and is made frame by frame, so that length costs no memory.
What every method does at the wrap:

- *trim* drops frames at the end that repeat the first frame or stand still;
- *best cut* keeps the part whose ends match best in picture and motion;
- *crossfade* blends the last frames into the first ones;
- *motion crossfade* does so along optical flow: both ends are warped to where the moving points
  meet, so that nothing is seen twice;
- *ping-pong* plays the clip back to its start;
- *auto* takes the first that closes without a visible seam.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..checks import on_or_off, one_of
from ..errors import InputError
from .best_cut import best_cut
from .blend import blended, check_blend
from .colour import ColourShift, colour_shift, is_noticed, recoloured
from .frames import Frames, Progress, TensorFrames, check_finite, check_frames
from .lab import reduced
from .seam import (
    DIFFERENCE_FLOOR,
    SPAN,
    SeamMeasures,
    difference,
    measure_seam,
    seam_report,
    usual_step,
)

if TYPE_CHECKING:
    import numpy as np
    import torch

    from .flow import Floats

LOOP_METHODS = ("auto", "trim", "best cut", "crossfade", "motion crossfade", "ping-pong")
"""What LoopBlend's `method` can be."""

SHORTEST = 8
"""Frames that a loop keeps at least, where the clip has them."""

SHORTEST_PART = 1 / 3
"""Part of the clip that the best cut keeps at least."""

PREFERRED_PART = 0.75
"""A best cut that keeps this part of the clip comes before any blending."""

SIDE = 192
"""Plans are tried out on frames reduced to this longer side, in pixels."""

_REPEATS = 0.35
# About how often each frame is read while a plan is made, for the progress.
_READS, _AUTO_READS = 3, 9
_CUTS = ("trim", "best cut")
_BLENDS = ("crossfade", "motion crossfade")


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """How a loop is made of a clip's frames.

    Attributes:
        method: One of `LOOP_METHODS`, not "auto".
        start: The first frame that is used.
        stop: The frame after the last one that is used.
        blend: Frames that are blended over the wrap; 0 for methods without.
        colour: What brings the end's colours to the start's, spread over the whole turn; None to
            leave them.
    """

    method: str
    start: int
    stop: int
    blend: int = 0
    colour: ColourShift | None = None

    @property
    def frames(self) -> int:
        """Frames of one turn."""
        used = self.stop - self.start
        return 2 * used - 2 if self.method == "ping-pong" and used > 2 else used - self.blend


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop made of a clip, with a length and frames like it.

    Attributes:
        source: The clip.
        plan: What is taken of it.
    """

    source: Frames
    plan: LoopPlan

    def __len__(self) -> int:
        """Frames of one turn."""
        return self.plan.frames

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index` of the turn, [H, W, C] float32, 0..1.

        Raises:
            IndexError: there is no such frame.
        """
        plan = self.plan
        if not 0 <= index < len(self):
            raise IndexError(index)
        used = plan.stop - plan.start
        if plan.method == "ping-pong" and index >= used:
            index = 2 * used - 2 - index
        at = plan.start + plan.blend + index  # blended frames stand last
        over = index - (used - 2 * plan.blend)
        if not plan.blend or over < 0:
            return self._coloured(at)
        first, second = self._coloured(at), self._coloured(plan.start + over)
        along_motion = plan.method == "motion crossfade"
        return blended(first, second, (over + 1) / (plan.blend + 1), along_motion)

    def _coloured(self, at: int) -> Floats:
        """A frame of the clip; its colours move to the start's as the turn goes on."""
        plan = self.plan
        frame = self.source[at]
        if plan.colour is None:
            return frame
        return plan.colour.apply(frame, (at - plan.start) / plan.frames)


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """A loop with what was measured of it.

    Attributes:
        frames: The loop's frames.
        measures: Its seam.
        report: What was done and measured, in lines for the user.
    """

    frames: Loop
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

    Time grows with the clip's length (best cut: T log² T). Of each frame two reduced copies of 8
    bits are held (some 120 kB together for 16:9, whatever the frames' size) and, for the best cut,
    its small picture; whole frames only while they are worked on.

    Args:
        frames: A clip of at least 2 frames. Not changed.
        method: One of `LOOP_METHODS`.
        blend_frames: Frames to blend over the wrap, 1 to 256, for the crossfades.
        match_exposure: Whether the colours of the end are brought to those of the start, over the
            whole turn.
        shortest: Least frames of the best cut, at least 2; None for a third of the clip.
        longest: Most frames of the best cut, at least `shortest`; None for no limit.
        fps: Frames per second, for the measure of the last second.
        progress: Called whenever a frame is read, with a rising share of the work.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    count = len(frames)

    def tell(half: int, done: int, of: int) -> None:
        """Planning is one half of the work, measuring the loop the other."""
        if progress is not None:
            progress((half * of + done) * count // of, 2 * count)

    loop, lines = _planned(
        frames, method, blend_frames, match_exposure, (shortest, longest), fps, partial(tell, 0)
    )
    return _measured(loop, loop, lines, fps, partial(tell, 1))


def _planned(
    frames: Frames,
    method: object,
    blend_frames: object,
    match_exposure: object,
    lengths: tuple[int | None, int | None],
    fps: float,
    tell: Progress,
) -> tuple[Loop, list[str]]:
    """A loop, its frames not made yet, and what to say of it; see `close_loop`."""
    method = one_of(method, "method", LOOP_METHODS)
    blend = check_blend(blend_frames)
    match = on_or_off(match_exposure, "match_exposure")
    count = len(frames)
    if count < 2:
        raise InputError("a loop needs at least 2 frames", count, "Connect a clip.", "frames")
    reads = count * (_AUTO_READS if method == "auto" else _READS)
    small = _Small(frames, lambda read: tell(min(read, reads), reads))
    planner = _Planner(small, blend, match, _lengths(count, *lengths), fps)
    plan, why = planner.auto() if method == "auto" else (planner.plan(method), "")
    return Loop(frames, plan), _plan_lines(plan, count, blend, why)


def _measured(
    loop: Loop, frames: Frames, lines: list[str], fps: float, progress: Progress
) -> ClosedLoop:
    """A loop with the measures of its frames."""
    measures = measure_seam(frames, width=max(SPAN, loop.plan.blend), fps=fps, progress=progress)
    return ClosedLoop(loop, measures, "\n".join([*lines, *seam_report(measures)]))


def _lengths(count: int, shortest: int | None, longest: int | None) -> tuple[int, int]:
    """Least and most frames of the best cut of a clip.

    Raises:
        InputError: they are given and do not fit together.
    """
    most = min(count - 1, count - 1 if longest is None else longest)
    if shortest is None:
        usual = max(SHORTEST, round(count * SHORTEST_PART))
        return min(usual, most if longest is None else max(2, most // 2)), most
    if not 2 <= shortest <= most:
        raise InputError(
            f"shortest must be from 2 to {most} frames of a clip of {count}",
            shortest,
            "Set a shorter one, or give a longer clip.",
            "shortest",
        )
    return shortest, most


def loop_of_tensor(
    frames: torch.Tensor,
    method: object = "auto",
    blend_frames: object = 8,
    match_exposure: object = True,
    *,
    fps: float = 16.0,
    progress: Progress | None = None,
    room: Callable[[tuple[int, ...]], torch.Tensor] | None = None,
) -> tuple[torch.Tensor, ClosedLoop]:
    """Close a clip that lies in memory; see `close_loop`.

    Args:
        frames: [T, H, W, C] of a floating dtype, 0..1, T at least 2, C 1, 3 or 4. Not changed.
        method: One of `LOOP_METHODS`.
        blend_frames: Frames to blend, 1 to 256.
        match_exposure: Whether colours are matched.
        fps: Frames per second, for the measure of the last second.
        progress: Called while frames are measured and written.
        room: Gives the tensor of a shape that the turn is written to; None for a new one.

    Returns:
        One turn, [T', H, W, C], dtype and device of `frames` (a view of them where none is
        changed), and what was measured.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    import torch

    check_frames(frames)
    check_finite(frames)
    count = len(frames)

    def tell(third: int, done: int, of: int) -> None:
        """Planning, writing and measuring are a third of the work each."""
        if progress is not None:
            progress((third * of + done) * count // of, 3 * count)

    loop, lines = _planned(
        TensorFrames(frames), method, blend_frames, match_exposure, (None, None), fps,
        partial(tell, 0),
    )  # fmt: skip
    plan = loop.plan
    if plan.method in _CUTS and plan.colour is None:
        made = frames[plan.start : plan.stop]
    else:
        made = (room or frames.new_empty)((len(loop), *frames.shape[1:]))
        for index in range(len(loop)):
            made[index] = torch.from_numpy(loop[index])
            tell(1, index + 1, len(loop))
    return made, _measured(loop, TensorFrames(made), lines, fps, partial(tell, 2))


def match_turn(
    frames: torch.Tensor, still: torch.Tensor, progress: Progress | None = None
) -> tuple[ColourShift, ...]:
    """Bring the colours of a generated loop to those of its still, in place.

    What a model makes of a still can be off in colour from the first new frame on, and come back to
    the still little by little or not at all. The change that frame 1 needs fades over the turn, the
    change that the last frame needs grows, and frame 0 gets its own: so no step shows anywhere.

    Args:
        frames: [T, H, W, 3] float32, 0..1, T at least 2; frame 0 shows the still, frame 1 what
            comes next. Changed.
        still: [H, W, 3] float32, 0..1.
        progress: Called after each frame that is changed.

    Returns:
        The changes that were made; none that is too small to notice, or where too little is alike
        to tell.
    """
    import torch

    clip, count = TensorFrames(frames), len(frames)
    true = still.to("cpu", torch.float32).numpy()
    own, fading, growing = (
        change if change is not None and is_noticed(change) else None
        for change in (colour_shift([(clip[index], true)]) for index in (0, 1, count - 1))
    )
    made = [change for change in (own, fading, growing) if change is not None]
    if not made:
        return ()
    for index in range(count):
        left = (count - 1 - index) / max(1, count - 2)
        parts = ((fading, left), (growing, 1 - left)) if index else ((own, 1.0),)
        changes = [(change, amount) for change, amount in parts if change is not None]
        frames[index] = torch.from_numpy(recoloured(clip[index], changes))
        if progress is not None:
            progress(index + 1, count)
    return tuple(made)


class _Small:
    """A reduced copy of a clip, 8 bits, made frame by frame as it is asked for."""

    def __init__(self, frames: Frames, tell: Callable[[int], None]) -> None:
        """Calls `tell` with the number of reads at each one."""
        self._frames = frames
        self._tell = tell
        self._reads = 0
        self._made: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int, /) -> Floats:
        import numpy as np

        self._reads += 1
        self._tell(self._reads)
        if index not in self._made:
            small = reduced(self._frames[index], SIDE)
            self._made[index] = np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
        return np.divide(self._made[index], 255, dtype=np.float32)


class _Planner:
    """Finds the plan of each method for one clip."""

    def __init__(
        self,
        frames: Frames,
        blend: int,
        match: bool,
        lengths: tuple[int, int],
        fps: float,
    ) -> None:
        self._frames = frames
        self._blend = blend
        self._match = match
        self._shortest, self._longest = lengths
        self._fps = fps

    def plan(self, method: str) -> LoopPlan:
        """The plan of a method.

        Raises:
            InputError: the clip is too short for it.
        """
        count = len(self._frames)
        if method == "trim":
            plan = LoopPlan(method, 0, self._trimmed())
        elif method == "best cut":
            cut = self._cut()
            if cut is None:
                raise InputError(
                    f"best cut keeps at least {max(2, self._shortest)} frames and drops one",
                    count,
                    "Give a longer clip, or choose motion crossfade.",
                    "method",
                )
            return cut
        elif method in _BLENDS:
            plan = LoopPlan(method, 0, count, min(self._blend, (count - 1) // 2))
        else:
            return LoopPlan(method, 0, count)
        return self._matched(plan)

    def auto(self) -> tuple[LoopPlan, str]:
        """The plan that closes best, and why it was taken."""
        tried: list[tuple[SeamMeasures, LoopPlan]] = []
        for plan in self._by_preference():
            measures = measure_seam(
                Loop(self._frames, plan), width=max(SPAN, plan.blend), fps=self._fps
            )
            tried.append((measures, plan))
            if measures.visibility <= 1:
                break
        measures, plan = min(tried, key=lambda one: one[0].visibility)
        others = [
            f"{other.method} {seen.visibility:.1f}" for seen, other in tried if other is not plan
        ]
        what = "no seam shows" if measures.visibility <= 1 else "the least seam of all"
        why = f"auto chose it: {what} (visibility {measures.visibility:.1f}"
        return plan, f"{why}; {', '.join(others)})" if others else f"{why})"

    def _by_preference(self) -> Iterator[LoopPlan]:
        """Plans from the one that changes least on."""
        yield self.plan("trim")
        cut = self._cut()
        enough = cut is not None and cut.frames >= PREFERRED_PART * len(self._frames)
        if cut is not None and enough:
            yield cut
        along = self.plan("motion crossfade")
        yield along
        if cut is not None and not enough:
            yield cut
        yield replace(along, method="crossfade")
        yield self.plan("ping-pong")

    def _cut(self) -> LoopPlan | None:
        """The best cut, if the clip is long enough for one."""
        cut = best_cut(self._frames, self._shortest, self._longest)
        return cut and self._matched(LoopPlan("best cut", cut.start, cut.stop))

    def _matched(self, plan: LoopPlan) -> LoopPlan:
        return replace(plan, colour=self._colour(plan)) if self._match else plan

    def _trimmed(self) -> int:
        """The end of the clip without frames that repeat the first one, or the one before."""
        import numpy as np

        frames, count = self._frames, len(self._frames)
        steps = [difference(frames[i], frames[i + 1]) for i in range(count - 1)]
        usual = usual_step(np.array(steps))
        stop = count
        while stop > 2 and usual > DIFFERENCE_FLOOR:
            repeats = difference(frames[stop - 1], frames[0]) < _REPEATS * usual
            stands = steps[stop - 2] < min(DIFFERENCE_FLOOR, _REPEATS * usual)
            if not repeats and not stands:
                break
            stop -= 1
        return stop

    def _colour(self, plan: LoopPlan) -> ColourShift | None:
        """How the colours at the end differ from those at the start."""
        frames = self._frames
        if plan.blend:
            ends = ((plan.stop - plan.blend + i, plan.start + i) for i in range(plan.blend))
        else:
            ends = ((plan.stop - 1, plan.start),)
        change = colour_shift((frames[end], frames[start]) for end, start in ends)
        return change if change is not None and is_noticed(change) else None


def _plan_lines(plan: LoopPlan, count: int, blend: int, why: str) -> list[str]:
    """What was done, in words."""
    lines = [f"Loop: {_what(plan, count)}{'; ' + why if why else ''}"]
    if plan.colour is not None:
        contrast = ", ".join(f"{gain:.2f}" for gain in plan.colour.contrast)
        lines.append(
            f"Colour: the end was ΔE {plan.colour.size:.1f} from the start where both show the "
            f"same; matched over the whole turn (contrast of L*, a*, b* times {contrast})"
        )
    if plan.method in _BLENDS and plan.blend < blend:
        lines.append(
            f"Note: {blend} frames to blend are too many for {count} frames; {plan.blend} were."
        )
    return lines


def _what(plan: LoopPlan, count: int) -> str:
    made = f"{plan.frames} frames of {count} by {plan.method}"
    used = plan.stop - plan.start
    if plan.method == "ping-pong":
        return f"{made}, forward and back without repeating an end"
    if plan.blend:
        return f"{made}, the last {plan.blend} blended into the first {plan.blend}"
    if used == count:
        return f"{made}, none dropped"
    return f"{made}, frames {plan.start} to {plan.stop - 1} kept"
