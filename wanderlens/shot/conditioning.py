"""Known frames of a segment, and the mask that marks them.

Latent 0 holds one frame and each later latent four: latent j holds frames 4j-3 to 4j.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError
from .family import TIME_STRIDE, Family


@dataclass(frozen=True, slots=True)
class KnownFrames:
    """How many frames at either end of a segment are given to the model.

    Other counts than these would fill a latent partly with known frames and partly with the grey
    that stands for unknown ones, and the model would see the mixture. A single last frame does so
    too; it is taken because ComfyUI's `WanFirstLastFrameToVideo` gives an end frame that way.

    Attributes:
        head: Known frames at the start: 0, or 4k+1 (1, 5, 9, 13...).
        tail: Known frames at the end: 0, 1, or 4k (4, 8, 12...).

    Raises:
        InputError: a count is none of these.
    """

    head: int
    tail: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that would mix known frames with grey."""
        head, tail = self.head, self.tail
        if not (_is_count(head) and (head == 0 or head % TIME_STRIDE == 1)):
            raise InputError(
                "known frames at the start must be 0 or fill whole latents (1, 5, 9, 13...)",
                head,
                "Set context_frames to 5.",
                "context_frames",
            )
        if not (_is_count(tail) and (tail == 1 or tail % TIME_STRIDE == 0)):
            raise InputError(
                "known frames at the end must be 0, 1 or fill whole latents (4, 8, 12...)",
                tail,
                "Give one end frame.",
                "end_image",
            )


def latent_frames(frames: int) -> int:
    """Number of latents that hold `frames` frames.

    Raises:
        InputError: `frames` is not 4n+1.
    """
    if not (_is_count(frames) and frames % TIME_STRIDE == 1):
        raise InputError(
            "the frames of a segment must number 4n+1", frames, "Make it 81 frames.", "duration"
        )
    return (frames - 1) // TIME_STRIDE + 1


def check_known(frames: int, known: KnownFrames, family: Family | None = None) -> None:
    """Check that known frames leave the model something to make, and that it takes them.

    Args:
        frames: Frames of the segment, 4n+1.
        known: The known frames.
        family: The model family, or None to leave out what depends on it.

    Raises:
        InputError: they fill the segment, `frames` is not 4n+1, or the family takes no end frames.
    """
    latent_frames(frames)
    if known.head + known.tail >= frames:
        raise InputError(
            f"known frames must be fewer than the {frames} frames of the segment",
            known.head + known.tail,
            "Set a longer duration, or fewer context_frames.",
            "duration",
        )
    if family is not None and known.tail and not family.end_frames:
        raise InputError(
            f"{family.id} takes no end frames",
            known.tail,
            "Disconnect end_image, or use the A14B models.",
            "end_image",
        )


def pixel_known(frames: int, known: KnownFrames) -> tuple[bool, ...]:
    """Whether each frame of a segment is known, in time order.

    Raises:
        InputError: as `check_known` without a family.
    """
    check_known(frames, known)
    unknown = frames - known.head - known.tail
    return (True,) * known.head + (False,) * unknown + (True,) * known.tail


def mask_channels(frames: int, known: KnownFrames) -> tuple[tuple[int, int, int, int], ...]:
    """The four mask channels of each latent: 1 = known, 0 = to be made.

    The layout is that of the Wan2.2 repository (`msk` in `wan/image2video.py`): the first frame is
    repeated four times, then each latent has one channel per frame that it holds. ComfyUI's
    `concat_mask` is the same layout with 0 and 1 exchanged.

    Args:
        frames: Frames of the segment, 4n+1.
        known: The known frames.

    Returns:
        One tuple of four per latent, in time order.

    Raises:
        InputError: as `check_known` without a family.
    """
    flags = [int(flag) for flag in pixel_known(frames, known)]
    flags = flags[:1] * (TIME_STRIDE - 1) + flags
    return tuple(
        (flags[at], flags[at + 1], flags[at + 2], flags[at + 3])
        for at in range(0, len(flags), TIME_STRIDE)
    )


def known_latents(frames: int, known: KnownFrames) -> tuple[bool, ...]:
    """Whether each latent holds known frames only, in time order.

    The 5B holds those latents fixed at every step. ComfyUI's `noise_mask` is 0 for them, 1 for the
    others.

    Raises:
        InputError: as `check_known` without a family.
    """
    return tuple(all(channels) for channels in mask_channels(frames, known))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
