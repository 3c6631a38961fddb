"""How two clips are joined: how much of them is blended, which colours change, what is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import InputError
from .colour import ColourShift, colour_shift, is_noticed
from .fit import fit_frames
from .frames import Frames, Progress
from .joined import Joined, Part, Recoloured, end_clips
from .loop import Loop, LoopPlan
from .seam import SPAN

if TYPE_CHECKING:
    from .flow import Floats

JOIN_METHODS = ("motion crossfade", "crossfade", "cut")
"""How clips are joined without a model."""

AROUND = 3.0
"""Seconds on either side of a joint that it is measured against."""

LEAST_AROUND, MOST_AROUND = 16, 180
"""The same in frames, at least and at most."""

ALIKE = 0.85
"""Clips may have nothing to do with each other: colours are compared beyond this correlation only.
"""

MOST_COLOUR = 30.0
"""A change of more ΔE is no matter of exposure: one clip fades, or its light is another."""


class Steps:
    """The work's steps, told of as they are done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        """Calls `progress` with the steps done and their total."""
        self._progress = progress
        self._total = total
        self._done = 0

    def done(self, steps: int) -> None:
        """Some more are."""
        self._done += steps
        if self._progress is not None and steps:
            self._progress(self._done, self._total)


@dataclass(frozen=True, slots=True)
class Made:
    """A joined clip that is not measured yet.

    Attributes:
        frames: Its frames.
        new: The first one that is not a frame of the first clip.
        lines: What was done.
    """

    frames: Frames
    new: int
    lines: list[str]


def plan_join(
    first: Frames, second: Frames | None, values: tuple[str, int, float, bool], fps: float
) -> Join:
    """How much of two clips is blended, for values that were checked.

    Raises:
        InputError: there is nothing to join.
    """
    method, asked, color_match, closed = values
    _check_lengths(first, second, closed)
    notes: list[str] = []

    def blend(*clips: int) -> int:
        """Frames to blend where two clips meet; half of each is left to its other end."""
        most = (min(clips) - (second is None)) // 2
        if most < asked and method != "cut":
            done = f"{most} were" if most else "it is a cut"
            one, other = sorted(clips)
            of = f"a clip of {one}" if second is None else f"clips of {one} and {other}"
            notes.append(f"Note: {asked} frames to blend are too many for {of} frames; {done}.")
        return 0 if method == "cut" else min(asked, most)

    (head, tail), at_joint = end_clips(first), 0
    if second is not None:
        then, end = end_clips(second)
        at_joint, tail = blend(tail, then), end
        second, fitted = fit_frames(second, *first[0].shape)
        notes += [f"Note: {fitted}"] if fitted else []
    wrap = blend(tail, head) if closed else 0
    notes = list(dict.fromkeys(notes))
    return Join(first, second, method, at_joint, wrap, color_match, closed, fps, notes)


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
class Join:
    """What is joined.

    Attributes:
        first: The clip that it begins with.
        second: The clip that it goes on with, its frames of the same shape; None to close the
            first alone.
        method: One of `JOIN_METHODS`.
        blend: Frames that are blended at the joint.
        wrap: Frames of the end that are blended into the start.
        color_match: How much of a change of colour is made.
        closed: Whether the end is joined to the start.
        fps: Frames per second.
        notes: What is not as it was asked for.
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
        """Frames before the end goes over into the start."""
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
        """Pairs that are compared and frames that are measured."""
        compared = self.wrap + (0 if self.second is None else max(1, self.blend))
        measured = sum(len(part) for _, part, _, _ in self.seams(self.first))  # lengths only
        return measured + (compared if self.color_match else 0)

    def made(self, steps: Steps) -> Made:
        """The result's frames; only those that are compared are read."""
        colours = _Colours(self.color_match, steps)
        frames, lines, new = self.first, [], self.frames
        if self.second is not None:
            frames = self._joined(self.second, colours)
            lines.append(self._joined_line(len(self.second)))
            new = len(self.first) - self.blend - self.wrap
        if self.closed:
            lines.append(self._closed_line())
        if self.wrap:
            source = self._returning(frames, colours)
            if source is not frames and self.second is None:
                new = 0
            frames = Loop(source, LoopPlan(self.method, 0, self.open_frames, self.wrap))
            new = min(new, self.frames - self.wrap)
        return Made(frames, new, [*lines, *colours.lines(), *self.notes])

    def seams(self, frames: Frames) -> Iterator[tuple[str, Frames, int | None, int]]:
        """Each seam's name, what it is measured against, its place there, and its width."""
        around = min(MOST_AROUND, max(LEAST_AROUND, round(AROUND * self.fps)))
        if self.joint is not None:
            start, stop = max(0, self.joint - around), min(self.frames, self.joint + around)
            width = max(SPAN, (self.blend + 1) // 2)
            yield "Joint", Part(frames, start, stop - start), self.joint - start, width
        if self.closed:
            start, count = self.frames - around, 2 * around
            whole = self.frames <= count
            part = Part(frames, 0, self.frames) if whole else Part(frames, start, count)
            yield "Wrap", part, None if whole else around, max(SPAN, self.wrap)

    def _joined(self, second: Frames, colours: _Colours) -> Joined:
        joined = Joined(self.first, second, self.blend, self.method == "motion crossfade")
        compared = max(1, self.blend)
        start = len(self.first) - compared
        pairs = ((second[index], self.first[start + index]) for index in range(compared))
        colour = colours.change(pairs, "joint", "the next clip was ΔE {:.1f} from the one before")
        return replace(joined, colour=colour, amount=self.color_match)

    def _returning(self, frames: Frames, colours: _Colours) -> Frames:
        """The frames, their colours back at the start's where the end goes over into it."""
        stop = self.open_frames - self.wrap
        pairs = ((frames[stop + index], frames[index]) for index in range(self.wrap))
        colour = colours.change(pairs, "wrap", "the end was ΔE {:.1f} from the start")
        if colour is None:
            return frames
        start = self.wrap if self.second is None else len(self.first) - self.blend
        return Recoloured(frames, colour, self.color_match, start, stop)

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


@dataclass(slots=True)
class _Colours:
    """Changes of colour, and what to say of them.

    Attributes:
        amount: How much of a change is made; with 0 none is looked for.
        steps: Told of each pair that was compared.
    """

    amount: float
    steps: Steps
    _said: list[str] = field(default_factory=list)
    _unknown: list[str] = field(default_factory=list)

    def change(
        self, pairs: Iterable[tuple[Floats, Floats]], where: str, off: str
    ) -> ColourShift | None:
        """The change that brings the first of each pair to the second; None if none is to be made.

        Args:
            pairs: Frames that show the same, if the clips fit together.
            where: What their place is called.
            off: What differs, in words, with a place for the ΔE.
        """
        if not self.amount:
            return None
        colour = colour_shift(self._counted(pairs), least_alike=ALIKE)
        if colour is None or colour.size > MOST_COLOUR:
            self._unknown.append(where)
            return None
        if not is_noticed(colour):
            return None
        contrast = ", ".join(f"{gain:.2f}" for gain in colour.contrast)
        part = "" if self.amount == 1 else f" by {self.amount:.0%}"
        slowly = ", little by little" if where == "wrap" else ""
        self._said.append(
            f"Colour: {off.format(colour.size)} where both show the same; matched{part}{slowly} "
            f"(contrast of L*, a*, b* times {contrast})"
        )
        return colour

    def lines(self) -> list[str]:
        """What was matched, and where that could not be told."""
        if not self._unknown:
            return self._said
        places = " and the ".join(self._unknown)
        note = f"Note: too little is alike at the {places} to match colours; they are left."
        return [*self._said, note]

    def _counted(self, pairs: Iterable[tuple[Floats, Floats]]) -> Iterator[tuple[Floats, Floats]]:
        for pair in pairs:
            yield pair
            self.steps.done(1)
