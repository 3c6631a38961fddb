"""One run from a still to a clip: plans it, has its segments made, closes loops, interpolates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..engines.base import Engine
from ..errors import InputError
from ..motion import (
    REACH,
    Frames,
    Progress,
    StreamedFrames,
    TensorFrames,
    convert_frame_rate,
    frames_at_rate,
)
from ..shot import FrameSize, ShotPlan, ShotRequest, fit_size, plan_shot
from .disk_buffer import allocate_on_disk
from .input_image import Picture, fit_picture
from .loop_decode import blend_end_into_start, decode_after_end, finish_loop
from .requirements import check_optical_flow
from .run_context import RunContext
from .sampling import with_schedule
from .segments import Allocate, Ends, SegmentRunner

if TYPE_CHECKING:
    from ..motion.flow import Floats


class ImageToVideoRun:
    """A clip that is being made.

    Attributes:
        plan: What is made.
        runner: Makes its segments.
        watch: The time that each stage took.
    """

    def __init__(
        self,
        engine: Engine,
        request: ShotRequest,
        still: Picture,
        ending: Picture | None,
        context: RunContext,
    ) -> None:
        """Plans everything that needs no model; nothing heavy runs."""
        plan = plan_shot(request, engine.family)
        _check_optical_flow(plan, by_flow=context.interpolator is None)
        sampler = engine.prepare(plan.settings)
        self.plan = with_schedule(plan, sampler)
        first = fit_picture(still, plan.size)
        last, end_notes = _last_frame(plan, first, ending)
        self._still = first[0]
        ends = Ends(first, last, (first[0],), continues=False, loops=plan.timing.loop)
        self.runner = SegmentRunner(engine, sampler, self.plan, ends, context)
        self.watch = self.runner.watch
        self._interpolator = context.interpolator
        self._engine = engine
        self._notes = (*still.notes, *end_notes, *engine.notes, *sampler.notes)
        self._seam: list[str] = []

    def whole(self) -> torch.Tensor:
        """The finished clip, [frames, H, W, 3], float32."""
        timing = self.plan.timing
        if timing.loop:
            frames = self._loop(torch.empty)
        elif len(self.plan.segments) == 1:
            frames = self.runner.decode(self.runner.sample(self.plan.segments[0]))
        else:
            frames = self._joined(torch.empty)
        self._engine.check_cancelled()
        if timing.ratio != 1:
            with self.watch.stage("interpolate"):
                frames = convert_frame_rate(
                    frames,
                    native_fps=timing.native_fps,
                    output_fps=timing.output_fps,
                    loop=timing.loop,
                    interpolator=self._interpolator,
                    progress=self._engine.progress_bar("interpolate"),
                )
        self._check_count(len(frames))
        return frames

    def stream(self, folder: Path | None) -> Iterator[Floats]:
        """The finished clip frame by frame, [H, W, 3], float32; optical flow makes those between.

        Args:
            folder: Where the temporary file of a large loop goes.

        Yields:
            `plan.timing.output_frames` frames.
        """
        timing, engine = self.plan.timing, self._engine
        progress: Progress = lambda *_: engine.check_cancelled()  # noqa: E731
        if timing.loop:
            native: Frames = TensorFrames(self._loop(partial(allocate_on_disk, folder=folder)))
            if timing.ratio != 1:
                progress = engine.progress_bar("interpolate")
        else:
            native = StreamedFrames(self._pieces(), timing.sampled_frames, REACH)
        frames = frames_at_rate(
            native,
            native_fps=timing.native_fps,
            output_fps=timing.output_fps,
            loop=timing.loop,
            progress=progress,
        )
        stage = "decode" if timing.ratio == 1 else "interpolate"
        count = 0
        while True:
            with self.watch.stage(stage):
                frame = next(frames, None)
            if frame is None:
                break
            count += 1
            yield frame
        self._check_count(count)

    def _check_count(self, count: int) -> None:
        expected = self.plan.timing.output_frames
        if count != expected:
            raise RuntimeError(f"the interpolation gave {count} frames instead of {expected}")

    def report(self) -> str:
        """What was done; to be asked for when the clip is finished."""
        self.runner.finish()
        notes = [f"Note: {note}" for note in self._notes]
        return "\n".join([self.plan.summary(), *notes, *self._seam, *self.runner.report()])

    def _pieces(self) -> Iterator[torch.Tensor]:
        """The native frames of an open clip, [n, H, W, 3] each."""
        if len(self.plan.segments) == 1:
            yield from self.runner.pieces(self.runner.sample(self.plan.segments[0]))
        else:
            for _, frames in self.runner:
                yield frames
                del frames  # or it would be held while the next segment is made

    def _joined(self, allocate: Allocate) -> torch.Tensor:
        """The native frames of several segments, [sampled frames, H, W, 3]."""
        clip: torch.Tensor | None = None
        for segment, frames in self.runner:
            if clip is None:
                clip = allocate((self.plan.timing.sampled_frames, *frames.shape[1:]))
            clip[segment.start : segment.start + segment.new_frames] = frames
            del frames
        assert clip is not None, "a plan has at least one segment"
        return clip

    def _loop(self, allocate: Allocate) -> torch.Tensor:
        """One period of a loop, closed, [period, H, W, 3]."""
        runner, timing = self.runner, self.plan.timing
        several = len(self.plan.segments) > 1
        if several:
            clip = self._joined(allocate)
        else:
            latents = runner.sample(self.plan.segments[0])
            clip = runner.decode(latents, allocate) if timing.blended else None
        if not timing.blended:
            # The first segment is decoded as the continuation of the last.
            decode = runner.decode if several else partial(runner.decode, allocate=allocate)
            first, lead = decode_after_end(decode, runner.sampled[0], runner.sampled[-1])
            if clip is None:
                clip = first
            else:
                clip[: len(first)] = first
            clip = blend_end_into_start(clip, lead)
        assert clip is not None, "it was joined or decoded"
        self._engine.check_cancelled()
        with self.watch.stage("loop"):
            clip, self._seam = finish_loop(
                clip, timing, self._still, self._engine.progress_bar("loop"), allocate
            )
        return clip


def _last_frame(
    plan: ShotPlan, first: torch.Tensor, ending: Picture | None
) -> tuple[torch.Tensor, tuple[str, ...]]:
    """The frame that the clip ends on, [1, height, width, 3], and notes on it.

    A loop ends on its first frame. Where no end is known the first frame stands in, unused.
    """
    if ending is None:
        return first, ()
    size = _end_size(ending, plan)
    notes = list(ending.notes)
    if size.crop_fraction > 0:
        notes.append(f"{size.crop_fraction:.1%} of end_image is cropped to the frames' shape.")
    return fit_picture(ending, size), tuple(notes)


def _end_size(ending: Picture, plan: ShotPlan) -> FrameSize:
    size = plan.size
    try:
        return fit_size(ending.width, ending.height, "custom", plan.family, size.width, size.height)
    except InputError as error:
        rule = error.rule.replace("the image", "end_image")
        raise InputError(rule, error.value, error.remedy, "end_image") from error


def _check_optical_flow(plan: ShotPlan, *, by_flow: bool) -> None:
    """Refuses what needs OpenCV where it is missing, before anything is sampled."""
    timing = plan.timing
    between = timing.ratio != 1 and by_flow
    check_optical_flow(timing.loop, "a loop", True, "loop", "switch loop off")
    check_optical_flow(
        len(plan.segments) > 1,
        "a clip of several segments",
        timing.requested_seconds,
        "duration",
        "set a shorter one",
    )
    check_optical_flow(
        between, "a rate the model does not make", timing.output_fps, "fps", "connect interp_model"
    )  # fmt: skip
