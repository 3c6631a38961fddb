"""Interpolates a clip's frames at fractional positions by optical flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from .flow import acceleration, frame_between, luma_8bit, pair_motion
from .frames import Frames, Progress

if TYPE_CHECKING:
    from .flow import Floats, PairMotion


def interpolated_frames(
    frames: Frames, positions: Sequence[Fraction], loop: bool, progress: Progress | None
) -> Iterator[tuple[int, Floats]]:
    """Interpolate the frames at the positions that fall between two frames.

    Only the flows of neighbouring pairs are held.

    Args:
        frames: A clip of at least one frame.
        positions: In frames from the first one, rising.
        loop: Whether the first frame follows the last.
        progress: Called with the pairs of frames done and their number, after each pair.

    Yields:
        The index among `positions`, rising, and the frame, [H, W, C] float32, 0..1.
    """
    flows = _PairFlows(frames, loop)
    indices_by_pair: dict[int, list[int]] = {}
    for index, position in enumerate(positions):
        if position.denominator != 1:
            indices_by_pair.setdefault(floor(position), []).append(index)
    pairs = len(frames) if loop else len(frames) - 1
    for pair in range(pairs):
        indices = indices_by_pair.get(pair, [])
        if indices:
            times = [float(positions[index] - pair) for index in indices]
            yield from zip(indices, flows.between(pair, times), strict=True)
        if progress is not None:
            progress(pair + 1, pairs)


class _PairFlows:
    """A clip with the motion between neighbours, each computed once and cached while needed."""

    def __init__(self, frames: Frames, loop: bool) -> None:
        self._frames = frames
        self._pairs = len(frames) if loop else len(frames) - 1
        self._loop = loop
        self._motions: dict[int, PairMotion] = {}

    def between(self, pair: int, times: list[float]) -> Iterator[Floats]:
        """The frames at `times`, 0..1, after frame `pair`."""
        first, second = self._frame(pair), self._frame(pair + 1)
        if (first == second).all():
            yield from (first for _ in times)
            return
        before, motion, after = (self._motion(pair + step) for step in (-1, 0, 1))
        if motion is None:
            raise IndexError(pair)
        accelerations = acceleration(before, motion), acceleration(motion, after)
        for time in times:
            yield frame_between(first, second, motion, *accelerations, time)

    def _frame(self, index: int) -> Floats:
        """Frame `index`; the frame after a loop's last is its first."""
        return self._frames[index % len(self._frames)]

    def _motion(self, pair: int) -> PairMotion | None:
        """The motion from frame `pair` to the next; None beyond the ends of an open clip."""
        if self._loop:
            pair %= self._pairs
        elif not 0 <= pair < self._pairs:
            return None
        if pair not in self._motions:
            while len(self._motions) > 2:  # only this pair and its neighbours are used again
                del self._motions[next(iter(self._motions))]
            luma = [luma_8bit(self._frame(index)) for index in (pair, pair + 1)]
            self._motions[pair] = pair_motion(*luma)
        return self._motions[pair]
