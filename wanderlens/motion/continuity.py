"""Makes a generated segment continue its clip without a visible joint.

A model returns the known frames through its VAE, and new frames after them. The joint would show
in colour, which `segment_colour` corrects, and in detail, position and light, which `joint`
corrects. A known end is corrected likewise from the other side. The last new frame's colours are
matched to an anchor, a frame of the first segment, where both show the same; that correction grows
over the segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .colour import UNCHANGED, is_noticed
from .frames import Progress
from .generated_segment import GeneratedSegment
from .joint import Joint, blend_joints
from .segment_colour import (
    apply_keys,
    colour_keys,
    end_change,
    flash_size,
    led_to,
    shift_distance,
)

if TYPE_CHECKING:
    import torch

INTENDED_CHANGE = 16.0
"""A colour change of more ΔE within a segment is taken as intended, such as a lamp switched on."""

MAX_ANCHOR_CHANGE = 6.0
"""An anchor is ignored if its change differs by more ΔE than this from the key frames' change."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """What was changed in a segment so that it continues its clip.

    Attributes:
        start: Colour change (ΔE) of the first new frame.
        end: Colour change (ΔE) of the last new frame.
        flash: Most ΔE by which the first new frames stood out; 0 if they did not.
        intended: Whether colours changed so much that only the joint was matched.
        joints: The joint at the start, and that at the end if it was known.
    """

    start: float
    end: float
    flash: float
    intended: bool
    joints: tuple[Joint, ...]

    @property
    def visibility(self) -> float:
        """Visibility of the most visible joint; up to 1 nothing is noticed."""
        return max(joint.measures.visibility for joint in self.joints)


def continue_segment(
    segment: torch.Tensor,
    before: torch.Tensor,
    known: int,
    *,
    after: torch.Tensor | None = None,
    ends_with: int = 0,
    anchors: Sequence[torch.Tensor] = (),
    amount: float = 1.0,
    fades: bool = False,
    fps: float = 16.0,
    progress: Progress | None = None,
) -> Continuation:
    """Make a segment's new frames continue a clip, in place.

    Args:
        segment: [F, H, W, 3] float32, 0..1, on the CPU: the model's frames, known ones included.
            Changed.
        before: The clip's last frames as they are, [n, H, W, 3], n at least 1, likewise.
        known: Frames at the segment's start that show the last ones of `before`, 1..F-1.
        after: The true frames from the first one on that the segment ends on, [m, H, W, 3], m at
            least 1; None for an open end.
        ends_with: Frames at the segment's end that were known, the first ones of `after` if it is
            given; else they are left alone.
        anchors: Frames [H, W, 3] of the first segment that colours are matched to, best first.
        amount: How much of the colour changes is applied, 0..1.
        fades: Whether the changes fade until the end, which stays as generated.
        fps: Frames per second.
        progress: Called while frames are measured and changed.

    Returns:
        What was changed and measured.
    """
    work = GeneratedSegment(segment, before, known, len(segment) - ends_with, after, progress)
    start = end = flash = 0.0
    intended = False
    if amount > 0:
        keys, goal = colour_keys(work), None if fades else end_change(work, anchors)
        last = keys[-1][1]
        intended = last.size > INTENDED_CHANGE
        if goal is not None and after is None:
            if shift_distance(goal.shift, last.shift) > MAX_ANCHOR_CHANGE:
                goal = None  # something has come into view, or the light had changed before
            else:
                goal = replace(goal, contrast=last.contrast)  # new content has its own contrast
        flash = flash_size(keys)
        if intended:
            # Only the ends are known to be wrong; what lies between is left to the model.
            keys = [keys[0], (keys[-1][0], goal if after is not None and goal else UNCHANGED)]
        elif fades:
            keys = led_to(keys, UNCHANGED)
        elif goal is not None:
            keys = led_to(keys, goal)
        if any(is_noticed(change) for _, change in keys):
            apply_keys(work, keys, amount)
            start, end = (keys[at][1].size * amount for at in (min(1, len(keys) - 1), -1))
    return Continuation(start, end, flash, intended, tuple(blend_joints(work, fps)))
