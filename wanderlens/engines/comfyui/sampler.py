"""Samples a segment through ComfyUI's samplers, with clones of the MODELs set to a shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import comfy.model_sampling  # pyright: ignore[reportMissingImports]
import comfy.sample  # pyright: ignore[reportMissingImports]
import comfy.utils  # pyright: ignore[reportMissingImports]
import latent_preview  # pyright: ignore[reportMissingImports]
import torch

from ...shot import QualitySettings
from ..base import Expert, SamplingPass


@dataclass(frozen=True, slots=True)
class ComfySegment:
    """A segment as ComfyUI's samplers take it.

    Attributes:
        positive: CONDITIONING.
        negative: CONDITIONING.
        latents: [1, channels, latent frames, height, width], what sampling starts from.
        noise_mask: [1, 1, latent frames, height, width], 0 where the latents stay; or None.
        note: How the pictures were encoded, for the report.
    """

    positive: Any
    negative: Any
    latents: torch.Tensor
    noise_mask: torch.Tensor | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ComfySampler:
    """Models set to the shift of a clip; see `base.Sampler`.

    Attributes:
        models: MODEL by expert, clones of the user's.
        settings: How to sample.
        sigmas: Noise levels, one per step, and a closing 0.
        notes: On shifts that the clip's own replaces.
    """

    models: dict[Expert, Any]
    settings: QualitySettings
    sigmas: tuple[float, ...]
    notes: tuple[str, ...]

    def denoise(
        self, encoded: ComfySegment, latents: torch.Tensor | None, run: SamplingPass, seed: int
    ) -> torch.Tensor:
        """Does the steps of one pass, as KSamplerAdvanced would.

        The first pass adds noise and, if it is not the only one, leaves what is left of it in;
        the next adds none.
        """
        model = self.models[run.expert]
        start = encoded.latents if latents is None else latents
        if latents is None:
            noise = comfy.sample.prepare_noise(start, seed)
        else:
            noise = torch.zeros(start.size(), dtype=start.dtype, layout=start.layout, device="cpu")
        return comfy.sample.sample(
            model,
            noise,
            self.settings.steps,
            self.settings.cfg,
            self.settings.sampler_name,
            self.settings.scheduler,
            encoded.positive,
            encoded.negative,
            start,
            denoise=1.0,
            disable_noise=latents is not None,
            start_step=run.first_step,
            last_step=run.last_step,
            force_full_denoise=run.last_step == len(self.sigmas) - 1,
            noise_mask=encoded.noise_mask,
            callback=_progress(model, run),
            disable_pbar=not comfy.utils.PROGRESS_BAR_ENABLED,
            seed=seed,
        )


def _progress(model: Any, run: SamplingPass) -> Any:
    """ComfyUI's progress and preview, counting over the whole clip instead of one pass."""
    show = latent_preview.prepare_callback(model, run.total)

    def callback(step: int, x0: torch.Tensor, x: torch.Tensor, _: int) -> None:
        show(min(run.done + step, run.total - 1), x0, x, run.total)

    return callback


class _ShiftedFlow(comfy.model_sampling.ModelSamplingDiscreteFlow, comfy.model_sampling.CONST):
    """Wan's model sampling, to be given a shift; what ComfyUI's ModelSamplingSD3 sets too."""


def with_shift(model: Any, shift: float) -> Any:
    """A clone of a MODEL with a shift of its own."""
    clone = model.clone()
    sampling = _ShiftedFlow(model.model.model_config)
    sampling.set_parameters(shift=shift, multiplier=1000)
    clone.add_object_patch("model_sampling", sampling)
    return clone


def shift_notes(models: Mapping[Expert, Any], shift: float) -> tuple[str, ...]:
    """What to tell of MODELs whose own shift is replaced."""
    notes = []
    for expert, model in models.items():
        own = getattr(model.get_model_object("model_sampling"), "shift", None)
        if "model_sampling" in model.object_patches and own not in (None, shift):
            notes.append(f"The shift {own:g} set on {expert} is replaced by {shift:g}.")
    return tuple(notes)
