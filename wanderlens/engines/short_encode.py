"""Encodes known frames without the grey ones whose latents no longer change.

A segment that starts from a still is given to Wan's VAE as that still and grey frames. The VAE is
causal, and what it makes of the grey settles after some latents: from there on each latent is like
the one before. So a shorter clip is encoded, its settled latent stands for those that are left
out, and known end frames are encoded after a settled stretch instead of the whole one.

How soon a VAE settles is measured, not assumed: a small copy of the clip is encoded whole, which
costs little, and its latents say how much shorter the clip may be. After the encode the last two
steps between latents are compared with the small copy's at the same place: how large they are, and
how fast they fall. Where the clip settles later than that said, a longer one is encoded, and in the
end the whole.

Two encodes agree to a tolerance when the mean of the squared differences of their latents is at
most that part of the mean of their squares. For scale: a small trained VAE in bfloat16 differs from
itself in float32 by 4e-5.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..shot import TIME_STRIDE, KnownFrames, latent_frames
from .base import KnownClip

Encode = Callable[[torch.Tensor], torch.Tensor]
"""Frames [4n+1, H, W, 3], float32, 0..1, to latents [1, C, 1 + n, h, w]."""

TOLERANCE = 1e-5
"""Agreement with the encode of the whole clip; a quarter of bfloat16's own rounding."""

PROBE_SIDE = 48
"""Pixels of the small copy's sides."""

PROBE_LATENTS = 11
"""Grey latents of the small copy at most; what has not settled by then is encoded whole."""

LEAST_PIXELS = 81_920
"""Frames with fewer pixels are encoded whole: the small copy would cost too much of it."""

LEAST_FRAMES = 45
"""Segments with fewer frames are encoded whole: no VAE known settles soon enough to gain by it."""

# What was seen on trained VAEs: a small copy's errors, made 1.7 times as large, are 0.4 to 1.0 of
# the clip's; 0.6 to 1.1 where the root of the ratio of their last steps is a factor too.
_MORE = 1.7
_ROOM = 1.3  # by how much an error may grow between choice and check
_ALIKE = 1.5  # two falls that differ by less are taken as one
_FAR = 2.0  # two steps whose ratio is larger are not alike
_LEAST_KEPT = 3  # grey latents: two steps lie between them
_WORTH = (0.9, 0.7)  # parts of the clip's frames that a first and a second try may have


@dataclass(frozen=True, slots=True)
class ShortEncode:
    """The latents of a segment's known frames and the grey between them.

    Attributes:
        latents: [1, C, latent frames, h, w], as for the whole clip.
        frames: Frames of the segment.
        encoded: Frames that were encoded for it at full size.
        vain: Frames of tries before that, which were too short.
        difference: Estimated from the whole encode, as the tolerance is given; 0 for the whole.
        whole: Whether the whole clip was encoded in the end.
        settles: False if it was looked for and not found, or not soon enough to gain by it.
    """

    latents: torch.Tensor
    frames: int
    encoded: int
    difference: float
    vain: int = 0
    whole: bool = True
    settles: bool = True

    @property
    def note(self) -> str:
        """What to tell the user; empty for a whole encode without detours."""
        before = f" after {self.vain} in vain" if self.vain else ""
        if self.whole:
            return f"Encode: all {self.frames} frames{before}" if before else ""
        return (
            f"Encode: {self.encoded} of {self.frames} frames{before}, the rest is grey that has "
            f"settled (to {self.difference:.0e} of the latents' mean square)"
        )


def encode_short(encode: Encode, clip: KnownClip, tolerance: float) -> ShortEncode:
    """Encode the known frames of a segment, and no more grey than it takes.

    Args:
        encode: The VAE.
        clip: The segment, its layout not `anchor`'s.
        tolerance: How far the latents may be from those of the whole clip; see this module. At 0
            the whole clip is encoded.

    Returns:
        The latents.
    """
    if tolerance <= 0 or not _pays(clip):
        return ShortEncode(encode(clip.padded()), clip.frames, clip.frames, 0.0)
    parts = _Parts.of(clip)
    settling = _Settling(encode(_small(clip, parts).padded()), parts)
    vain, lag = 0, _ROOM
    for worth in _WORTH:
        kept = settling.soonest(tolerance / lag)
        if kept is None or parts.frames(kept) > worth * clip.frames:
            break
        short = replace(clip, frames=parts.frames(kept))
        latents = encode(short.padded())
        lag = settling.lag(latents, kept)
        difference = settling.errors[kept] * lag
        if difference <= tolerance:
            latents = _lengthened(latents, parts, kept)
            return ShortEncode(
                latents, clip.frames, short.frames, difference, vain=vain, whole=False
            )
        vain += short.frames
        lag *= _ROOM
    latents = encode(clip.padded())
    return ShortEncode(latents, clip.frames, clip.frames, 0.0, vain=vain, settles=False)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A segment in latents: known ones at the start, grey ones, and those with end frames."""

    head: int
    grey: int
    tail: int

    @staticmethod
    def of(clip: KnownClip) -> _Parts:
        head = 0 if clip.known.head == 0 else latent_frames(clip.known.head)
        tail = -(-clip.known.tail // TIME_STRIDE)
        return _Parts(head, latent_frames(clip.frames) - head - tail, tail)

    def frames(self, grey: int) -> int:
        """Frames of a segment with fewer grey latents."""
        return TIME_STRIDE * (self.head + grey + self.tail - 1) + 1


def _pays(clip: KnownClip) -> bool:
    large = clip.frames >= LEAST_FRAMES and clip.height * clip.width >= LEAST_PIXELS
    return large and clip.known.head > 0


def _small(clip: KnownClip, parts: _Parts) -> KnownClip:
    """A small copy of a segment, its end open."""
    planes = clip.head.permute(0, 3, 1, 2)
    small = F.interpolate(planes, (PROBE_SIDE, PROBE_SIDE), mode="area").permute(0, 2, 3, 1)
    known = KnownFrames(clip.known.head)
    frames = min(clip.frames, TIME_STRIDE * (parts.head + PROBE_LATENTS - 1) + 1)
    return replace(clip, frames=frames, known=known, head=small.contiguous(), tail=small[:0])


class _Settling:
    """How the latents of a clip settle.

    Attributes:
        errors: By the number of grey latents that are encoded, the part of the latents' mean square
            by which those that are left out are expected to differ from the last one.
    """

    def __init__(self, latents: torch.Tensor, parts: _Parts) -> None:
        """Takes the latents of a small copy, which is open, and the parts of the clip."""
        grey, power = latents.float()[:, :, parts.head :], _power(latents)
        self._head = parts.head
        self._steps: dict[int, tuple[float, float]] = {}
        self.errors: dict[int, float] = {}
        at_end = _moves(latents, latents.shape[2])
        for kept in range(_LEAST_KEPT, grey.shape[2]):
            last = grey[:, :, kept - 1 : kept]
            self._steps[kept] = _steps(latents, parts.head + kept)
            left = (grey[:, :, kept:] - last).square().mean((0, 1, 3, 4)).tolist()
            error = sum(left) + _beyond(at_end, left[-1], parts.grey - grey.shape[2])
            share = 1 / (parts.head + parts.grey + parts.tail)
            self.errors[kept] = _MORE * share * _part(error, power)

    def soonest(self, tolerance: float) -> int | None:
        """The fewest grey latents with which the error stays within a tolerance."""
        return next((kept for kept, error in self.errors.items() if error <= tolerance), None)

    def lag(self, latents: torch.Tensor, kept: int) -> float:
        """How much further another clip has still to go at a place, as a factor of the error."""
        step, ratio = _steps(latents, self._head + kept)
        small_step, small_ratio = self._steps[kept]
        if step == 0:
            return 0.0
        if small_step == 0 or small_ratio == 0:
            return math.inf
        if ratio >= 1 or small_ratio >= 1:  # at the level of rounding, or not settling at all
            return step / small_step if small_ratio >= 1 else math.inf
        # What is left after a step, if each next one falls as much: the sum of a geometric series.
        left, small_left = (each / (1 - each) for each in (ratio, small_ratio))
        slower, larger = left / small_left, step / small_step
        if slower > _ALIKE:
            return larger * slower**2
        return math.sqrt(larger) if larger <= _FAR else larger / math.sqrt(_FAR)


def _steps(latents: torch.Tensor, until: int) -> tuple[float, float]:
    """The last step before a latent, and its size as part of that of the step before.

    Returns:
        The mean square of the step as part of that of the latents so far, and the ratio of the
        roots.
    """
    before, last = _moves(latents, until)
    ratio = math.sqrt(last / before) if before else 0.0
    return _part(last, _power(latents[:, :, :until])), ratio


def _moves(latents: torch.Tensor, until: int) -> tuple[float, float]:
    """The mean squares of the last two steps before a latent."""
    before, last = (
        _power(latents[:, :, at].float() - latents[:, :, at - 1].float())
        for at in (until - 2, until - 1)
    )
    return before, last


def _beyond(moves: tuple[float, float], error: float, count: int) -> float:
    """The mean squares of errors beyond a copy's end, where each step falls as the last one did.

    Args:
        moves: The copy's last two steps, see `_moves`.
        error: The mean square at its end.
        count: How many latents there are beyond it.
    """
    before, step = map(math.sqrt, moves)
    fall = min(1.0, step / before) if before else 0.0
    total, distance = 0.0, math.sqrt(error)
    for _ in range(count):
        step *= fall
        distance += step
        total += distance**2
    return total


def _part(error: float, power: float) -> float:
    """An error as part of what it is an error of."""
    return error / power if power else math.inf * error if error else 0.0


def _power(latents: torch.Tensor) -> float:
    """The mean square."""
    return float(latents.float().square().mean())


def _lengthened(latents: torch.Tensor, parts: _Parts, kept: int) -> torch.Tensor:
    """Latents of a short clip as those of the whole: the last grey one stands for those left out.

    Args:
        latents: [1, C, head + kept + tail, h, w].
        parts: Of the whole clip.
        kept: Grey latents.
    """
    until = parts.head + kept
    settled = latents[:, :, until - 1 : until].expand(-1, -1, parts.grey - kept, -1, -1)
    return torch.cat([latents[:, :, :until], settled, latents[:, :, until:]], dim=2)
