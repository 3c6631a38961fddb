"""From a clip to a longer one, with any engine: extended, bridged, led to a picture, or looped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import torch

from ..engines.base import Engine, Observer
from ..latents.cache import KeptLatents
from ..latents.recovery import Rescue
from ..motion import Continuation, Frames, Interpolator, TensorFrames
from ..shot import ExtensionRequest
from .extend_run import MakingLonger

if TYPE_CHECKING:
    from ..motion.flow import Floats


@dataclass(frozen=True, slots=True)
class Extended:
    """A clip that was extended.

    Attributes:
        frames: The whole clip, [T, H, W, 3], float32, 0..1: the clip itself, what was added, and
            the clip that follows a bridge.
        new_frames: What was added, a view of `frames`.
        fps: Frames per second.
        joints: What was done and measured where each shot starts, and where the last one meets a
            known end.
        report: What was done, in lines for the user.
    """

    frames: torch.Tensor
    new_frames: torch.Tensor
    fps: Fraction
    joints: tuple[Continuation, ...]
    report: str


@dataclass(frozen=True, slots=True)
class SavedExtension:
    """A longer clip that went to a file, frame by frame.

    Attributes:
        frames: How many, those of the clips around it among them.
        new_frames: How many were added.
        joints: As in `Extended`.
        report: Likewise.
    """

    frames: int
    new_frames: int
    joints: tuple[Continuation, ...]
    report: str


def extend(
    engine: Engine,
    request: ExtensionRequest,
    clip: torch.Tensor,
    following: torch.Tensor | None = None,
    ending: torch.Tensor | None = None,
    *,
    notes: Sequence[str] = (),
    interpolator: Interpolator | None = None,
    kept: KeptLatents | None = None,
    rescue: Rescue | None = None,
    observer: Observer | None = None,
) -> Extended:
    """Make a clip longer, in memory.

    The clip's own frames, and those of the clip that follows, stay bit for bit. Beyond the joined
    clip there is one shot in memory at a time, however long the extension is.

    Args:
        engine: What encodes, denoises and decodes.
        request: What is asked for; its numbers are the clip's.
        clip: [T, H, W, 3], float32, 0..1, on the CPU. Not changed.
        following: The clip that a bridge leads to, of the same size and rate; `request.next_frames`
            is its length.
        ending: The picture that it ends on, [1, H, W, 3]; `request.has_end_image` says whether
            there is one.
        notes: What else to tell the user.
        interpolator: Makes the frames in between, where the clip's rate is not the model's; without
            it optical flow does.
        kept: Where sampled latents are kept and looked up; None keeps nothing.
        rescue: Where sampled latents go when something later fails; None lets them go.
        observer: Told of every stage and of the end; None for nobody.

    Returns:
        The longer clip.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `latent_files.rescuing`.
    """
    around = (TensorFrames(clip), None if following is None else TensorFrames(following))
    making = MakingLonger(engine, request, around, ending, notes, kept, observer)
    with making.shots.rescuing(rescue):
        start, count = len(clip), making.plan.new_frames
        rest = 0 if following is None else len(following)
        joined = clip.new_empty((start + count + rest, *clip.shape[1:]))
        joined[:start] = clip
        if following is not None:
            joined[start + count :] = following
        new, done = joined[start : start + count], 0
        for frames in making.added(interpolator):
            new[done : done + len(frames)] = frames
            done += len(frames)
        engine.check_cancelled()
    fps, joints = making.plan.clip_fps, making.joints
    return Extended(joined, new, fps, joints, making.report())


def extend_to(
    save: Callable[[Iterator[Floats]], object],
    engine: Engine,
    request: ExtensionRequest,
    clip: Frames,
    following: Frames | None = None,
    ending: torch.Tensor | None = None,
    *,
    notes: Sequence[str] = (),
    rescue: Rescue | None = None,
) -> SavedExtension:
    """Make a clip longer, frame by frame: no clip is held, only the frames of one shot.

    Args:
        save: Given the frames of the whole clip one by one, [H, W, 3] float32, 0..1; the latents
            are rescued when it fails too.
        engine: As in `extend`.
        request: Likewise.
        clip: The clip, frames [H, W, 3], read from its end once and then from its start.
        following: The clip that a bridge leads to.
        ending: As in `extend`.
        notes: Likewise.
        rescue: Likewise.

    Returns:
        What was saved.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `latent_files.rescuing`.
    """
    making = MakingLonger(engine, request, (clip, following), ending, notes, None, None)
    with making.shots.rescuing(rescue), making.watch.stage("save"):
        save(making.stream())
    count = len(clip) + making.plan.new_frames + (0 if following is None else len(following))
    return SavedExtension(count, making.plan.new_frames, making.joints, making.report())
