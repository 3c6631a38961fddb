"""Make what a model has added to a clip go on from it: its colours, its light, and the last step.

A model gives the frames that it was told again, through its VAE, and then new ones. Three things
betray the joint, and each is measured on the frames themselves and undone:

- *The round trip and drift.* What the VAE makes of known frames is off in colour, the first new
  frames may flash, and colours drift within a segment. The change of colour that brings each new
  frame to the clip is measured at key frames: on what the key frame and the clip's last frame both
  show, or else on what it and the key frame before both show, so that a new view does not count as
  a new colour. The last key frame is held to the anchor, a frame of the first segment, where both
  show the same; what that adds grows over the segment.
- *The picture.* The known frame as it was, less what the model made of it, is what the joint lacks
  of detail, place and light. That difference moves along with the optical flow and fades over the
  first new frames ("warped"), unless the plain joint ("trimmed") is measured to show less.
- *An end that is known* is met in the same two ways, from the other side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .colour import (
    UNCHANGED,
    ColourShift,
    colour_shift,
    combined,
    is_noticed,
    recoloured,
    same_view_shift,
)
from .flow import luma_8bit, pair_motion, pixel_grid, sample, sample_picture
from .frames import Progress, TensorFrames
from .seam import SeamMeasures, measure_seam

if TYPE_CHECKING:
    import torch

    from .flow import Floats

FIRST_KEYS = 8
"""New frames after a joint that are each a key frame: a flash lasts for a latent or two."""

KEY_STEP = 4
"""Frames between later key frames: one latent."""

CARRIED = 8
"""New frames over which the difference at a joint fades."""

MEANT = 16.0
"""A drift of more ΔE than this within a segment is taken as meant: a light goes on, night falls."""

BELIEVED = 6.0
"""An anchor that is further than this ΔE from what a segment was followed to is not believed."""

FLASH = 1.5
"""ΔE by which a first new frame must stand out against what follows to be called a flash."""

_BESIDE = 16  # frames on either side of a joint that it is judged by
_LEAST_BESIDE = 3  # on the shorter side, for the flow across a joint
# An anchor may show something else altogether: it has to be found again beyond doubt.
_ANCHOR_SEEN = 0.4
_ANCHOR_ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class Joint:
    """Where a segment meets a frame that was there before.

    Attributes:
        warped: Whether the difference at the joint was carried along; else it was trimmed only.
        measures: The joint as it is now.
        flow: Whether there were frames enough on both sides to measure the flow across it.
    """

    warped: bool
    measures: SeamMeasures
    flow: bool


@dataclass(frozen=True, slots=True)
class Continuation:
    """What was done to a segment so that it goes on from its clip.

    Attributes:
        start: Colour change (ΔE) of the first new frame.
        end: Colour change (ΔE) of the last new frame.
        flash: Most ΔE by which the first new frames stood out; 0 if they did not.
        meant: Whether colours wandered so far that only the joint was matched.
        joints: The joint at the start, and that at the end if it was known.
    """

    start: float
    end: float
    flash: float
    meant: bool
    joints: tuple[Joint, ...]

    @property
    def visibility(self) -> float:
        """How much the joint that shows most does; up to 1 nothing is noticed."""
        return max(joint.measures.visibility for joint in self.joints)


def continue_segment(
    segment: torch.Tensor,
    before: torch.Tensor,
    known: int,
    *,
    after: torch.Tensor | None = None,
    ends_with: int = 0,
    anchors: Sequence[torch.Tensor] = (),
    amount: float = 1.0,
    fades: bool = False,
    fps: float = 16.0,
    progress: Progress | None = None,
) -> Continuation:
    """Make a segment's new frames go on from a clip, in place.

    Args:
        segment: [F, H, W, 3] float32, 0..1, on the CPU: what the model made, known frames included.
            Changed.
        before: The clip's last frames as they are, [n, H, W, 3], n at least 1, likewise.
        known: Frames at the segment's start that show the last ones of `before`, 1..F-1.
        after: The true frames from the first one on that the segment ends on, [m, H, W, 3], m at
            least 1; None for an open end.
        ends_with: Frames at the segment's end that were known, the first ones of `after` if it is
            given; they are left alone where it is not.
        anchors: Frames [H, W, 3] of the first segment that colours are held to, best first.
        amount: How much of the colour changes is made, 0..1.
        fades: Whether the changes fade until the end, which stays as the model made it.
        fps: Frames per second.
        progress: Called while frames are measured and changed.

    Returns:
        What was done.
    """
    work = _Segment(segment, before, known, after, ends_with, progress)
    start = end = flash = 0.0
    meant = False
    if amount > 0:
        keys, goal = work.keys(), None if fades else work.goal(anchors)
        last = keys[-1][1]
        meant = last.size > MEANT
        if goal is not None and after is None and _apart(goal.shift, last.shift) > BELIEVED:
            goal = None  # something has come into view, or the clip's own light had changed since
        elif goal is not None and after is None:
            goal = replace(goal, contrast=last.contrast)  # what comes into view has its own
        flash = _flash(keys)
        if meant:
            # Only the ends are known to be wrong; what lies between is left to the model.
            keys = [keys[0], (keys[-1][0], goal if after is not None and goal else UNCHANGED)]
        elif fades:
            keys = _led_to(keys, UNCHANGED)
        elif goal is not None:
            keys = _led_to(keys, goal)
        if any(is_noticed(change) for _, change in keys):
            work.recolour(keys, amount)
            start, end = (keys[at][1].size * amount for at in (min(1, len(keys) - 1), -1))
    return Continuation(start, end, flash, meant, tuple(work.meet(fps)))


_Keys = list[tuple[int, ColourShift]]


class _Segment:
    """A segment between what comes before it and what may come after."""

    def __init__(
        self,
        segment: torch.Tensor,
        before: torch.Tensor,
        known: int,
        after: torch.Tensor | None,
        ends_with: int,
        progress: Progress | None,
    ) -> None:
        self._segment = segment
        self._frames = TensorFrames(segment)
        self._before = before
        self._after = after
        self._first = known
        self._stop = len(segment) - ends_with
        self._progress = progress

    def keys(self) -> _Keys:
        """The changes of colour at key frames: from the last known frame to the last new one."""
        frames, last = self._frames, self._stop - 1
        clip = self._before[-1].numpy()
        early = [*range(self._first, min(self._first + FIRST_KEYS, last))]
        later = [*range(self._first + FIRST_KEYS, last, KEY_STEP)]
        # The known frame itself comes first: it shows what the clip's frame shows, pixel by pixel.
        # Contrast is taken from there alone: a later picture that goes soft has not gone flat.
        place = self._first - 1
        known = colour_shift([(frames[place], clip)]) or UNCHANGED
        keys: _Keys = [(place, known)]
        for place in (*early, *later, last):
            change = colour_shift([(frames[place], clip)]) if place in early else None
            if change is not None:
                change = replace(change, contrast=known.contrast)
            else:
                here, so_far = keys[-1]
                step = colour_shift([(frames[place], frames[here])])
                step = None if step is None else replace(step, contrast=UNCHANGED.contrast)
                change = so_far if step is None else combined(step, so_far)
            keys.append((place, change))
            self._tell(place)
        return keys

    def goal(self, anchors: Sequence[torch.Tensor]) -> ColourShift | None:
        """What the last new frame should be changed by, if it can be told."""
        if self._after is not None:
            # The frame after it is known: it shows what the true one shows.
            return colour_shift([(self._frames[self._stop], self._after[0].numpy())])
        frame = self._frames[self._stop - 1]
        for anchor in anchors:
            other = anchor.numpy()
            goal = same_view_shift(frame, other) or colour_shift(
                [(frame, other)], least_seen=_ANCHOR_SEEN, least_alike=_ANCHOR_ALIKE
            )
            if goal is not None:
                return goal
        return None

    def recolour(self, keys: _Keys, amount: float) -> None:
        """Changes the new frames, and the known ones next to them that joints compare with.

        A frame between two keys gets parts of both.
        """
        import torch

        upper = 0
        stop = self._stop if self._after is None else len(self._segment)
        for place in range(self._first - 1, stop):
            while upper < len(keys) - 1 and keys[upper][0] < place:
                upper += 1
            lower = max(0, upper - 1)
            span = keys[upper][0] - keys[lower][0]
            share = min(1.0, (place - keys[lower][0]) / span) if span else 1.0
            changes = [(keys[lower][1], (1 - share) * amount), (keys[upper][1], share * amount)]
            made = recoloured(self._frames[place], changes)
            self._segment[place] = torch.from_numpy(made)
            self._tell(place)

    def meet(self, fps: float) -> Iterator[Joint]:
        """Carries the differences at the joints along, where that shows less."""
        yield self._met(self._before[-1], self._first - 1, 1, fps)
        if self._after is not None:
            yield self._met(self._after[0], self._stop, -1, fps)

    def _met(self, true: torch.Tensor, place: int, way: int, fps: float) -> Joint:
        sides = self._sides(way)
        flow = min(map(len, sides)) >= _LEAST_BESIDE
        trimmed = _measured(sides, fps)
        as_it_was = self._carry(true.numpy(), place, way)
        warped = _measured(sides, fps)
        if warped.visibility <= trimmed.visibility:
            return Joint(True, warped, flow)
        for index, frame in as_it_was:
            self._segment[index] = frame
        return Joint(False, trimmed, flow)

    def _sides(self, way: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Views of both sides of the joint before the new frames (1) or after them (-1)."""
        new = self._segment[self._first : self._stop]
        if way > 0 or self._after is None:
            return self._before[-_BESIDE:], new[:_BESIDE]
        return new[-_BESIDE:], self._after[:_BESIDE]

    def _carry(self, true: Floats, place: int, way: int) -> list[tuple[int, torch.Tensor]]:
        """Adds what a known frame lacks to the new frames next to it, moving along and fading.

        Args:
            true: The frame as it is.
            place: Where the segment has it.
            way: 1 for new frames after it, -1 for those before it.

        Returns:
            The frames that were changed, as they were, with their places.
        """
        import numpy as np
        import torch

        made = self._frames[place]
        luma, grid = luma_8bit(made), pixel_grid(*made.shape[:2])
        # Where the model put what is seen at each pixel, and what it lacks there then.
        off = pair_motion(luma_8bit(true), luma)
        shift: Any = off.forward * off.forward_trust[..., None]
        lacking = true - sample_picture(made, grid + shift)
        count = min(CARRIED, self._stop - self._first)
        as_it_was = []
        for step in range(1, count + 1):
            index = place + way * step
            frame = self._frames[index]
            motion = pair_motion(luma_8bit(frame), luma)
            if motion.cut:
                break
            left = np.float32(1 - step / (count + 1))
            share: Any = motion.forward_trust[..., None] * left
            there: Floats = grid + motion.forward
            moved = sample_picture(frame, grid + share * sample(shift, there))
            moved += share * sample_picture(lacking, there)
            as_it_was.append((index, self._segment[index].clone()))
            self._segment[index] = torch.from_numpy(np.clip(moved, 0, 1))
        return as_it_was

    def _tell(self, place: int) -> None:
        if self._progress is not None:
            self._progress(place + 1, len(self._segment))


def _measured(sides: tuple[torch.Tensor, torch.Tensor], fps: float) -> SeamMeasures:
    """The joint between two runs of frames."""
    import torch

    joined = TensorFrames(torch.cat(sides))
    return measure_seam(joined, len(sides[0]), width=CARRIED, fps=fps)


def _led_to(keys: _Keys, goal: ColourShift) -> _Keys:
    """Changes whose last one is the goal; what is missing grows from the first one on."""
    (start, _), (end, last) = keys[0], keys[-1]
    missing = tuple(want - has for want, has in zip(goal.shift, last.shift, strict=True))
    gains = tuple(want / has for want, has in zip(goal.contrast, last.contrast, strict=True))
    led = []
    for place, change in keys:
        share = (place - start) / max(1, end - start)
        shift = [has + share * more for has, more in zip(change.shift, missing, strict=True)]
        contrast = [has * gain**share for has, gain in zip(change.contrast, gains, strict=True)]
        led.append((place, replace(change, shift=tuple(shift), contrast=tuple(contrast))))
    return led


def _apart(one: Sequence[float], other: Sequence[float]) -> float:
    """ΔE between two shifts."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def _flash(keys: _Keys) -> float:
    """How far the first new frames stand out from the line between what is beside them."""
    early = keys[: FIRST_KEYS + 2]
    if len(early) < 3:
        return 0.0
    (start, first), (end, last) = early[0], early[-1]
    most = 0.0
    for place, change in early[1:-1]:
        share = (place - start) / (end - start)
        line = [(1 - share) * a + share * b for a, b in zip(first.shift, last.shift, strict=True)]
        most = max(most, _apart(change.shift, line))
    return most if most >= FLASH else 0.0
