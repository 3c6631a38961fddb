"""Wan 2.2 from disk or hub into diffusers' classes: the nano model, folders, ComfyUI's files."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel

from ..errors import InputError
from .base import Expert
from .causal_convolution import stack_convolutions
from .wan_layouts import Shapes, expert_config, is_expert, is_vae, vae22_name, vae_config
from .wan_models import Placement, WanModels, family_of
from .weight_files import read_weights

log = logging.getLogger(__name__)

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA file for one expert.

    Attributes:
        file: A safetensors file, in ComfyUI's, musubi's or diffusers' names.
        expert: Which expert it changes.
        strength: Factor on it.
    """

    file: Path
    expert: Expert
    strength: float = 1.0


def load_files(
    experts: Mapping[Expert, Path],
    vae: Path,
    placement: Placement,
    loras: Sequence[Lora] = (),
    *,
    nano: bool = False,
) -> WanModels:
    """Wan 2.2 from ComfyUI's files, without a look at the hub.

    Args:
        experts: A file per expert; for a merged checkpoint the same one.
        vae: The VAE's file.
        placement: Where it runs.
        loras: What changes the experts.
        nano: The files are the bundled ones.

    Raises:
        InputError: a file is missing, unreadable or of another model.
    """
    by_file = {file: _expert(file, placement.dtype) for file in dict.fromkeys(experts.values())}
    loaded: dict[Expert, Any] = {expert: by_file[file] for expert, file in experts.items()}
    return _ready(loaded, _vae(vae), placement, loras, nano=nano)


def load_folder(name: str, placement: Placement, loras: Sequence[Lora] = ()) -> WanModels:
    """Wan 2.2 from a diffusers folder or hub id, such as Wan-AI/Wan2.2-I2V-A14B-Diffusers.

    Raises:
        InputError: it is no Wan 2.2 image-to-video model.
        OSError: it cannot be had.
    """
    # Not at the top: it loads transformers, which files of ComfyUI's do not need.
    from diffusers import WanImageToVideoPipeline

    index: Any = WanImageToVideoPipeline.load_config(name)
    if index.get("_class_name") not in ("WanImageToVideoPipeline", "WanPipeline"):
        raise InputError(
            "the model must be a diffusers folder or hub id of Wan 2.2",
            f"{name}, a {index.get('_class_name')}",
            "Try Wan-AI/Wan2.2-I2V-A14B-Diffusers or Wan-AI/Wan2.2-TI2V-5B-Diffusers.",
            "model",
        )
    parts: dict[Expert, str] = {"high_noise": "transformer", "low_noise": "transformer_2"}
    loaded: dict[Expert, Any] = {
        expert: WanTransformer3DModel.from_pretrained(
            name, subfolder=part, torch_dtype=placement.dtype
        )
        for expert, part in parts.items()
        if index.get(part, (None, None))[1] is not None
    }
    vae = AutoencoderKLWan.from_pretrained(name, subfolder="vae", torch_dtype=torch.float32)
    return _ready(loaded, vae, placement, loras)


def _ready(
    experts: dict[Expert, Any],
    vae: Any,
    placement: Placement,
    loras: Sequence[Lora],
    *,
    nano: bool = False,
) -> WanModels:
    """The models, checked, with their LoRAs, as they are to run."""
    family = family_of(experts, vae, nano=nano)
    for lora in loras:
        if lora.expert not in experts:
            raise InputError(
                f"a LoRA for {lora.expert} needs that expert", str(lora.file),
                "Leave it out, or give the expert.", "lora",
            )  # fmt: skip
    for expert, model in experts.items():
        own = [lora for lora in loras if lora.expert == expert]
        if own and any(model is other for name, other in experts.items() if name != expert):
            raise InputError(
                "a LoRA for one expert needs a file for each", str(own[0].file),
                "Give the two experts as two files.", "lora",
            )  # fmt: skip
        if own:
            _add_loras(model, own)
        model.requires_grad_(False).eval()
    vae.requires_grad_(False).eval()
    if placement.device.type == "cpu":
        stack_convolutions(vae)
    if placement.vae_tiling:
        vae.enable_tiling()
    changed: frozenset[Expert] = frozenset(lora.expert for lora in loras)
    return WanModels(family, experts, vae, placement, changed)


def _expert(file: Path, dtype: torch.dtype) -> Any:
    weights = read_weights(file, dtype)
    shapes = _shapes(weights)
    if not is_expert(shapes):
        raise _not_this(file, "a Wan diffusion model", "wan2.2_i2v_high_noise_14B_fp16.safetensors")
    return _from_weights(WanTransformer3DModel, weights, expert_config(shapes))


def _vae(file: Path) -> Any:
    weights = read_weights(file, torch.float32)
    shapes = _shapes(weights)
    if not is_vae(shapes):
        raise _not_this(file, "a Wan VAE", "wan_2.1_vae.safetensors")
    config = vae_config(shapes)
    if config.get("is_residual"):
        weights = {vae22_name(name): value for name, value in weights.items()}
    return _from_weights(AutoencoderKLWan, weights, config)


def _from_weights(kind: Any, weights: Weights, config: dict[str, Any]) -> Any:
    """Diffusers' loader for single files, given a configuration so that it asks no hub."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config), encoding="utf-8")
        # diffusers loads into float32 unless told, and warns of what it is told.
        dtype = next(iter(weights.values())).dtype
        options = {} if dtype == torch.float32 else {"torch_dtype": dtype}
        return kind.from_single_file(weights, config=folder, **options)


def _add_loras(expert: Any, loras: Sequence[Lora]) -> None:
    """Multiplies LoRAs into an expert's weights."""
    from diffusers import WanImageToVideoPipeline

    names = []
    for index, lora in enumerate(loras):
        state = WanImageToVideoPipeline.lora_state_dict(str(lora.file))
        names.append(f"lora_{index}")
        WanImageToVideoPipeline.load_lora_into_transformer(state, expert, names[-1])
    expert.set_adapters(names, [lora.strength for lora in loras])
    expert.fuse_lora()
    expert.unload_lora()


def _shapes(weights: Weights) -> Shapes:
    return {name: tuple(value.shape) for name, value in weights.items()}


def _not_this(file: Path, what: str, example: str) -> InputError:
    return InputError(
        f"the file must hold {what}", str(file), f"Take one such as {example}.", "model"
    )
