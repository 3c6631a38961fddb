"""Configurations out of shapes, and Wan 2.2's VAE under diffusers' names."""

from __future__ import annotations

import re

import pytest

torch = pytest.importorskip("torch", reason="needs torch")
diffusers = pytest.importorskip("diffusers", reason="needs the headless extra")

from wanderlens.engines.diffusers.checkpoint_layouts import (  # noqa: E402
    expert_config,
    is_expert,
    is_vae,
    unwrapped,
    vae22_name,
    vae_config,
)


def published_expert(width: int, inner: int, depth: int, channels_in: int, channels_out: int):
    """The shapes that tell the sizes of a Wan checkpoint."""
    shapes = {
        "patch_embedding.weight": (width, channels_in, 1, 2, 2),
        "text_embedding.0.weight": (width, 4096),
        "time_embedding.0.weight": (width, 256),
        "head.head.weight": (channels_out * 4, width),
        "head.modulation": (1, 2, width),
    }
    for block in range(depth):
        shapes[f"blocks.{block}.ffn.0.weight"] = (inner, width)
    return shapes


@pytest.mark.parametrize(
    ("sizes", "heads", "layers"),
    [
        # wan/configs/wan_i2v_A14B.py and wan_ti2v_5B.py of the Wan2.2 repository.
        ((5120, 13824, 40, 36, 16), 40, 40),
        ((3072, 14336, 30, 48, 48), 24, 30),
    ],
)
def test_the_sizes_of_the_published_models(sizes, heads, layers):
    shapes = published_expert(*sizes)
    assert is_expert(shapes)
    config = expert_config(shapes)
    assert config["num_attention_heads"] == heads
    assert config["attention_head_dim"] == 128
    assert config["num_layers"] == layers
    assert config["ffn_dim"] == sizes[1]
    assert (config["in_channels"], config["out_channels"]) == sizes[3:]
    assert config["image_dim"] is None
    with torch.device("meta"):
        diffusers.WanTransformer3DModel.from_config(config)


def published_names(name: str) -> str:
    """The inverse of `vae22_name`, from how Wan's own code nests its modules."""
    parts = {"norm1": "residual.0", "conv1": "residual.2", "norm2": "residual.3"}
    parts |= {"conv2": "residual.6", "conv_shortcut": "shortcut"}
    stem, _, kind = name.rpartition(".")
    ends = {"conv_in": "conv1", "norm_out": "head.0", "conv_out": "head.2"}
    if stem in ("quant_conv", "post_quant_conv"):
        return f"{'conv1' if stem == 'quant_conv' else 'conv2'}.{kind}"
    part, rest = stem.split(".", 1)
    if rest in ends:
        return f"{part}.{ends[rest]}.{kind}"
    if m := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", rest):
        index = 1 if m[1] == "attentions" else 2 * int(m[2])
        return f"{part}.middle.{index}.{parts.get(m[3], m[3])}.{kind}"
    m = re.match(r"(up|down)_blocks\.(\d)\.(resnets\.(\d)|\w+sampler)\.(.+)", rest)
    assert m is not None, name
    way = f"{m[1]}samples"
    index = m[4] or ("3" if m[1] == "up" else "2")
    return f"{part}.{way}.{m[2]}.{way}.{index}.{parts.get(m[5], m[5])}.{kind}"


def test_wan22s_vae_gets_every_name_and_shape_of_diffusers():
    published = {
        "base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "is_residual": True,
        "in_channels": 12, "out_channels": 12, "patch_size": 2, "scale_factor_spatial": 16,
    }  # fmt: skip
    with torch.device("meta"):
        wanted = diffusers.AutoencoderKLWan(**published).state_dict()
    shapes = {published_names(name): tuple(value.shape) for name, value in wanted.items()}
    assert shapes["encoder.downsamples.1.downsamples.2.time_conv.weight"] == (320, 320, 3, 1, 1)
    assert shapes["decoder.upsamples.0.upsamples.3.resample.1.weight"] == (1024, 1024, 3, 3)
    assert is_vae(shapes)
    assert {vae22_name(name) for name in shapes} == set(wanted)
    config = vae_config(shapes)
    assert published.items() <= config.items()
    assert len(config["latents_mean"]) == len(config["latents_std"]) == 48
    assert min(config["latents_std"]) > 0


def test_wan21s_vae_has_diffusers_own_statistics():
    config = vae_config(
        {"encoder.conv1.weight": (96, 3, 3, 3, 3), "conv2.weight": (16, 16, 1, 1, 1)}
    )
    assert config == {"_class_name": "AutoencoderKLWan", "base_dim": 96, "z_dim": 16}


@pytest.mark.parametrize("wrapper", ["", "model.diffusion_model.", "diffusion_model."])
def test_names_of_whole_pipelines_are_unwrapped(wrapper):
    assert unwrapped(f"{wrapper}blocks.0.ffn.0.weight") == "blocks.0.ffn.0.weight"
