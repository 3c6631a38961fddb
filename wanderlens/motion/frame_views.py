"""Views on clips, computed frame by frame: two clips joined, a clip recoloured, a range of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blend import blended
from .colour import ColourShift
from .frames import Frames

if TYPE_CHECKING:
    from .flow import Floats


@dataclass(frozen=True, slots=True)
class JoinedFrames:
    """Two clips as one, as `Frames`.

    Attributes:
        first: The clip that it begins with.
        second: The clip that follows, its frames of the same shape.
        blend: Frames of the crossfade between them, at most those of the shorter clip; 0 is a cut.
        along_motion: Whether the crossfade follows optical flow.
        colour: The change of the second clip's colours; None for none.
        amount: How much of that change is applied, 0..1.
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


def outer_lengths(clip: Frames) -> tuple[int, int]:
    """Lengths of the first and the last clip of a joined clip; of another clip its own, twice."""
    if isinstance(clip, JoinedFrames):
        return outer_lengths(clip.first)[0], outer_lengths(clip.second)[1]
    return len(clip), len(clip)


@dataclass(frozen=True, slots=True)
class RecolouredFrames:
    """A clip with a colour change that grows linearly between two frames, as `Frames`.

    Attributes:
        source: The clip.
        colour: The change.
        amount: How much of it is applied in the end, 0..1.
        start: Up to this frame nothing is changed.
        stop: From this frame on all of it is applied; more than `start`.
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
class FrameRange:
    """Consecutive frames of a clip, as `Frames`; the clip's first frame follows its last.

    Attributes:
        source: The clip.
        start: The first frame.
        count: How many.
    """

    source: Frames
    start: int
    count: int

    def __len__(self) -> int:
        """Frames of the range."""
        return self.count

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index` of the range, [H, W, C] float32, 0..1."""
        return self.source[(self.start + index) % len(self.source)]
