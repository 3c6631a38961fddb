"""LoRA files for Wan 2.2 in diffusers' classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InputError
from ..base import Expert


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA file.

    Attributes:
        file: A safetensors file, in ComfyUI's, musubi's or diffusers' names.
        expert: Which expert it changes; None for all there are.
        strength: Factor on it.
        widget: The input's name, for errors.
    """

    file: Path
    expert: Expert | None = None
    strength: float = 1.0
    widget: str = "lora"


def check_loras(loras: Sequence[Lora], experts: Mapping[Expert, Path | None]) -> None:
    """Refuses LoRAs that have no expert of their own.

    Args:
        loras: The LoRAs.
        experts: The experts, and their files where they are single ones.

    Raises:
        InputError: an expert is missing, or both are one file.
    """
    files = [file for file in experts.values() if file is not None]
    for lora in loras:
        if lora.expert is not None and lora.expert not in experts:
            raise InputError(
                f"a LoRA for {lora.expert} needs that expert",
                str(lora.file),
                "Leave it out, or give the expert.",
                lora.widget,
            )
        if lora.expert is not None and len(set(files)) < len(files):
            raise InputError(
                "a LoRA for one expert needs a file for each",
                str(lora.file),
                "With a merged checkpoint use a LoRA for both.",
                lora.widget,
            )


def add_loras(expert: Any, loras: Sequence[Lora]) -> None:
    """Multiplies LoRAs into an expert's weights.

    Args:
        expert: diffusers' WanTransformer3DModel; changed in place.
        loras: What to multiply in.

    Raises:
        InputError: a LoRA is not for this model.
    """
    if not loras:
        return
    # Not at the top: it loads transformers, which the nano model does not need.
    from diffusers import WanImageToVideoPipeline

    names = []
    for index, lora in enumerate(loras):
        try:
            state: Any = WanImageToVideoPipeline.lora_state_dict(str(lora.file))
            if not any(key.startswith("transformer.") for key in state):
                raise ValueError("no tensor in it is for a Wan diffusion model")
            names.append(f"lora_{index}")
            WanImageToVideoPipeline.load_lora_into_transformer(state, expert, names[-1])
        except (ValueError, KeyError, RuntimeError, OSError) as error:
            raise InputError(
                "a LoRA must be one for this Wan 2.2 model",
                str(lora.file),
                f"It cannot be used: {error}.",
                lora.widget,
            ) from error
    expert.set_adapters(names, [lora.strength for lora in loras])
    expert.fuse_lora()
    expert.unload_lora()
