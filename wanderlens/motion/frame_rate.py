"""A clip at another frame rate.

The counts are exact. An open clip of T frames keeps its first and last frame: (T-1)·r + 1 frames
at the ratio r = output / native. A loop of T frames has T steps, the last of which leads back to
frame 0: T·r frames. Where that is not whole, the nearest whole number of frames divides the clip
evenly. Frames that fall on a frame of the input are that frame, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import floor, lcm
from typing import TYPE_CHECKING

from ..checks import whole_between
from ..errors import InputError
from .flow import acceleration, frame_between, luma_8bit, pair_motion
from .frames import Frames, Progress, RecentFrames, TensorFrames, check_finite, check_frames

if TYPE_CHECKING:
    import torch

    from .flow import Floats, PairMotion

Interpolator = Callable[["torch.Tensor", int], "torch.Tensor"]
"""Turns frames [N, H, W, C] and a whole multiplier m into (N-1)·m + 1 frames."""

MAX_FPS = 1000
"""Highest frame rate, in frames per second."""

MAX_MULTIPLIER = 64
"""Rates that would need an interpolator to make more frames than this out of one take its nearest.
"""

FINE = 15
"""Frames at any places are an interpolator's nearest of so many to one: off by 1/30 frame at most.

It makes those of 24, 25, 30 and 32 frames per second out of 16 and 24 exactly, or all but.
"""

REACH = 2
"""How many frames before the last one asked for `frames_at_rate` still reads."""

_INTERPOLATED_AT_ONCE = 64
"""About how many frames an interpolator is asked for in one call, which bounds the memory."""


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

    Without an interpolator, frames in between are made from optical flow (`motion.flow`). Cuts
    are not blended: a frame next to a cut repeats the nearer one.

    Args:
        frames: [T, H, W, C] of a floating dtype, 0..1, T at least 1, C 1, 3 or 4. Not changed.
        native_fps: Frames per second of `frames`, up to 1000: a whole number, or a fraction such
            as 30000/1001.
        output_fps: Frames per second to reach, likewise.
        loop: Whether the clip repeats; then the step from the last frame to the first one is
            interpolated too.
        interpolator: Called with a few frames that follow each other and a whole multiplier
            above 1. For a loop the first frame follows the last.
        progress: Called with the pairs of frames done and their number, after each pair; with an
            interpolator, after each group of pairs. Never called where there is nothing to do.

    Returns:
        [`output_frames(...)`, H, W, C], dtype and device of `frames`; `frames` itself if the rate
        stays the same. Frames in between are within 0..1.

    Raises:
        InputError: frames that are not such a tensor or hold NaN or infinity, a rate out of
            range, or an interpolator that returns another number or size of frames.
    """
    native_fps, output_fps = _rate(native_fps, "clip_fps"), _rate(output_fps, "fps")
    check_frames(frames)
    if native_fps == output_fps:
        return frames
    frames = frames.detach()
    check_finite(frames)
    places = _places(len(frames), Fraction(output_fps) / native_fps, loop)
    if interpolator is None:
        return _filled_by_flow(frames, places, loop, progress)
    multiplier = min((Fraction(output_fps) / native_fps).numerator, MAX_MULTIPLIER)
    return _by_interpolator(frames, places, loop, progress, interpolator, multiplier)


def frames_at(
    frames: torch.Tensor,
    places: Sequence[Fraction],
    *,
    interpolator: Interpolator | None = None,
    progress: Progress | None = None,
) -> torch.Tensor:
    """The frames of an open clip at any places.

    Args:
        frames: [T, H, W, C] of a floating dtype, 0..1. Not changed.
        places: In frames from the first one, 0..T-1, rising.
        interpolator: As in `convert_frame_rate`; where it would have to make more than
            `FINE` frames out of one, its nearest is taken.
        progress: As in `convert_frame_rate`.

    Returns:
        [len(places), H, W, C]; frames that fall on one of the input are that frame, bit for bit.
    """
    if interpolator is None:
        return _filled_by_flow(frames, list(places), False, progress)
    multiplier = min(lcm(*(place.denominator for place in places)), FINE)
    if multiplier == 1:
        return _with_native_frames(frames, list(places))
    return _by_interpolator(frames, list(places), False, progress, interpolator, multiplier)


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
        frames: A clip of at least one frame. Of an open clip, frames are asked for in order, and
            none again that lies more than `REACH` before the last one asked for; a loop's last
            frames are followed by its first ones.
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
    places = _places(len(frames), Fraction(output_fps) / native_fps, loop)
    return _stream(RecentFrames(frames, REACH + 1), places, loop, progress)


def _stream(
    frames: Frames, places: Sequence[Fraction], loop: bool, progress: Progress | None = None
) -> Iterator[Floats]:
    """The frames at rising places, one by one."""
    made = _by_flow(frames, places, loop, progress)
    for place in places:
        yield frames[int(place)] if place.denominator == 1 else next(made)[1]
    for _ in made:  # tells of the pairs that nothing lies between
        pass


def output_frames(
    native_frames: int, native_fps: int | Fraction, output_fps: int | Fraction, loop: bool
) -> int:
    """Number of frames after a conversion.

    (T-1)·r + 1 for an open clip of T frames, T·r for a loop, at the ratio r = output / native; the
    nearest whole number where that is not whole, the larger one on a tie, and at least 1.
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


def _places(native_frames: int, ratio: Fraction, loop: bool) -> list[Fraction]:
    """Where each output frame lies, in native frames from the first one."""
    count = output_frames(native_frames, ratio.denominator, ratio.numerator, loop)
    span = native_frames if loop else native_frames - 1
    step = Fraction(span, max(1, count if loop else count - 1))
    return [step * index for index in range(count)]


class _Flows:
    """Frames, and the motion between neighbours, each worked out once while it is needed."""

    def __init__(self, frames: Frames, loop: bool) -> None:
        self._frames = frames
        self._pairs = len(frames) if loop else len(frames) - 1
        self._loop = loop
        self._motions: dict[int, PairMotion] = {}

    def picture(self, index: int) -> Floats:
        """Frame `index` as an array; the frame after a loop's last is its first."""
        return self._frames[index % len(self._frames)]

    def motion(self, pair: int) -> PairMotion | None:
        """The motion from frame `pair` to the next; None beyond the ends of an open clip."""
        if self._loop:
            pair %= self._pairs
        elif not 0 <= pair < self._pairs:
            return None
        if pair not in self._motions:
            while len(self._motions) > 2:  # this pair's neighbours are all that is used again
                del self._motions[next(iter(self._motions))]
            luma = [luma_8bit(self.picture(index)) for index in (pair, pair + 1)]
            self._motions[pair] = pair_motion(*luma)
        return self._motions[pair]

    def between(self, pair: int, times: list[float]) -> Iterator[Floats]:
        """The frames at `times`, 0..1, after frame `pair`."""
        first, second = self.picture(pair), self.picture(pair + 1)
        if (first == second).all():
            yield from (first for _ in times)
            return
        before, motion, after = (self.motion(pair + step) for step in (-1, 0, 1))
        if motion is None:
            raise IndexError(pair)
        bends = acceleration(before, motion), acceleration(motion, after)
        for time in times:
            yield frame_between(first, second, motion, *bends, time)


def _filled_by_flow(
    frames: torch.Tensor, places: list[Fraction], loop: bool, progress: Progress | None
) -> torch.Tensor:
    """A new clip with the frames at places."""
    import torch

    result = _with_native_frames(frames, places)
    for index, made in _by_flow(TensorFrames(frames), places, loop, progress):
        result[index] = torch.from_numpy(made)
    return result


def _by_flow(
    frames: Frames, places: Sequence[Fraction], loop: bool, progress: Progress | None
) -> Iterator[tuple[int, Floats]]:
    """The frames in between, with their indices among `places`; only neighbouring flows are held.

    They come in order, for the places rise.
    """
    flows = _Flows(frames, loop)
    wanted: dict[int, list[int]] = {}
    for index, place in enumerate(places):
        if place.denominator != 1:
            wanted.setdefault(floor(place), []).append(index)
    pairs = len(frames) if loop else len(frames) - 1
    for pair in range(pairs):
        indices = wanted.get(pair, [])
        if indices:
            times = [float(places[index] - pair) for index in indices]
            yield from zip(indices, flows.between(pair, times), strict=True)
        if progress is not None:
            progress(pair + 1, pairs)


def _by_interpolator(
    frames: torch.Tensor,
    places: list[Fraction],
    loop: bool,
    progress: Progress | None,
    interpolator: Interpolator,
    multiplier: int,
) -> torch.Tensor:
    """Fills the output from the interpolator's frames.

    Where the count was rounded, the frames are the interpolator's nearest ones.
    """
    import torch

    turn = len(frames) * multiplier  # of a loop the end of the grid is its start
    on_grid = [_nearest(place * multiplier) % turn for place in places]
    result = _with_native_frames(frames, [Fraction(index, multiplier) for index in on_grid])
    pairs = len(frames) if loop else len(frames) - 1
    done = 0
    limit = max(1, _INTERPOLATED_AT_ONCE // multiplier)
    for start, stop in _runs({at // multiplier for at in on_grid if at % multiplier}, limit):
        given = frames[start : stop + 1]
        if stop == len(frames):
            given = torch.cat((given, frames[:1]))
        made = interpolator(given, multiplier)
        _check_made(made, given, multiplier)
        for index, at in enumerate(on_grid):
            if at % multiplier and start <= at // multiplier < stop:
                result[index] = made[at - start * multiplier].clamp(0, 1)
        done = stop
        if progress is not None:
            progress(done, pairs)
    if progress is not None and done < pairs:
        progress(pairs, pairs)
    return result


def _with_native_frames(frames: torch.Tensor, places: list[Fraction]) -> torch.Tensor:
    """A new clip with the frames that fall on native ones filled in."""
    result = frames.new_empty((len(places), *frames.shape[1:]))
    for index, place in enumerate(places):
        if place.denominator == 1:
            result[index] = frames[int(place)]
    return result


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


def _check_made(made: object, given: torch.Tensor, multiplier: int) -> None:
    """Refuses what is not (N-1)·m + 1 frames of the size that was given."""
    wanted = ((len(given) - 1) * multiplier + 1, *given.shape[1:])
    shape = tuple(getattr(made, "shape", ()))
    if shape != wanted:
        raise InputError(
            f"the interpolator must return frames of the shape {wanted}",
            shape or type(made).__name__,
            "Disconnect interp_model or connect another model.",
            "interp_model",
        )
