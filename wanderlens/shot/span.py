"""Converts the seconds and frame rate of an extension to native frames.

Times count from the clip's last frame, in native frames: that frame is at 0, and what the model
makes is at 1, 2, 3... The clip may run at any rate; `ratio` is its frames per native frame. New
frame j of the clip's own rate is at j / ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ..checks import as_number
from ..errors import InputError
from .family import Family
from .segments import CONTEXT_FRAMES

MAX_CLIP_FPS = 240.0
"""Highest frame rate of a clip, in frames per second."""

Ending = Literal["open", "picture", "clip"]


@dataclass(frozen=True, slots=True)
class Span:
    """The times of an extension.

    Attributes:
        span: Native frames from the clip's last frame to the last one that is made, or to the first
            one of `tail`.
        places: Times of the new frames, in native frames after the clip's last one.
        tail: Native frames that it ends on: 0, 1 or 4k.
        tail_start: Time of the first of these in the clip that follows, in native frames, 0 to
            below 1: where its first frame does not fall on a native one.
    """

    span: int
    places: tuple[Fraction, ...]
    tail: int = 0
    tail_start: Fraction = Fraction(0)


def check_fps(value: object, widget: str) -> Fraction:
    """The frame rate of a clip, as the fraction that is meant: 29.97 is 30000/1001.

    Raises:
        InputError: it is not from 1 to 240 frames per second.
    """
    number = float(value) if isinstance(value, Fraction) else as_number(value)
    if number is None or not 1 <= number <= MAX_CLIP_FPS:
        raise InputError(
            f"{widget} must be from 1 to {MAX_CLIP_FPS:g} frames per second",
            value,
            "Link the fps of the node that the clip comes from.",
            widget,
        )
    if isinstance(value, Fraction):
        return value
    ntsc = Fraction(round(number) * 1000, 1001)
    return (
        ntsc
        if abs(number - ntsc) < 0.005 < abs(number - round(number))
        else (Fraction(number).limit_denominator(1001))
    )


def available_context(wanted: int, frames: int, ratio: Fraction) -> int:
    """The most native frames, up to what is wanted, that the end of a clip gives."""
    return max(
        (
            count
            for count in CONTEXT_FRAMES
            if count <= wanted and (count - 1) * ratio <= frames - 1
        ),
        default=1,
    )


def plan_span(
    seconds: Fraction,
    ratio: Fraction,
    ending: Ending,
    context: int,
    following: int,
    family: Family,
) -> Span:
    """The times of an extension, nearest to a number of seconds."""
    stride = family.time_stride
    native = seconds * family.native_fps
    frames = max(1, _nearest(native * ratio))
    if ending == "open":
        over = frames / ratio % stride
        if frames > 1 and 0 < over < 1 / ratio:  # a latent for a part of one frame
            frames -= 1
        places = tuple(index / ratio for index in range(1, frames + 1))
        return Span(stride * math.ceil(places[-1] / stride), places)
    if ending == "picture":
        # The picture is the last frame; the others divide the way there evenly.
        span = stride * max(1, _nearest(native / stride))
        frames = max(1, _nearest(span * ratio))
        places = tuple(Fraction(span * index, frames) for index in range(1, frames + 1))
        return Span(span, places, tail=1)
    fitting = [
        each
        for each in (_bridge(frames, ratio, tail, stride) for tail in _tails(context, stride))
        if (each.tail_start + each.tail - 1) * ratio <= following - 1
    ]
    # The end of the list is one frame, which every clip has.
    return fitting[0] if fitting else _bridge(frames, ratio, 1, stride, exact=True)


def _tails(context: int, stride: int) -> list[int]:
    """Numbers of frames at the end, whole latents first: as many as at the start."""
    return [*range(context - 1, 0, -stride), 1]


def _bridge(frames: int, ratio: Fraction, tail: int, stride: int, *, exact: bool = False) -> Span:
    """A bridge of about so many frames at the clip's rate, whose end falls on whole latents.

    The clip that follows starts (frames + 1) / ratio native frames after the one before. The first
    known native frame of it is less than one native frame later.
    """
    start = (frames + 1) / ratio
    rest = 1 if tail > 1 else 0
    # The nearest span, at least one latent: 4n for one frame at the end, 4n + 1 for more.
    span = rest + stride * max(1, _nearest((start - rest) / stride))
    if exact or not start <= span < start + 1:
        frames = max(1, math.floor(span * ratio) - 1)
        start = (frames + 1) / ratio
    if exact or not start <= span < start + 1:
        # Few frames a second: they divide the way evenly, each a little later than its time.
        return Span(span, tuple(Fraction(span * j, frames + 1) for j in range(1, frames + 1)), tail)
    places = tuple(index / ratio for index in range(1, frames + 1))
    return Span(span, places, tail, span - start)


def _nearest(number: Fraction) -> int:
    return math.floor(number + Fraction(1, 2))
