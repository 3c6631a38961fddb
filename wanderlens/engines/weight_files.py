"""Safetensors files of weights as ComfyUI's users have them: 16 bits, 8 bits, scaled 8 bits."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from ..errors import InputError
from .wan_layouts import unwrapped

# Factors of scaled 8-bit files, beside `<layer>.weight`: ComfyUI's older and newer names.
_SCALES = ("scale_weight", "weight_scale")
# What such files hold beside weights and is of no use here: factors of the activations, markers.
_ASIDE = ("scale_input", "input_scale", "comfy_quant", "scaled_fp8")


def read_weights(
    file: Path, dtype: torch.dtype, keep: Collection[str] = ()
) -> dict[str, torch.Tensor]:
    """The weights of a file in one dtype, by their published names.

    Scaled 8-bit weights are multiplied out.

    Args:
        file: A safetensors file.
        dtype: Of the weights that are returned.
        keep: Names of tensors that keep their own dtype.

    Raises:
        InputError: the file is missing or no safetensors file, or is packed in a way that is not
            known here (4 bits, GGUF).
    """
    try:
        with safe_open(file, framework="pt", device="cpu") as content:
            names = {unwrapped(name): name for name in content.keys()}  # noqa: SIM118 - no mapping
            weights: dict[str, torch.Tensor] = {}
            for name, stored in names.items():
                stem, _, kind = name.rpartition(".")
                if kind in (*_SCALES, *_ASIDE):
                    continue
                value = content.get_tensor(stored)
                if name in keep:
                    weights[name] = value
                    continue
                if not value.is_floating_point():
                    raise InputError(
                        "the weights must be of 16 or 32 bits, or fp8",
                        f"{value.dtype} in {file}",
                        "Take the fp16, bf16, fp8 or fp8_scaled file of this model.",
                        "model",
                    )
                scales = [names[each] for k in _SCALES if (each := f"{stem}.{k}") in names]
                if kind == "weight" and scales:
                    value = value.float() * content.get_tensor(scales[0]).float()
                weights[name] = value.to(dtype)
    except (OSError, SafetensorError) as error:
        raise InputError(
            "the weights must be a safetensors file",
            str(file),
            f"It cannot be read ({error}). Give the path of a .safetensors file.",
            "model",
        ) from error
    return weights
