"""Runs the segments of a clip one after the other, each continuing the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import torch

from ..engines.base import Anchor, Engine, KnownClip, Sampler
from ..latents.recovery import recover_on_failure
from ..motion import Continuation, continue_segment, seam_report
from ..shot import CONTEXT_FRAMES, Segment
from .run_context import RunContext
from .sampling import SegmentedPlan, SegmentSampler
from .stopwatch import Stopwatch

BESIDE = 16
"""Frames of the clip so far that are held to judge the next joint by."""

BAD_FLASH = 8.0
"""ΔE of a flash from which on a segment is made again from fewer context frames."""

_CONTINUITY = 1  # to be counted up when later segments come out differently from the same settings


Allocate = Callable[[tuple[int, ...]], torch.Tensor]
"""Gives a float32 tensor of a shape, to be filled."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What is known at both ends of a clip that is to be made. All [n, H, W, 3], float32.

    Attributes:
        before: The frames that it starts with: a still, or the last native frames of a clip, at
            least as many as the first segment's context.
        after: The frames that it ends on, in time order, at least as many as the last segment's
            tail; none for an open end.
        anchors: Frames [H, W, 3] that colours are held to, best first.
        continues: Whether `before` is the end of a clip, and the first segment goes on from it.
        loops: Whether the clip is a loop whose colours are matched over its period later: then
            those of a segment are matched at its start only.
    """

    before: torch.Tensor
    after: torch.Tensor
    anchors: tuple[torch.Tensor, ...]
    continues: bool
    loops: bool = False


class SegmentRunner:
    """Makes the segments of a plan.

    Attributes:
        sampled: The latents of the segments that are done, [1, C, t, h, w].
        watch: The time that each stage took.
    """

    def __init__(
        self,
        engine: Engine,
        sampler: Sampler,
        plan: SegmentedPlan,
        ends: Ends,
        context: RunContext,
        *,
        color_match: float = 1.0,
        pad: Callable[[torch.Tensor], torch.Tensor] = lambda frames: frames,
        crop: Callable[[torch.Tensor], torch.Tensor] = lambda frames: frames,
        anchored: bool = False,
    ) -> None:
        """Nothing is made yet.

        Args:
            engine: What encodes, denoises and decodes.
            sampler: The engine, set to the plan's settings.
            plan: The segments.
            ends: What is known.
            context: The run's cache, recovery and observer.
            color_match: How much of the colour changes is made at joints, 0..1.
            pad: Brings frames to the size that the model takes.
            crop: The reverse.
            anchored: Whether later segments are given in the SVI layout.
        """
        self._engine = engine
        self._plan = plan
        self._context = context
        self._ends = ends
        self._color_match = color_match
        self._pad, self._crop = pad, crop
        self._anchored = anchored
        self._joints: list[tuple[Segment, Continuation]] = []
        self._again: list[tuple[Segment, int, bool]] = []
        self.sampled: list[torch.Tensor] = []
        self.watch = Stopwatch(len(plan.segments), context.observer)
        anchored_to = (ends.anchors[0], ends.before) if anchored else None
        self._latents = SegmentSampler(
            engine, sampler, plan, context.latent_cache, self.watch,
            given=(
                ends.before[-plan.segments[0].context :],
                ends.after[: plan.segments[-1].known.tail],
                anchored_to,
            ),
            matched=(_CONTINUITY, color_match, ends.before, ends.anchors),
        )  # fmt: skip

    def recover_on_failure(self) -> AbstractContextManager[None]:
        """Saves what was sampled when the block fails, if the run's context says where."""
        recovery = self._context.recovery
        if recovery is not None:
            segments, continues = self._plan.segments, self._ends.continues
            context = segments[-1].context if continues or len(segments) > 1 else 0
            cached = self._context.latent_cache is not None
            recovery = replace(recovery, cached=cached, context=context, continues=continues)
        return recover_on_failure(recovery, self.sampled, self._engine.is_cancellation)

    def __iter__(self) -> Iterator[tuple[Segment, torch.Tensor]]:
        """Each segment with its frames.

        Yields:
            The segment and what it adds to the clip, [segment.new_frames, H, W, 3], float32. Where
            that starts with a still, it is the still as the model gives it again.
        """
        so_far = self._ends.before
        for segment in self._plan.segments:
            if segment.index or self._ends.continues:
                frames = self._continued(segment, so_far)
            else:
                frames = self._made(segment, so_far)
            # Its last frames are all that is needed of it; the others are freed before the next.
            so_far = torch.cat([so_far, frames[-BESIDE:].to(so_far)])[-BESIDE:]
            yield segment, frames
            del frames

    def sample(self, segment: Segment) -> torch.Tensor:
        """The latents of the first and only segment, not decoded yet."""
        known = self._known(segment, self._ends.before)
        self.sampled.append(self._latents.of(segment, known))
        return self.sampled[-1]

    def pieces(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """The frames of latents, a few at a time if the engine decodes that way.

        Yields:
            [n, height, width, 3], float32, in time order; 1 + 4n frames together.
        """
        size, left = self._plan.size, self._frames_of(latents)
        pieces = self._engine.decode(latents)
        while left:
            with self.watch.stage("decode"):
                frames = next(pieces, None)
            expected = (left, size.height, size.width, 3)
            if frames is None or frames.shape[1:] != expected[1:] or len(frames) > left:
                given = "nothing" if frames is None else f"frames of shape {tuple(frames.shape)}"
                raise RuntimeError(f"the VAE gave {given} instead of {expected}")
            if not torch.isfinite(frames.sum()):
                raise RuntimeError(
                    "The VAE gave frames that are not numbers (NaN or infinity). Let it compute in "
                    "a higher precision (in ComfyUI: --fp32-vae), or load another VAE file."
                )
            left -= len(frames)
            yield self._crop(frames)
            del frames

    def decode(self, latents: torch.Tensor, allocate: Allocate = torch.empty) -> torch.Tensor:
        """The frames of latents as one tensor.

        Args:
            latents: [1, C, 1 + n, h, w].
            allocate: Gives the tensor that pieces are put into; a single piece is passed on.

        Returns:
            [1 + 4n, height, width, 3], float32.
        """
        count = self._frames_of(latents)
        whole: torch.Tensor | None = None
        done = 0
        for frames in self.pieces(latents):
            if len(frames) == count:
                return frames
            if whole is None:
                whole = allocate((count, *frames.shape[1:]))
            whole[done : done + len(frames)] = frames
            done += len(frames)
        assert whole is not None, "there is at least one piece"
        return whole

    def _frames_of(self, latents: torch.Tensor) -> int:
        return 1 + self._plan.family.time_stride * (latents.shape[2] - 1)

    def finish(self) -> None:
        """Tells the observer that the clip is finished."""
        observer = self.watch.observer
        if observer is not None and self._latents.fresh:
            observer.finished(self._plan, self.watch.seconds)

    def report(self) -> list[str]:
        """Lines on joints, on time and on what did not have to be sampled."""
        lines = []
        for segment, done in self._joints:
            lines += _joint_lines(segment, done)
        for segment, context, better in self._again:
            kept = "kept" if better else "no better and not kept"
            lines.append(
                f"Segment {segment.index + 1}: its start flashed, so it was made again from "
                f"{context} context frame{'s' if context > 1 else ''}; that was {kept}."
            )
        lines.append(f"Time: {self.watch}")
        lines += self._latents.report()
        return lines

    @property
    def continuations(self) -> list[Continuation]:
        """What was done and measured where each segment starts."""
        return [done for _, done in self._joints]

    def _made(self, segment: Segment, so_far: torch.Tensor) -> torch.Tensor:
        """All frames of a segment as the model gives them."""
        known = self._known(segment, so_far)
        self.sampled.append(self._latents.of(segment, known, follows=segment.index > 0))
        return self.decode(self.sampled[-1])

    def _continued(self, segment: Segment, so_far: torch.Tensor) -> torch.Tensor:
        """What a segment adds to the clip; made again from less context if it starts badly."""
        frames, done = self._joined(segment, so_far)
        fewer = [count for count in CONTEXT_FRAMES if count < segment.context]
        shows = done.flash >= BAD_FLASH and done.visibility > 1
        if shows and fewer and not self._anchored:
            context = fewer[-1]
            again, other = self._joined(segment.from_fewer(context), so_far)
            better = other.visibility < done.visibility
            self._again.append((segment, context, better))
            if better:
                frames, done = again, other
            # Until here both could be recovered.
            del self.sampled[-2 if better else -1]
        self._joints.append((segment, done))
        return frames

    def _joined(self, segment: Segment, so_far: torch.Tensor) -> tuple[torch.Tensor, Continuation]:
        frames = self._made(segment, so_far).to("cpu", torch.float32)
        loops = self._ends.loops
        after = self._ends.after if segment.known.tail and not loops else None
        with self.watch.stage("match"):
            done = continue_segment(
                frames,
                so_far,
                segment.context,
                after=after,
                ends_with=segment.known.tail,
                anchors=self._ends.anchors,
                amount=self._color_match,
                fades=loops,
                fps=self._plan.family.native_fps,
                progress=self._engine.progress_bar("match"),
            )
        return frames[-segment.new_frames :], done

    def _known(self, segment: Segment, so_far: torch.Tensor) -> KnownClip:
        head = self._pad(so_far[-segment.context :])
        tail = self._pad(self._ends.after[: segment.known.tail])
        anchor = None
        if self._anchored:
            anchor = Anchor(self._pad(self._ends.anchors[0][None]), self._motion(so_far))
        return KnownClip(segment.sampled_frames, segment.known, head, tail, anchor)

    def _motion(self, so_far: torch.Tensor) -> torch.Tensor:
        """The clip's last latents: those that were sampled, or else its last frames encoded."""
        if self.sampled:
            return self.sampled[-1]
        frames = so_far[-(4 * ((len(so_far) - 1) // 4) + 1) :]
        with self.watch.stage("encode"):
            return self._engine.encode_frames(self._pad(frames))


def _joint_lines(segment: Segment, done: Continuation) -> list[str]:
    """What was done and measured where a segment starts."""
    lines = []
    for joint, where in zip(done.joints, ("start", "end"), strict=False):
        how = "its picture was carried over" if joint.warped else "trimmed only"
        name = f"Joint at the {where} of segment {segment.index + 1}"
        seam, *rest = seam_report(joint.measures, name, whole=False, flow=joint.flow)
        notes = [line for line in rest if line.startswith("Note: at the joint")]
        lines += [f"{seam}; {how}", *notes]
    colours = []
    if done.flash:
        colours.append(f"a flash of ΔE {done.flash:.1f} on its first frames was taken out")
    if done.intended:
        colours.append("its colours change so much that only the joint was matched")
    elif done.start or done.end:
        colours.append(f"matched by ΔE {done.start:.1f} at its start, {done.end:.1f} at its end")
    if colours:
        lines.append(f"Colour of segment {segment.index + 1}: {'; '.join(colours)}")
    return lines
