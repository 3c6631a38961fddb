"""Makes clips with the two experts, as the stock graph does: Euler steps, "simple" noise levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from precompute import encode_known
from safetensors.torch import load_file
from torch import Tensor
from training import half_precision
from wan_dit import TextTokens, WanDit, pack_texts
from wan_vae import WanVae, denormalise

from wanderlens.nano.text import encode_words, words_of
from wanderlens.shot import simple_sigmas, split_by_noise

SHIFT, BOUNDARY = 5.0, 0.9


@dataclass(frozen=True)
class Nano:
    """The three parts of the nano model."""

    vae: WanVae
    high: WanDit
    low: WanDit


def load_expert(file: Path) -> WanDit:
    """An expert, its sizes read from the tensors; float32."""
    weights = {name: value.float() for name, value in load_file(file).items()}
    depth = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
    inner, width = weights["blocks.0.ffn.0.weight"].shape
    model = WanDit(width, inner, depth)
    model.load_state_dict(weights)
    return model.requires_grad_(False)


def load_nano(vae: Path, high: Path, low: Path) -> Nano:
    """The nano model from files in ComfyUI's layout."""
    model = WanVae()
    model.load_state_dict({name: value.float() for name, value in load_file(vae).items()})
    return Nano(model.requires_grad_(False), load_expert(high), load_expert(low))


def text_of(prompt: str) -> TextTokens:
    """One encoded prompt."""
    return pack_texts([encode_words(words_of(prompt))])


@torch.no_grad()
def make(
    nano: Nano,
    head: Tensor,
    frames: int,
    prompt: str,
    negative: str,
    seed: int,
    tail: Tensor | None = None,
    steps: int = 8,
    cfg: float = 2.0,
) -> Tensor:
    """Makes a clip.

    Args:
        nano: The model.
        head: The known frames at the start, [1, 3, n, height, width], -1 to 1.
        frames: 4n+1.
        prompt: What happens.
        negative: The negative prompt.
        seed: Of the noise.
        tail: The known frames at the end, as the head; None for none.
        steps: Sampling steps.
        cfg: Guidance; 1 needs half the time.

    Returns:
        [1, 3, frames, height, width], float32, -1 to 1.
    """
    ends = 0 if tail is None else tail.shape[2]
    video = torch.zeros(1, 3, frames, *head.shape[-2:])
    video[:, :, : head.shape[2]] = head
    if tail is not None:
        video[:, :, -ends:] = tail
    with half_precision():
        known = encode_known(nano.vae, video, head.shape[2], ends)[None]
    texts = [text_of(prompt), text_of(negative)][: 1 if cfg == 1 else 2]
    sigmas = simple_sigmas(steps, SHIFT)
    high = split_by_noise(sigmas, BOUNDARY)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, 16, *known.shape[2:], generator=generator)
    for index in range(steps):
        expert = nano.high if index < high else nano.low
        velocity = _guided(expert, torch.cat([x, known], 1), sigmas[index], texts, cfg)
        x = x + (sigmas[index + 1] - sigmas[index]) * velocity
    with half_precision():
        return nano.vae.decode(denormalise(x)).float().clamp(-1, 1)


def _guided(
    expert: WanDit, x: Tensor, sigma: float, texts: Sequence[TextTokens], cfg: float
) -> Tensor:
    with half_precision():
        made = [expert(x, torch.tensor([sigma]), text) for text in texts]
    return made[0] if len(made) == 1 else made[1] + cfg * (made[0] - made[1])
