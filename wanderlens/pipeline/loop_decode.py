"""Decodes a generated loop so that its seam looks like any other place of the clip.

Wan's VAE decodes causally with a long memory: frames after a cold start look different from frames
in the middle of a clip. Therefore the last latents are put in front of the first ones, and the
frames that are decoded twice are crossfaded; both copies show the same, so nothing ghosts.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..motion import TensorFrames, loop_of_tensor, match_loop_to_still, measure_seam, seam_report
from ..shot.timing import Timing

LEAD = 4
"""Last latents that are decoded once more in front of the first ones."""

BLENDED = 8
"""Frames over which the end is crossfaded into its second decoding."""


def decode_after_end(
    decode: Callable[[torch.Tensor], torch.Tensor], first: torch.Tensor, last: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Decode the first segment of a loop as the continuation of its last segment.

    Args:
        decode: Latents to frames.
        first: Latents of the first segment, [1, C, 1 + n, h, w].
        last: Latents of the last segment, [1, C, 1 + m, h, w]; the same where there is only one.

    Returns:
        Frames of the first segment, [1 + 4n, H, W, 3], the frame before them standing in for frame
        0; and the last frames of the end as they lead there, [up to `BLENDED`, H, W, 3].
    """
    lead = last[:, :, 1:][:, :, -LEAD:].to(first)
    frames = decode(torch.cat([first[:, :, :1], lead, first[:, :, 1:]], 2))
    led = 1 + 4 * lead.shape[2]
    return frames[led - 1 :], frames[max(1, led - BLENDED) : led].clone()


def blend_end_into_start(clip: torch.Tensor, lead: torch.Tensor) -> torch.Tensor:
    """Crossfade the end of a loop into its second decoding, which leads to the start.

    Args:
        clip: [P + 1, H, W, 3], frame P repeating the still. Changed in place.
        lead: The last frames as they lead to frame 1, [n, H, W, 3].

    Returns:
        One period, [P, H, W, 3], a view of `clip`: frame P, then the frames 1 to P-1.
    """
    count = min(len(lead), len(clip) - 1)
    for index in range(count):
        share = (index + 1) / count
        clip[len(clip) - count + index].lerp_(lead[len(lead) - count + index], share)
    clip[0] = clip[-1]
    return clip[:-1]


def finish_loop(
    frames: torch.Tensor,
    timing: Timing,
    still: torch.Tensor,
    progress: Callable[[int, int], None] | None = None,
    allocate: Callable[[tuple[int, ...]], torch.Tensor] = torch.empty,
) -> tuple[torch.Tensor, list[str]]:
    """Match the colours of a loop over its period, or blend it closed, and measure its seam.

    Args:
        frames: One period, [period, H, W, 3], whose colours are changed in place; or, where the end
            was not known, [period + blended, H, W, 3].
        timing: Its frame counts.
        still: What it starts with, [H, W, 3], float32.
        progress: Called while frames are read.
        allocate: Gives a tensor for a loop that is blended.

    Returns:
        One period, [period, H, W, 3], and lines for the report.
    """
    if timing.blended:
        loop, closed = loop_of_tensor(
            frames,
            "motion crossfade",
            timing.blended,
            fps=timing.native_fps,
            progress=progress,
            allocate=allocate,
        )
        if len(loop) != timing.period:
            raise RuntimeError(f"the loop has {len(loop)} frames instead of {timing.period}")
        return loop, closed.report.splitlines()[1:]
    lines = []
    changes = match_loop_to_still(frames, still, progress)
    if changes:
        most = max(change.size for change in changes)
        lines.append(
            f"Colour: the new frames next to the still were up to ΔE {most:.1f} off; matched to it "
            "over the whole loop"
        )
    measures = measure_seam(TensorFrames(frames), fps=timing.native_fps, progress=progress)
    return frames, [*lines, *seam_report(measures)]
