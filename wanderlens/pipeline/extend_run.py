"""One run that makes a clip longer: plans it, has its segments made, brings them to its rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import torch

from ..engines.base import Engine
from ..motion import Continuation, Frames, Interpolator, Progress, frames_at
from ..shot import (
    SVI_ANCHOR,
    ExtensionPlan,
    ExtensionRequest,
    PaddedSize,
    plan_extension,
)
from .requirements import check_optical_flow
from .run_context import RunContext
from .sampling import with_schedule
from .segments import BESIDE, Ends, SegmentRunner

if TYPE_CHECKING:
    from ..motion.flow import Floats

_AT_ONCE = 16  # native frames that are brought to the clip's rate together


class ExtendRun:
    """A clip that is being made longer.

    Attributes:
        plan: What is made.
        runner: Makes its segments.
        watch: The time that each stage took.
    """

    def __init__(
        self,
        engine: Engine,
        request: ExtensionRequest,
        around: tuple[Frames, Frames | None],
        ending: torch.Tensor | None,
        notes: Sequence[str],
        context: RunContext,
    ) -> None:
        """Plans everything that needs no model; nothing heavy runs."""
        plan = plan_extension(request, engine.family)
        check_optical_flow(True, "an extension", None, "duration")
        sampler = engine.prepare(plan.settings)
        self.plan = plan = with_schedule(plan, sampler)
        self._clip, self._following = around
        self._ends = _ends(
            plan, self._clip, self._clip if request.close_loop else around[1], ending
        )
        self.runner = SegmentRunner(
            engine,
            sampler,
            plan,
            self._ends,
            context,
            color_match=plan.color_match,
            pad=lambda frames: padded(frames, plan.size),
            crop=lambda frames: cropped(frames, plan.size),
            anchored=plan.layout == SVI_ANCHOR,
        )
        self._engine = engine
        self._notes = (*notes, *engine.notes, *sampler.notes)
        self.watch = self.runner.watch
        self._interpolator = context.interpolator

    def added(self) -> Iterator[torch.Tensor]:
        """The frames that are added, at the clip's rate.

        Yields:
            [n, H, W, 3], float32; `plan.new_frames` together.
        """
        resampler = _Resampler(
            self.plan.places,
            self._ends.before,
            self._interpolator,
            self._engine.progress_bar("interpolate"),
        )
        for segment, frames in self.runner:
            # The model's own copies of a known end give way to the true frames.
            count = len(frames) - segment.known.tail
            for start in range(0, count, _AT_ONCE):
                with self.watch.stage("join"):
                    at_rate = resampler.add(frames[start : min(count, start + _AT_ONCE)])
                yield at_rate
            del frames  # or it would be held while the next segment is made
        with self.watch.stage("join"):
            at_rate = resampler.finish(self._ends.after)
        yield at_rate

    def stream(self) -> Iterator[Floats]:
        """The whole clip frame by frame, [H, W, 3], float32."""
        for index in range(len(self._clip)):
            yield self._clip[index]
        for frames in self.added():
            yield from (frame.numpy() for frame in frames)
        if self._following is not None:
            for index in range(len(self._following)):
                yield self._following[index]

    @property
    def joints(self) -> tuple[Continuation, ...]:
        """What was done and measured where each segment starts."""
        return tuple(self.runner.continuations)

    def report(self) -> str:
        """What was done; to be asked for when the clip is finished."""
        self.runner.finish()
        notes = [f"Note: {note}" for note in self._notes]
        return "\n".join([self.plan.summary(), *notes, *self.runner.report()])


def padded(frames: torch.Tensor, size: PaddedSize) -> torch.Tensor:
    """Frames [n, H, W, 3] with mirrored margins, as the model takes them."""
    if not size.padded or not len(frames):
        return frames
    margins = (size.left, size.right, size.top, size.bottom)
    height, width = frames.shape[1:3]
    # A mirror reaches as far as the frame; beyond that its edge goes on.
    fits = max(margins[:2]) < width and max(margins[2:]) < height
    planes = frames.permute(0, 3, 1, 2)
    planes = torch.nn.functional.pad(planes, margins, "reflect" if fits else "replicate")
    return planes.permute(0, 2, 3, 1).contiguous()


def cropped(frames: torch.Tensor, size: PaddedSize) -> torch.Tensor:
    """The reverse of `padded`, a view."""
    bottom, right = size.height - size.bottom, size.width - size.right
    return frames[:, size.top : bottom, size.left : right]


def _ends(
    plan: ExtensionPlan, clip: Frames, following: Frames | None, ending: torch.Tensor | None
) -> Ends:
    """The native frames on both sides of what is to be made."""
    # The plan has seen to it that there are the frames that the model is given, fewer than these.
    ratio, last = plan.ratio, len(clip) - 1
    count = 1 + min(BESIDE - 1, int(last / ratio))
    before = _at(clip, [last - index * ratio for index in reversed(range(count))])
    after = before[:0]
    if ending is not None:
        after = ending
    elif following is not None:
        count = 1 + min(BESIDE - 1, int((len(following) - 1) / ratio - plan.tail_start))
        after = _at(following, [(plan.tail_start + index) * ratio for index in range(count)])
    first, final = (torch.from_numpy(clip[index]) for index in (0, last))
    return Ends(before, after, (first, final), continues=True)


def _at(clip: Frames, places: Sequence[Fraction]) -> torch.Tensor:
    """Frames of a clip at rising places, [n, H, W, 3], float32."""
    start = floor(places[0])
    count = min(len(clip), ceil(places[-1]) + 1) - start
    near = torch.stack([torch.from_numpy(clip[start + index]) for index in range(count)])
    return frames_at(near, [place - start for place in places])


class _Resampler:
    """Converts native frames to the clip's own rate, as they come."""

    def __init__(
        self,
        places: tuple[Fraction, ...],
        before: torch.Tensor,
        interpolator: Interpolator | None,
        progress: Progress,
    ) -> None:
        """Starts with the end of the clip that is extended.

        Args:
            places: Times of the frames to be made, in native frames after the last of `before`.
            before: The clip's last native frames.
            interpolator: As in `frames_at`.
            progress: Told of the frames that are made; ends the work when the user has cancelled.
        """
        self._progress = progress
        self._places = places
        self._held = before[-3:]
        self._start = 1 - len(self._held)  # the time of the first frame that is held
        self._done = 0
        self._interpolator = interpolator

    def add(self, frames: torch.Tensor) -> torch.Tensor:
        """Takes the next native frames; [n, H, W, 3]. Gives those that they suffice for."""
        self._held = torch.cat([self._held, frames])
        # The motion after a pair of frames tells how it bends: the last pair waits.
        ready = self._made(self._start + len(self._held) - 2)
        drop = max(0, len(self._held) - 3)
        # A copy, so that the rest can go.
        self._held, self._start = self._held[drop:].clone(), self._start + drop
        return ready

    def finish(self, after: torch.Tensor) -> torch.Tensor:
        """Gives what is left, with the native frames that follow what was made."""
        self._held = torch.cat([self._held, after[:2]])
        ready = self._made(self._start + len(self._held) - 1)
        if self._done != len(self._places):
            raise RuntimeError(f"{len(self._places) - self._done} frames were not made")
        return ready

    def _made(self, until: int) -> torch.Tensor:
        """The frames up to a time."""
        stop = self._done
        while stop < len(self._places) and self._places[stop] <= until:
            stop += 1
        places = [place - self._start for place in self._places[self._done : stop]]
        if not places:
            return self._held[:0]
        frames = frames_at(self._held, places, interpolator=self._interpolator)
        self._done = stop
        self._progress(stop, len(self._places))
        return frames
