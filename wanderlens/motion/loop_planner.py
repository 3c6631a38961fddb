"""Chooses which frames of a clip a loop uses, for each method and for "auto".

What each method does at the wrap:

- *trim* drops frames at the end that repeat the first frame or do not move;
- *best cut* keeps the part whose ends match best in picture and motion;
- *crossfade* blends the last frames into the first ones;
- *motion crossfade* also warps both ends along optical flow to where the moving points meet, so
  that nothing is seen twice;
- *ping-pong* plays the clip forwards, then backwards;
- *auto* takes the first that closes without a visible seam.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import InputError
from .best_cut import best_cut
from .colour import noticeable_shift
from .frame_difference import DIFFERENCE_FLOOR, difference, usual_step
from .frames import Frames
from .lab import reduced
from .loop_frames import BLENDS, LoopFrames, LoopPlan
from .seam import SPAN, measure_seam
from .seam_measures import SeamMeasures

if TYPE_CHECKING:
    import numpy as np

    from .flow import Floats

SHORTEST = 8
"""Fewest frames that the best cut keeps by default, where the clip has them."""

SHORTEST_PART = 1 / 3
"""Smallest part of the clip that the best cut keeps by default."""

PREFERRED_PART = 0.75
"""A best cut that keeps this part of the clip is tried before any blending."""

SIDE = 192
"""Plans are evaluated on frames reduced to this longer side, in pixels."""

# About how often each frame is read while a plan is chosen, for the progress.
_READS, _AUTO_READS = 3, 9
_REPEATED = 0.35
"""Share of the usual step below which a frame repeats another one."""


def plan_loop(
    frames: Frames,
    method: str,
    blend: int,
    match_colours: bool,
    lengths: tuple[int | None, int | None],
    fps: float,
    progress: Callable[[int, int], None],
) -> tuple[LoopPlan, str]:
    """Choose a clip's loop; the values are checked already, except for `lengths`.

    Args:
        frames: A clip of at least 2 frames.
        method: One of `LOOP_METHODS`.
        blend: Frames to blend at the wrap, for the crossfades.
        match_colours: Whether the end's colours are brought to the start's.
        lengths: Least and most frames of the best cut; None for the defaults.
        fps: Frames per second.
        progress: Called with the frames read and about how many will be.

    Returns:
        The plan, and why "auto" chose it ("" for other methods).

    Raises:
        InputError: the clip is too short, or the lengths do not fit it.
    """
    count = len(frames)
    if count < 2:
        raise InputError("a loop needs at least 2 frames", count, "Connect a clip.", "frames")
    reads = count * (_AUTO_READS if method == "auto" else _READS)
    small = _ReducedFrames(frames, lambda read: progress(min(read, reads), reads))
    planner = _Planner(small, blend, match_colours, _cut_lengths(count, *lengths), fps)
    return planner.auto() if method == "auto" else (planner.plan(method), "")


def _cut_lengths(count: int, shortest: int | None, longest: int | None) -> tuple[int, int]:
    """Least and most frames of the best cut of a clip of `count` frames.

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


class _ReducedFrames:
    """A clip reduced to `SIDE` pixels; each frame is reduced once and kept as 8-bit values."""

    def __init__(self, frames: Frames, on_read: Callable[[int], None]) -> None:
        """Calls `on_read` at each read with the number of reads so far."""
        self._frames = frames
        self._on_read = on_read
        self._reads = 0
        self._cached: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int, /) -> Floats:
        import numpy as np

        self._reads += 1
        self._on_read(self._reads)
        if index not in self._cached:
            small = reduced(self._frames[index], SIDE)
            self._cached[index] = np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
        return np.divide(self._cached[index], 255, dtype=np.float32)


class _Planner:
    """Finds the plan of each method for one clip."""

    def __init__(
        self,
        frames: Frames,
        blend: int,
        match_colours: bool,
        lengths: tuple[int, int],
        fps: float,
    ) -> None:
        self._frames = frames
        self._blend = blend
        self._match_colours = match_colours
        self._shortest, self._longest = lengths
        self._fps = fps

    def plan(self, method: str) -> LoopPlan:
        """The plan of a method.

        Raises:
            InputError: the clip is too short for it.
        """
        count = len(self._frames)
        if method == "trim":
            return self._with_colour(LoopPlan(method, 0, self._trimmed()))
        if method == "best cut":
            cut = self._best_cut()
            if cut is None:
                raise InputError(
                    f"best cut keeps at least {max(2, self._shortest)} frames and drops one",
                    count,
                    "Give a longer clip, or choose motion crossfade.",
                    "method",
                )
            return cut
        if method in BLENDS:
            blend = min(self._blend, (count - 1) // 2)
            return self._with_colour(LoopPlan(method, 0, count, blend))
        return LoopPlan(method, 0, count)

    def auto(self) -> tuple[LoopPlan, str]:
        """The plan whose seam is least visible, and why it was chosen."""
        tried: list[tuple[SeamMeasures, LoopPlan]] = []
        for plan in self._by_preference():
            loop = LoopFrames(self._frames, plan)
            measures = measure_seam(loop, width=max(SPAN, plan.blend), fps=self._fps)
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
        """The plans to try, from the one that changes least on."""
        yield self.plan("trim")
        cut = self._best_cut()
        long_enough = cut is not None and cut.frames >= PREFERRED_PART * len(self._frames)
        if cut is not None and long_enough:
            yield cut
        along_motion = self.plan("motion crossfade")
        yield along_motion
        if cut is not None and not long_enough:
            yield cut
        yield replace(along_motion, method="crossfade")
        yield self.plan("ping-pong")

    def _best_cut(self) -> LoopPlan | None:
        """The best cut, if the clip is long enough for one."""
        cut = best_cut(self._frames, self._shortest, self._longest)
        return cut and self._with_colour(LoopPlan("best cut", cut.start, cut.stop))

    def _trimmed(self) -> int:
        """The clip's end without frames that repeat the first one, or the one before."""
        import numpy as np

        frames, count = self._frames, len(self._frames)
        steps = [difference(frames[i], frames[i + 1]) for i in range(count - 1)]
        usual = usual_step(np.array(steps))
        stop = count
        while stop > 2 and usual > DIFFERENCE_FLOOR:
            repeats_first = difference(frames[stop - 1], frames[0]) < _REPEATED * usual
            stands_still = steps[stop - 2] < min(DIFFERENCE_FLOOR, _REPEATED * usual)
            if not repeats_first and not stands_still:
                break
            stop -= 1
        return stop

    def _with_colour(self, plan: LoopPlan) -> LoopPlan:
        """The plan with the change from its end's colours to its start's, if that is asked for."""
        if not self._match_colours:
            return plan
        frames = self._frames
        if plan.blend:
            ends = ((plan.stop - plan.blend + i, plan.start + i) for i in range(plan.blend))
        else:
            ends = ((plan.stop - 1, plan.start),)
        change = noticeable_shift((frames[end], frames[start]) for end, start in ends)
        return replace(plan, colour=change)
