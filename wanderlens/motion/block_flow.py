"""Optical flow averaged over blocks, and how it changes across a seam.

Flow is OpenCV's DIS on luma, on frames reduced to `FLOW_SIDE` pixels, averaged over blocks of
`BLOCK` pixels: [rows, columns, 2] float32, x before y, in pixels of the reduced frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .flow import MIN_SIDE

if TYPE_CHECKING:
    from .flow import Bytes, Floats

FLOW_SIDE = 320
"""Flow is measured on frames reduced to this longer side, in pixels."""

BLOCK = 16
"""Side of the blocks that flow is averaged over, in pixels of the reduced frame."""

FLOW_FLOOR = 0.05
"""Blocks that move less than this, in pixels of the reduced frame per frame, count as still."""

_SLOW = 0.25
"""Share of the clip's median flow below which a block's direction is not compared."""


def block_flow(first: Bytes, second: Bytes) -> Floats:
    """Mean flow of each block between two reduced frames.

    Args:
        first: [H, W] uint8 luma.
        second: The same shape.

    Returns:
        [rows, columns, 2]; a single zero block for frames with a side below `MIN_SIDE`.
    """
    import cv2
    import numpy as np

    height, width = first.shape
    if min(height, width) < MIN_SIDE:
        return np.zeros((1, 1, 2), np.float32)
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow: Floats = dis.calc(first, second, None)
    blocks = (max(1, width // BLOCK), max(1, height // BLOCK))
    averaged: Any = cv2.resize(flow, blocks, interpolation=cv2.INTER_AREA)
    return averaged


def mean_length(flow: Floats) -> float:
    """Mean length of the blocks' flow vectors."""
    import numpy as np

    return float(np.linalg.norm(flow, axis=-1).mean())


def speed_ratio(across: Floats | None, beside: Sequence[Floats], usual: float) -> float:
    """Length of the flow across a seam over that beside it.

    On a curved path the flow across lies between the length of the mean vector and the mean length
    of those beside it; then the ratio is 1. It is also near 1 where all flows are small for the
    clip.

    Args:
        across: Flow per frame across the seam; None if it is not known.
        beside: Flow per frame before and after the seam, or one of them.
        usual: The clip's median flow length per frame.

    Returns:
        The ratio; 1.0 if a flow is not known.
    """
    if across is None or not beside:
        return 1.0
    floor = max(FLOW_FLOOR, _SLOW * usual)
    length = mean_length(across) + floor
    mean = sum(map(mean_length, beside)) / len(beside) + floor
    chord = mean_length(_mean(beside)) + floor
    return length / mean if length > mean else min(1.0, length / chord)


def direction_change(across: Floats | None, beside: Sequence[Floats], usual: float) -> float:
    """Angle in degrees between the flow across a seam and the mean flow beside it.

    Blocks are weighted by how far they move; slow ones do not count. The arguments are those of
    `speed_ratio`; 0.0 if a flow is not known or nothing moves.
    """
    import numpy as np

    if across is None or not beside:
        return 0.0
    expected = _mean(beside)
    lengths = np.linalg.norm(across, axis=-1), np.linalg.norm(expected, axis=-1)
    weight = np.minimum(*lengths)
    weight[weight < max(FLOW_FLOOR, _SLOW * usual)] = 0
    if not weight.any():
        return 0.0
    cosine = (across * expected).sum(-1) / np.maximum(lengths[0] * lengths[1], 1e-12)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return float((angle * weight).sum() / weight.sum())


def velocity_jump(before: Floats | None, after: Floats | None, usual: float) -> float:
    """Change from the flow before a seam to the flow after it, over twice the usual flow length.

    1 is a motion that reverses at full speed; 0.0 if a flow is not known.
    """
    if before is None or after is None:
        return 0.0
    return mean_length(after - before) / (2 * max(usual, FLOW_FLOOR))


def _mean(flows: Sequence[Floats]) -> Floats:
    """The mean of one or two flows."""
    import numpy as np

    mean: Any = np.mean(flows, axis=0, dtype=np.float32)
    return mean
