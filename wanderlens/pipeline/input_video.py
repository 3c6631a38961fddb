"""Prepares IMAGE clips to be extended or joined: RGB, one size, one frame rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import torch

from ..motion import (
    Interpolator,
    TensorFrames,
    check_finite,
    check_frames,
    convert_frame_rate,
    fit_frames,
)
from ..shot import check_fps
from .input_image import checked_picture


@dataclass(frozen=True, slots=True)
class InputClips:
    """A clip, and what may follow it, of one size and frame rate.

    Attributes:
        clip: [T, H, W, 3], float32, 0..1, on the CPU; never to be written to.
        fps: Frames per second.
        following: The clip that follows, likewise; None for none.
        ending: The picture to end on, [1, H, W, 3], likewise; None for none.
        notes: What was done to them, for the report.
    """

    clip: torch.Tensor
    fps: Fraction
    following: torch.Tensor | None
    ending: torch.Tensor | None
    notes: tuple[str, ...]


def prepared_clips(
    frames: object,
    clip_fps: object,
    next_frames: object = None,
    next_fps: object = 16.0,
    end_image: object = None,
    *,
    interpolator: Interpolator | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> InputClips:
    """Check clips, and bring the one that follows to the size and rate of the first.

    Args:
        frames: IMAGE, [T, H, W, C], 0..1, C 1, 3 or 4.
        clip_fps: Its frames per second, 1 to 240.
        next_frames: IMAGE, likewise, of any size; None for none.
        next_fps: Its frames per second; read only if there is one.
        end_image: IMAGE, of any size; None for none.
        interpolator: Makes the frames in between, where the rates differ.
        progress: Called while frames are made.

    Returns:
        The clips. One that is RGB in float32 on the CPU is passed on as it is, bit for bit.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    fps = check_fps(clip_fps, "clip_fps")
    clip, notes = _rgb(frames, "frames")
    following = None
    if next_frames is not None:
        following, more = _following(next_frames, next_fps, clip, fps, interpolator, progress)
        notes = (*notes, *more)
    ending, more = fitted_ending(end_image, *clip.shape[1:3])
    return InputClips(clip, fps, following, ending, (*notes, *more))


def _following(
    next_frames: object,
    next_fps: object,
    clip: torch.Tensor,
    fps: Fraction,
    interpolator: Interpolator | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[torch.Tensor, tuple[str, ...]]:
    """The clip that follows, of the size and rate of the first, and notes on it."""
    own = check_fps(next_fps, "next_fps")
    following, notes = _rgb(next_frames, "next_frames", clip)
    if own != fps:
        before = len(following)
        following = convert_frame_rate(
            following,
            native_fps=own,
            output_fps=fps,
            loop=False,
            interpolator=interpolator,
            progress=progress,
        )
        notes = (*notes, rate_note(before, own, len(following), fps))
    return following, notes


def fit_note(widget: str, note: str) -> str:
    """What `motion.fit_frames` says of a clip, with the input that it is said of."""
    return f"{widget}: {note[:1].lower()}{note[1:]}"


def rate_note(before: int, own: Fraction, after: int, fps: Fraction) -> str:
    """What to say of a clip that was brought to the rate of the one before it."""
    return (
        f"next_frames at {float(own):.4g} fps were brought to {float(fps):.4g}: {before} frames "
        f"became {after}."
    )


def fitted_ending(
    end_image: object, height: int, width: int
) -> tuple[torch.Tensor | None, tuple[str, ...]]:
    """A picture brought to the size of a clip.

    Args:
        end_image: IMAGE, or None.
        height: Of the clip, pixels.
        width: Likewise.

    Returns:
        [1, H, W, 3], float32, 0..1, or None; and notes on it.

    Raises:
        InputError: it is no picture.
    """
    if end_image is None:
        return None, ()
    picture = checked_picture(end_image, "end_image")
    pixels, notes = _fitted(picture.pixels, "end_image", (height, width))
    return pixels, (*picture.notes, *notes)


def _rgb(
    frames: object, widget: str, like: torch.Tensor | None = None
) -> tuple[torch.Tensor, tuple[str, ...]]:
    """A checked clip in RGB, of the size of another one if that is given."""
    check_frames(frames, widget)
    assert isinstance(frames, torch.Tensor), "check_frames has seen to it"
    check_finite(frames, widget)
    frames = frames.detach().to("cpu", torch.float32)
    return _fitted(frames, widget, tuple((frames if like is None else like).shape[1:3]))


def _fitted(
    frames: torch.Tensor, widget: str, size: tuple[int, ...]
) -> tuple[torch.Tensor, tuple[str, ...]]:
    """Frames [T, H, W, C] in RGB and of a height and width, and a note on what was done."""
    height, width = size
    fitted, note = fit_frames(TensorFrames(frames), height, width)
    if note is None:
        return frames, ()
    result = torch.empty((len(frames), height, width, 3))
    for index in range(len(frames)):
        result[index] = torch.from_numpy(fitted[index])
    return result, (fit_note(widget, note),)
