"""Reads safetensors weights of 16 bits, fp8 and scaled fp8."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from ...errors import InputError
from .checkpoint_layouts import unwrapped

# Factors of scaled 8-bit files, beside `<layer>.weight`: ComfyUI's older and newer names.
_SCALES = ("scale_weight", "weight_scale")
_OTHER_FILE = "Take the fp16, bf16, fp8 or fp8_scaled file of this model."
# What such files hold beside weights and is of no use here: factors of the activations, markers.
_ASIDE = ("scale_input", "input_scale", "comfy_quant", "scaled_fp8")


def read_weights(
    file: Path,
    dtype: torch.dtype,
    keep: Collection[str] = (),
    exact: Callable[[str], bool] = lambda _: False,
    widget: str = "model",
) -> dict[str, torch.Tensor]:
    """The weights of a file in one dtype, by their published names.

    Scaled 8-bit weights are multiplied out.

    Args:
        file: A safetensors file.
        dtype: Of the weights that are returned.
        keep: Names of tensors that keep their own dtype.
        exact: Whether a tensor of a name is to be float32 whatever the dtype.
        widget: The input's name, for errors.

    Raises:
        InputError: the file is missing or no safetensors file, or is packed in a way that is not
            known here (4 bits, GGUF).
    """
    with _opened(file, widget) as content:
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
                    _OTHER_FILE,
                    widget,
                )
            scales = [names[each] for k in _SCALES if (each := f"{stem}.{k}") in names]
            if kind == "weight" and scales:
                value = _scaled(value, content.get_tensor(scales[0]), file, widget)
            weights[name] = value.to(torch.float32 if exact(name) else dtype)
    return weights


def read_shapes(file: Path, widget: str = "model") -> dict[str, tuple[int, ...]]:
    """The shapes of a file's tensors by their published names; no weights are read.

    Raises:
        InputError: the file is missing or no safetensors file.
    """
    with _opened(file, widget) as content:
        return {
            unwrapped(name): tuple(content.get_slice(name).get_shape())
            for name in content.keys()  # noqa: SIM118 - no mapping
        }


@contextmanager
def _opened(file: Path, widget: str) -> Iterator[Any]:
    """The file, open; whatever cannot be read of it is refused."""
    try:
        with safe_open(file, framework="pt", device="cpu") as content:
            yield content
    except (OSError, SafetensorError) as error:
        raise InputError(
            "the weights must be a safetensors file",
            str(file),
            f"It cannot be read ({error}). Give the path of a .safetensors file.",
            widget,
        ) from error


def _scaled(value: torch.Tensor, scale: torch.Tensor, file: Path, widget: str) -> torch.Tensor:
    """A weight [out, in] times its factor, one for all or one per row."""
    if scale.numel() != 1 and tuple(scale.shape) != (value.shape[0], 1):
        raise InputError(
            "scaled weights must have one factor, or one per row",
            f"factors of shape {tuple(scale.shape)} in {file}",
            _OTHER_FILE,
            widget,
        )
    factor = scale.float().reshape(-1, 1) if scale.numel() > 1 else scale.float().reshape(())
    return value.float() * factor
