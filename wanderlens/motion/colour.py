"""Bring the colours of one part of a clip to those of another, measured on what both show.

Statistics are taken in CIE L*a*b* as in Reinhard et al. 2001 ("Color Transfer between Images"),
but over points that optical flow finds in both pictures, so that a change of what is seen does not
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

LEAST_SEEN = 0.25
"""Share of the picture that has to be found in both frames; else nothing is known."""

LEAST_ALIKE = 0.5
"""Correlation of the lightness of what is found in both; below it, something else is seen."""

LEAST_CONTRAST = 2.0
"""Deviation, in L*a*b*, below which a channel's contrast is left alone."""

MOST_CONTRAST = 1.25
"""Contrast is changed by this factor at most, either way."""

VIEW_SIDE = 8
"""Views are compared on frames reduced to this longer side, in pixels."""

VIEW_ALIKE = 0.75
"""Correlation of the lightness of two frames of one view.

With the nano model, views that stayed keep 0.71 or more over 190 frames, views that moved on have
0.35 or less.
"""

VIEW_SPREAD, VIEW_SHARE = 8.0, 0.5
"""Of two frames of one view, this share of the cells changes alike, to within so much ΔE."""

NOTICED = 0.25
"""A shift of less ΔE, and less than 2 % of contrast, is left alone."""


@dataclass(frozen=True, slots=True)
class ColourShift:
    """A change of colour: of the mean and the contrast of L*, a* and b*.

    Attributes:
        mean: L*a*b* of the frames to be changed, the point that contrast turns about.
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

    def apply(self, frame: Floats, amount: float) -> Floats:
        """A frame with part of the change.

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
    """The one change that does what two do, one after the other."""
    import numpy as np

    mean, contrast = np.array(first.mean), np.array(first.contrast) * second.contrast
    between = mean + first.shift
    end = second.mean + second.contrast * (between - second.mean) + second.shift
    return ColourShift(first.mean, _three(end - mean), _three(contrast))


def recoloured(frame: Floats, changes: Iterable[tuple[ColourShift, float]]) -> Floats:
    """A frame with parts of several changes, one after the other.

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
    least_seen: float = LEAST_SEEN,
    least_alike: float = LEAST_ALIKE,
) -> ColourShift | None:
    """The change that brings the first of each pair to the colours of the second.

    Args:
        pairs: Frames of one size that show the same scene, moved perhaps.
        least_seen: Share of the picture that has to be found in both frames, 0..1.
        least_alike: Correlation of the lightness of what is found in both, -1..1.

    Returns:
        The change; None where too little is seen in both frames to tell. See `is_noticed`.
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
        if seen.mean() < least_seen:
            continue
        moved: Any = np.dstack([sample(plane, there) for plane in _planes(lab_of(second))])
        own, other = lab_of(first)[seen], moved[seen]
        if _alike(own[:, 0], other[:, 0], least_alike):
            values.append((own, other))
    if not values:
        return None
    own, other = (np.concatenate(side) for side in zip(*values, strict=True))
    return _change(own, other)


def _change(own: Floats, other: Floats) -> ColourShift:
    """The change from points [n, 3] of L*a*b* to the same points as they should be."""
    import numpy as np

    deviations = own.std(0), other.std(0)
    contrast = np.where(
        deviations[0] > LEAST_CONTRAST, deviations[1] / np.maximum(deviations[0], 1e-6), 1
    )
    contrast = np.clip(contrast, 1 / MOST_CONTRAST, MOST_CONTRAST)
    # The middle one of the differences: what has come into the picture is no change of colour.
    shift = np.median(other - own, axis=0)
    return ColourShift(_three(own.mean(0)), _three(shift), _three(contrast))


def same_view_shift(first: Floats, second: Floats) -> ColourShift | None:
    """The change that brings one frame to the colours of another one of the same view.

    Of a view that stays, all of both frames can be compared, however detail has come and gone.

    Args:
        first: [H, W, C] float32, 0..1.
        second: The same shape.

    Returns:
        The change; None where the views are not the same.
    """
    import numpy as np

    labs = [lab_of(reduced(frame, VIEW_SIDE)).reshape(-1, 3) for frame in (first, second)]
    own, other = labs
    if min(own[:, 0].std(), other[:, 0].std()) < LEAST_CONTRAST:
        return None
    if np.corrcoef(own[:, 0], other[:, 0])[0, 1] < VIEW_ALIKE:
        return None
    change = _change(own, other)
    # A change of colour is one for the whole view; what differs in parts of it is content.
    off = np.linalg.norm(other - own - np.array(change.shift, np.float32), axis=-1)
    return change if np.mean(off < VIEW_SPREAD) >= VIEW_SHARE else None


def is_noticed(change: ColourShift) -> bool:
    """Whether a change is large enough to be worth making."""
    return change.size >= NOTICED or any(abs(gain - 1) >= 0.02 for gain in change.contrast)


def _alike(one: Floats, other: Floats, least: float) -> bool:
    """Whether two sets of lightness go up and down together, or hardly go at all."""
    import numpy as np

    if min(one.std(), other.std()) < LEAST_CONTRAST:
        return bool(max(one.std(), other.std()) < 2 * LEAST_CONTRAST)
    return bool(np.corrcoef(one, other)[0, 1] >= least)


def _planes(lab: Floats) -> list[Floats]:
    return [lab[..., channel] for channel in range(3)]


def _three(values: Any) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
