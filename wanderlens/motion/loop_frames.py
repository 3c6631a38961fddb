"""A loop as a plan over a clip's frames, and a view that computes each frame when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blend import blended
from .colour import ColourShift
from .frames import Frames

if TYPE_CHECKING:
    from .flow import Floats

CUTS = ("trim", "best cut")
"""Methods that drop frames and change none."""

BLENDS = ("crossfade", "motion crossfade")
"""Methods that blend the end of the clip into its start."""

LOOP_METHODS = ("auto", *CUTS, *BLENDS, "ping-pong")
"""What LoopBlend's `method` can be."""


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """Which frames of a clip make a loop, and how they are changed.

    Attributes:
        method: One of `LOOP_METHODS`, not "auto".
        start: The first frame that is used.
        stop: The frame after the last one that is used.
        blend: Frames that are blended at the wrap; 0 for methods without.
        colour: The change from the end's colours to the start's, applied gradually over the whole
            period; None to leave them.
    """

    method: str
    start: int
    stop: int
    blend: int = 0
    colour: ColourShift | None = None

    @property
    def frames(self) -> int:
        """Frames of one period."""
        used = self.stop - self.start
        return 2 * used - 2 if self.method == "ping-pong" and used > 2 else used - self.blend


@dataclass(frozen=True, slots=True)
class LoopFrames:
    """One period of a loop, as `Frames`.

    Attributes:
        source: The clip.
        plan: What is taken of it.
    """

    source: Frames
    plan: LoopPlan

    def __len__(self) -> int:
        """Frames of one period."""
        return self.plan.frames

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index` of the period, [H, W, C] float32, 0..1.

        Raises:
            IndexError: there is no such frame.
        """
        plan = self.plan
        if not 0 <= index < len(self):
            raise IndexError(index)
        used = plan.stop - plan.start
        if plan.method == "ping-pong" and index >= used:
            index = 2 * used - 2 - index
        at = plan.start + plan.blend + index  # blended frames stand last
        over = index - (used - 2 * plan.blend)
        if not plan.blend or over < 0:
            return self._recoloured(at)
        first, second = self._recoloured(at), self._recoloured(plan.start + over)
        along_motion = plan.method == "motion crossfade"
        return blended(first, second, (over + 1) / (plan.blend + 1), along_motion)

    def _recoloured(self, at: int) -> Floats:
        """Frame `at` of the clip; the colour change grows linearly over the period."""
        plan = self.plan
        frame = self.source[at]
        if plan.colour is None:
            return frame
        return plan.colour.apply(frame, (at - plan.start) / plan.frames)
