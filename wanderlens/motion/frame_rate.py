"""Converts clips to another frame rate.

The frame counts are exact. An open clip of T frames keeps its first and last frame: (T-1)·r + 1
frames at the ratio r = output / native. A loop of T frames has T steps, the last of which leads
back to frame 0: T·r frames. If that is not whole, the nearest whole number of frames divides the
clip evenly. Frames that fall on a frame of the input are that frame, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor, lcm
from typing import TYPE_CHECKING

from ..checks import whole_between
from .flow_interpolation import interpolated_frames
from .frames import Frames, Progress, RecentFrames, TensorFrames, check_finite, check_frames
from .model_interpolation import Interpolator, fill_by_interpolator

if TYPE_CHECKING:
    import torch

    from .flow import Floats

MAX_FPS = 1000
"""Highest frame rate, in frames per second."""

MAX_MULTIPLIER = 64
"""Highest multiplier of an interpolator; rates that need a higher one take its nearest frames."""

MAX_POSITION_MULTIPLIER = 15
"""Highest multiplier for `frames_at`, which takes the nearest frames: off by 1/30 frame at most.

It gives 24, 25, 30 and 32 frames per second out of 16 and 24 exactly or nearly so.
"""

REACH = 2
"""How many frames before the last one read `frames_at_rate` can still read."""


def convert_frame_rate(
    frames: torch.Tensor,
    *,
    native_fps: int | Fraction,
    output_fps: int | Fraction,
    loop: bool,
    interpolator: Interpolator | None = None,
    progress: Progress | None = None,
) -> torch.Tensor:
    """Convert a clip to another frame rate.

    Without an interpolator, frames in between are interpolated by optical flow (`motion.flow`).
    Cuts are not blended: a frame next to a cut repeats the nearer one.

    Args:
        frames: [T, H, W, C] of a floating dtype, 0..1, T at least 1, C 1, 3 or 4. Not changed.
        native_fps: Frames per second of `frames`, up to 1000: a whole number or a fraction such
            as 30000/1001.
        output_fps: Frames per second to reach, likewise.
        loop: Whether the clip repeats; then the step from the last frame to the first one is
            interpolated too.
        interpolator: Called with a few consecutive frames and a whole multiplier above 1. For
            a loop the first frame follows the last.
        progress: Called with the pairs of frames done and their number, after each pair; with an
            interpolator, after each group of pairs. Never called if the rate stays the same.

    Returns:
        [`output_frames(...)`, H, W, C], dtype and device of `frames`; `frames` itself if the rate
        stays the same. Frames in between are within 0..1.

    Raises:
        InputError: `frames` is no such tensor or holds NaN or infinity, a rate is out of range, or
            the interpolator returns another number or size of frames.
    """
    native_fps, output_fps = _rate(native_fps, "clip_fps"), _rate(output_fps, "fps")
    check_frames(frames)
    if native_fps == output_fps:
        return frames
    frames = frames.detach()
    check_finite(frames)
    positions = _positions(len(frames), Fraction(output_fps) / native_fps, loop)
    if interpolator is None:
        return _by_flow(frames, positions, loop, progress)
    multiplier = min((Fraction(output_fps) / native_fps).numerator, MAX_MULTIPLIER)
    return _by_interpolator(frames, positions, loop, progress, interpolator, multiplier)


def frames_at(
    frames: torch.Tensor,
    positions: Sequence[Fraction],
    *,
    interpolator: Interpolator | None = None,
    progress: Progress | None = None,
) -> torch.Tensor:
    """The frames of an open clip at any positions.

    Args:
        frames: [T, H, W, C] of a floating dtype, 0..1. Not changed.
        positions: In frames from the first one, 0..T-1, rising.
        interpolator: As in `convert_frame_rate`; its multiplier is at most
            `MAX_POSITION_MULTIPLIER`, and its nearest frames are taken.
        progress: As in `convert_frame_rate`.

    Returns:
        [len(positions), H, W, C]; frames that fall on one of the input are that frame, bit for bit.
    """
    if interpolator is None:
        return _by_flow(frames, positions, False, progress)
    multiplier = min(lcm(*(at.denominator for at in positions)), MAX_POSITION_MULTIPLIER)
    if multiplier == 1:
        return _with_native_frames(frames, positions)
    return _by_interpolator(frames, positions, False, progress, interpolator, multiplier)


def frames_at_rate(
    frames: Frames,
    *,
    native_fps: int | Fraction,
    output_fps: int | Fraction,
    loop: bool,
    progress: Progress | None = None,
) -> Iterator[Floats]:
    """Convert a clip of any length to another frame rate by optical flow, a frame at a time.

    Args:
        frames: A clip of at least one frame. An open clip is read in order, and no frame again that
            lies more than `REACH` before the last one read; after a loop's last frames its first
            ones are read again.
        native_fps: As in `convert_frame_rate`.
        output_fps: Likewise.
        loop: Likewise.
        progress: Likewise.

    Yields:
        `output_frames(...)` frames [H, W, C] float32, 0..1, as `convert_frame_rate` gives them.

    Raises:
        InputError: a rate is out of range.
    """
    native_fps, output_fps = _rate(native_fps, "clip_fps"), _rate(output_fps, "fps")
    positions = _positions(len(frames), Fraction(output_fps) / native_fps, loop)
    return _stream(RecentFrames(frames, REACH + 1), positions, loop, progress)


def _stream(
    frames: Frames, positions: Sequence[Fraction], loop: bool, progress: Progress | None
) -> Iterator[Floats]:
    """The frames at rising positions, one by one."""
    interpolated = interpolated_frames(frames, positions, loop, progress)
    for position in positions:
        yield frames[int(position)] if position.denominator == 1 else next(interpolated)[1]
    for _ in interpolated:  # reports progress for the remaining pairs
        pass


def output_frames(
    native_frames: int, native_fps: int | Fraction, output_fps: int | Fraction, loop: bool
) -> int:
    """Number of frames after a conversion.

    (T-1)·r + 1 for an open clip of T frames, T·r for a loop, at the ratio r = output / native; the
    nearest whole number if that is not whole, rounding half up, and at least 1.
    """
    ratio = Fraction(output_fps) / Fraction(native_fps)
    if loop:
        return max(1, _nearest(native_frames * ratio))
    return _nearest((native_frames - 1) * ratio) + 1


def _nearest(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))


def _rate(value: object, widget: str) -> int | Fraction:
    if isinstance(value, Fraction) and 0 < value <= MAX_FPS:
        return value
    return whole_between(value, widget, 1, MAX_FPS, "Set a whole number of frames per second.")


def _positions(native_frames: int, ratio: Fraction, loop: bool) -> list[Fraction]:
    """The position of each output frame, in native frames from the first one."""
    count = output_frames(native_frames, ratio.denominator, ratio.numerator, loop)
    span = native_frames if loop else native_frames - 1
    step = Fraction(span, max(1, count if loop else count - 1))
    return [step * index for index in range(count)]


def _by_flow(
    frames: torch.Tensor, positions: Sequence[Fraction], loop: bool, progress: Progress | None
) -> torch.Tensor:
    """The frames at positions, interpolated by optical flow."""
    import torch

    result = _with_native_frames(frames, positions)
    for index, frame in interpolated_frames(TensorFrames(frames), positions, loop, progress):
        result[index] = torch.from_numpy(frame)
    return result


def _by_interpolator(
    frames: torch.Tensor,
    positions: Sequence[Fraction],
    loop: bool,
    progress: Progress | None,
    interpolator: Interpolator,
    multiplier: int,
) -> torch.Tensor:
    """The interpolator's frames that are nearest to the positions."""
    period = len(frames) * multiplier  # a loop's end on the interpolator's grid is its start
    grid = [_nearest(position * multiplier) % period for position in positions]
    result = _with_native_frames(frames, [Fraction(at, multiplier) for at in grid])
    pairs = len(frames) if loop else len(frames) - 1
    fill_by_interpolator(result, frames, grid, multiplier, pairs, interpolator, progress)
    return result


def _with_native_frames(frames: torch.Tensor, positions: Sequence[Fraction]) -> torch.Tensor:
    """A new clip of `len(positions)` frames, those that fall on native frames filled in."""
    result = frames.new_empty((len(positions), *frames.shape[1:]))
    for index, position in enumerate(positions):
        if position.denominator == 1:
            result[index] = frames[int(position)]
    return result
