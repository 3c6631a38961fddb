"""Wan 2.2 in diffusers' classes, and on which device each part lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from diffusers.hooks import apply_group_offloading

from ...errors import InputError
from ...shot import I2V_A14B, NANO, TI2V_5B, Family
from ..base import Expert

Offload = Literal["none", "model", "group"]

TEXT_TOKENS = 512
"""Tokens of an encoded prompt."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where models run and in which precision.

    Attributes:
        device: A torch device, such as "cuda", "mps" or "cpu".
        dtype: Of the experts and the text encoder; the VAE runs in float32, as Wan's own code does.
        offload: "none" keeps everything on the device; "model" only the part that works; "group"
            only the layers of it that work, which needs least memory and is slowest.
        vae_tiling: Encode and decode in tiles, which needs less memory and may show seams.
    """

    device: torch.device
    dtype: torch.dtype
    offload: Offload = "model"
    vae_tiling: bool = False

    @staticmethod
    def automatic() -> Placement:
        """The best device of this machine: bfloat16 on a GPU, float32 on a CPU."""
        if torch.cuda.is_available():
            return Placement.on(torch.device("cuda"))
        return Placement.on(torch.device("mps" if torch.backends.mps.is_available() else "cpu"))

    @staticmethod
    def on(device: torch.device) -> Placement:
        """What suits a device: bfloat16 and one part at a time, or float32 on a CPU."""
        if device.type == "cpu":
            return Placement(device, torch.float32, offload="none")
        return Placement(device, torch.bfloat16)


@dataclass(frozen=True)
class WanModels:
    """The experts and the VAE of a Wan 2.2.

    Attributes:
        family: Read from the models.
        experts: diffusers' WanTransformer3DModel by expert; the 5B has "high_noise" alone.
        vae: diffusers' AutoencoderKLWan.
        placement: Where they run.
        with_lora: The experts that LoRAs were multiplied into.
    """

    family: Family
    experts: Mapping[Expert, Any]
    vae: Any
    placement: Placement
    with_lora: frozenset[Expert] = frozenset()
    _resident: list[Any] = field(default_factory=list, repr=False)

    @property
    def text_width(self) -> int:
        """Width of the text encoder that they were trained with."""
        return self.experts["high_noise"].config.text_dim

    def place(self, model: Any) -> torch.device:
        """Brings a model to its device and gives that; with "model", the one before it leaves."""
        place(model, self.placement, self._resident)
        return self.placement.device


def place(model: Any, placement: Placement, resident: list[Any]) -> None:
    """Bring a module to its device.

    Args:
        model: A torch module.
        placement: Where to.
        resident: What is on the device; kept up to date.
    """
    if placement.offload == "group":
        if not any(model is known for known in resident):
            apply_group_offloading(
                model,
                onload_device=placement.device,
                offload_device=torch.device("cpu"),
                offload_type="leaf_level",
                use_stream=placement.device.type == "cuda",
                low_cpu_mem_usage=True,
            )
            resident.append(model)
        return
    if placement.offload == "model":
        for other in [known for known in resident if known is not model]:
            other.to("cpu")
            resident.remove(other)
        if placement.device.type == "cuda":
            torch.cuda.empty_cache()
    if not any(model is known for known in resident):
        model.to(placement.device)
        resident.append(model)


def family_of(
    experts: Mapping[Expert, Mapping[str, Any]], vae: Mapping[str, Any], *, nano: bool = False
) -> Family:
    """The family of models, read from their configurations.

    Args:
        experts: Configurations of diffusers' transformers by expert.
        vae: Configuration of diffusers' VAE.
        nano: They are the bundled ones.

    Raises:
        InputError: they are no Wan 2.2 image-to-video models, or do not go together.
    """
    high, latents = experts["high_noise"], vae.get("z_dim", 16)
    channels = high.get("in_channels", 16)
    for family in (I2V_A14B, TI2V_5B):
        if (channels, latents) == (family.model_channels, family.latent_channels):
            break
    else:
        raise InputError(
            "the model must be a Wan 2.2 image-to-video model with its VAE",
            f"{channels} input channels with a VAE of {latents} channels",
            "Use the I2V-A14B experts with wan_2.1_vae, or TI2V-5B with wan2.2_vae.",
            "model",
        )
    if any(expert.get("image_dim") is not None for expert in experts.values()):
        raise InputError(
            "the model must be a Wan 2.2 image-to-video model",
            "a Wan 2.1 model, which asks for CLIP vision",
            "Use Wan-AI/Wan2.2-I2V-A14B-Diffusers.",
            "model",
        )
    low = experts.get("low_noise")
    if low is not None and low.get("in_channels", 16) != channels:
        raise InputError(
            "the two experts must be of the same family",
            f"{channels} and {low.get('in_channels', 16)} input channels",
            "Take the high-noise and the low-noise file of one model.",
            "low_noise",
        )
    if family.two_experts != (low is not None):
        raise InputError(
            f"{family.id} needs {'two experts' if family.two_experts else 'one model'}",
            f"{len(experts)}",
            "Give both --high-noise and --low-noise for the A14B, --high-noise alone for the 5B.",
            "low_noise",
        )
    return NANO if nano else family
