"""Converts seconds and frame rates to exact frame counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ..checks import as_number, as_whole
from ..errors import InputError
from .family import Family

OUTPUT_FPS = (16, 24, 32)
"""Frame rates a clip can be played at."""

BLENDED = 9
"""Frames over which a loop is blended, of a family that cannot be told how to end."""

MAX_SECONDS = 120.0
"""Longest clip, in seconds."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Frame counts of one clip.

    An open clip keeps its last frame, so it has one frame more than its span. A loop ends where
    it starts: the model makes `period + 1` frames, the last of which repeats the first and is
    dropped. A family that cannot be told how to end makes `period + blended` frames, the last of
    which are blended into the first.

    Attributes:
        native_fps: Frames per second that the model makes.
        sampled_frames: Frames that the model makes, 4n+1.
        period: Native frames per period of a loop; 0 for an open clip.
        blended: Frames that are blended over the wrap of a loop; 0 where its end is known.
        output_fps: Frames per second of the finished clip: 16, 24 or 32.
        output_frames: Frames of the finished clip.
        requested_seconds: The duration that was asked for.
    """

    native_fps: int
    sampled_frames: int
    period: int
    blended: int
    output_fps: int
    output_frames: int
    requested_seconds: float

    @property
    def loop(self) -> bool:
        """Whether the clip repeats without a gap."""
        return self.period > 0

    @property
    def native_frames(self) -> int:
        """Native frames that are kept: all of an open clip, one period of a loop."""
        return self.period or self.sampled_frames

    @property
    def seconds(self) -> Fraction:
        """Actual duration: one period of a loop; first to last frame of an open clip.

        A player shows an open clip for one output frame longer.
        """
        return Fraction(self.period or self.sampled_frames - 1, self.native_fps)

    @property
    def rounded(self) -> bool:
        """Whether the actual duration differs from the requested one by a millisecond or more."""
        return abs(float(self.seconds) - self.requested_seconds) >= 1e-3

    @property
    def ratio(self) -> Fraction:
        """Output frames per native frame."""
        return Fraction(self.output_fps, self.native_fps)

    @property
    def multiplier(self) -> int:
        """Factor that RIFE or FILM multiply the frame rate by: they take whole ones only.

        16 to 24 fps is 3, and every second frame of the result.
        """
        return self.ratio.numerator


def check_duration(duration: object) -> float:
    """A number of seconds that can be made.

    Raises:
        InputError: it is not more than 0 and at most 120.
    """
    seconds = as_number(duration)
    if seconds is None or not 0 < seconds <= MAX_SECONDS:
        raise InputError(
            f"duration must be more than 0 s and at most {MAX_SECONDS:g} s",
            duration,
            "Set a duration such as 5.0.",
            "duration",
        )
    return seconds


def plan_timing(duration: object, fps: object, loop: bool, family: Family) -> Timing:
    """Find the frame counts nearest to a duration.

    The span (frames after the first, equal to the period of a loop) is a multiple of 4, because
    each latent after the first holds four frames, and such that it is a whole number of output
    frames too: a multiple of 12 for the 5B at 16 or 32 fps. The nearest such span is taken, the
    longer one on a tie, never less than one.

    Args:
        duration: Seconds, more than 0 and at most 120.
        fps: Output frames per second: 16, 24 or 32.
        loop: Whether the clip is to repeat without a gap.
        family: The model family.

    Raises:
        InputError: `duration` or `fps` is not one of these.
    """
    seconds = check_duration(duration)
    output_fps = as_whole(fps)
    if output_fps not in OUTPUT_FPS:
        raise InputError(
            "fps must be 16, 24 or 32",
            fps,
            "Choose 16 for a cinematic look or 32 for fluid motion.",
            "fps",
        )
    ratio = Fraction(output_fps, family.native_fps)
    quantum = math.lcm(family.time_stride, ratio.denominator)
    quanta = math.floor(Fraction(seconds) * family.native_fps / quantum + Fraction(1, 2))
    span = quantum * max(1, quanta)
    # Blending takes less than half of the clip, and whole latents.
    blended = min(BLENDED, span - 3) if loop and not family.end_frames else 0
    return Timing(
        native_fps=family.native_fps,
        sampled_frames=span + (blended or 1),
        period=span if loop else 0,
        blended=blended,
        output_fps=output_fps,
        output_frames=int(span * ratio) + (0 if loop else 1),
        requested_seconds=seconds,
    )
