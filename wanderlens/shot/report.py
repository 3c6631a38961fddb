"""A plan's summary for the user, with notes on what was rounded or could be better."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .family import Family
from .quality import QualitySettings
from .schedule import ExpertSplit
from .segments import Segment
from .size import FrameSize
from .timing import Timing

# What rounding to the size multiple can cost stays below this; more was asked for by the sizes.
_LARGE_CROP = 0.08
# Frames are 3 channels of float32, 12 bytes a pixel; in gigabytes of 1e9 bytes.
_LARGE_CLIP = 6.0


def plan_notes(
    family: Family,
    resolution: str,
    size: FrameSize,
    timing: Timing,
    settings: QualitySettings,
    segments: Sequence[Segment],
) -> tuple[str, ...]:
    """What the user should know beyond the summary, one or two sentences each.

    Args:
        family: The model family.
        resolution: The resolution that was chosen.
        size: How the picture becomes frames.
        timing: Frame counts.
        settings: How the clip is sampled.
        segments: The segments in time order.
    """
    notes: list[str] = []
    if timing.rounded:
        notes.append(
            f"The duration of {_decimal(timing.requested_seconds)} s became "
            f"{_decimal(timing.seconds)} s, the nearest that makes whole frames."
        )
    if size.crop_fraction > _LARGE_CROP:
        notes.append(
            f"{_percent(size.crop_fraction)} of the picture is lost to the crop; a width and "
            "height nearer to its shape keep more."
        )
    # Advice of the Wan2.2 repository (`generate` in wan/image2video.py). The distilled LoRAs are
    # made for a shift of their own.
    distilled = settings.split_rule == "fixed"
    if family.two_experts and resolution == "480p" and settings.shift == 5 and not distilled:
        notes.append(
            "The official advice for 480p is shift 3; this clip uses 5 (quality custom can set it)."
        )
    if len(segments) > 1:
        context = segments[1].context
        frames = "frame" if context == 1 else f"{context} frames"
        notes.append(
            f"The model makes at most {family.native_window} frames in one segment, so the clip is "
            f"{len(segments)} segments, each continuing the last {frames} of the one before."
        )
    if timing.blended:
        notes.append(
            f"{family.id} cannot be told how a clip ends, so the last {timing.blended} frames are "
            "blended into the first along their motion. The A14B models close their own loops."
        )
    if settings.cfg == 1:
        notes.append("cfg 1 works without the negative prompt.")
    if timing.ratio.denominator != 1:
        notes.append(
            f"Of every {timing.multiplier} frames only one is the model's own, which makes "
            f"{timing.native_fps} fps; the others are interpolated."
        )
    gigabytes = size.width * size.height * 12 * timing.output_frames / 1e9
    if gigabytes > _LARGE_CLIP:
        notes.append(
            f"The frames alone take {gigabytes:.0f} GB of memory. A shorter clip or a smaller "
            "resolution needs less."
        )
    return tuple(notes)


def plan_summary(
    *,
    family: Family,
    size: FrameSize,
    timing: Timing,
    settings: QualitySettings,
    split: ExpertSplit | None,
    segments: Sequence[Segment],
    seed: int,
    notes: Sequence[str],
) -> str:
    """A plan as lines of text.

    Args:
        family: The model family.
        size: How the picture becomes frames.
        timing: Frame counts.
        settings: How the clip is sampled.
        split: Steps of each expert, if known.
        segments: The segments in time order.
        seed: Seed of the first segment.
        notes: Sentences to close with.
    """
    lines = [
        f"Model: {family.id}",
        f"Size: {_size(size)}",
        f"Frames: {_frames(timing)}",
        sampling_line(settings, seed),
    ]
    if family.two_experts:
        lines.append(experts_line(settings, split))
    if len(segments) > 1:
        lines.append(segments_line(segments))
    lines.extend(f"Note: {note}" for note in notes)
    return "\n".join(lines)


def sampling_line(settings: QualitySettings, seed: int) -> str:
    """How it is sampled, as a line of the report."""
    return (
        f"Sampling: {settings.steps} steps, cfg {settings.cfg:g}, shift {settings.shift:g}, "
        f"{settings.sampler_name} / {settings.scheduler}, seed {seed}"
    )


def segments_line(segments: Sequence[Segment]) -> str:
    """What each segment adds, as a line of the report."""
    frames = " + ".join(str(segment.new_frames) for segment in segments)
    return f"Segments: {len(segments)}, adding {frames} frames"


def experts_line(settings: QualitySettings, split: ExpertSplit | None) -> str:
    """How the experts share the steps, as a line of the report."""
    return f"Experts: {_experts(settings, split)}"


def _size(size: FrameSize) -> str:
    frame = f"{size.width}×{size.height}"
    if size.untouched:
        return f"{frame}, the picture as it is"
    text = f"{frame} from a picture of {size.picture_width}×{size.picture_height}"
    if size.scale != 1:
        text += f", scaled by {size.scale:.3g}"
    if size.crop_fraction > 0:
        text += (
            f", cropped by {_percent(size.crop_fraction)} (left {size.crop_left}, "
            f"top {size.crop_top}, right {size.crop_right}, bottom {size.crop_bottom} px)"
        )
    return text


def _frames(timing: Timing) -> str:
    if timing.loop:
        made = (
            f"loop of {_decimal(timing.seconds)} s, period {timing.period} at "
            f"{timing.native_fps} fps ({timing.sampled_frames} made, "
            f"{f'{timing.blended} blended' if timing.blended else 'the repeated one dropped'})"
        )
    else:
        made = (
            f"{_decimal(timing.seconds)} s, {timing.sampled_frames} made at {timing.native_fps} fps"
        )
    if timing.ratio == 1:
        return made
    return f"{made}, {timing.output_frames} at {timing.output_fps} fps after interpolation"


def _experts(settings: QualitySettings, split: ExpertSplit | None) -> str:
    if split is None:
        return f"hand-over at noise level {settings.boundary:g}, the step known when sampling"
    text = f"{split.high_steps} steps high-noise, {split.low_steps} low-noise"
    if settings.split_rule == "fixed":
        return f"{text} (fixed for the 4-step LoRAs)"
    return f"{text} (hand-over below noise level {settings.boundary:g})"


def _percent(fraction: float) -> str:
    return f"{fraction:.1%}" if fraction >= 0.001 else "less than 0.1%"


def _decimal(seconds: float | Fraction) -> str:
    """Seconds to the millisecond, without closing zeros."""
    return f"{float(seconds):.3f}".rstrip("0").rstrip(".")
