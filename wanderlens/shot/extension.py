"""Request and plan of an extension, which adds frames to the end of a clip."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from .family import Family
from .plan import SEEDS
from .quality import CustomSettings, QualitySettings
from .report import experts_line, sampling_line, segments_line
from .schedule import ExpertSplit
from .segments import Segment
from .span import Ending

CONTEXT, SVI_ANCHOR = "context frames", "SVI anchor"
LAYOUTS = (CONTEXT, SVI_ANCHOR)
"""How the clip so far is given to the model: see `ExtensionRequest.layout`."""


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """What an extension is asked to be: the clip's numbers and the widgets, unchecked.

    The defaults are those of the widgets.

    Attributes:
        clip_frames: Frames of the clip.
        clip_width: Pixels.
        clip_height: Pixels.
        clip_fps: Frames per second of the clip, 1 to 240.
        duration: Seconds to add, more than 0 and at most 120; of a bridge, its length.
        context_frames: Native frames at the clip's end that motion goes on from: 1, 5, 9, 13.
        color_match: 0..1, how much colours are held.
        close_loop: Whether the new frames lead back to the clip's own start.
        next_frames: Frames of the clip that they lead to, at `clip_fps`; 0 for none.
        has_end_image: Whether they end on a picture.
        quality: standard, fast, best or custom.
        seed: 0 to 2**64 - 1.
        custom: The settings of quality custom.
        layout: "context frames" gives the clip's last frames as known ones. "SVI anchor" gives the
            clip's first frame as the only known one, and the end's latents beside it, which the
            LoRAs of Stable Video Infinity 2.0 Pro were trained on.
    """

    clip_frames: int
    clip_width: int
    clip_height: int
    clip_fps: float | Fraction = 16.0
    duration: float = 5.0
    context_frames: int = 5
    color_match: float = 1.0
    close_loop: bool = False
    next_frames: int = 0
    has_end_image: bool = False
    quality: str = "standard"
    seed: int = 0
    custom: CustomSettings = field(default_factory=CustomSettings)
    layout: str = CONTEXT


@dataclass(frozen=True, slots=True)
class PaddedSize:
    """Frames that the model takes, and the margins that they have over the clip's. All in pixels.

    Attributes:
        width: Of the model's frames.
        height: Of the model's frames.
        left: Columns added at the left.
        top: Rows added at the top.
        right: Columns added at the right.
        bottom: Rows added at the bottom.
    """

    width: int
    height: int
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    @property
    def padded(self) -> bool:
        """Whether there is any margin."""
        return bool(self.left or self.top or self.right or self.bottom)


@dataclass(frozen=True, slots=True)
class ExtensionPlan:
    """Everything that an extension is before any model runs.

    Attributes:
        family: The model family.
        size: The model's frames.
        clip_fps: Frames per second of the clip.
        ending: What the new frames lead to: nothing, a picture, or a clip (the own start or
            another).
        context: Native frames of the clip's end that the first segment is given.
        tail: Native frames that the last segment ends on: 0, 1 or 4k.
        tail_start: Time of the first of these in the clip that follows, in native frames, 0 to
            below 1: where its first frame does not fall on a native one.
        span: Native frames from the clip's last frame to the last one that is made, or to the first
            one of `tail`.
        places: Times of the new frames, in native frames after the clip's last one.
        settings: How it is sampled.
        sigmas: As in `ShotPlan`.
        split: As in `ShotPlan`.
        segments: The segments; the first one starts with the context.
        seed: Seed of the first segment.
        color_match: 0..1.
        layout: One of `LAYOUTS`.
        notes: What to tell the user.
    """

    family: Family
    size: PaddedSize
    clip_fps: Fraction
    ending: Ending
    context: int
    tail: int
    tail_start: Fraction
    span: int
    places: tuple[Fraction, ...]
    settings: QualitySettings
    sigmas: tuple[float, ...] | None
    split: ExpertSplit | None
    segments: tuple[Segment, ...]
    seed: int
    color_match: float
    layout: str
    notes: tuple[str, ...]

    @property
    def ratio(self) -> Fraction:
        """Frames of the clip per native frame."""
        return self.clip_fps / self.family.native_fps

    @property
    def new_frames(self) -> int:
        """Frames that are added, at the clip's rate."""
        return len(self.places)

    @property
    def seconds(self) -> Fraction:
        """How much longer the clip is then."""
        return self.new_frames / self.clip_fps

    def segment_seed(self, segment: Segment) -> int:
        """Seed of one segment; after the largest seed follows 0."""
        return (self.seed + segment.seed_offset) % SEEDS

    def summary(self) -> str:
        """The plan in a few lines for the user, the notes last."""
        known = f"{self.context} native frame{'s' if self.context > 1 else ''} of the clip's end"
        if self.layout == SVI_ANCHOR:
            known = f"its first frame and the latents of {known} (SVI)"
        towards = {
            "open": "",
            "picture": ", to the picture",
            "clip": f", to the first {'one' if self.tail == 1 else self.tail} of what follows",
        }[self.ending]
        lines = [
            f"Model: {self.family.id}",
            f"Added: {self.new_frames} frame{'s' if self.new_frames > 1 else ''} at "
            f"{float(self.clip_fps):.4g} fps, {float(self.seconds):.3f} s, from {known}{towards}",
            sampling_line(self.settings, self.seed),
        ]
        if self.family.two_experts:
            lines.append(experts_line(self.settings, self.split))
        if len(self.segments) > 1:
            lines.append(segments_line(self.segments))
        lines.extend(f"Note: {note}" for note in self.notes)
        return "\n".join(lines)
