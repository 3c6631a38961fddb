"""Blends one frame into another, for the crossfades of loops and joints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import whole_between
from .flow import frame_between, luma_8bit, pair_motion

if TYPE_CHECKING:
    from .flow import Floats

MAX_BLEND = 256
"""Most frames that a crossfade can have."""


def check_blend(blend_frames: object) -> int:
    """Check the number of frames to blend.

    Raises:
        InputError: it is not a whole number from 1 to `MAX_BLEND`.
    """
    return whole_between(blend_frames, "blend_frames", 1, MAX_BLEND, "Set blend_frames to 8.")


def blended(first: Floats, second: Floats, share: float, along_motion: bool) -> Floats:
    """A frame between two frames of the same content, interpolated along motion or dissolved.

    Args:
        first: [H, W, C] float32, 0..1, C 1, 3 or 4.
        second: The same shape.
        share: Weight of the second frame, 0..1.
        along_motion: Whether both are warped along optical flow to where the moving points meet;
            frames of different scenes are dissolved all the same.

    Returns:
        [H, W, C] float32, 0..1.
    """
    import numpy as np

    if along_motion:
        motion = pair_motion(luma_8bit(first), luma_8bit(second))
        if not motion.cut:
            # Smoothstep, so that the warp starts and ends without a jolt.
            time = share * share * (3 - 2 * share)
            return frame_between(first, second, motion, None, None, time)
    return first + np.float32(share) * (second - first)
