"""Decodes with diffusers' Wan VAE one latent at a time, so that length costs no memory.

`AutoencoderKLWan.decode` does the same steps and gives all frames together, which it copies anew
with each latent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d, unpatchify


def decoded_by_latent(vae: Any, latents: torch.Tensor) -> Iterator[torch.Tensor]:
    """Decode latents one after the other; what the causal layers remember goes along.

    Args:
        vae: diffusers' AutoencoderKLWan, without tiling.
        latents: [1, C, t, h, w], dtype and device of the VAE.

    Yields:
        [1, 3, n, H, W], -1..1: n is 1 for the first latent, and 4 for each other one. Together they
        equal what the VAE's own `decode` gives.
    """
    memory: list[Any] = [None] * sum(
        isinstance(module, WanCausalConv3d) for module in vae.decoder.modules()
    )
    with torch.inference_mode():
        latents = vae.post_quant_conv(latents)
    for index in range(latents.shape[2]):
        with torch.inference_mode():
            video = vae.decoder(
                latents[:, :, index : index + 1],
                feat_cache=memory,
                feat_idx=[0],
                first_chunk=index == 0,
            )
            if vae.config.patch_size is not None:
                video = unpatchify(video, patch_size=vae.config.patch_size)
            video = video.clamp(-1, 1)
        yield video
