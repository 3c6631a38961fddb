"""From a clip to a longer one, with any engine: extended, bridged, led to a picture, or looped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import torch

from ..motion import (
    Continuation,
    Interpolator,
    Progress,
    frames_at,
)
from ..shot import (
    SVI_ANCHOR,
    ExtensionPlan,
    ExtensionRequest,
    PaddedSize,
    plan_extension,
    split_experts,
)
from .base import Engine, Observer
from .latent_files import Rescue, rescuing
from .requirements import check_optical_flow
from .shots import BESIDE, Ends, Shots
from .store import KeptLatents

_AT_ONCE = 16  # native frames that are brought to the clip's rate together


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
    save: Callable[[torch.Tensor], None] | None = None,
) -> Extended:
    """Make a clip longer.

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
        save: Given the finished clip; the latents are rescued when it fails too.

    Returns:
        The longer clip.

    Raises:
        InputError: an input is refused; the error names it.
        RuntimeError: something failed after the sampling; see `latent_files.rescuing`.
    """
    plan = plan_extension(request, engine.family)
    check_optical_flow(True, "an extension", None, "duration")
    sampler = engine.prepare(plan.settings)
    split = split_experts(sampler.sigmas, plan.settings.split_rule, plan.settings.boundary)
    plan = replace(plan, sigmas=sampler.sigmas, split=split)
    ends = _ends(plan, clip, clip if request.close_loop else following, ending)
    size = plan.size
    shots = Shots(
        engine,
        sampler,
        plan,
        ends,
        kept,
        observer=observer,
        color_match=plan.color_match,
        pad=lambda frames: padded(frames, size),
        crop=lambda frames: cropped(frames, size),
        anchored=plan.layout == SVI_ANCHOR,
    )
    if rescue is not None:
        rescue = replace(
            rescue, kept=kept is not None, context=plan.segments[-1].context, continues=True
        )
    with rescuing(rescue, shots.sampled, engine.is_cancellation):
        start, count = len(clip), plan.new_frames
        rest = 0 if following is None else len(following)
        joined = clip.new_empty((start + count + rest, *clip.shape[1:]))
        joined[:start] = clip
        if following is not None:
            joined[start + count :] = following
        new = joined[start : start + count]
        filling = _Filling(
            new, plan.places, ends.before, interpolator, engine.progress_bar("interpolate")
        )
        for segment, frames in shots:
            with shots.watch.stage("join"):
                # The model's own copies of a known end give way to the true frames.
                filling.add(frames[: len(frames) - segment.known.tail])
            del frames
        with shots.watch.stage("join"):
            filling.finish(ends.after)
        engine.check_cancelled()
        if save is not None:
            with shots.watch.stage("save"):
                save(joined)
    shots.finish()
    told = [*notes, *engine.notes, *sampler.notes]
    report = [plan.summary(), *(f"Note: {note}" for note in told), *shots.report()]
    return Extended(joined, new, plan.clip_fps, tuple(shots.continuations), "\n".join(report))


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
    plan: ExtensionPlan,
    clip: torch.Tensor,
    following: torch.Tensor | None,
    ending: torch.Tensor | None,
) -> Ends:
    """The native frames on both sides of what is to be made."""
    # The plan has seen to it that there are the frames that the model is given, fewer than these.
    ratio, last = plan.ratio, len(clip) - 1
    count = 1 + min(BESIDE - 1, int(last / ratio))
    before = frames_at(clip, [last - index * ratio for index in reversed(range(count))])
    after = clip[:0]
    if ending is not None:
        after = ending
    elif following is not None:
        count = 1 + min(BESIDE - 1, int((len(following) - 1) / ratio - plan.tail_start))
        places = [(plan.tail_start + index) * ratio for index in range(count)]
        after = frames_at(following, places)
    return Ends(before, after, (clip[0], clip[-1]), continues=True)


class _Filling:
    """Puts native frames into a clip at its own rate, as they come."""

    def __init__(
        self,
        new: torch.Tensor,
        places: tuple[Fraction, ...],
        before: torch.Tensor,
        interpolator: Interpolator | None,
        progress: Progress,
    ) -> None:
        """Starts with the end of the clip that is extended.

        Args:
            new: [n, H, W, 3], to be filled.
            places: Times of its frames, in native frames after the last of `before`.
            before: The clip's last native frames.
            interpolator: As in `frames_at`.
            progress: Told of the frames that are filled; ends the work when the user has cancelled.
        """
        self._progress = progress
        self._new = new
        self._places = places
        self._held = before[-3:]
        self._start = 1 - len(self._held)  # the time of the first frame that is held
        self._done = 0
        self._interpolator = interpolator

    def add(self, frames: torch.Tensor) -> None:
        """Takes the next native frames; [n, H, W, 3]."""
        for part in frames.split(_AT_ONCE):
            self._held = torch.cat([self._held, part])
            # The motion after a pair of frames tells how it bends: the last pair waits.
            self._fill(self._start + len(self._held) - 2)
            drop = max(0, len(self._held) - 3)
            # A copy, so that the rest can go.
            self._held, self._start = self._held[drop:].clone(), self._start + drop

    def finish(self, after: torch.Tensor) -> None:
        """Fills what is left, with the native frames that follow what was made."""
        self._held = torch.cat([self._held, after[:2]])
        self._fill(self._start + len(self._held) - 1)
        if self._done != len(self._places):
            raise RuntimeError(f"{len(self._places) - self._done} frames were not made")

    def _fill(self, until: int) -> None:
        """Fills the frames up to a time."""
        stop = self._done
        while stop < len(self._places) and self._places[stop] <= until:
            stop += 1
        if stop > self._done:
            places = [place - self._start for place in self._places[self._done : stop]]
            self._new[self._done : stop] = frames_at(
                self._held, places, interpolator=self._interpolator
            )
            self._done = stop
            self._progress(stop, len(self._places))
