"""CIE L*a*b* (D65) of sRGB frames, and frames reduced for measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow import Floats


def lab_of(frame: Floats) -> Floats:
    """Convert a frame to L*a*b*.

    Args:
        frame: [H, W, C] float32, sRGB in 0..1, C 1 (grey), 3, or 4 (alpha is left out).

    Returns:
        [H, W, 3] float32, L* in 0..100.
    """
    import cv2
    import numpy as np

    rgb = np.repeat(frame, 3, 2) if frame.shape[2] == 1 else frame[..., :3]
    lab: Any = cv2.cvtColor(np.clip(rgb, 0, 1), cv2.COLOR_RGB2Lab)
    return lab


def rgb_of(lab: Floats, like: Floats) -> Floats:
    """Convert L*a*b* back to a frame.

    Args:
        lab: [H, W, 3] float32.
        like: [H, W, C]; the result has its number of channels, and its alpha if there is one.

    Returns:
        [H, W, C] float32, sRGB, clipped to 0..1.
    """
    import cv2
    import numpy as np

    rgb: Any = np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), 0, 1)
    if like.shape[2] == 1:
        return rgb[..., :1]
    return np.concatenate([rgb, like[..., 3:]], 2) if like.shape[2] == 4 else rgb


def reduced(frame: Floats, side: int) -> Floats:
    """A frame [H, W, C] with its longer side at most `side` pixels, area-averaged."""
    import cv2

    height, width, channels = frame.shape
    scale = side / max(height, width)
    if scale >= 1:
        return frame
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small: Any = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return small.reshape(size[1], size[0], channels)  # OpenCV drops the axis of a single channel
