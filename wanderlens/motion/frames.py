"""The `Frames` protocol: a clip read frame by frame, so that memory does not grow with its length.

A clip is anything with a length whose items are frames, [H, W, C] float32 arrays in 0..1; a frame
is read on demand and never written to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from ..errors import InputError

if TYPE_CHECKING:
    import torch

    from .flow import Floats


Progress = Callable[[int, int], None]
"""Called with the work done and the total; an exception from it cancels the work."""


class Frames(Protocol):
    """A clip of T frames, read by their index from 0 to T-1."""

    def __len__(self) -> int:
        """The number of frames."""
        ...

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index`, [H, W, C] float32, 0..1; not to be written to."""
        ...


class TensorFrames:
    """The frames of a tensor, each moved to the CPU when it is read."""

    def __init__(self, frames: torch.Tensor) -> None:
        """Wrap a tensor.

        Args:
            frames: [T, H, W, C], of a floating dtype in 0..1, or uint8 in 0..255. Not changed.
        """
        self._frames = frames.detach()

    def __len__(self) -> int:
        """The number of frames."""
        return len(self._frames)

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index`, [H, W, C] float32, 0..1."""
        import torch

        frame = self._frames[index]
        whole = not frame.is_floating_point()
        frame = frame.to("cpu", torch.float32)
        return (frame / 255 if whole else frame).contiguous().numpy()


class RecentFrames:
    """A clip whose most recently read frames are cached, for clips whose frames are computed."""

    def __init__(self, frames: Frames, count: int) -> None:
        """Cache the last `count` frames."""
        self._source = frames
        self._count = count
        self._held: dict[int, Floats] = {}

    def __len__(self) -> int:
        """The number of frames."""
        return len(self._source)

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index`, [H, W, C] float32, 0..1."""
        if index not in self._held:
            frame = self._source[index]
            while len(self._held) >= self._count:
                del self._held[next(iter(self._held))]
            self._held[index] = frame
        return self._held[index]


class StreamedFrames:
    """A clip that arrives in pieces and is read in order; only its last frames are held."""

    def __init__(self, pieces: Iterable[torch.Tensor], count: int, reach: int) -> None:
        """Wrap an iterator; nothing is read yet.

        Args:
            pieces: [n, H, W, C] each, float32, 0..1, on the CPU.
            count: Frames of all of them.
            reach: How far behind the latest frame the others are held.
        """
        self._frames = _copies(pieces)
        self._count = count
        self._read = 0
        self._held: deque[Floats] = deque(maxlen=reach + 1)

    def __len__(self) -> int:
        """The number of frames."""
        return self._count

    def __getitem__(self, index: int, /) -> Floats:
        """Frame `index`, [H, W, C] float32, 0..1.

        Raises:
            IndexError: there is no such frame, or it is no longer held.
            RuntimeError: the pieces have fewer frames than `count`.
        """
        while index >= self._read and self._read < self._count:
            frame = next(self._frames, None)
            if frame is None:
                raise RuntimeError(f"the clip has {self._read} frames instead of {self._count}")
            self._held.append(frame)
            self._read += 1
        if not self._read - len(self._held) <= index < self._read:
            raise IndexError(index)
        return self._held[index - self._read]


def _copies(pieces: Iterable[torch.Tensor]) -> Iterator[Floats]:
    """Each frame as an array of its own; no piece is held when the next one is asked for."""
    for piece in pieces:
        for index in range(len(piece)):
            yield piece[index].numpy().copy()
        del piece


def check_frames(frames: object, widget: str = "frames") -> None:
    """Check that a node's input is a batch of images.

    Args:
        frames: Anything; should be [T, H, W, C] of a floating dtype, with C 1, 3 or 4.
        widget: The input's name, for errors.

    Raises:
        InputError: it is not such a tensor, or is empty.
    """
    import torch

    rule, remedy = f"{widget} must be a batch of images", "Connect an IMAGE output."
    if not isinstance(frames, torch.Tensor):
        raise InputError(rule, type(frames).__name__, remedy, widget)
    shape = tuple(frames.shape)
    if len(shape) != 4 or 0 in shape or shape[3] not in (1, 3, 4):
        rule = f"{widget} must have the shape [frames, height, width, 1, 3 or 4 channels]"
        raise InputError(rule, shape, remedy, widget)
    if not frames.is_floating_point():
        rule = f"{widget} must be floating-point numbers from 0 to 1"
        raise InputError(rule, str(frames.dtype), "Divide whole numbers by 255.", widget)


def check_finite(frames: torch.Tensor, widget: str = "frames") -> None:
    """Check a clip for NaN and infinity, frame by frame.

    Args:
        frames: [T, H, W, C] of a floating dtype.
        widget: The input's name, for errors.

    Raises:
        InputError: a frame holds NaN or infinity.
    """
    for index, frame in enumerate(frames):
        if not frame.isfinite().all():
            raise InputError(
                f"{widget} must be finite numbers",
                f"NaN or infinity in frame {index}",
                "Look for the node that made them; a VAE in half precision can do that.",
                widget,
            )
