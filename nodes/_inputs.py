"""Widget specifications that several nodes share."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

CATEGORY = "Wanderlens"

DIRECTION_TYPE = "WANDERLENS_DIRECTION"
STYLE_TYPE = "WANDERLENS_STYLE"

Spec = tuple[Any, dict[str, Any]]


def combo(options: Iterable[str], tooltip: str, **extra: Any) -> Spec:
    """A menu; the first option is the default."""
    return (list(options), {"tooltip": tooltip, **extra})


def direction_menu(options: Iterable[str], tooltip: str) -> Spec:
    """A menu of the vocabulary, opening with "from preset" and "none"."""
    from ..wanderlens.direction import FROM_PRESET, NONE

    return combo([FROM_PRESET, NONE, *options], tooltip)


def boolean(default: bool, tooltip: str, **extra: Any) -> Spec:
    """A switch."""
    return ("BOOLEAN", {"default": default, "tooltip": tooltip, **extra})


def integer(default: int, low: int, high: int, tooltip: str, **extra: Any) -> Spec:
    """A whole number."""
    return ("INT", {"default": default, "min": low, "max": high, "tooltip": tooltip, **extra})


def number(
    default: float, low: float, high: float, step: float, tooltip: str, **extra: Any
) -> Spec:
    """A number with a fraction."""
    limits = {"default": default, "min": low, "max": high, "step": step, "round": False}
    return ("FLOAT", {**limits, "tooltip": tooltip, **extra})


def text(tooltip: str, *, multiline: bool = False, **extra: Any) -> Spec:
    """A line or a field of text."""
    return ("STRING", {"default": "", "multiline": multiline, "tooltip": tooltip, **extra})


def link(kind: str, tooltip: str) -> Spec:
    """An input that only takes links."""
    return (kind, {"tooltip": tooltip})


def quality_menu() -> Spec:
    """The menu of qualities."""
    from ..wanderlens.shot import QUALITIES

    return combo(
        QUALITIES,
        "'standard' is 20 steps, 'best' 40 (5B: 50). 'fast' is 4 steps and needs the 4-step LoRAs "
        "on both experts. 'custom' takes the settings below.",
    )


def sampling_inputs() -> dict[str, Spec]:
    """The settings of quality custom."""
    return {
        "steps": integer(
            20, 1, 200, "Steps of both experts together, for quality custom only.", advanced=True
        ),
        "cfg": number(
            3.5, 0.0, 30.0, 0.1,
            "How strongly the prompt guides, for quality custom only. 1 needs half the time and "
            "ignores the negative prompt.",
            advanced=True,
        ),
        "shift": number(
            5.0, 0.01, 100.0, 0.1,
            "Shift of the noise levels, for quality custom only; it replaces the model's.",
            advanced=True,
        ),
        "sampler_name": combo(
            sampler_names(), "The sampler, for quality custom only.",
            default="euler", advanced=True,
        ),
        "scheduler": combo(
            scheduler_names(), "The scheduler, for quality custom only.",
            default="simple", advanced=True,
        ),
        "boundary": number(
            0.9, 0.0, 1.0, 0.005,
            "Noise level at which the low-noise expert takes over, for quality custom only. Wan "
            "2.2 was trained with 0.9.",
            advanced=True,
        ),
    }  # fmt: skip


#: ComfyUI's samplers and schedulers, for where no ComfyUI is at hand.
_SAMPLERS = (
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2",
    "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral",
    "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp",
    "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm",
    "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde",
    "seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2",
)  # fmt: skip
_SCHEDULERS = (
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal",
    "linear_quadratic", "kl_optimal",
)  # fmt: skip


def sampler_names() -> list[str]:
    """The samplers of the ComfyUI that runs, else those that every supported one has."""
    return _of_host("SAMPLERS", _SAMPLERS)


def scheduler_names() -> list[str]:
    """The schedulers of the ComfyUI that runs, else those that every supported one has."""
    return _of_host("SCHEDULERS", _SCHEDULERS)


def _of_host(name: str, otherwise: Iterable[str]) -> list[str]:
    # Looked up, not imported: outside ComfyUI its module would start a device query.
    sampler = getattr(sys.modules.get("comfy.samplers"), "KSampler", None)
    return list(getattr(sampler, name, None) or otherwise)
