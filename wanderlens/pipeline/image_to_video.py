"""From a still to a clip, with any engine: everything that does not need a model is done here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..engines.base import Engine, Observer
from ..latents.cache import KeptLatents
from ..latents.recovery import Rescue
from ..motion import Interpolator
from ..shot import ShotRequest
from .image_to_video_run import Making
from .input_image import Picture

if TYPE_CHECKING:
    from ..motion.flow import Floats


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished clip.

    Attributes:
        frames: [frames, height, width, 3], float32, 0..1.
        fps: Frames per second.
        latents: What was sampled for the last shot, before decoding.
        report: What was done, in lines for the user.
    """

    frames: torch.Tensor
    fps: float
    latents: torch.Tensor
    report: str


@dataclass(frozen=True, slots=True)
class SavedClip:
    """A clip that went to a file, frame by frame.

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
    interpolator: Interpolator | None = None,
    kept: KeptLatents | None = None,
    rescue: Rescue | None = None,
    observer: Observer | None = None,
) -> Clip:
    """Make a clip in memory.

    Args:
        engine: What encodes, denoises and decodes.
        request: What is asked for; its picture size is the still's.
        still: The picture that the clip starts with.
        ending: The picture that it ends on; `request.has_end_image` says whether there is one.
        interpolator: Makes the frames in between, where the frame rate asks for some; without it
            optical flow does.
        kept: Where sampled latents are kept and looked up; None keeps nothing.
        rescue: Where sampled latents go when something later fails; None lets them go.
        observer: Told of every stage and of the end; None for nobody.

    Returns:
        The clip, with `plan.timing.output_frames` frames.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `latent_files.rescuing`.
    """
    making = Making(engine, request, still, ending, kept, observer, by_flow=interpolator is None)
    with making.shots.rescuing(rescue):
        frames = making.whole(interpolator)
    fps = float(making.plan.timing.output_fps)
    return Clip(frames, fps, making.shots.sampled[-1], making.report())


def animate_to(
    save: Callable[[Iterator[Floats]], object],
    engine: Engine,
    request: ShotRequest,
    still: Picture,
    ending: Picture | None = None,
    *,
    rescue: Rescue | None = None,
    folder: Path | None = None,
) -> SavedClip:
    """Make a clip frame by frame: its length costs no memory beyond the frames of one shot.

    An open clip of one shot is decoded while it is saved. The turn of a loop is decoded first, for
    its end decides on its start; a large one waits in a temporary file. What `save` holds of the
    frames is its own affair.

    Args:
        save: Given the finished frames one by one, [height, width, 3] float32, 0..1; the latents
            are rescued when it fails too.
        engine: As in `animate`.
        request: Likewise.
        still: Likewise.
        ending: Likewise.
        rescue: Likewise.
        folder: Where a large loop waits; None for the system's folder of temporary files.

    Returns:
        What was saved.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `latent_files.rescuing`.
    """
    making = Making(engine, request, still, ending, None, None, by_flow=True)
    with making.shots.rescuing(rescue), making.watch.stage("save"):
        save(making.stream(folder))
    timing, size = making.plan.timing, making.plan.size
    report = making.report()
    return SavedClip(
        timing.output_frames, size.height, size.width, float(timing.output_fps), report
    )
