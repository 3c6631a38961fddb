"""A seam's measures, which of them a viewer would notice, and their report."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .block_flow import FLOW_FLOOR, FLOW_SIDE

GOOD_CLOSURE = 1.2
"""Up to this closure a seam is not visible."""

REPEATED = 0.35
"""Below this closure the frames at the seam are nearly equal: a frame is shown twice."""

FROZEN = 0.25
"""A clip whose last second moves less than this share of its usual motion stands still there."""

# A viewer notices a seam from these values on.
_VISIBLE_TURN = 45.0  # degrees
_VISIBLE_JOLT = 0.6
_VISIBLE_SPEED = 2.0
_VISIBLE_SOFTNESS = 0.75
_VISIBLE_COLOUR = 2.3  # ΔE: the just noticeable difference in CIE76
_LOG_FLOOR = 0.01


@dataclass(frozen=True, slots=True)
class SeamMeasures:
    """A seam compared with the rest of its clip. The seam lies between two frames, A and B.

    d is the mean absolute difference of two frames.

    Attributes:
        closure: d(A, B) / median d of the other neighbours, both at least `DIFFERENCE_FLOOR`,
            repeated frames not counted; 1 is a perfect seam, and near 0 a frame is shown twice.
        peak: The same for the largest step within `width` frames of the seam, the seam included.
        beside: The same for the larger of the two steps before and after the seam.
        flow_ratio: Length of the flow across the seam, over `SPAN` frames, over those of the `SPAN`
            frames before and after; 1 is perfect.
        flow_turn: Angle, in degrees, between the flow across the seam and the mean of the flows
            before and after; 0 is perfect.
        jolt: Change of the flow from the two steps before to the two steps after the seam, over
            twice the clip's median flow; 1 is a motion that reverses at full speed.
        colour_step: ΔE (CIE76) from A to B, of the mean colour of the content visible in both.
        sharpness: Mean Laplacian of the softest frame within `width` frames of the seam over the
            clip's median; ghosts and blur make it small.
        flicker: Mean over the clip of the distance of a frame's mean L* from the mean of its
            neighbours'.
        motion: Median flow from frame to frame, in percent of the frame's longer side.
        end_motion: Flow in the last second over the clip's median; near 0 the end stands still.
    """

    closure: float
    peak: float
    beside: float
    flow_ratio: float
    flow_turn: float
    jolt: float
    colour_step: float
    sharpness: float
    flicker: float
    motion: float
    end_motion: float

    @property
    def jump(self) -> float:
        """The closure, less the part that faster motion around the seam explains."""
        return self.closure / max(self.beside, 1.0)

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults that a viewer would notice, as phrases; empty if there are none."""
        return tuple(words for size, words in self._rated() if size > 1)

    @property
    def visibility(self) -> float:
        """Size of the worst fault: 0 is perfect; up to 1 no fault is noticed."""
        return max(0.0, *(size for size, _ in self._rated()))

    def _rated(self) -> list[tuple[float, str]]:
        """Each possible fault: its size over the size at which it is noticed, and a phrase."""
        # A small step among other small steps is no repeated frame: there the motion reverses.
        repeated = _log(REPEATED, self.closure / self.beside) if self.beside > 0.5 else 0.0
        return [
            (
                _log(GOOD_CLOSURE, self.jump),
                f"the picture jumps {self.closure:.1f} times as far as between frames",
            ),
            (repeated, "a frame is shown twice"),
            (
                self.flow_turn / _VISIBLE_TURN,
                f"the motion changes its direction by {self.flow_turn:.0f}°",
            ),
            (self.jolt / _VISIBLE_JOLT, "the motion turns back abruptly"),
            (
                abs(_log(_VISIBLE_SPEED, self.flow_ratio)),
                f"the motion changes its speed {self.flow_ratio:.2g} times",
            ),
            (
                self.colour_step / _VISIBLE_COLOUR,
                f"the colour steps by ΔE {self.colour_step:.1f}",
            ),
            (
                _log(_VISIBLE_SOFTNESS, self.sharpness),
                f"the picture is softer, {self.sharpness:.0%} as sharp as usual",
            ),
        ]


def seam_report(
    measures: SeamMeasures, what: str = "Seam", *, whole: bool = True, flow: bool = True
) -> list[str]:
    """The measures as report lines for the user, faults last.

    Args:
        measures: Of a loop's seam, or of a joint.
        what: What the seam is called.
        whole: Whether the whole clip was measured rather than the frames around the seam; only
            then is its last second reported.
        flow: Whether both sides have enough frames for the flow across the seam to be known.
    """
    around = f"around the {what.lower()}"
    motion = f"{measures.motion:.2f}% of the longer side per frame"
    motion += f", {measures.end_motion:.2f} of that in the last second" if whole else f" {around}"
    across = ""
    if flow:
        across = (
            f"speed across it {measures.flow_ratio:.2f} of its neighbours', direction "
            f"{measures.flow_turn:.0f}° off, "
        )
    lines = [
        f"{what}: closure {measures.closure:.2f} (1 is perfect), {across}"
        f"colour step ΔE {measures.colour_step:.1f}",
        f"Motion: {motion}; flicker {measures.flicker:.2f} L*",
    ]
    if measures.faults:
        lines.append(f"Note: at the {what.lower()} {'; '.join(measures.faults)}.")
    if measures.motion * FLOW_SIDE < 100 * FLOW_FLOOR:
        lines.append(f"Note: hardly anything moves {'in this clip' if whole else around}.")
    elif whole and measures.end_motion < FROZEN:
        lines.append("Note: the clip stands still in its last second.")
    return lines


def _log(base: float, number: float) -> float:
    """The logarithm of a number of 0 or more to a base."""
    return math.log(max(number, _LOG_FLOOR)) / math.log(base)
