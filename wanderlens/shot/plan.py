"""Plans a shot: turns a request into everything that its clip is."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..checks import on_or_off
from ..errors import InputError
from .family import Family
from .quality import CustomSettings, QualitySettings, known_schedule, quality_settings
from .report import plan_notes, plan_summary
from .schedule import ExpertSplit
from .segments import Segment, plan_segments
from .size import FrameSize, fit_size
from .timing import Timing, plan_timing

SEEDS = 2**64
"""Seeds are whole numbers from 0 to below this, as in ComfyUI."""


@dataclass(frozen=True, slots=True)
class ShotRequest:
    """What a clip is asked to be: the picture's size and the widgets, unchecked.

    The defaults are those of the widgets.

    Attributes:
        picture_width: Pixels.
        picture_height: Pixels.
        fps: Frames per second of the clip: 16, 24 or 32.
        duration: Seconds, more than 0 and at most 120.
        loop: Whether the clip is to repeat without a gap.
        resolution: 480p, 580p, 720p, match image or custom.
        width: Pixels, for resolution custom only.
        height: Pixels, for resolution custom only.
        quality: standard, fast, best or custom.
        seed: 0 to 2**64 - 1.
        has_end_image: Whether the clip is to end on a second picture.
        custom: The settings of quality custom.
        context_frames: Frames that a later segment takes over from the one before: 1, 5, 9, 13.
    """

    picture_width: int
    picture_height: int
    fps: int = 16
    duration: float = 5.0
    loop: bool = False
    resolution: str = "480p"
    width: int = 832
    height: int = 480
    quality: str = "standard"
    seed: int = 0
    has_end_image: bool = False
    custom: CustomSettings = field(default_factory=CustomSettings)
    context_frames: int = 5


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """Everything that a clip is before any model runs; an engine only carries it out.

    Attributes:
        family: The model family.
        size: How the picture becomes frames.
        timing: Frame counts.
        settings: How the clip is sampled.
        sigmas: Noise levels, one per step and a closing 0, for scheduler "simple"; None for
            others, whose levels only the engine knows.
        split: Steps of each expert; None for a family with one model, and where `sigmas` is None:
            there the engine calls `split_experts` with its own levels.
        segments: The segments in time order, at least one.
        seed: Seed of the first segment.
        notes: What to tell the user about roundings, crops and better settings.
    """

    family: Family
    size: FrameSize
    timing: Timing
    settings: QualitySettings
    sigmas: tuple[float, ...] | None
    split: ExpertSplit | None
    segments: tuple[Segment, ...]
    seed: int
    notes: tuple[str, ...]

    def segment_seed(self, segment: Segment) -> int:
        """Seed of one segment; after the largest seed follows 0."""
        return (self.seed + segment.seed_offset) % SEEDS

    def summary(self) -> str:
        """The plan in a few lines for the user, the notes last."""
        return plan_summary(
            family=self.family,
            size=self.size,
            timing=self.timing,
            settings=self.settings,
            split=self.split,
            segments=self.segments,
            seed=self.seed,
            notes=self.notes,
        )


def plan_shot(request: ShotRequest, family: Family) -> ShotPlan:
    """Check a request and work out its plan.

    A loop of a family that takes end frames is conditioned to end on its first frame. Other
    families make an open clip, longer by what is blended into its start.

    Args:
        request: What is asked for.
        family: The model family that is to make it.

    Raises:
        InputError: a value is refused; the error names its widget.
    """
    loop = on_or_off(request.loop, "loop")
    end_image = on_or_off(request.has_end_image, "end_image")
    _check_ending(loop, end_image, family)
    seed = checked_seed(request.seed)
    timing = plan_timing(request.duration, request.fps, loop, family)
    size = fit_size(
        request.picture_width,
        request.picture_height,
        request.resolution,
        family,
        request.width,
        request.height,
    )
    has_end_frame = end_image or (loop and family.end_frames)
    settings = quality_settings(request.quality, family, has_end_frame, request.custom)
    sigmas, split = known_schedule(settings)
    segments = plan_segments(
        timing.sampled_frames,
        family,
        request.context_frames,
        tail=int(has_end_frame),
        beyond=max(0, timing.blended - 1),
    )
    return ShotPlan(
        family=family,
        size=size,
        timing=timing,
        settings=settings,
        sigmas=sigmas,
        split=split,
        segments=segments,
        seed=seed,
        notes=plan_notes(family, request.resolution, size, timing, settings, segments),
    )


def _check_ending(loop: bool, end_image: bool, family: Family) -> None:
    if end_image and not family.end_frames:
        raise InputError(
            f"{family.id} takes no end image",
            end_image,
            "Disconnect end_image, or use the A14B models.",
            "end_image",
        )
    if loop and end_image:
        raise InputError(
            "a loop ends where it starts and takes no end image",
            end_image,
            "Switch loop off, or disconnect end_image.",
            "loop",
        )


def checked_seed(seed: object) -> int:
    """Return a seed if it is one.

    Raises:
        InputError: it is no whole number from 0 to below `SEEDS`.
    """
    # No floats here: a large one would silently stand for another seed.
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < SEEDS:
        raise InputError(
            f"seed must be a whole number from 0 to {SEEDS - 1}", seed, "Set seed to 0.", "seed"
        )
    return seed
