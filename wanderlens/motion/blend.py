"""One frame going over into another: what loops and joints are blended with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import whole_between
from .flow import frame_between, luma_8bit, pair_motion

if TYPE_CHECKING:
    from .flow import Floats

MAX_BLEND = 256
"""Most frames that are blended."""


def check_blend(blend_frames: object) -> int:
    """The number of frames to blend.

    Raises:
        InputError: it is no whole number from 1 to `MAX_BLEND`.
    """
    return whole_between(blend_frames, "blend_frames", 1, MAX_BLEND, "Set blend_frames to 8.")


def blended(first: Floats, second: Floats, share: float, along_motion: bool) -> Floats:
    """A frame between two others that show the same, or a dissolve of both.

    Args:
        first: [H, W, C] float32, 0..1, C 1, 3 or 4.
        second: The same shape.
        share: How much of the second frame it is, 0..1.
        along_motion: Whether both are warped along optical flow to where the moving points meet;
            frames that show another scene each are dissolved all the same.

    Returns:
        [H, W, C] float32, 0..1.
    """
    import numpy as np

    if along_motion:
        motion = pair_motion(luma_8bit(first), luma_8bit(second))
        if not motion.cut:
            # Eased, so that the warp sets in and ends without a jolt.
            time = share * share * (3 - 2 * share)
            return frame_between(first, second, motion, None, None, time)
    return first + np.float32(share) * (second - first)
