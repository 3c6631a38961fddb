"""Fits a clip to another one's size and channels by cropping and scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .frames import Frames

if TYPE_CHECKING:
    from .flow import Floats


def fit_frames(
    frames: Frames, height: int, width: int, channels: int = 3
) -> tuple[Frames, str | None]:
    """Bring a clip's frames to a size and a number of channels, each when it is asked for.

    They are cropped around their centre to the target's aspect ratio and scaled: area-averaged to
    shrink, Lanczos to enlarge. Where alpha is dropped, transparent parts are composited on white;
    grey is repeated over the colour channels.

    Args:
        frames: A clip of at least one frame, C 1, 3 or 4. Not changed.
        height: Pixels.
        width: Pixels.
        channels: 1 (grey), 3 (RGB) or 4 (RGB and alpha).

    Returns:
        Frames [height, width, channels] float32, 0..1, and a sentence about what is done to them;
        the clip itself and None if it fits already.
    """
    from_height, from_width, from_channels = frames[0].shape
    if (from_height, from_width, from_channels) == (height, width, channels):
        return frames, None
    scale = max(height / from_height, width / from_width)
    rows = min(from_height, max(1, round(height / scale)))
    columns = min(from_width, max(1, round(width / scale)))
    done = []
    if (rows, columns) != (from_height, from_width):
        lost = 1 - rows * columns / (from_height * from_width)
        done.append(f"cropped by {100 * lost:.1f}%")
    if (rows, columns) != (height, width):
        done.append(f"scaled by {scale:.3g}")
    if from_channels == 4 and channels != 4:
        done.append("laid on white")
    if channels != from_channels and (channels == 1 or from_channels == 1):
        done.append("made grey" if channels == 1 else "turned from grey to colour")
    if from_channels != 4 and channels == 4:
        done.append("made opaque")
    what = " and ".join([", ".join(done[:-1]), done[-1]] if len(done) > 1 else done)
    to = f" to {width}x{height}" if (from_height, from_width) != (height, width) else ""
    note = f"Frames of {from_width}x{from_height} are {what}{to}."
    top, left = (from_height - rows) // 2, (from_width - columns) // 2
    return _FittedFrames(frames, (top, left, rows, columns), (height, width, channels)), note


@dataclass(frozen=True, slots=True)
class _FittedFrames:
    """A clip cut to `crop` (top, left, rows, columns) and brought to a shape [H, W, C]."""

    frames: Frames
    crop: tuple[int, int, int, int]
    shape: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int, /) -> Floats:
        import cv2
        import numpy as np

        height, width, channels = self.shape
        top, left, rows, columns = self.crop
        cut = self.frames[index][top : top + rows, left : left + columns]
        frame = np.ascontiguousarray(_with_channels(cut, channels))
        if (rows, columns) == (height, width):
            return frame
        way = cv2.INTER_AREA if rows * columns > height * width else cv2.INTER_LANCZOS4
        scaled: Any = cv2.resize(frame, (width, height), interpolation=way)
        return np.clip(scaled.reshape(self.shape), 0, 1)  # OpenCV drops the axis of one channel


def _with_channels(frame: Floats, channels: int) -> Floats:
    """A frame with another number of channels."""
    import cv2
    import numpy as np

    if frame.shape[2] == channels:
        return frame
    if frame.shape[2] == 4:
        alpha = frame[..., 3:]
        frame = frame[..., :3] * alpha + (1 - alpha)
    if channels == 1:
        grey: Any = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
        return grey[..., None]
    if frame.shape[2] == 1:
        frame = np.repeat(frame, 3, 2)
    if channels == 4:
        frame = np.concatenate([frame, np.ones_like(frame[..., :1])], 2)
    return frame
