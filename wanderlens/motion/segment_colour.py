"""Measures and undoes the colour changes of a generated segment at key frames.

What the VAE makes of known frames is off in colour, the first new frames may flash, and colours
drift within a segment. The change that each new frame needs is measured at key frames: on the
content visible in both the key frame and the clip's last frame, or else in both the key frame and
the one before it, so that a new view does not count as a new colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .colour import UNCHANGED, ColourShift, colour_shift, combined, recoloured, same_view_shift
from .generated_segment import GeneratedSegment

if TYPE_CHECKING:
    import torch

FIRST_KEYS = 8
"""New frames after a joint that are all key frames: a flash lasts for a latent or two."""

KEY_STEP = 4
"""Frames between later key frames: one latent."""

FLASH = 1.5
"""ΔE by which a first new frame must differ from what follows to be called a flash."""

# An anchor may show something unrelated, so that it has to match more closely than other frames.
_ANCHOR_OVERLAP = 0.4
_ANCHOR_CORRELATION = 0.85

ColourKeys = list[tuple[int, ColourShift]]
"""Key frames by index, rising, each with the change of colour that it needs."""


def colour_keys(segment: GeneratedSegment) -> ColourKeys:
    """Measure the changes of colour from the last known frame to the last new one."""
    frames, last = segment.frames, segment.stop - 1
    clip = segment.before[-1].numpy()
    early = [*range(segment.first, min(segment.first + FIRST_KEYS, last))]
    later = [*range(segment.first + FIRST_KEYS, last, KEY_STEP)]
    # The known frame shows the same as the clip's frame, pixel by pixel. Contrast is measured there
    # only: a later frame can lose contrast by going soft.
    start = segment.first - 1
    known = colour_shift([(frames[start], clip)]) or UNCHANGED
    keys: ColourKeys = [(start, known)]
    for index in (*early, *later, last):
        change = colour_shift([(frames[index], clip)]) if index in early else None
        if change is not None:
            change = replace(change, contrast=known.contrast)
        else:
            key, so_far = keys[-1]
            step = colour_shift([(frames[index], frames[key])])
            step = None if step is None else replace(step, contrast=UNCHANGED.contrast)
            change = so_far if step is None else combined(step, so_far)
        keys.append((index, change))
        segment.done(index)
    return keys


def end_change(segment: GeneratedSegment, anchors: Sequence[torch.Tensor]) -> ColourShift | None:
    """The change that the last new frame needs, from a known end or else from an anchor.

    Args:
        segment: Its known end, if there is one, decides.
        anchors: Frames [H, W, 3] of the first segment, best first.

    Returns:
        The change; None if no frame is similar enough to tell.
    """
    if segment.after is not None:
        # The frame after the last new one is known: it shows what the true one shows.
        return colour_shift([(segment.frames[segment.stop], segment.after[0].numpy())])
    frame = segment.frames[segment.stop - 1]
    for anchor in anchors:
        target = anchor.numpy()
        change = same_view_shift(frame, target) or colour_shift(
            [(frame, target)], min_overlap=_ANCHOR_OVERLAP, min_correlation=_ANCHOR_CORRELATION
        )
        if change is not None:
            return change
    return None


def led_to(keys: ColourKeys, goal: ColourShift) -> ColourKeys:
    """Keys whose last change is the goal; the correction grows linearly from the first key on."""
    (start, _), (end, last) = keys[0], keys[-1]
    missing = tuple(want - has for want, has in zip(goal.shift, last.shift, strict=True))
    gains = tuple(want / has for want, has in zip(goal.contrast, last.contrast, strict=True))
    led = []
    for index, change in keys:
        share = (index - start) / max(1, end - start)
        shift = [has + share * more for has, more in zip(change.shift, missing, strict=True)]
        contrast = [has * gain**share for has, gain in zip(change.contrast, gains, strict=True)]
        led.append((index, replace(change, shift=tuple(shift), contrast=tuple(contrast))))
    return led


def apply_keys(segment: GeneratedSegment, keys: ColourKeys, amount: float) -> None:
    """Recolour the new frames, and the known ones next to them that joints are compared with.

    A frame between two keys gets parts of both changes, times `amount` (0..1).
    """
    import torch

    upper = 0
    stop = segment.stop if segment.after is None else len(segment.tensor)
    frames = segment.frames
    for index in range(segment.first - 1, stop):
        while upper < len(keys) - 1 and keys[upper][0] < index:
            upper += 1
        lower = max(0, upper - 1)
        span = keys[upper][0] - keys[lower][0]
        share = min(1.0, (index - keys[lower][0]) / span) if span else 1.0
        changes = [(keys[lower][1], (1 - share) * amount), (keys[upper][1], share * amount)]
        segment.tensor[index] = torch.from_numpy(recoloured(frames[index], changes))
        segment.done(index)


def shift_distance(one: Sequence[float], other: Sequence[float]) -> float:
    """ΔE (CIE76) between two shifts in L*a*b*."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def flash_size(keys: ColourKeys) -> float:
    """Most ΔE by which the first new frames differ from the line between the keys around them."""
    early = keys[: FIRST_KEYS + 2]
    if len(early) < 3:
        return 0.0
    (start, first), (end, last) = early[0], early[-1]
    most = 0.0
    for index, change in early[1:-1]:
        share = (index - start) / (end - start)
        line = [(1 - share) * a + share * b for a, b in zip(first.shift, last.shift, strict=True)]
        most = max(most, shift_distance(change.shift, line))
    return most if most >= FLASH else 0.0
