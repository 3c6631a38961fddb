"""Matches the colours of a loop that a model generated to those of its still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .colour import ColourShift, noticeable_shift, recoloured
from .frames import Progress, TensorFrames

if TYPE_CHECKING:
    import torch


def match_loop_to_still(
    frames: torch.Tensor, still: torch.Tensor, progress: Progress | None = None
) -> tuple[ColourShift, ...]:
    """Bring the colours of a generated loop to those of its still, in place.

    A model's colours can be off from the first new frame on, and return to the still's gradually
    or not at all. The change that frame 1 needs fades out over the period, the change that the last
    frame needs fades in, and frame 0 gets its own, so that no step is visible anywhere.

    Args:
        frames: [T, H, W, 3] float32, 0..1, T at least 2; frame 0 shows the still, frame 1 what
            comes next. Changed.
        still: [H, W, 3] float32, 0..1.
        progress: Called after each frame that is changed.

    Returns:
        The changes that were applied; none that is too small to notice, or where the frame has too
        little in common with the still to compare them.
    """
    import torch

    clip, count = TensorFrames(frames), len(frames)
    target = still.to("cpu", torch.float32).numpy()
    own, fading, growing = (
        noticeable_shift([(clip[index], target)]) for index in (0, 1, count - 1)
    )
    changes = tuple(change for change in (own, fading, growing) if change is not None)
    if not changes:
        return ()
    for index in range(count):
        left = (count - 1 - index) / max(1, count - 2)
        parts = ((fading, left), (growing, 1 - left)) if index else ((own, 1.0),)
        weighted = [(change, amount) for change, amount in parts if change is not None]
        frames[index] = torch.from_numpy(recoloured(clip[index], weighted))
        if progress is not None:
            progress(index + 1, count)
    return changes
