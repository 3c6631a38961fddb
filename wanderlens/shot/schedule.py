"""Noise levels of the steps, and the hand-over between the two experts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ..checks import number_between, whole_between
from ..errors import InputError

SplitRule = Literal["noise", "fixed", "none"]
"""How the steps are shared: by noise level, after a fixed step, or not at all (one model)."""

FIXED_HIGH_STEPS = 2
"""Steps of the high-noise expert with the 4-step distilled LoRAs, whatever their noise levels."""

MAX_STEPS = 200
SHIFT_RANGE = (0.01, 100.0)

# Entries in the noise table of ComfyUI's ModelSamplingDiscreteFlow.
_TABLE_STEPS = 1000

# Samplers whose last noise level before 0 ComfyUI leaves out, making up for it with one step more
# (`KSampler.DISCARD_PENULTIMATE_SIGMA_SAMPLERS` in comfy/samplers.py).
_DISCARD_PENULTIMATE = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})

# ComfyUI's noise levels are float32, good to about 1e-7; a level this close below the boundary
# counts as on it. Neighbouring steps of real schedules lie 1e-4 and more apart.
_BOUNDARY_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class ExpertSplit:
    """Which steps each expert does. An expert with no steps is not called.

    Attributes:
        high_steps: Steps of the high-noise expert, done first.
        low_steps: Steps of the low-noise expert.
        handover_sigma: Noise level, 0..1, at which the low-noise expert takes over; 0.0 if it
            never does.
    """

    high_steps: int
    low_steps: int
    handover_sigma: float


def simple_sigmas(steps: int, shift: float) -> tuple[float, ...]:
    """Noise levels of ComfyUI's "simple" scheduler for a flow model.

    The table is ModelSamplingDiscreteFlow's, sigma(t) = shift*t / (1 + (shift-1)*t) for
    t = 0.001..1 (comfy/model_sampling.py); every (1000/steps)-th entry is taken, from the noisiest
    on (`simple_scheduler` in comfy/samplers.py), computed here in float64.

    Args:
        steps: 1 to 200.
        shift: 0.01 to 100; 1 leaves the levels evenly spaced.

    Returns:
        `steps + 1` levels from 1.0 down to 0.0.

    Raises:
        InputError: `steps` or `shift` is out of range.
    """
    count = whole_between(steps, "steps", 1, MAX_STEPS, "Set 20 steps.")
    factor = number_between(shift, "shift", *SHIFT_RANGE, "Set shift to 5.0.")
    return _simple(count, factor)


def sampler_sigmas(steps: int, shift: float, sampler_name: str) -> tuple[float, ...]:
    """Noise levels that ComfyUI's KSampler uses with the "simple" scheduler and one sampler.

    They are `simple_sigmas`, except for the samplers that ComfyUI keeps away from the level just
    above 0, such as "uni_pc": for those it takes the levels of one more step and leaves out the
    last but one.

    Args:
        steps: 1 to 200.
        shift: 0.01 to 100.
        sampler_name: ComfyUI's name of the sampler.

    Returns:
        `steps + 1` levels from 1.0 down to 0.0.

    Raises:
        InputError: `steps` or `shift` is out of range.
    """
    sigmas = simple_sigmas(steps, shift)
    if sampler_name not in _DISCARD_PENULTIMATE:
        return sigmas
    longer = _simple(len(sigmas), float(shift))
    return (*longer[:-2], longer[-1])


def _simple(steps: int, shift: float) -> tuple[float, ...]:
    # The float stride is truncated per step as in ComfyUI, so that both pick the same entries.
    stride = _TABLE_STEPS / steps
    times = ((_TABLE_STEPS - int(step * stride)) / _TABLE_STEPS for step in range(steps))
    return (*(shift * t / (1 + (shift - 1) * t) for t in times), 0.0)


def split_by_noise(sigmas: Sequence[float], boundary: float = 0.9) -> int:
    """Count the steps of the high-noise expert: those that start at or above the boundary.

    The rule is the one of the Wan2.2 repository and of diffusers (`t >= boundary`). A level within
    1e-6 below the boundary counts as on it, because engines compute the levels in float32.

    Args:
        sigmas: Noise levels that never rise, one per step, and a closing 0.
        boundary: Noise level, 0..1.

    Returns:
        The number of high-noise steps, 0 to `len(sigmas) - 1`.

    Raises:
        InputError: the levels or the boundary are not as described.
    """
    limit = number_between(boundary, "boundary", 0, 1, "Set boundary to 0.9.")
    _check_sigmas(sigmas)
    return sum(sigma >= limit - _BOUNDARY_SLACK for sigma in sigmas[:-1])


def split_experts(
    sigmas: Sequence[float], rule: SplitRule, boundary: float | None
) -> ExpertSplit | None:
    """Share the steps between the experts.

    Args:
        sigmas: Noise levels that never rise, one per step, and a closing 0.
        rule: "noise" shares by `split_by_noise`, "fixed" hands over after step 2, "none" is for
            one model.
        boundary: Noise level, 0..1, for the rule "noise".

    Returns:
        The split, or None for one model.

    Raises:
        InputError: the levels or the boundary are not as described, or "fixed" is asked for with
            fewer than 3 steps.
    """
    if rule == "none":
        return None
    steps = len(sigmas) - 1
    if rule == "fixed":
        _check_sigmas(sigmas)
        if steps <= FIXED_HIGH_STEPS:
            raise InputError(
                f"a hand-over after step {FIXED_HIGH_STEPS} needs more steps than that",
                steps,
                "Set 4 steps.",
                "steps",
            )
        high = FIXED_HIGH_STEPS
    elif boundary is None:
        raise InputError(
            "a split by noise level needs a boundary", boundary, "Set boundary to 0.9.", "boundary"
        )
    else:
        high = split_by_noise(sigmas, boundary)
    return ExpertSplit(high, steps - high, float(sigmas[high]))


def _check_sigmas(sigmas: Sequence[float]) -> None:
    if (
        len(sigmas) < 2
        or not all(math.isfinite(sigma) for sigma in sigmas)
        or any(later > earlier for earlier, later in pairwise(sigmas))
        or sigmas[0] <= 0
        or sigmas[-1] != 0
    ):
        raise InputError(
            "the noise levels must be finite, never rise, and go from above 0 to exactly 0",
            tuple(sigmas),
            "Choose scheduler simple.",
            "scheduler",
        )
