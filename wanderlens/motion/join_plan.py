"""Plans the join of two clips: what is blended, how colours change and what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import InputError
from .fit import fit_frames
from .frame_views import FrameRange, JoinedFrames, RecolouredFrames, outer_lengths
from .frames import Frames
from .join_colour import ColourMatching, StepCounter
from .loop_frames import LoopFrames, LoopPlan
from .seam import SPAN

JOIN_METHODS = ("motion crossfade", "crossfade", "cut")
"""How clips are joined without a model."""

AROUND = 3.0
"""Seconds on either side of a joint that it is compared with."""

MIN_AROUND, MAX_AROUND = 16, 180
"""The same in frames, at least and at most."""


@dataclass(frozen=True, slots=True)
class JoinOutput:
    """A joined clip that is not measured yet.

    Attributes:
        frames: Its frames.
        new: Index of the first frame that is not an unchanged frame of the first clip.
        lines: Report lines on what was done.
    """

    frames: Frames
    new: int
    lines: list[str]


def plan_join(
    first: Frames, second: Frames | None, values: tuple[str, int, float, bool], fps: float
) -> JoinPlan:
    """Plan the join of two clips.

    Args:
        first: A clip.
        second: The clip that follows; None to close the first one alone.
        values: What `check_join` returned.
        fps: Frames per second.

    Raises:
        InputError: there is nothing to join.
    """
    method, asked, color_match, closed = values
    _check_lengths(first, second, closed)
    notes: list[str] = []

    def blend(*clips: int) -> int:
        """Frames to blend where two clips meet; half of each is left for its other end."""
        most = (min(clips) - (second is None)) // 2
        if most < asked and method != "cut":
            done = f"{most} were" if most else "it is a cut"
            one, other = sorted(clips)
            of = f"a clip of {one}" if second is None else f"clips of {one} and {other}"
            notes.append(f"Note: {asked} frames to blend are too many for {of} frames; {done}.")
        return 0 if method == "cut" else min(asked, most)

    (head, tail), at_joint = outer_lengths(first), 0
    if second is not None:
        then, end = outer_lengths(second)
        at_joint, tail = blend(tail, then), end
        second, fitted = fit_frames(second, *first[0].shape)
        notes += [f"Note: {fitted}"] if fitted else []
    wrap = blend(tail, head) if closed else 0
    notes = list(dict.fromkeys(notes))
    return JoinPlan(first, second, method, at_joint, wrap, color_match, closed, fps, notes)


def _check_lengths(first: Frames, second: Frames | None, closed: bool) -> None:
    if not len(first):
        raise InputError("frames must hold at least one", 0, "Connect a clip.", "frames")
    if second is not None and not len(second):
        raise InputError("next_frames must hold at least one", 0, "Connect a clip.", "next_frames")
    if second is None and not closed:
        raise InputError(
            "next_frames must be there to be joined", None,
            "Connect the clip that comes next, or switch close_loop on.", "next_frames",
        )  # fmt: skip
    if second is None and len(first) < 2:
        raise InputError("a loop needs at least 2 frames", 1, "Connect a clip.", "frames")


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """A planned join.

    Attributes:
        first: The clip that it begins with.
        second: The clip that follows, its frames of the same shape; None to close the first alone.
        method: One of `JOIN_METHODS`.
        blend: Frames that are blended at the joint.
        wrap: Frames of the end that are blended into the start.
        color_match: How much of a change of colour is applied, 0..1.
        closed: Whether the end is joined to the start.
        fps: Frames per second.
        notes: Notes on what differs from the request.
    """

    first: Frames
    second: Frames | None
    method: str
    blend: int
    wrap: int
    color_match: float
    closed: bool
    fps: float
    notes: list[str]

    @property
    def open_frames(self) -> int:
        """Frames before the end is blended into the start."""
        return len(self.first) + (0 if self.second is None else len(self.second) - self.blend)

    @property
    def frames(self) -> int:
        """Frames of the result."""
        return self.open_frames - self.wrap

    @property
    def joint(self) -> int | None:
        """The frame after the middle of the blend."""
        return None if self.second is None else len(self.first) - self.blend // 2 - self.wrap

    @property
    def steps(self) -> int:
        """Number of pairs that are compared and frames that are measured."""
        compared = self.wrap + (0 if self.second is None else max(1, self.blend))
        measured = sum(len(part) for _, part, _, _ in self.seams(self.first))  # lengths only
        return measured + (compared if self.color_match else 0)

    def build(self, steps: StepCounter) -> JoinOutput:
        """The joined clip; only the frames whose colours are compared are read yet."""
        colours = ColourMatching(self.color_match, steps)
        frames, lines, new = self.first, [], self.frames
        if self.second is not None:
            frames = self._joined(self.second, colours)
            lines.append(self._joined_line(len(self.second)))
            new = len(self.first) - self.blend - self.wrap
        if self.closed:
            lines.append(self._closed_line())
        if self.wrap:
            source = self._colours_restored(frames, colours)
            if source is not frames and self.second is None:
                new = 0
            frames = LoopFrames(source, LoopPlan(self.method, 0, self.open_frames, self.wrap))
            new = min(new, self.frames - self.wrap)
        return JoinOutput(frames, new, [*lines, *colours.lines(), *self.notes])

    def seams(self, frames: Frames) -> Iterator[tuple[str, Frames, int | None, int]]:
        """Each seam's name, what it is measured against, its place there, and its width."""
        around = min(MAX_AROUND, max(MIN_AROUND, round(AROUND * self.fps)))
        if self.joint is not None:
            start, stop = max(0, self.joint - around), min(self.frames, self.joint + around)
            width = max(SPAN, (self.blend + 1) // 2)
            yield "Joint", FrameRange(frames, start, stop - start), self.joint - start, width
        if self.closed:
            start, count = self.frames - around, 2 * around
            whole = self.frames <= count
            part = FrameRange(frames, *((0, self.frames) if whole else (start, count)))
            yield "Wrap", part, None if whole else around, max(SPAN, self.wrap)

    def _joined(self, second: Frames, colours: ColourMatching) -> JoinedFrames:
        joined = JoinedFrames(self.first, second, self.blend, self.method == "motion crossfade")
        compared = max(1, self.blend)
        start = len(self.first) - compared
        pairs = ((second[index], self.first[start + index]) for index in range(compared))
        colour = colours.change(pairs, "joint", "the next clip was ΔE {:.1f} from the one before")
        return replace(joined, colour=colour, amount=self.color_match)

    def _colours_restored(self, frames: Frames, colours: ColourMatching) -> Frames:
        """The frames, their colours led back to the start's where the end is blended into it."""
        stop = self.open_frames - self.wrap
        pairs = ((frames[stop + index], frames[index]) for index in range(self.wrap))
        colour = colours.change(pairs, "wrap", "the end was ΔE {:.1f} from the start")
        if colour is None:
            return frames
        start = self.wrap if self.second is None else len(self.first) - self.blend
        return RecolouredFrames(frames, colour, self.color_match, start, stop)

    def _joined_line(self, second: int) -> str:
        how = f"{self.method}, {self.blend} blended" if self.blend else "cut"
        frames = self.open_frames
        return f"Joined: {len(self.first)} + {second} frames by {how}: {frames} frames"

    def _closed_line(self) -> str:
        if not self.wrap:
            return "Closed: by cut, nothing blended"
        return (
            f"Closed: by {self.method}, the last {self.wrap} blended into the first {self.wrap}: "
            f"{self.frames} frames"
        )
