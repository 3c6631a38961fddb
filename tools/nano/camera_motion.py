"""Measures how the camera moves in a clip: an affine fit to optical flow, summed over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Motion:
    """How the picture moves over a clip.

    Attributes:
        right: Shift to the right, in half widths.
        down: Shift down, in half widths.
        zoom: Natural logarithm of the enlargement.
        turn: Clockwise turn on the screen, in radians.
    """

    right: float
    down: float
    zoom: float
    turn: float

    @property
    def size(self) -> float:
        """All of it in one number."""
        return float(np.linalg.norm(astuple(self)))


#: What a move does to the picture: the measure that tells it, and its sign. A camera that
#: turns left moves the picture to the right; one that rolls clockwise turns it the other way.
EXPECTED: Mapping[str, tuple[str, int]] = {
    "push in": ("zoom", 1),
    "pull back": ("zoom", -1),
    "pan left": ("right", 1),
    "pan right": ("right", -1),
    "tilt up": ("down", 1),
    "tilt down": ("down", -1),
    "roll": ("turn", -1),
}


def measure(video: np.ndarray, step: int = 2) -> Motion:
    """The motion over a clip.

    Args:
        video: [t, h, w, 3], uint8.
        step: Frames between the two that are compared.
    """
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in video]
    height, width = grey[0].shape
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    margin = 4
    inside = (slice(margin, -margin),) * 2
    place = np.stack([np.ones_like(x), x / (width / 2), y / (width / 2)], axis=-1)
    place = place[inside].reshape(-1, 3)
    total = np.zeros(4)
    for before, after in zip(grey[:-step:step], grey[step::step], strict=False):
        start = np.zeros((height, width, 2), np.float32)
        flow = cv2.calcOpticalFlowFarneback(before, after, start, 0.5, 3, 15, 5, 7, 1.5, 0)
        shift = (flow[inside] / (width / 2)).reshape(-1, 2)
        # Least squares twice, the second time without the half that fits worst.
        fit = np.linalg.lstsq(place, shift, rcond=None)[0]
        error = np.linalg.norm(shift - place @ fit, axis=1)
        kept = error <= np.median(error)
        fit = np.linalg.lstsq(place[kept], shift[kept], rcond=None)[0]
        total += (
            fit[0, 0],
            fit[0, 1],
            (fit[1, 0] + fit[2, 1]) / 2,
            (fit[1, 1] - fit[2, 0]) / 2,
        )
    return Motion(*total.tolist())


def is_right(move: str, motion: Motion) -> bool:
    """Whether a directional move has the sign it should have."""
    measure_name, sign = EXPECTED[move]
    return getattr(motion, measure_name) * sign > 0
