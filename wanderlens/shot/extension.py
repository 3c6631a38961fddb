"""Plans an extension: which frames are added to a clip, from and towards which frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ..checks import number_between, on_or_off
from ..errors import InputError
from .family import Family
from .plan import SEEDS, checked_seed
from .quality import CustomSettings, QualitySettings, known_schedule, quality_settings
from .report import experts_line, sampling_line, segments_line
from .schedule import ExpertSplit
from .segments import Segment, check_context, plan_segments
from .span import Ending, Span, available_context, check_fps, plan_span
from .timing import check_duration

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


def plan_extension(request: ExtensionRequest, family: Family) -> ExtensionPlan:
    """Check a request and work out its plan.

    Args:
        request: What is asked for.
        family: The model family that is to make it.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    fps = check_fps(request.clip_fps, "clip_fps")
    ending = _ending(request, family)
    seed = checked_seed(request.seed)
    seconds = Fraction(check_duration(request.duration)).limit_denominator(100_000)
    match = number_between(request.color_match, "color_match", 0, 1, "Set color_match to 1.")
    wanted = check_context(request.context_frames)
    ratio = fps / family.native_fps
    context = available_context(wanted, request.clip_frames, ratio)
    _check_layout(request.layout, ending, context, family)
    following = request.clip_frames if request.close_loop else request.next_frames
    span = plan_span(seconds, ratio, ending, wanted, following, family)
    segments = plan_segments(
        context + span.span + max(0, span.tail - 1),
        family,
        wanted,
        head=context,
        tail=span.tail,
    )
    settings = quality_settings(request.quality, family, ending != "open", request.custom)
    sigmas, split = known_schedule(settings)
    size = _padded(request.clip_width, request.clip_height, family.size_multiple)
    return ExtensionPlan(
        family=family,
        size=size,
        clip_fps=fps,
        ending=ending,
        context=context,
        tail=span.tail,
        tail_start=span.tail_start,
        span=span.span,
        places=span.places,
        settings=settings,
        sigmas=sigmas,
        split=split,
        segments=segments,
        seed=seed,
        color_match=match,
        layout=request.layout,
        notes=_notes(request, family, size, seconds, fps, context, wanted, span, segments),
    )


def _ending(request: ExtensionRequest, family: Family) -> Ending:
    named = {
        "next_frames": request.next_frames > 0,
        "end_image": on_or_off(request.has_end_image, "end_image"),
        "close_loop": on_or_off(request.close_loop, "close_loop"),
    }
    chosen = [name for name, given in named.items() if given]
    if len(chosen) > 1:
        raise InputError(
            f"an extension leads to one end, not to {' and '.join(chosen)}",
            chosen[-1],
            "Leave all but one out, or extend once more with a second node.",
            chosen[-1],
        )
    if chosen and not family.end_frames:
        raise InputError(
            f"{family.id} cannot be told how a clip ends",
            chosen[0],
            "Use the A14B models, or extend without it and join by motion crossfade.",
            chosen[0],
        )
    if not chosen:
        return "open"
    return "picture" if chosen == ["end_image"] else "clip"


def _check_layout(layout: str, ending: Ending, context: int, family: Family) -> None:
    if layout not in LAYOUTS:
        raise InputError(
            f"continue_from must be one of {', '.join(LAYOUTS)}",
            layout,
            "Choose one.",
            "continue_from",
        )
    if layout == CONTEXT:
        return
    if not family.two_experts:
        raise InputError(
            f"the SVI anchor is for the A14B models, not for {family.id}",
            layout,
            "Set continue_from to context frames.",
            "continue_from",
        )
    if context == 1:
        raise InputError(
            "the SVI anchor needs at least 5 context_frames, whose latents go with it",
            context,
            "Set context_frames to 5, or extend a longer clip.",
            "context_frames",
        )
    if ending != "open":
        raise InputError(
            "the SVI anchor takes no known end",
            layout,
            "Set continue_from to context frames.",
            "continue_from",
        )


def _padded(width: int, height: int, multiple: int) -> PaddedSize:
    """The next size that the model takes, the margins shared between both sides."""
    more_x, more_y = -width % multiple, -height % multiple
    return PaddedSize(
        width + more_x,
        height + more_y,
        left=more_x // 2,
        top=more_y // 2,
        right=more_x - more_x // 2,
        bottom=more_y - more_y // 2,
    )


#: Pixels of a frame above which Wan 2.2 was not trained: 720p and a bit.
_LARGE = 1280 * 720 * 1.1


def _notes(
    request: ExtensionRequest,
    family: Family,
    size: PaddedSize,
    seconds: Fraction,
    fps: Fraction,
    context: int,
    wanted: int,
    span: Span,
    segments: tuple[Segment, ...],
) -> tuple[str, ...]:
    notes = []
    made = len(span.places) / fps
    if abs(made - seconds) >= Fraction(1, 1000):
        notes.append(
            f"The duration of {float(seconds):.3f} s became {float(made):.3f} s, which makes whole "
            "frames."
        )
    if context < wanted:
        notes.append(
            f"The clip is too short for {wanted} context frames at {family.native_fps} fps; "
            f"{context} {'is' if context == 1 else 'are'} used."
        )
    if len(segments) > 1:
        notes.append(
            f"The model makes at most {family.native_window - 1} new frames in one segment, so "
            f"{len(segments)} segments follow each other."
        )
    most = max(segment.sampled_frames for segment in segments)
    if most > family.native_window + 8:
        notes.append(
            f"With the known frames the model holds {most} frames at once, against the "
            f"{family.native_window} it was trained for: fewer context_frames need less memory."
        )
    if size.padded:
        notes.append(
            f"The model takes sides that are multiples of {family.size_multiple}: margins are "
            "added for it and cut off again; no frame is scaled."
        )
    if size.width * size.height > _LARGE:
        notes.append(
            f"{request.clip_width}×{request.clip_height} is more than the 720p that the model was "
            "trained for: it takes long and may repeat itself. Extend first and enlarge then."
        )
    return tuple(notes)
