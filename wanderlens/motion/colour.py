"""Colour matching between frames, measured on the content visible in both.

Statistics are taken in CIE L*a*b* as in Reinhard et al. 2001 ("Color Transfer between Images"),
but only over points that optical flow finds in both frames, so that a change of content does not
count as a change of colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .flow import luma_8bit, pair_motion, pixel_grid, sample
from .lab import lab_of, reduced, rgb_of

if TYPE_CHECKING:
    from .flow import Floats

SIDE = 256
"""Colours are compared on frames reduced to this longer side, in pixels."""

MIN_OVERLAP = 0.25
"""Share of the frame that flow has to find in both frames; with less, colours are not compared."""

MIN_CORRELATION = 0.5
"""Correlation of lightness over those points; below it, the frames show different content."""

MIN_DEVIATION = 2.0
"""Standard deviation, in L*a*b*, below which a channel's contrast is left alone."""

MAX_CONTRAST_GAIN = 1.25
"""Contrast is changed by at most this factor, up or down."""

VIEW_SIDE = 8
"""Views are compared on frames reduced to this longer side, in pixels."""

VIEW_CORRELATION = 0.75
"""Least correlation of the lightness of two frames of one view.

With the nano model, views of a camera at rest keep 0.71 or more over 190 frames; views of a moving
camera have 0.35 or less.
"""

VIEW_SHARE, VIEW_SPREAD = 0.5, 8.0
"""Two frames show one view if this share of their cells changes alike, to within this ΔE."""

NOTICED = 0.25
"""A shift of less ΔE, with less than 2 % of contrast, is not worth applying."""


@dataclass(frozen=True, slots=True)
class ColourShift:
    """A change of the mean and the contrast of L*, a* and b*.

    Applied, it gives `mean + contrast * (lab - mean) + shift`.

    Attributes:
        mean: Mean L*a*b* of the frames to be changed.
        shift: What is added, in L*a*b*.
        contrast: Factor on the distance from `mean`, one for each of L*, a*, b*.
    """

    mean: tuple[float, float, float]
    shift: tuple[float, float, float]
    contrast: tuple[float, float, float]

    @property
    def size(self) -> float:
        """ΔE (CIE76) between the mean colours."""
        return sum(value**2 for value in self.shift) ** 0.5

    @property
    def contrast_note(self) -> str:
        """The contrast factors, for a report."""
        return f"contrast of L*, a*, b* times {', '.join(f'{gain:.2f}' for gain in self.contrast)}"

    def apply(self, frame: Floats, amount: float) -> Floats:
        """Apply part of the change to a frame.

        Args:
            frame: [H, W, C] float32, 0..1. Alpha stays as it is.
            amount: 0 for none of it (the frame itself is returned), 1 for all.

        Returns:
            [H, W, C] float32, 0..1.
        """
        return recoloured(frame, ((self, amount),))


UNCHANGED = ColourShift((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
"""No change of colour."""


def combined(first: ColourShift, second: ColourShift) -> ColourShift:
    """The single change that equals two changes applied one after the other."""
    import numpy as np

    mean, contrast = np.array(first.mean), np.array(first.contrast) * second.contrast
    between = mean + first.shift
    end = second.mean + second.contrast * (between - second.mean) + second.shift
    return ColourShift(first.mean, _three(end - mean), _three(contrast))


def recoloured(frame: Floats, changes: Iterable[tuple[ColourShift, float]]) -> Floats:
    """Apply parts of several changes to a frame, one after the other.

    Args:
        frame: [H, W, C] float32, 0..1. Alpha stays as it is.
        changes: Each with its amount, 0 for none of it and 1 for all.

    Returns:
        [H, W, C] float32, 0..1; the frame itself where all amounts are 0.
    """
    import numpy as np

    wanted = [(change, np.float32(amount)) for change, amount in changes if amount]
    if not wanted:
        return frame
    lab = lab_of(frame)
    for change, amount in wanted:
        mean = np.array(change.mean, np.float32)
        lab -= mean
        lab *= np.array(change.contrast, np.float32) ** amount
        lab += mean + amount * np.array(change.shift, np.float32)
    return rgb_of(lab, frame)


def colour_shift(
    pairs: Iterable[tuple[Floats, Floats]],
    *,
    min_overlap: float = MIN_OVERLAP,
    min_correlation: float = MIN_CORRELATION,
) -> ColourShift | None:
    """The change that brings the first of each pair to the colours of the second.

    Args:
        pairs: Frames of one size that show the same scene; camera and objects may have moved.
        min_overlap: Share of the frame that flow has to find in both frames, 0..1.
        min_correlation: Correlation of lightness that those points need, -1..1.

    Returns:
        The change; None if too little is visible in both frames. See `is_noticed`.
    """
    import numpy as np

    values: list[tuple[Floats, Floats]] = []
    for first, second in pairs:
        first, second = reduced(first, SIDE), reduced(second, SIDE)
        motion = pair_motion(luma_8bit(first), luma_8bit(second))
        there = pixel_grid(*first.shape[:2]) + motion.forward
        height, width = first.shape[:2]
        inside = (there >= 0).all(-1) & (there[..., 0] < width) & (there[..., 1] < height)
        seen = inside & (motion.forward_trust > 0.5)
        if seen.mean() < min_overlap:
            continue
        moved: Any = np.dstack([sample(plane, there) for plane in _planes(lab_of(second))])
        own, other = lab_of(first)[seen], moved[seen]
        if _correlates(own[:, 0], other[:, 0], min_correlation):
            values.append((own, other))
    if not values:
        return None
    own, other = (np.concatenate(side) for side in zip(*values, strict=True))
    return _change(own, other)


def noticeable_shift(pairs: Iterable[tuple[Floats, Floats]]) -> ColourShift | None:
    """The change of `colour_shift`, or None if it is not known or too small to be noticed."""
    change = colour_shift(pairs)
    return change if change is not None and is_noticed(change) else None


def _change(own: Floats, other: Floats) -> ColourShift:
    """The change from points [n, 3] of L*a*b* to their target values."""
    import numpy as np

    deviations = own.std(0), other.std(0)
    contrast = np.where(
        deviations[0] > MIN_DEVIATION, deviations[1] / np.maximum(deviations[0], 1e-6), 1
    )
    contrast = np.clip(contrast, 1 / MAX_CONTRAST_GAIN, MAX_CONTRAST_GAIN)
    # The median difference: objects that have entered the frame are no change of colour.
    shift = np.median(other - own, axis=0)
    return ColourShift(_three(own.mean(0)), _three(shift), _three(contrast))


def same_view_shift(first: Floats, second: Floats) -> ColourShift | None:
    """The change that brings one frame to the colours of another one of the same view.

    Where the camera has not moved, the whole frames can be compared even if flow fails because
    detail has changed.

    Args:
        first: [H, W, C] float32, 0..1.
        second: The same shape.

    Returns:
        The change; None if the views are not the same.
    """
    import numpy as np

    labs = [lab_of(reduced(frame, VIEW_SIDE)).reshape(-1, 3) for frame in (first, second)]
    own, other = labs
    if min(own[:, 0].std(), other[:, 0].std()) < MIN_DEVIATION:
        return None
    if np.corrcoef(own[:, 0], other[:, 0])[0, 1] < VIEW_CORRELATION:
        return None
    change = _change(own, other)
    # A change of colour affects the whole view alike; what differs only in parts is content.
    off = np.linalg.norm(other - own - np.array(change.shift, np.float32), axis=-1)
    return change if np.mean(off < VIEW_SPREAD) >= VIEW_SHARE else None


def is_noticed(change: ColourShift) -> bool:
    """Whether a change is large enough to be worth applying."""
    return change.size >= NOTICED or any(abs(gain - 1) >= 0.02 for gain in change.contrast)


def _correlates(one: Floats, other: Floats, least: float) -> bool:
    """Whether two sets of lightness correlate, or are both nearly constant."""
    import numpy as np

    if min(one.std(), other.std()) < MIN_DEVIATION:
        return bool(max(one.std(), other.std()) < 2 * MIN_DEVIATION)
    return bool(np.corrcoef(one, other)[0, 1] >= least)


def _planes(lab: Floats) -> list[Floats]:
    return [lab[..., channel] for channel in range(3)]


def _three(values: Any) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
