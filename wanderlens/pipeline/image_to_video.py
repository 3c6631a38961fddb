"""From a still to a clip, on any engine, in memory or frame by frame into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..engines.base import Engine
from ..shot import ShotRequest
from .image_to_video_run import ImageToVideoRun
from .input_image import Picture
from .run_context import RunContext

if TYPE_CHECKING:
    from ..motion.flow import Floats


@dataclass(frozen=True, slots=True)
class GeneratedClip:
    """A finished clip in memory.

    Attributes:
        frames: [frames, height, width, 3], float32, 0..1.
        fps: Frames per second.
        latents: What was sampled for the last segment, before decoding, [1, C, t, h, w].
        report: What was done, in lines for the user.
    """

    frames: torch.Tensor
    fps: float
    latents: torch.Tensor
    report: str


@dataclass(frozen=True, slots=True)
class SavedClip:
    """A clip that was written to a file, frame by frame.

    Attributes:
        frames: How many.
        height: Pixels.
        width: Pixels.
        fps: Frames per second.
        report: What was done, in lines for the user.
    """

    frames: int
    height: int
    width: int
    fps: float
    report: str


def animate(
    engine: Engine,
    request: ShotRequest,
    still: Picture,
    ending: Picture | None = None,
    *,
    context: RunContext | None = None,
) -> GeneratedClip:
    """Make a clip in memory.

    Args:
        engine: What encodes, denoises and decodes.
        request: What is asked for; its picture size is the still's.
        still: The picture that the clip starts with.
        ending: The picture that it ends on; `request.has_end_image` says whether there is one.
        context: Cache, recovery, observer and interpolator; None for none of them.

    Returns:
        The clip, with `plan.timing.output_frames` frames.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `recovery.recover_on_failure`.
    """
    run = ImageToVideoRun(engine, request, still, ending, context or RunContext())
    with run.runner.recover_on_failure():
        frames = run.whole()
    fps = float(run.plan.timing.output_fps)
    return GeneratedClip(frames, fps, run.runner.sampled[-1], run.report())


def animate_to(
    save: Callable[[Iterator[Floats]], object],
    engine: Engine,
    request: ShotRequest,
    still: Picture,
    ending: Picture | None = None,
    *,
    context: RunContext | None = None,
    folder: Path | None = None,
) -> SavedClip:
    """Make a clip frame by frame: its length costs no memory beyond the frames of one segment.

    An open clip of one segment is decoded while it is saved. A loop is decoded as a whole first,
    because its end changes its start; a large one is kept in a temporary file meanwhile.

    Args:
        save: Given the finished frames one by one, [height, width, 3] float32, 0..1; the latents
            are recovered when it fails too.
        engine: As in `animate`.
        request: Likewise.
        still: Likewise.
        ending: Likewise.
        context: Likewise; optical flow makes the frames in between, whatever its interpolator.
        folder: Where the temporary file of a large loop goes; None for the system's folder.

    Returns:
        What was saved.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `recovery.recover_on_failure`.
    """
    run = ImageToVideoRun(engine, request, still, ending, context or RunContext())
    with run.runner.recover_on_failure(), run.watch.stage("save"):
        save(run.stream(folder))
    timing, size = run.plan.timing, run.plan.size
    return SavedClip(
        timing.output_frames, size.height, size.width, float(timing.output_fps), run.report()
    )
