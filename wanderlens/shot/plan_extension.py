"""Plans an extension: which frames are added to a clip, from and towards which frames."""

from __future__ import annotations

from fractions import Fraction

from ..checks import number_between, on_or_off
from ..errors import InputError
from .extension import (
    CONTEXT,
    LAYOUTS,
    ExtensionPlan,
    ExtensionRequest,
    PaddedSize,
)
from .family import Family
from .plan import checked_seed
from .quality import known_schedule, quality_settings
from .segments import Segment, check_context, plan_segments
from .span import Ending, Span, available_context, check_fps, plan_span
from .timing import check_duration


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
