"""Tiny checkpoints with random weights in ComfyUI's own layout, a few megabytes together."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TEXT_WIDTH = 4096

HIGH = "wan_i2v_high.safetensors"
LOW = "wan_i2v_low.safetensors"
T2V = "wan_t2v.safetensors"
TI2V = "wan_ti2v_5b.safetensors"
WAN21_I2V = "wan21_i2v.safetensors"
VAE = "wan_2.1_vae.safetensors"
LORA = "wan_lora.safetensors"


def write_all(models_dir: Path) -> None:
    """Writes all checkpoints into ComfyUI's ``models`` folder."""
    from safetensors.torch import save_file

    diffusion = models_dir / "diffusion_models"
    files = {
        diffusion / HIGH: transformer(1, in_dim=36, out_dim=16),
        diffusion / LOW: transformer(2, in_dim=36, out_dim=16),
        diffusion / T2V: transformer(3, in_dim=16, out_dim=16),
        diffusion / TI2V: transformer(4, in_dim=48, out_dim=48),
        diffusion / WAN21_I2V: transformer(5, in_dim=36, out_dim=16, clip_vision=True),
        models_dir / "vae" / VAE: vae(6),
        models_dir / "loras" / LORA: lora(7),
    }
    for file, weights in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, file)


def _filled(seed: int, shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Weights that keep the size of what runs through them; gains of 1 and small offsets."""
    import torch

    random = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in shapes.items():
        if name.endswith(("gamma", "norm_q.weight", "norm_k.weight", "norm3.weight")):
            weights[name] = torch.ones(shape)
        elif name.endswith("bias") or "modulation" in name:
            weights[name] = 0.02 * torch.randn(shape, generator=random)
        else:
            fan_in = 1
            for length in shape[1:]:
                fan_in *= length
            weights[name] = torch.randn(shape, generator=random) * fan_in**-0.5
    return weights


def transformer(
    seed: int, *, in_dim: int, out_dim: int, dim: int = 128, blocks: int = 2, clip_vision=False
) -> dict[str, torch.Tensor]:
    """Weights of a Wan transformer.

    Args:
        seed: Of the random weights.
        in_dim: Input channels.
        out_dim: Output channels.
        dim: Width, a multiple of 128.
        blocks: Transformer blocks.
        clip_vision: Whether it takes CLIP vision, as Wan 2.1's image-to-video models do.
    """
    shapes: dict[str, tuple[int, ...]] = {}

    def linear(name: str, out: int, into: int) -> None:
        shapes[f"{name}.weight"] = (out, into)
        shapes[f"{name}.bias"] = (out,)

    shapes["patch_embedding.weight"] = (dim, in_dim, 1, 2, 2)
    shapes["patch_embedding.bias"] = (dim,)
    linear("text_embedding.0", dim, TEXT_WIDTH)
    linear("text_embedding.2", dim, dim)
    linear("time_embedding.0", dim, 256)
    linear("time_embedding.2", dim, dim)
    linear("time_projection.1", 6 * dim, dim)
    for block in (f"blocks.{index}" for index in range(blocks)):
        shapes[f"{block}.modulation"] = (1, 6, dim)
        linear(f"{block}.norm3", dim, 0)
        shapes[f"{block}.norm3.weight"] = (dim,)
        for attention in ("self_attn", "cross_attn"):
            for part in "qkvo":
                linear(f"{block}.{attention}.{part}", dim, dim)
            for part in ("norm_q", "norm_k"):
                shapes[f"{block}.{attention}.{part}.weight"] = (dim,)
        if clip_vision:
            for part in ("k_img", "v_img"):
                linear(f"{block}.cross_attn.{part}", dim, dim)
            shapes[f"{block}.cross_attn.norm_k_img.weight"] = (dim,)
        linear(f"{block}.ffn.0", 2 * dim, dim)
        linear(f"{block}.ffn.2", dim, 2 * dim)
    shapes["head.modulation"] = (1, 2, dim)
    linear("head.head", 4 * out_dim, dim)
    if clip_vision:
        for index, (out, into) in {
            0: (1280, 0),
            1: (1280, 1280),
            3: (dim, 1280),
            4: (dim, 0),
        }.items():
            linear(f"img_emb.proj.{index}", out, into)
            if not into:
                shapes[f"img_emb.proj.{index}.weight"] = (out,)
    return _filled(seed, shapes)


def vae(seed: int, dim: int = 8, channels: int = 16) -> dict[str, torch.Tensor]:
    """Weights of Wan 2.1's VAE.

    Args:
        seed: Of the random weights.
        dim: Channels at the size of the picture. ComfyUI's before 0.4 know only the full size;
            the test-only nodes teach them this one.
        channels: Channels of the latents.
    """
    shapes: dict[str, tuple[int, ...]] = {}

    def conv(name: str, out: int, *rest: int) -> None:
        shapes[f"{name}.weight"] = (out, *rest)
        shapes[f"{name}.bias"] = (out,)

    def residual(name: str, into: int, out: int) -> None:
        shapes[f"{name}.residual.0.gamma"] = (into, 1, 1, 1)
        conv(f"{name}.residual.2", out, into, 3, 3, 3)
        shapes[f"{name}.residual.3.gamma"] = (out, 1, 1, 1)
        conv(f"{name}.residual.6", out, out, 3, 3, 3)
        if into != out:
            conv(f"{name}.shortcut", out, into, 1, 1, 1)

    def middle(part: str, width: int) -> None:
        residual(f"{part}.middle.0", width, width)
        shapes[f"{part}.middle.1.norm.gamma"] = (width, 1, 1)
        conv(f"{part}.middle.1.to_qkv", 3 * width, width, 1, 1)
        conv(f"{part}.middle.1.proj", width, width, 1, 1)
        residual(f"{part}.middle.2", width, width)

    def head(part: str, into: int, out: int) -> None:
        shapes[f"{part}.head.0.gamma"] = (into, 1, 1, 1)
        conv(f"{part}.head.2", out, into, 3, 3, 3)

    widths = [dim, dim, 2 * dim, 4 * dim, 4 * dim]
    conv("encoder.conv1", dim, 3, 3, 3, 3)
    layer = itertools.count()
    for level, (into, out) in enumerate(itertools.pairwise(widths)):
        residual(f"encoder.downsamples.{next(layer)}", into, out)
        residual(f"encoder.downsamples.{next(layer)}", out, out)
        if level < 3:
            name = f"encoder.downsamples.{next(layer)}"
            conv(f"{name}.resample.1", out, out, 3, 3)
            if level > 0:
                conv(f"{name}.time_conv", out, out, 3, 1, 1)
    middle("encoder", widths[-1])
    head("encoder", widths[-1], 2 * channels)
    conv("conv1", 2 * channels, 2 * channels, 1, 1, 1)
    conv("conv2", channels, channels, 1, 1, 1)

    widths = [4 * dim, 4 * dim, 4 * dim, 2 * dim, dim]
    conv("decoder.conv1", widths[0], channels, 3, 3, 3)
    middle("decoder", widths[0])
    layer = itertools.count()
    for level, (into, out) in enumerate(itertools.pairwise(widths)):
        residual(f"decoder.upsamples.{next(layer)}", into // 2 if level else into, out)
        residual(f"decoder.upsamples.{next(layer)}", out, out)
        residual(f"decoder.upsamples.{next(layer)}", out, out)
        if level < 3:
            name = f"decoder.upsamples.{next(layer)}"
            conv(f"{name}.resample.1", out // 2, out, 3, 3)
            if level < 2:
                conv(f"{name}.time_conv", 2 * out, out, 3, 1, 1)
    head("decoder", widths[-1], 3)
    return _filled(seed, shapes)


def lora(seed: int, dim: int = 128, rank: int = 4) -> dict[str, torch.Tensor]:
    """Weights of a LoRA on the transformers' attention."""
    shapes: dict[str, tuple[int, ...]] = {}
    for block, part in itertools.product(range(2), "qkvo"):
        name = f"diffusion_model.blocks.{block}.self_attn.{part}"
        shapes[f"{name}.lora_A.weight"] = (rank, dim)
        shapes[f"{name}.lora_B.weight"] = (dim, rank)
    return _filled(seed, shapes)
