"""A clip longer than the model's window, made as several shots that continue one another."""

from __future__ import annotations

from dataclasses import dataclass

from ..checks import as_whole
from ..errors import InputError
from .conditioning import KnownFrames, check_known, latent_frames
from .family import Family

CONTEXT_FRAMES = (1, 5, 9, 13)
"""Frames that a shot may take over from the one before: whole latents, at most four of them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One shot of a clip. Frames are counted at the native frame rate.

    Joining the last `new_frames` frames of every segment gives the clip.

    Attributes:
        index: 0 for the first shot.
        start: Position in the joined clip of the shot's first new frame.
        sampled_frames: Frames that the model makes, 4m+1, within its window.
        context: Known frames at the start: 1 in the first shot, the still; then the last frames
            of the clip so far.
        new_frames: Frames that the shot adds to the clip: all of the first shot (the still's own
            frame is part of the clip), later those after the context, a multiple of 4.
        known: The known frames, `context` of them at the start.
        seed_offset: What is added to the clip's seed for this shot.
    """

    index: int
    start: int
    sampled_frames: int
    context: int
    new_frames: int
    known: KnownFrames
    seed_offset: int


def plan_segments(
    sampled_frames: int, family: Family, context_frames: object = 5, tail: int = 0, beyond: int = 0
) -> tuple[Segment, ...]:
    """Divide a clip into the fewest shots, as equal in length as whole latents allow.

    Args:
        sampled_frames: Frames of the whole clip, 4n+1 with n of at least 1.
        family: The model family, whose `native_window` no shot exceeds by more than `beyond`.
        context_frames: Frames that each later shot takes over from the clip so far: 1, 5, 9, 13.
        tail: Known frames at the end of the clip, of a loop or an end image: 0, 1 or 4k. The last
            shot carries them.
        beyond: Frames by which shots may exceed the window, a multiple of 4: those that a loop is
            blended over.

    Returns:
        The shots in time order. Their sampled lengths differ by 4 frames at most.

    Raises:
        InputError: a count is not one of these, or the family takes no end frames.
    """
    context = as_whole(context_frames)
    if context not in CONTEXT_FRAMES:
        raise InputError(
            "context_frames must be 1, 5, 9 or 13",
            context_frames,
            "Set context_frames to 5.",
            "context_frames",
        )
    # Counted in latents after a shot's first: what the clip, the window and the context hold.
    whole = latent_frames(sampled_frames) - 1
    window = latent_frames(family.native_window + beyond) - 1
    overlap = latent_frames(context) - 1
    if whole <= window:
        count = 1
    elif overlap >= window:
        raise InputError(
            f"context_frames must be fewer than the {family.native_window} frames of a shot",
            context_frames,
            "Set context_frames to 1.",
            "context_frames",
        )
    else:
        count = 1 + -(-(whole - window) // (window - overlap))
    base, longer = divmod(whole + (count - 1) * overlap, count)

    segments: list[Segment] = []
    start = 0
    for index in range(count):
        sampled = family.time_stride * (base + (index < longer)) + 1
        head = context if index else 1
        known = KnownFrames(head, tail if index == count - 1 else 0)
        check_known(sampled, known, family)
        new = sampled - context if index else sampled
        segments.append(Segment(index, start, sampled, head, new, known, seed_offset=index))
        start += new
    return tuple(segments)
