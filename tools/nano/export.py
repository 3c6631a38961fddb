"""Writes the nano model's files as ComfyUI loads them: its own tensor names, in few bytes.

    python tools/nano/export.py TARGET --vae FILE --high FILE --low FILE

The training modules carry the published names already, so this checks names and shapes against
the layout and the size of all three files. The VAE is written in float16; so are the small tensors
of the experts. Their matrices are float8_e4m3fn, a type that ComfyUI's loaders take as it is: two
experts in float16 would be too large for a source repository, or half as deep.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from wan_dit import WanDit
from wan_vae import WanVae

#: Most bytes of the three files together.
MOST_BYTES = 20_000_000
#: Matrices of at least this many numbers are written in eight bits.
LEAST_FLOAT8 = 60_000
FILES = {
    "vae": "nano_vae.safetensors",
    "high": "nano_high_noise.safetensors",
    "low": "nano_low_noise.safetensors",
}
METADATA = {"format": "pt", "model": "Wanderlens nano (Wan 2.2 I2V in shape and rules)"}

Layout = dict[str, tuple[int, ...]]


class LayoutError(ValueError):
    """Tensors are not those of the layout."""


def vae_layout(dim: int = 16) -> Layout:
    """Names and shapes of a Wan 2.1 VAE's tensors."""
    with torch.device("meta"):
        return {name: tuple(value.shape) for name, value in WanVae(dim).state_dict().items()}


def expert_layout(width: int, inner: int, depth: int) -> Layout:
    """Names and shapes of an expert's tensors."""
    with torch.device("meta"):
        model = WanDit(width, inner, depth)
        return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def layout_of_expert(weights: Mapping[str, Tensor]) -> Layout:
    """The layout that an expert's own sizes ask for.

    Raises:
        LayoutError: If the tensors that tell the sizes are missing.
    """
    numbers = [int(m[1]) for name in weights if (m := re.match(r"blocks\.(\d+)\.", name))]
    if not numbers or "blocks.0.ffn.0.weight" not in weights:
        raise LayoutError("an expert must have blocks.0.ffn.0.weight; this file has not")
    inner, width = weights["blocks.0.ffn.0.weight"].shape
    return expert_layout(width, inner, max(numbers) + 1)


def to_few_bytes(
    weights: Mapping[str, Tensor], layout: Layout, float8: bool = False
) -> dict[str, Tensor]:
    """The weights in the order of the layout, in float16, or matrices in float8_e4m3fn.

    Args:
        weights: Any floating type.
        layout: What names and shapes must be.
        float8: Matrices of at least `LEAST_FLOAT8` numbers are float8_e4m3fn.

    Raises:
        LayoutError: If names or shapes are not the layout's, or a value does not fit its type.
    """
    given = {name: tuple(value.shape) for name, value in weights.items()}
    if given != layout:
        differing = sorted(set(given.items()) ^ set(layout.items()))
        raise LayoutError(f"these tensors differ from the layout: {differing[:6]}")
    made: dict[str, Tensor] = {}
    for name, shape in layout.items():
        small = float8 and len(shape) == 2 and math.prod(shape) >= LEAST_FLOAT8
        kind = torch.float8_e4m3fn if small else torch.float16
        if weights[name].abs().max() > torch.finfo(kind).max:
            raise LayoutError(f"{name} has values that do not fit {kind}")
        made[name] = weights[name].to(kind).contiguous()
    return made


def export(target: Path, vae: Path, high: Path, low: Path) -> int:
    """Writes the three files and gives the bytes of all.

    Raises:
        LayoutError: As `to_few_bytes`, or if the files are too large.
    """
    target.mkdir(parents=True, exist_ok=True)
    total = 0
    for part, source in (("vae", vae), ("high", high), ("low", low)):
        weights = load_file(source)
        layout = vae_layout() if part == "vae" else layout_of_expert(weights)
        file = target / FILES[part]
        save_file(to_few_bytes(weights, layout, float8=part != "vae"), file, METADATA)
        total += file.stat().st_size
    if total > MOST_BYTES:
        raise LayoutError(f"the files must have at most {MOST_BYTES} bytes, got {total}")
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the nano model's files.")
    parser.add_argument("target", type=Path)
    for name in ("--vae", "--high", "--low"):
        parser.add_argument(name, type=Path, required=True)
    arguments = parser.parse_args()
    total = export(arguments.target, arguments.vae, arguments.high, arguments.low)
    print(f"{total / 1e6:.2f} MB in {arguments.target}")


if __name__ == "__main__":
    main()
