"""Wan 2.2's published checkpoint layouts: diffusers configurations and tensor names out of them.

A ComfyUI file holds tensors and no configuration. All sizes can be read from the shapes; what
cannot (heads of 128 channels, the statistics of the latents) is the same for every Wan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HEAD_WIDTH = 128
"""Channels of an attention head (`dim / num_heads` of every model in Wan's `wan/configs`)."""

#: Mean and deviation of each channel of Wan 2.2's VAE (`wan/modules/vae2_2.py`).
LATENT_MEAN_22 = (
    -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557,
    -0.1382, 0.0542, 0.2813, 0.0891, 0.1570, -0.0098, 0.0375, -0.1825,
    -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502,
    -0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230,
    -0.0313, -0.1649, 0.0117, 0.0723, -0.2839, -0.2083, -0.0520, 0.3748,
    0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
)  # fmt: skip
LATENT_STD_22 = (
    0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013,
    0.8158, 1.0344, 0.5894, 1.0901, 0.6885, 0.6165, 0.8454, 0.4978,
    0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
    0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093,
    0.5709, 0.6065, 0.6415, 0.4944, 0.5726, 1.2042, 0.5458, 1.6887,
    0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
)  # fmt: skip

Shapes = Mapping[str, tuple[int, ...]]

_WRAPPERS = ("model.diffusion_model.", "diffusion_model.", "model.")


def unwrapped(name: str) -> str:
    """A tensor's name without what checkpoints of whole pipelines put before it."""
    for wrapper in _WRAPPERS:
        if name.startswith(wrapper):
            return name.removeprefix(wrapper)
    return name


def is_expert(shapes: Shapes) -> bool:
    """Whether tensors are those of a Wan diffusion model."""
    return "head.modulation" in shapes and "blocks.0.ffn.0.weight" in shapes


def is_vae(shapes: Shapes) -> bool:
    """Whether tensors are those of a Wan VAE, 2.1 or 2.2."""
    return "decoder.middle.0.residual.0.gamma" in shapes and "encoder.conv1.weight" in shapes


def expert_config(shapes: Shapes) -> dict[str, Any]:
    """The configuration of diffusers' WanTransformer3DModel.

    Args:
        shapes: By the published tensor names; see `is_expert`.
    """
    width, channels_in, *patch = shapes["patch_embedding.weight"]
    blocks = {name.split(".")[1] for name in shapes if name.startswith("blocks.")}
    return {
        "_class_name": "WanTransformer3DModel",
        "patch_size": list(patch),
        "num_attention_heads": width // HEAD_WIDTH,
        "attention_head_dim": HEAD_WIDTH,
        "in_channels": channels_in,
        "out_channels": shapes["head.head.weight"][0] // (patch[0] * patch[1] * patch[2]),
        "text_dim": shapes["text_embedding.0.weight"][1],
        "freq_dim": shapes["time_embedding.0.weight"][1],
        "ffn_dim": shapes["blocks.0.ffn.0.weight"][0],
        "num_layers": len(blocks),
        "image_dim": shapes["img_emb.proj.0.weight"][0]
        if "img_emb.proj.0.weight" in shapes
        else None,
    }


def vae_config(shapes: Shapes) -> dict[str, Any]:
    """The configuration of diffusers' AutoencoderKLWan.

    Args:
        shapes: By the published tensor names; see `is_vae`.
    """
    width, channels_in, *_ = shapes["encoder.conv1.weight"]
    config: dict[str, Any] = {
        "_class_name": "AutoencoderKLWan",
        "base_dim": width,
        "z_dim": shapes["conv2.weight"][0],
    }
    if channels_in == 3:
        return config
    # Wan 2.2's VAE works on patches of 2 x 2 pixels and has a wider decoder.
    return config | {
        "decoder_base_dim": shapes["decoder.head.0.gamma"][0],
        "is_residual": True,
        "in_channels": channels_in,
        "out_channels": channels_in,
        "patch_size": 2,
        "scale_factor_spatial": 16,
        "latents_mean": list(LATENT_MEAN_22),
        "latents_std": list(LATENT_STD_22),
    }


_BLOCK_PARTS = {
    "residual.0": "norm1",
    "residual.2": "conv1",
    "residual.3": "norm2",
    "residual.6": "conv2",
    "shortcut": "conv_shortcut",
}
_ENDS = {
    "encoder.conv1": "encoder.conv_in",
    "decoder.conv1": "decoder.conv_in",
    "encoder.head.0": "encoder.norm_out",
    "decoder.head.0": "decoder.norm_out",
    "encoder.head.2": "encoder.conv_out",
    "decoder.head.2": "decoder.conv_out",
    "conv1": "quant_conv",
    "conv2": "post_quant_conv",
}
_MIDDLE = {"0": "resnets.0", "1": "attentions.0", "2": "resnets.1"}


def vae22_name(name: str) -> str:
    """Diffusers' name of a tensor of Wan 2.2's VAE, which `from_single_file` does not know.

    Args:
        name: The published name.
    """
    stem, _, kind = name.rpartition(".")
    if stem in _ENDS:
        return f"{_ENDS[stem]}.{kind}"
    middle = re.fullmatch(r"(encoder|decoder)\.middle\.([012])\.(.+)", stem)
    if middle:
        part, index, rest = middle.groups()
        return f"{part}.mid_block.{_MIDDLE[index]}.{_BLOCK_PARTS.get(rest, rest)}.{kind}"
    level = re.fullmatch(r"(encoder|decoder)\.(down|up)samples\.(\d)\.\2samples\.(\d)\.(.+)", stem)
    if level is None:
        return name
    part, way, block, index, rest = level.groups()
    if rest in _BLOCK_PARTS:
        return f"{part}.{way}_blocks.{block}.resnets.{index}.{_BLOCK_PARTS[rest]}.{kind}"
    return f"{part}.{way}_blocks.{block}.{way}sampler.{rest}.{kind}"
