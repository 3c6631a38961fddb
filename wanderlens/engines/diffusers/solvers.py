"""diffusers' solvers, set to the noise levels of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import (
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    UniPCMultistepScheduler,
)

from ...checks import one_of
from ...shot import QualitySettings

SAMPLERS = ("euler", "uni_pc", "dpmpp_2m")
SCHEDULERS = ("simple",)


def check_samplers(settings: QualitySettings) -> None:
    """Refuses a sampler or scheduler that only ComfyUI has.

    Raises:
        InputError: it is none of `SAMPLERS` or `SCHEDULERS`.
    """
    one_of(settings.sampler_name, "sampler_name", SAMPLERS)
    one_of(settings.scheduler, "scheduler", SCHEDULERS)


def solver(sampler_name: str, sigmas: Sequence[float], first_step: int) -> Any:
    """A diffusers scheduler that starts at a step of given noise levels.

    Args:
        sampler_name: One of `SAMPLERS`.
        sigmas: Noise levels, 0..1, one per step, and a closing 0.
        first_step: The step that `step` is called for first, from 0.
    """
    flow: dict[str, Any] = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
    if sampler_name == "euler":
        scheduler = FlowMatchEulerDiscreteScheduler()
    elif sampler_name == "uni_pc":
        scheduler = UniPCMultistepScheduler(**flow)
    else:
        scheduler = DPMSolverMultistepScheduler(**flow)
    scheduler.set_timesteps(len(sigmas) - 1)
    if sampler_name != "euler":
        # At 1 the logarithm of the signal's share is infinite; diffusers clips it likewise.
        sigmas = [min(sigma, 1 - 1e-6) for sigma in sigmas]
    scheduler.sigmas = torch.tensor(sigmas, dtype=torch.float32)
    # Only for look-ups; the step is counted from here on.
    scheduler.timesteps = scheduler.sigmas[:-1] * 1000
    scheduler.set_begin_index(first_step)
    return scheduler
