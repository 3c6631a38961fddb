"""Measures how well a loop closes, or how well two clips join.

See `SeamMeasures` for the formulas. Colour is CIE L*a*b* (D65).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .block_flow import (
    FLOW_FLOOR,
    FLOW_SIDE,
    block_flow,
    direction_change,
    mean_length,
    speed_ratio,
    velocity_jump,
)
from .colour import colour_shift
from .flow import luma_8bit
from .frame_difference import DIFFERENCE_FLOOR, difference, usual_step
from .frames import Frames, Progress
from .lab import lab_of, reduced
from .seam_measures import SeamMeasures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .flow import Bytes, Floats

SPAN = 4
"""Flow is compared over this many frames on either side of a seam.

Wan's VAE decodes frames in groups of four and its motion pulses within a group, so that a single
step says little. Clips of fewer than 16 frames are compared over fewer.
"""

_FLAT = 0.1  # mean Laplacian of 8-bit luma; a clip below it has no detail to lose


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
            were blended or generated.
        fps: Frames per second, which gives the length of the last second.
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
    clip = _MeasuredClip(frames, loop=at is None, progress=progress)
    seam = (at or count) - 1  # step i leads from frame i to the next one
    usual = usual_step(np.delete(clip.steps, seam) if len(clip.steps) > 1 else clip.steps)
    closures = np.maximum(clip.steps, DIFFERENCE_FLOOR) / usual
    median_flow = float(np.median(clip.flow_lengths))
    last_second = clip.flow_lengths[-max(1, round(fps)) :]

    span = max(1, min(SPAN, count // 4))
    start = seam + 1 - (span + 1) // 2
    across, *sides = (clip.flow(first, span) for first in (start, start - span, start + span))
    beside = [flow for flow in sides if flow is not None]
    adjacent = clip.steps_in(seam - 1, seam) + clip.steps_in(seam + 1, seam + 2)
    near = clip.sharpness[clip.frames_in(seam + 1 - width, seam + 1 + width)]
    median_sharpness = float(np.median(clip.sharpness))
    return SeamMeasures(
        closure=float(closures[seam]),
        peak=float(closures[clip.steps_in(seam - width, seam + width + 1)].max()),
        beside=float(closures[adjacent].max()) if adjacent else 1.0,
        flow_ratio=speed_ratio(across, beside, median_flow),
        flow_turn=direction_change(across, beside, median_flow),
        jolt=velocity_jump(clip.flow(seam - 2, 2), clip.flow(seam + 1, 2), median_flow),
        colour_step=_colour_step(frames[seam], frames[(seam + 1) % count]),
        sharpness=float(near.min() / median_sharpness) if median_sharpness > _FLAT else 1.0,
        flicker=_flicker(clip.lightness),
        motion=100 * median_flow / max(clip.size),
        end_motion=float(last_second.mean()) / median_flow if median_flow >= FLOW_FLOOR else 1.0,
    )


class _MeasuredClip:
    """What is measured of a clip in one pass; flow over several frames is computed on request.

    Attributes:
        steps: [S] d of each frame and the next; the last one of a loop leads to its first frame.
        flow_lengths: [T-1] mean flow length from each frame to the next.
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
            self.lightness[index] = _mean_lab(small)[0]
            self.sharpness[index] = _sharpness(frame)
            if index:
                steps.append(difference(before, frame))
                lengths.append(mean_length(block_flow(*self._lumas[-2:])))
            before = frame
            if progress is not None:
                progress(index + 1, count)
        if loop:
            steps.append(difference(before, first))
        self.steps, self.flow_lengths = np.array(steps), np.array(lengths)
        self.size = self._lumas[0].shape

    def steps_in(self, low: int, high: int) -> list[int]:
        """Indices of the steps low..high-1: modulo the length of a loop, else those that exist."""
        return self._in(low, high, len(self.steps))

    def frames_in(self, low: int, high: int) -> list[int]:
        """Indices of the frames low..high-1, likewise."""
        return self._in(low, high, len(self._lumas))

    def flow(self, start: int, span: int) -> Floats | None:
        """Block flow per frame over the `span` steps from frame `start`; None beyond the ends."""
        ends = self.frames_in(start, start + 1) + self.frames_in(start + span, start + span + 1)
        if len(ends) < 2:
            return None
        flow = block_flow(self._lumas[ends[0]], self._lumas[ends[1]])
        flow /= span
        return flow

    def _in(self, low: int, high: int, size: int) -> list[int]:
        if self._loop:
            return [index % size for index in range(low, high)]
        return list(range(max(low, 0), min(high, size)))


def _mean_lab(frame: Floats) -> Floats:
    """The mean L*a*b* of a frame, [3]."""
    return lab_of(frame).mean(axis=(0, 1))


def _sharpness(frame: Floats) -> float:
    """Mean absolute Laplacian of the luma."""
    import cv2
    import numpy as np

    return float(np.abs(cv2.Laplacian(luma_8bit(frame), cv2.CV_16S)).mean())


def _colour_step(first: Floats, second: Floats) -> float:
    """ΔE between the mean colours of the content visible in both frames, or else of all of them."""
    import numpy as np

    first, second = reduced(first, FLOW_SIDE), reduced(second, FLOW_SIDE)
    change = colour_shift([(first, second)])
    if change is not None:
        return change.size
    return float(np.linalg.norm(_mean_lab(second) - _mean_lab(first)))


def _flicker(lightness: NDArray[Any]) -> float:
    """Mean distance of a frame's mean L* from the mean of its neighbours'."""
    import numpy as np

    if len(lightness) < 3:
        return 0.0
    return float(np.abs(lightness[1:-1] - (lightness[:-2] + lightness[2:]) / 2).mean())
