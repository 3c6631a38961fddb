"""Sampling settings of each quality."""

from __future__ import annotations

from dataclasses import dataclass

from ..checks import named, number_between, one_of, whole_between
from ..errors import InputError
from .family import NANO, Family
from .schedule import (
    MAX_STEPS,
    SHIFT_RANGE,
    ExpertSplit,
    SplitRule,
    sampler_sigmas,
    split_experts,
)

QUALITIES = ("standard", "fast", "best", "custom")

MAX_CFG = 30.0


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """How a clip is sampled.

    Attributes:
        steps: Sampling steps of both experts together, 1..200.
        cfg: Classifier-free guidance, 0..30, the same for both experts; 1 does without the
            negative prompt.
        shift: Shift of the noise levels, 0.01..100.
        sampler_name: ComfyUI's name of the sampler.
        scheduler: ComfyUI's name of the scheduler.
        split_rule: How the steps are shared between the experts.
        boundary: Noise level, 0..1, of the hand-over; None for a family with one model.
    """

    steps: int
    cfg: float
    shift: float
    sampler_name: str
    scheduler: str
    split_rule: SplitRule
    boundary: float | None


@dataclass(frozen=True, slots=True)
class CustomSettings:
    """The widgets that are read for quality "custom" only, unchecked.

    Attributes:
        steps: Sampling steps, 1..200.
        cfg: Classifier-free guidance, 0..30.
        shift: Shift of the noise levels, 0.01..100.
        sampler_name: A sampler; whether it exists is for the engine to check.
        scheduler: A scheduler; whether it exists is for the engine to check.
        boundary: Noise level, 0..1, of the hand-over; unused by a family with one model.
    """

    steps: int = 20
    cfg: float = 3.5
    shift: float = 5.0
    sampler_name: str = "euler"
    scheduler: str = "simple"
    boundary: float = 0.9


# Steps, cfg, shift, sampler and scheduler per quality.
#
# Standard is ComfyUI's own workflow template of each model. Best has the steps, guidance and shift
# of the Wan2.2 repository (wan/configs: sample_steps, sample_guide_scale, sample_shift). Fast is
# what the 4-step distilled LoRAs were made for.
_Row = tuple[int, float, float, str, str]
_TWO_EXPERTS: dict[str, _Row] = {
    "standard": (20, 3.5, 5.0, "euler", "simple"),
    "best": (40, 3.5, 5.0, "euler", "simple"),
    "fast": (4, 1.0, 5.0, "euler", "simple"),
}
# With a known last frame, guidance and shift are those of ComfyUI's first/last-frame template.
_TWO_EXPERTS_TO_END_FRAME: dict[str, _Row] = {
    "standard": (20, 4.0, 8.0, "euler", "simple"),
    "best": (40, 4.0, 8.0, "euler", "simple"),
    "fast": (4, 1.0, 5.0, "euler", "simple"),
}
_ONE_MODEL: dict[str, _Row] = {
    "standard": (20, 5.0, 8.0, "uni_pc", "simple"),
    "best": (50, 5.0, 5.0, "uni_pc", "simple"),
}
# The nano model's card has the figures of these.
_NANO: dict[str, _Row] = {
    "standard": (8, 2.0, 5.0, "euler", "simple"),
    "best": (20, 2.0, 5.0, "euler", "simple"),
}


def quality_settings(
    quality: object, family: Family, has_end_frame: bool, custom: CustomSettings
) -> QualitySettings:
    """Look up what a quality stands for, or check the custom settings.

    Args:
        quality: One of `QUALITIES`.
        family: The model family.
        has_end_frame: Whether the model is given the last frame, of an end image or a loop.
        custom: The settings to use for "custom".

    Raises:
        InputError: the quality is unknown or not to be had for the family, or a custom setting is
            out of range.
    """
    choice = one_of(quality, "quality", QUALITIES)
    if choice == "custom":
        return _checked(custom, family)
    if family is NANO:
        table = _NANO
    elif family.two_experts:
        table = _TWO_EXPERTS_TO_END_FRAME if has_end_frame else _TWO_EXPERTS
    else:
        table = _ONE_MODEL
    if choice not in table:
        raise InputError(
            f"quality must be standard, best or custom for {family.id}",
            choice,
            "It has no 4-step setting: choose standard, or custom with a distilled LoRA's steps.",
            "quality",
        )
    rule: SplitRule = "fixed" if choice == "fast" else "noise"
    return QualitySettings(
        *table[choice],
        split_rule=rule if family.two_experts else "none",
        boundary=family.boundary,
    )


def known_schedule(
    settings: QualitySettings,
) -> tuple[tuple[float, ...] | None, ExpertSplit | None]:
    """Noise levels, one per step and a closing 0, and the steps of each expert.

    None and None for schedulers other than "simple", whose levels only the engine knows.
    """
    if settings.scheduler != "simple":
        return None, None
    sigmas = sampler_sigmas(settings.steps, settings.shift, settings.sampler_name)
    return sigmas, split_experts(sigmas, settings.split_rule, settings.boundary)


def _checked(custom: CustomSettings, family: Family) -> QualitySettings:
    boundary = number_between(custom.boundary, "boundary", 0, 1, "Set boundary to 0.9.")
    return QualitySettings(
        steps=whole_between(custom.steps, "steps", 1, MAX_STEPS, "Set 20 steps."),
        cfg=number_between(custom.cfg, "cfg", 0, MAX_CFG, "Set cfg to 3.5."),
        shift=number_between(custom.shift, "shift", *SHIFT_RANGE, "Set shift to 5.0."),
        sampler_name=named(custom.sampler_name, "sampler_name"),
        scheduler=named(custom.scheduler, "scheduler"),
        split_rule="noise" if family.two_experts else "none",
        boundary=boundary if family.two_experts else None,
    )
