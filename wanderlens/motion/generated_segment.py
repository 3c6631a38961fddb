"""A segment's frames as the model generated them, with the true frames before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .frames import Progress, TensorFrames

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class GeneratedSegment:
    """A segment between known frames.

    Attributes:
        tensor: [F, H, W, 3] float32, 0..1, on the CPU; changed in place by the functions that take
            a segment.
        before: The clip's last frames as they are, [n, H, W, 3], likewise.
        first: Index of the first new frame.
        stop: Index after the last new frame.
        after: The true frames that the segment ends on, [m, H, W, 3]; None for an open end.
        progress: Called with the frames done and F.
    """

    tensor: torch.Tensor
    before: torch.Tensor
    first: int
    stop: int
    after: torch.Tensor | None
    progress: Progress | None

    @property
    def frames(self) -> TensorFrames:
        """The segment as `Frames`."""
        return TensorFrames(self.tensor)

    def done(self, index: int) -> None:
        """Report progress: frame `index` is done."""
        if self.progress is not None:
            self.progress(index + 1, len(self.tensor))
