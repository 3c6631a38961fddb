"""Divides a clip that is longer than the model's window into segments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..checks import as_whole
from ..errors import InputError
from .conditioning import KnownFrames, check_known, latent_frames
from .family import Family

CONTEXT_FRAMES = (1, 5, 9, 13)
"""Frames that a segment may take over from the one before: whole latents, at most four of them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a clip. Frames are counted at the native frame rate.

    Joining the last `new_frames` frames of every segment gives the clip.

    Attributes:
        index: 0 for the first segment.
        start: Position in the joined clip of the segment's first new frame.
        sampled_frames: Frames that the model makes, 4m+1.
        context: Known frames at the start: in the first segment the still, or the end of a clip
            that is extended; then the last frames of the clip so far.
        new_frames: Frames that the segment adds to the clip: those after the context, a multiple of
            4; of a first segment that starts with a still all of them, since the still's own frame
            is part of the clip.
        known: The known frames, `context` of them at the start.
        seed_offset: What is added to the clip's seed for this segment.
    """

    index: int
    start: int
    sampled_frames: int
    context: int
    new_frames: int
    known: KnownFrames
    seed_offset: int

    def from_fewer(self, context: int) -> Segment:
        """The same new frames from another number of context frames."""
        return replace(
            self,
            sampled_frames=self.new_frames + context,
            context=context,
            known=replace(self.known, head=context),
        )


def check_context(context_frames: object) -> int:
    """The number of frames that a segment takes over.

    Raises:
        InputError: it is none of `CONTEXT_FRAMES`.
    """
    context = as_whole(context_frames)
    if context not in CONTEXT_FRAMES:
        raise InputError(
            "context_frames must be 1, 5, 9 or 13",
            context_frames,
            "Set context_frames to 5.",
            "context_frames",
        )
    return context


def plan_segments(
    sampled_frames: int,
    family: Family,
    context_frames: object = 5,
    *,
    head: int = 0,
    tail: int = 0,
    beyond: int = 0,
) -> tuple[Segment, ...]:
    """Divide a clip into the fewest segments, whose new frames are as equal as whole latents allow.

    A segment makes as many frames after its first known ones as the model does from a still, 80
    with the A14B; further known frames come on top. So ten seconds are two segments, whatever the
    context.

    Args:
        sampled_frames: Frames of the whole clip, 4n+1 with n of at least 1, known ones included.
        family: The model family.
        context_frames: Frames that each later segment takes over from the clip so far: 1, 5, 9, 13.
        head: Frames of another clip that this one goes on from, 4k+1; 0 for one that starts with a
            still.
        tail: Known frames at the end of the clip, of a loop, a bridge or an end image: 0, 1 or
            4k. The last segment carries them.
        beyond: Frames by which segments may make more than that, a multiple of 4: those that a loop
            is blended over.

    Returns:
        The segments in time order. Their numbers of new frames differ by 4 at most.

    Raises:
        InputError: a count is not one of these, or the family takes no end frames.
    """
    context = check_context(context_frames)
    stride = family.time_stride
    # Counted in latents: what is new, and how much of that a segment makes.
    end = tail // stride
    new = latent_frames(sampled_frames) - latent_frames(head or 1) - end
    most = latent_frames(family.native_window + beyond) - 1
    count = max(1, -(-new // most))
    base, longer = divmod(new, count)

    segments: list[Segment] = []
    start = 0
    for index in range(count):
        last = index == count - 1
        made = stride * (base + (index >= count - longer) + (end if last else 0))
        first = context if index else head or 1
        known = KnownFrames(first, tail if last else 0)
        check_known(first + made, known, family)
        added = made if index or head else first + made
        segments.append(Segment(index, start, first + made, first, added, known, seed_offset=index))
        start += added
    return tuple(segments)
