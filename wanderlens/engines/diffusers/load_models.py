"""Loads Wan 2.2 into diffusers' classes: nano model, folders, hub ids, ComfyUI's files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from diffusers.loaders.single_file_utils import (
    convert_wan_transformer_to_diffusers,
    convert_wan_vae_to_diffusers,
)

from ...errors import InputError
from ...shot import Family
from ..base import Expert
from .checkpoint_layouts import expert_config, is_expert, is_vae, vae22_name, vae_config
from .cpu_conv3d import stack_convolutions
from .loras import Lora, add_loras, check_loras
from .models import Placement, WanModels, family_of
from .weights import read_shapes, read_weights

Weights = dict[str, torch.Tensor]
Config = dict[str, Any]

_PARTS: dict[Expert, str] = {"high_noise": "transformer", "low_noise": "transformer_2"}
_PIPELINES = ("WanImageToVideoPipeline", "WanPipeline")


@dataclass(frozen=True, slots=True)
class Files:
    """Wan 2.2 as ComfyUI's files.

    Attributes:
        experts: A file per expert; for a merged checkpoint the same one.
        vae: The VAE's file.
        nano: They are the bundled ones.
    """

    experts: Mapping[Expert, Path]
    vae: Path
    nano: bool = False

    def family(self) -> Family:
        """The family, from the files' headers; no weights are read, and no hub is asked.

        Raises:
            InputError: a file is missing, unreadable or of another model.
        """
        experts: dict[Expert, Config] = {
            name: _expert_config(file, name) for name, file in self.experts.items()
        }
        return family_of(experts, _vae_config(self.vae), nano=self.nano)

    def load(self, placement: Placement, loras: Sequence[Lora] = ()) -> WanModels:
        """The models.

        Raises:
            InputError: as `family`, or a LoRA is refused.
        """
        family = self.family()
        check_loras(loras, self.experts)
        by_file: dict[Path, Any] = {}
        for name, file in self.experts.items():
            if file not in by_file:  # a merged checkpoint is loaded once
                by_file[file] = _expert(file, name, placement.dtype)
        experts: dict[Expert, Any] = {name: by_file[file] for name, file in self.experts.items()}
        return _ready(family, experts, _vae(self.vae), placement, loras)


@dataclass(frozen=True, slots=True)
class Folder:
    """Wan 2.2 as a diffusers folder or hub id, such as Wan-AI/Wan2.2-I2V-A14B-Diffusers.

    Attributes:
        name: The folder, or the id.
    """

    name: str

    def family(self) -> Family:
        """The family, from the configurations; no weights are loaded.

        Raises:
            InputError: it is no Wan 2.2 image-to-video model.
            OSError: it cannot be had.
        """
        vae: Any = AutoencoderKLWan.load_config(self.name, subfolder="vae")
        experts: dict[Expert, Any] = {
            expert: WanTransformer3DModel.load_config(self.name, subfolder=_PARTS[expert])
            for expert in self._experts()
        }
        return family_of(experts, vae)

    def load(self, placement: Placement, loras: Sequence[Lora] = ()) -> WanModels:
        """The models.

        Raises:
            InputError: as `family`, or a LoRA is refused.
            OSError: it cannot be had.
        """
        family, names = self.family(), self._experts()
        check_loras(loras, dict.fromkeys(names))
        experts: dict[Expert, Any] = {
            expert: WanTransformer3DModel.from_pretrained(
                self.name,
                subfolder=_PARTS[expert],
                torch_dtype=placement.dtype,
                use_safetensors=True,
            )
            for expert in names
        }
        vae = AutoencoderKLWan.from_pretrained(
            self.name, subfolder="vae", torch_dtype=torch.float32, use_safetensors=True
        )
        return _ready(family, experts, vae, placement, loras)

    def _experts(self) -> tuple[Expert, ...]:
        # Not at the top: it loads transformers, which ComfyUI's files do not need.
        from diffusers import WanImageToVideoPipeline

        index: Any = WanImageToVideoPipeline.load_config(self.name)
        if index.get("_class_name") not in _PIPELINES:
            raise InputError(
                "the model must be a diffusers folder or hub id of Wan 2.2",
                f"{self.name}, a {index.get('_class_name')}",
                "Try Wan-AI/Wan2.2-I2V-A14B-Diffusers or Wan-AI/Wan2.2-TI2V-5B-Diffusers.",
                "model",
            )
        return tuple(
            expert
            for expert, part in _PARTS.items()
            if (index.get(part) or (None, None))[1] is not None
        )


def _ready(
    family: Family,
    experts: dict[Expert, Any],
    vae: Any,
    placement: Placement,
    loras: Sequence[Lora],
) -> WanModels:
    """The models with their LoRAs, as they are to run."""
    changed: set[Expert] = set()
    done: list[Any] = []
    for expert, model in experts.items():
        own = [lora for lora in loras if lora.expert in (expert, None)]
        if own:
            changed.add(expert)
        if not any(model is other for other in done):
            add_loras(model, own)
            done.append(model.requires_grad_(False).eval())
    vae.requires_grad_(False).eval()
    if placement.device.type == "cpu":
        stack_convolutions(vae)
    if placement.vae_tiling:
        vae.enable_tiling()
    return WanModels(family, experts, vae, placement, frozenset(changed))


def _expert_config(file: Path, expert: Expert) -> Config:
    shapes = read_shapes(file, expert)
    if not is_expert(shapes):
        example = f"wan2.2_i2v_{expert}_14B_fp16.safetensors"
        raise _not_this(file, "a Wan diffusion model", example, expert)
    return expert_config(shapes)


def _vae_config(file: Path) -> Config:
    shapes = read_shapes(file, "vae")
    if not is_vae(shapes):
        raise _not_this(file, "a Wan VAE", "wan_2.1_vae.safetensors", "vae")
    return vae_config(shapes)


def _expert(file: Path, expert: Expert, dtype: torch.dtype) -> Any:
    config = _expert_config(file, expert)
    weights = read_weights(file, dtype, exact=_is_exact, widget=expert)
    exact = {name: value for name, value in weights.items() if _is_exact(name)}
    names = convert_wan_transformer_to_diffusers(dict.fromkeys(weights))
    model = _from_single_file(WanTransformer3DModel, weights, config, dtype)
    _check_names(model, names, file, expert)
    if dtype != torch.float32:
        # `from_single_file` rounds what `from_pretrained` leaves in float32: see
        # `_keep_in_fp32_modules` of the class. The tables of the rotary embedding are no weights.
        for name, value in convert_wan_transformer_to_diffusers(exact).items():
            model.get_parameter(name).data = value
        rope = model.rope
        model.rope = type(rope)(rope.attention_head_dim, rope.patch_size, rope.max_seq_len)
    return model


def _is_exact(name: str) -> bool:
    """Whether Wan keeps a tensor in float32: modulation, norms of the tokens, time embedding."""
    return "modulation" in name or "norm3" in name or name.startswith("time_embedding")


def _vae(file: Path) -> Any:
    config = _vae_config(file)
    weights = read_weights(file, torch.float32, widget="vae")
    if config.get("is_residual"):
        weights = {vae22_name(name): value for name, value in weights.items()}
        names = dict.fromkeys(weights)
    else:
        names = convert_wan_vae_to_diffusers(dict.fromkeys(weights))
    model = _from_single_file(AutoencoderKLWan, weights, config, torch.float32)
    _check_names(model, names, file, "vae")
    return model


def _from_single_file(kind: Any, weights: Weights, config: Config, dtype: torch.dtype) -> Any:
    """Diffusers' loader for single files, given a configuration so that it asks no hub."""
    # Told float32, diffusers warns; it is its default.
    options = {} if dtype == torch.float32 else {"torch_dtype": dtype}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config), encoding="utf-8")
        return kind.from_single_file(weights, config=folder, **options)


def _check_names(model: Any, names: Mapping[str, object], file: Path, widget: str) -> None:
    """Refuses a file with other tensors than the model has, which diffusers would pass over."""
    differing = sorted(set(model.state_dict()) ^ set(names))
    if differing:
        raise InputError(
            "the file must hold a plain Wan 2.2 model",
            f"{len(differing)} tensors more or fewer, such as {differing[0]}, in {file}",
            "Variants with further inputs (VACE, Animate, Camera, S2V) are not supported.",
            widget,
        )


def _not_this(file: Path, what: str, example: str, widget: str) -> InputError:
    return InputError(
        f"the file must hold {what}", str(file), f"Take one such as {example}.", widget
    )
