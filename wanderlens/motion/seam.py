"""How well a loop closes, or two clips join: measures of the seam, and what they say.

d is the mean absolute difference of two frames. Flow is OpenCV's DIS on luma, reduced to
`FLOW_SIDE` pixels, averaged over blocks of `BLOCK` pixels. Colour is CIE L*a*b* (D65).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .colour import colour_shift
from .flow import MIN_SIDE, luma_8bit
from .frames import Frames, Progress
from .lab import lab_of, reduced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .flow import Bytes, Floats

DIFFERENCE_FLOOR = 0.5 / 255
"""Differences between frames below half an 8-bit step count as this; no eye sees them."""

FLOW_SIDE = 320
"""Flow is measured on frames reduced to this longer side, in pixels."""

BLOCK = 16
"""Side of the blocks that flow is averaged over, in pixels of the reduced frame."""

FLOW_FLOOR = 0.05
"""Blocks that move less than this, in pixels of the reduced frame per frame, count as still."""

SPAN = 4
"""Flow is compared over this many frames on either side of a seam.

Wan's VAE makes frames in groups of four and its motion pulses within a group, so that a single
step says little. Clips of fewer than 16 frames are compared over fewer.
"""

GOOD_CLOSURE = 1.2
"""Up to this closure a seam does not show."""

REPEATED = 0.35
"""Below this closure the frames at the seam are all but the same: a frame is shown twice."""

FROZEN = 0.25
"""A clip whose last second moves less than this share of what is usual in it stands still there."""

# From these on a viewer notices a seam.
_SHOWN_TURN = 45.0
_SHOWN_JOLT = 0.6
_SHOWN_SPEED = 2.0
_SHOWN_SOFT = 0.75
_SHOWN_COLOUR = 2.3  # a just noticeable difference in CIE76
_LEAST = 0.01
_FLAT = 0.1  # mean Laplacian of 8-bit luma; what has less has nothing to be sharp
_SMALL = 0.25  # of the clip's median flow; what moves less tells no direction


@dataclass(frozen=True, slots=True)
class SeamMeasures:
    """A seam against the rest of its clip. The seam lies between two frames, A and B.

    Attributes:
        closure: d(A, B) / median d of the other neighbours, both at least `DIFFERENCE_FLOOR`,
            neighbours that are the same left out; 1 is a perfect seam, and near 0 a frame is
            repeated.
        peak: The same for the worst step within `width` frames of the seam, the seam included.
        beside: The same for the worse of the two steps before and after the seam.
        flow_ratio: Length of the flow across the seam, over `SPAN` frames, over those of the `SPAN`
            frames before and after; 1 is perfect.
        flow_turn: Angle, in degrees, between the flow across the seam and the mean of the flows
            before and after; 0 is perfect.
        jolt: Change of the flow from the two steps before to the two steps after the seam, over
            twice the clip's median flow; 1 is a motion that turns back at full speed.
        colour_step: ΔE (CIE76) from A to B, of the mean colour of what both show.
        sharpness: Mean Laplacian of the softest frame within `width` frames of the seam over the
            clip's median; ghosts and blurs make it small.
        flicker: Mean over the clip of how far a frame's mean L* lies off the middle of its
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
        """The closure, less what faster motion around the seam explains of it."""
        return self.closure / max(self.beside, 1.0)

    @property
    def faults(self) -> tuple[str, ...]:
        """What a viewer would notice, in words; empty if nothing."""
        return tuple(words for size, words in self._signs() if size > 1)

    @property
    def visibility(self) -> float:
        """How much the seam shows, in one number: 0 is perfect, up to 1 no fault is noticed."""
        return max(0.0, *(size for size, _ in self._signs()))

    def _signs(self) -> list[tuple[float, str]]:
        """What may show, each against the size from which on a viewer notices it, and in words."""
        # A step that is small among small ones is no repeated frame: the motion turns there.
        repeated = _log(REPEATED, self.closure / self.beside) if self.beside > 0.5 else 0.0
        return [
            (
                _log(GOOD_CLOSURE, self.jump),
                f"the picture jumps {self.closure:.1f} times as far as between frames",
            ),
            (repeated, "a frame is shown twice"),
            (
                self.flow_turn / _SHOWN_TURN,
                f"the motion changes its direction by {self.flow_turn:.0f}°",
            ),
            (self.jolt / _SHOWN_JOLT, "the motion turns back abruptly"),
            (
                abs(_log(_SHOWN_SPEED, self.flow_ratio)),
                f"the motion changes its speed {self.flow_ratio:.2g} times",
            ),
            (
                self.colour_step / _SHOWN_COLOUR,
                f"the colour steps by ΔE {self.colour_step:.1f}",
            ),
            (
                _log(_SHOWN_SOFT, self.sharpness),
                f"the picture is softer, {self.sharpness:.0%} as sharp as usual",
            ),
        ]


def measure_seam(
    frames: Frames,
    at: int | None = None,
    *,
    width: int = SPAN,
    fps: float = 16.0,
    progress: Progress | None = None,
) -> SeamMeasures:
    """Measure the seam of a loop, or of a joint inside a clip.

    Args:
        frames: A clip of at least 2 frames.
        at: The first frame after a joint, 1..T-1; None for the seam of a loop, where the first
            frame follows the last.
        width: Frames on either side of the seam that `peak` and `sharpness` look at: those that
            were blended or made.
        fps: Frames per second, to know how long the last second is.
        progress: Called with the frames measured and their number.

    Raises:
        InputError: the clip has fewer than 2 frames.
        IndexError: `at` is out of range.
    """
    import numpy as np

    count = len(frames)
    if count < 2:
        raise InputError(
            "a seam needs at least 2 frames", count, "Connect a clip, not a picture.", "frames"
        )
    if at is not None and not 0 < at < count:
        raise IndexError(at)
    clip = _Reading(frames, loop=at is None, progress=progress)
    seam = (at or count) - 1  # step i leads from frame i to the next one
    usual = usual_step(np.delete(clip.steps, seam) if len(clip.steps) > 1 else clip.steps)
    closures = np.maximum(clip.steps, DIFFERENCE_FLOOR) / usual
    moved = float(np.median(clip.lengths))
    last_second = clip.lengths[-max(1, round(fps)) :]

    span = max(1, min(SPAN, count // 4))
    start = seam + 1 - (span + 1) // 2
    across, *sides = (clip.flow(place, span) for place in (start, start - span, start + span))
    beside = [flow for flow in sides if flow is not None]
    next_to = clip.steps_in(seam - 1, seam) + clip.steps_in(seam + 1, seam + 2)
    near = clip.sharpness[clip.frames_in(seam + 1 - width, seam + 1 + width)]
    sharp = float(np.median(clip.sharpness))
    return SeamMeasures(
        closure=float(closures[seam]),
        peak=float(closures[clip.steps_in(seam - width, seam + width + 1)].max()),
        beside=float(closures[next_to].max()) if next_to else 1.0,
        flow_ratio=_ratio(across, beside, moved),
        flow_turn=_turn(across, beside, moved),
        jolt=_jolt(clip.flow(seam - 2, 2), clip.flow(seam + 1, 2), moved),
        colour_step=_colour_step(frames[seam], frames[(seam + 1) % count]),
        sharpness=float(near.min() / sharp) if sharp > _FLAT else 1.0,
        flicker=_flicker(clip.lightness),
        motion=100 * moved / max(clip.size),
        end_motion=float(last_second.mean()) / moved if moved >= FLOW_FLOOR else 1.0,
    )


class _Reading:
    """What is measured of a clip in one pass, and the flow over several frames.

    Attributes:
        steps: [S] d of each frame and the next; the last one of a loop leads to its first frame.
        lengths: [T-1] mean flow from each frame to the next.
        sharpness: [T] mean absolute Laplacian.
        lightness: [T] mean L*.
        size: Height and width of the reduced frames.
    """

    def __init__(self, frames: Frames, loop: bool, progress: Progress | None) -> None:
        import numpy as np

        count = len(frames)
        self._loop = loop
        self._lumas: list[Bytes] = []
        self.lightness = np.zeros(count)
        self.sharpness = np.zeros(count)
        steps, lengths = [], []
        first = before = frames[0]
        for index in range(count):
            frame = first if index == 0 else frames[index]
            small = reduced(frame, FLOW_SIDE)
            self._lumas.append(luma_8bit(small))
            self.lightness[index] = mean_lab(small)[0]
            self.sharpness[index] = _sharpness(frame)
            if index:
                steps.append(difference(before, frame))
                lengths.append(_length(_block_flow(*self._lumas[-2:])))
            before = frame
            if progress is not None:
                progress(index + 1, count)
        if loop:
            steps.append(difference(before, first))
        self.steps, self.lengths = np.array(steps), np.array(lengths)
        self.size = self._lumas[0].shape

    def steps_in(self, low: int, high: int) -> list[int]:
        """The steps from `low` to below `high`: around the ring of a loop, else those there are."""
        return self._in(low, high, len(self.steps))

    def frames_in(self, low: int, high: int) -> list[int]:
        """The frames from `low` to below `high`, likewise."""
        return self._in(low, high, len(self._lumas))

    def flow(self, start: int, span: int) -> Floats | None:
        """Flow of the blocks per frame, over the `span` steps from frame `start`."""
        ends = self.frames_in(start, start + 1) + self.frames_in(start + span, start + span + 1)
        if len(ends) < 2:
            return None
        whole = _block_flow(self._lumas[ends[0]], self._lumas[ends[1]])
        whole /= span
        return whole

    def _in(self, low: int, high: int, size: int) -> list[int]:
        if self._loop:
            return [index % size for index in range(low, high)]
        return list(range(max(low, 0), min(high, size)))


def seam_report(
    measures: SeamMeasures, what: str = "Seam", *, whole: bool = True, flow: bool = True
) -> list[str]:
    """The measures in lines for the user, faults last.

    Args:
        measures: Of a loop's seam, or of a joint.
        what: What the seam is called.
        whole: Whether the whole clip was measured, not only what lies around the seam: then its
            last second says something of the clip.
        flow: Whether there are frames enough on both sides for the flow across it to be known.
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


def usual_step(steps: NDArray[Any]) -> float:
    """The median d of neighbours, without pairs that are the same, as in clips on twos.

    Returns:
        At least `DIFFERENCE_FLOOR`, which also stands for a clip without any motion.
    """
    import numpy as np

    moving = steps[steps > DIFFERENCE_FLOOR]
    return float(np.median(moving)) if len(moving) else DIFFERENCE_FLOOR


def difference(first: Floats, second: Floats) -> float:
    """d: the mean absolute difference of two frames, 0..1."""
    import cv2

    return float(cv2.norm(first, second, cv2.NORM_L1)) / first.size


def mean_lab(frame: Floats) -> Floats:
    """The mean L*a*b* of a frame, [3]."""
    return lab_of(frame).mean(axis=(0, 1))


def _log(base: float, number: float) -> float:
    """The logarithm of a number of 0 or more, which is 1 for the base itself."""
    return math.log(max(number, _LEAST)) / math.log(base)


def _sharpness(frame: Floats) -> float:
    """Mean absolute Laplacian of the luma."""
    import cv2
    import numpy as np

    return float(np.abs(cv2.Laplacian(luma_8bit(frame), cv2.CV_16S)).mean())


def _colour_step(first: Floats, second: Floats) -> float:
    """ΔE between the mean colours of what two frames both show, or else of all of them."""
    import numpy as np

    first, second = reduced(first, FLOW_SIDE), reduced(second, FLOW_SIDE)
    change = colour_shift([(first, second)])
    if change is not None:
        return change.size
    return float(np.linalg.norm(mean_lab(second) - mean_lab(first)))


def _block_flow(first: Bytes, second: Bytes) -> Floats:
    """The mean flow of each block, [rows, columns, 2], in pixels of the reduced frame."""
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


def _length(flow: Floats) -> float:
    """Mean length of the blocks' flow."""
    import numpy as np

    return float(np.linalg.norm(flow, axis=-1).mean())


def _mean(flows: Sequence[Floats]) -> Floats:
    """The mean of one or two flows."""
    import numpy as np

    mean: Any = np.mean(flows, axis=0, dtype=np.float32)
    return mean


def _ratio(across: Floats | None, beside: Sequence[Floats], usual: float) -> float:
    """Length of a flow over those of the flows beside it; near 1 where all are small for the clip.

    On a curve the length lies between that of the mean vector and the mean length; then it is 1.
    """
    if across is None or not beside:
        return 1.0
    floor = max(FLOW_FLOOR, _SMALL * usual)
    length = _length(across) + floor
    mean = sum(map(_length, beside)) / len(beside) + floor
    chord = _length(_mean(beside)) + floor
    return length / mean if length > mean else min(1.0, length / chord)


def _turn(across: Floats | None, beside: Sequence[Floats], usual: float) -> float:
    """Degrees between a flow and the mean of those beside it, weighted by how far blocks move."""
    import numpy as np

    if across is None or not beside:
        return 0.0
    expected = _mean(beside)
    lengths = np.linalg.norm(across, axis=-1), np.linalg.norm(expected, axis=-1)
    weight = np.minimum(*lengths)
    weight[weight < max(FLOW_FLOOR, _SMALL * usual)] = 0
    if not weight.any():
        return 0.0
    cosine = (across * expected).sum(-1) / np.maximum(lengths[0] * lengths[1], 1e-12)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return float((angle * weight).sum() / weight.sum())


def _jolt(before: Floats | None, after: Floats | None, usual: float) -> float:
    """Change between two flows over twice the usual one."""
    if before is None or after is None:
        return 0.0
    return _length(after - before) / (2 * max(usual, FLOW_FLOOR))


def _flicker(lightness: NDArray[Any]) -> float:
    """Mean distance of a frame's mean L* from the middle of its neighbours'."""
    import numpy as np

    if len(lightness) < 3:
        return 0.0
    return float(np.abs(lightness[1:-1] - (lightness[:-2] + lightness[2:]) / 2).mean())
