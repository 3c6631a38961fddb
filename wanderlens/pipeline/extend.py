"""Makes a clip longer, on any engine: to an open end, a picture, another clip, or its own start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import torch

from ..engines.base import Engine
from ..motion import Continuation, Frames, TensorFrames
from ..shot import ExtensionRequest
from .extend_run import ExtendRun
from .input_video import InputClips
from .run_context import RunContext

if TYPE_CHECKING:
    from ..motion.flow import Floats


@dataclass(frozen=True, slots=True)
class ExtendedClip:
    """A clip that was extended.

    Attributes:
        frames: The whole clip, [T, H, W, 3], float32, 0..1: the clip itself, what was added, and
            the clip that follows a bridge.
        new_frames: What was added, a view of `frames`.
        fps: Frames per second.
        joints: What was done and measured where each segment starts, and where the last one meets a
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
        joints: As in `ExtendedClip`.
        report: Likewise.
    """

    frames: int
    new_frames: int
    joints: tuple[Continuation, ...]
    report: str


def extension_request(clips: InputClips, **widgets: Any) -> ExtensionRequest:
    """A request for clips in memory.

    Args:
        clips: The clip, what follows it, and the picture to end on.
        widgets: The other fields of the request, unchecked.
    """
    count, height, width, _ = clips.clip.shape
    return ExtensionRequest(
        clip_frames=count,
        clip_width=width,
        clip_height=height,
        clip_fps=clips.fps,
        next_frames=0 if clips.following is None else len(clips.following),
        has_end_image=clips.ending is not None,
        **widgets,
    )


def extend(
    engine: Engine,
    request: ExtensionRequest,
    clip: torch.Tensor,
    following: torch.Tensor | None = None,
    ending: torch.Tensor | None = None,
    *,
    notes: Sequence[str] = (),
    context: RunContext | None = None,
) -> ExtendedClip:
    """Make a clip longer, in memory.

    The clip's own frames, and those of the clip that follows, stay bit for bit. Beyond the joined
    clip there is one segment in memory at a time, however long the extension is.

    Args:
        engine: What encodes, denoises and decodes.
        request: What is asked for; its numbers are the clip's.
        clip: [T, H, W, 3], float32, 0..1, on the CPU. Not changed.
        following: The clip that a bridge leads to, of the same size and rate; `request.next_frames`
            is its length.
        ending: The picture that it ends on, [1, H, W, 3]; `request.has_end_image` says whether
            there is one.
        notes: What else to tell the user.
        context: Cache, recovery, observer and interpolator; None for none of them.

    Returns:
        The longer clip.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `recovery.recover_on_failure`.
    """
    around = (TensorFrames(clip), None if following is None else TensorFrames(following))
    run = ExtendRun(engine, request, around, ending, notes, context or RunContext())
    with run.runner.recover_on_failure():
        start, count = len(clip), run.plan.new_frames
        rest = 0 if following is None else len(following)
        joined = clip.new_empty((start + count + rest, *clip.shape[1:]))
        joined[:start] = clip
        if following is not None:
            joined[start + count :] = following
        new, done = joined[start : start + count], 0
        for frames in run.added():
            new[done : done + len(frames)] = frames
            done += len(frames)
        engine.check_cancelled()
    fps, joints = run.plan.clip_fps, run.joints
    return ExtendedClip(joined, new, fps, joints, run.report())


def extend_to(
    save: Callable[[Iterator[Floats]], object],
    engine: Engine,
    request: ExtensionRequest,
    clip: Frames,
    following: Frames | None = None,
    ending: torch.Tensor | None = None,
    *,
    notes: Sequence[str] = (),
    context: RunContext | None = None,
) -> SavedExtension:
    """Make a clip longer, frame by frame: no clip is held, only the frames of one segment.

    Args:
        save: Given the frames of the whole clip one by one, [H, W, 3] float32, 0..1; the latents
            are recovered when it fails too.
        engine: As in `extend`.
        request: Likewise.
        clip: The clip, frames [H, W, 3], read from its end once and then from its start.
        following: The clip that a bridge leads to.
        ending: As in `extend`.
        notes: Likewise.
        context: Likewise.

    Returns:
        What was saved.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `recovery.recover_on_failure`.
    """
    run = ExtendRun(engine, request, (clip, following), ending, notes, context or RunContext())
    with run.runner.recover_on_failure(), run.watch.stage("save"):
        save(run.stream())
    count = len(clip) + run.plan.new_frames + (0 if following is None else len(following))
    return SavedExtension(count, run.plan.new_frames, run.joints, run.report())
