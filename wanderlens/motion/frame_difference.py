"""How much two frames differ, and how much neighbouring frames of a clip usually do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .flow import Floats

DIFFERENCE_FLOOR = 0.5 / 255
"""Frame differences below half an 8-bit step count as this; they are invisible."""


def difference(first: Floats, second: Floats) -> float:
    """Mean absolute difference of two frames [H, W, C] in 0..1; the result is in 0..1."""
    import cv2

    return float(cv2.norm(first, second, cv2.NORM_L1)) / first.size


def usual_step(steps: NDArray[Any]) -> float:
    """Median difference of neighbouring frames, ignoring repeated frames (animation on twos).

    Args:
        steps: [S] differences of neighbours, 0..1.

    Returns:
        At least `DIFFERENCE_FLOOR`, which is also the value for a clip without motion.
    """
    import numpy as np

    moving = steps[steps > DIFFERENCE_FLOOR]
    return float(np.median(moving)) if len(moving) else DIFFERENCE_FLOOR
