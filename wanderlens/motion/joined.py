"""Clips made of others, frame by frame: two as one, one whose colours come back, a part of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blend import blended
from .colour import ColourShift
from .frames import Frames

if TYPE_CHECKING:
    from .flow import Floats


@dataclass(frozen=True, slots=True)
class Joined:
    """Two clips as one, with a length and frames like it.

    Attributes:
        first: The clip that it begins with.
        second: The clip that it goes on with, its frames of the same shape.
        blend: Frames over which one goes over into the other, at most those of the shorter clip;
            0 is a cut.
        along_motion: Whether they do so along optical flow.
        colour: The change of the second clip's colours; None for none.
        amount: How much of that change is made, 0..1.
    """

    first: Frames
    second: Frames
    blend: int = 0
    along_motion: bool = False
    colour: ColourShift | None = None
    amount: float = 1.0

    def __len__(self) -> int:
        """Frames of both, less those that are blended."""
        return len(self.first) + len(self.second) - self.blend

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index`, [H, W, C] float32, 0..1.

        Raises:
            IndexError: there is no such frame.
        """
        if not 0 <= index < len(self):
            raise IndexError(index)
        over = index - (len(self.first) - self.blend)
        if over < 0:
            return self.first[index]
        frame = self.second[over]
        if self.colour is not None:
            frame = self.colour.apply(frame, self.amount)
        if over >= self.blend:
            return frame
        share = (over + 1) / (self.blend + 1)
        return blended(self.first[index], frame, share, self.along_motion)


def end_clips(clip: Frames) -> tuple[int, int]:
    """Frames of the clips that a clip begins and ends with: its own, unless it was joined."""
    if isinstance(clip, Joined):
        return end_clips(clip.first)[0], end_clips(clip.second)[1]
    return len(clip), len(clip)


@dataclass(frozen=True, slots=True)
class Recoloured:
    """A clip whose colours change little by little, with a length and frames like it.

    Attributes:
        source: The clip.
        colour: The change.
        amount: How much of it is made in the end, 0..1.
        start: Up to this frame nothing is changed.
        stop: From this frame on all of it is; more than `start`.
    """

    source: Frames
    colour: ColourShift
    amount: float
    start: int
    stop: int

    def __len__(self) -> int:
        """The clip's frames."""
        return len(self.source)

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index`, [H, W, C] float32, 0..1."""
        share = (index - self.start) / (self.stop - self.start)
        return self.colour.apply(self.source[index], self.amount * min(1.0, max(0.0, share)))


@dataclass(frozen=True, slots=True)
class Part:
    """Frames of a clip that follow each other, with a length and frames like it.

    Attributes:
        source: The clip.
        start: The first frame.
        count: How many; the clip's first frame follows its last.
    """

    source: Frames
    start: int
    count: int

    def __len__(self) -> int:
        """Frames of the part."""
        return self.count

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index` of the part, [H, W, C] float32, 0..1."""
        return self.source[(self.start + index) % len(self.source)]
