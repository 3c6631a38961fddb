"""Interpolates a clip's frames at fractional positions by an interpolation model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..errors import InputError
from .frames import Progress

if TYPE_CHECKING:
    import torch

Interpolator = Callable[["torch.Tensor", int], "torch.Tensor"]
"""Turns frames [N, H, W, C] and a whole multiplier m into (N-1)·m + 1 frames."""

_FRAMES_PER_CALL = 64
"""About how many frames an interpolator is asked for in one call, which bounds the memory."""


def fill_by_interpolator(
    result: torch.Tensor,
    frames: torch.Tensor,
    grid: list[int],
    multiplier: int,
    pairs: int,
    interpolator: Interpolator,
    progress: Progress | None,
) -> None:
    """Write the interpolated frames of a conversion.

    Args:
        result: [n, H, W, C]; frames that fall between two of `frames` are written.
        frames: [T, H, W, C]. Where a position lies behind the last frame, the first one follows.
        grid: The n positions, in 1/multiplier of a frame.
        multiplier: The interpolator's multiplier.
        pairs: Pairs of neighbouring frames, the wrap of a loop included.
        interpolator: Called with a few consecutive frames at a time.
        progress: Called with the pairs done and `pairs`, after each call of the interpolator, and
            at the end.

    Raises:
        InputError: the interpolator returns another number or size of frames.
    """
    import torch

    done = 0
    limit = max(1, _FRAMES_PER_CALL // multiplier)
    for start, stop in _runs({at // multiplier for at in grid if at % multiplier}, limit):
        given = frames[start : stop + 1]
        if stop == len(frames):
            given = torch.cat((given, frames[:1]))
        interpolated = interpolator(given, multiplier)
        _check_shape(interpolated, given, multiplier)
        for index, at in enumerate(grid):
            if at % multiplier and start <= at // multiplier < stop:
                result[index] = interpolated[at - start * multiplier].clamp(0, 1)
        done = stop
        if progress is not None:
            progress(done, pairs)
    if progress is not None and done < pairs:
        progress(pairs, pairs)


def _runs(pairs: set[int], limit: int) -> Iterator[tuple[int, int]]:
    """Consecutive numbers as ranges (first, one past the last) of at most `limit`."""
    start = stop = -1
    for pair in sorted(pairs):
        if pair != stop or stop - start == limit:
            if stop > start:
                yield start, stop
            start = pair
        stop = pair + 1
    if stop > start:
        yield start, stop


def _check_shape(interpolated: object, given: torch.Tensor, multiplier: int) -> None:
    """Refuse what is not (N-1)·m + 1 frames of the size that was given."""
    expected = ((len(given) - 1) * multiplier + 1, *given.shape[1:])
    shape = tuple(getattr(interpolated, "shape", ()))
    if shape != expected:
        raise InputError(
            f"the interpolator must return frames of the shape {expected}",
            shape or type(interpolated).__name__,
            "Disconnect interp_model or connect another model.",
            "interp_model",
        )
