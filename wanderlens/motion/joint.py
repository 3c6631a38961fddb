"""Blends a generated segment into the known frame that it meets, where that is less visible.

The known frame minus the generated one is the joint's error in detail, position and light.
That difference is warped along optical flow and fades over the first new frames ("warped"), unless
the plain joint ("trimmed") is measured to be less visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .flow import luma_8bit, pair_motion, pixel_grid, sample, sample_picture
from .frames import TensorFrames
from .generated_segment import GeneratedSegment
from .seam import measure_seam
from .seam_measures import SeamMeasures

if TYPE_CHECKING:
    import torch

    from .flow import Floats

FADE = 8
"""New frames over which the difference at a joint fades."""

_BESIDE = 16  # frames on either side of a joint that it is compared with
_MIN_BESIDE = 3  # on the shorter side, for the flow across a joint


@dataclass(frozen=True, slots=True)
class Joint:
    """Where a segment meets a known frame.

    Attributes:
        warped: Whether the difference at the joint was warped into the new frames; else the frames
            were only trimmed.
        measures: The joint as it is now.
        flow: Whether both sides had enough frames to measure the flow across it.
    """

    warped: bool
    measures: SeamMeasures
    flow: bool


def blend_joints(segment: GeneratedSegment, fps: float) -> Iterator[Joint]:
    """Blend the joint at the start, then that at the end if it is known; changes the segment."""
    yield _blend_joint(segment, segment.before[-1], segment.first - 1, 1, fps)
    if segment.after is not None:
        yield _blend_joint(segment, segment.after[0], segment.stop, -1, fps)


def _blend_joint(
    segment: GeneratedSegment, true: torch.Tensor, index: int, direction: int, fps: float
) -> Joint:
    """Blend one joint if that makes it less visible; the arguments are those of `_carry`."""
    sides = _sides(segment, direction)
    flow = min(map(len, sides)) >= _MIN_BESIDE
    trimmed = _measured(sides, fps)
    originals = _carry(segment, true.numpy(), index, direction)
    warped = _measured(sides, fps)
    if warped.visibility <= trimmed.visibility:
        return Joint(True, warped, flow)
    for changed, frame in originals:
        segment.tensor[changed] = frame
    return Joint(False, trimmed, flow)


def _sides(segment: GeneratedSegment, direction: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Views of both sides of the joint before the new frames (1) or after them (-1)."""
    new = segment.tensor[segment.first : segment.stop]
    if direction > 0 or segment.after is None:
        return segment.before[-_BESIDE:], new[:_BESIDE]
    return new[-_BESIDE:], segment.after[:_BESIDE]


def _carry(
    segment: GeneratedSegment, true: Floats, known: int, direction: int
) -> list[tuple[int, torch.Tensor]]:
    """Add a known frame's difference to the new frames next to it, warped by flow and fading.

    Args:
        segment: Changed in place.
        true: The known frame as it is.
        known: Its index in the segment.
        direction: 1 for new frames after it, -1 for those before it.

    Returns:
        The frames that were changed as they were before, with their indices.
    """
    import numpy as np
    import torch

    frames = segment.frames
    generated = frames[known]
    luma, grid = luma_8bit(generated), pixel_grid(*generated.shape[:2])
    # Where the model has moved each pixel's point, and the difference that is left there.
    offset = pair_motion(luma_8bit(true), luma)
    shift: Any = offset.forward * offset.forward_trust[..., None]
    missing = true - sample_picture(generated, grid + shift)
    count = min(FADE, segment.stop - segment.first)
    originals = []
    for step in range(1, count + 1):
        index = known + direction * step
        frame = frames[index]
        motion = pair_motion(luma_8bit(frame), luma)
        if motion.cut:
            break
        left = np.float32(1 - step / (count + 1))
        share: Any = motion.forward_trust[..., None] * left
        there: Floats = grid + motion.forward
        moved = sample_picture(frame, grid + share * sample(shift, there))
        moved += share * sample_picture(missing, there)
        originals.append((index, segment.tensor[index].clone()))
        segment.tensor[index] = torch.from_numpy(np.clip(moved, 0, 1))
    return originals


def _measured(sides: tuple[torch.Tensor, torch.Tensor], fps: float) -> SeamMeasures:
    """Measure the joint between two runs of frames."""
    import torch

    both = TensorFrames(torch.cat(sides))
    return measure_seam(both, len(sides[0]), width=FADE, fps=fps)
