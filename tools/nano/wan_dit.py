"""The diffusion model of Wan 2.2 I2V with the names of its published checkpoint.

Same numbers as ComfyUI's and diffusers' classes, with a rotary embedding that has a gradient. Wan
is given 512 text tokens, nearly all of them the zeros after the last word; those are all alike
in keys and values, so here they are one token that counts as many (see `TextTokens`). The sums are
the same, at a fraction of the time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TEXT_TOKENS, TEXT_WIDTH = 512, 4096
HEAD_WIDTH = 128
PATCH = (1, 2, 2)


@dataclass(frozen=True)
class TextTokens:
    """Encoded texts without their zeros.

    Attributes:
        vectors: [b, n, 4096]; row n-1 and whatever follows a text's own words is zero.
        bias: [b, 1, 1, n], added to the attention scores: 0 for words, the logarithm of how many
            zeros there are for the first zero, minus infinity for the others.
    """

    vectors: Tensor
    bias: Tensor


def pack_texts(rows: list[Tensor]) -> TextTokens:
    """Texts of different lengths, [words, 4096] each, as one batch."""
    longest = max(len(row) for row in rows) + 1
    vectors = torch.zeros(len(rows), longest, TEXT_WIDTH)
    bias = torch.full((len(rows), 1, 1, longest), -math.inf)
    for index, row in enumerate(rows):
        vectors[index, : len(row)] = row
        bias[index, ..., : len(row)] = 0
        bias[index, ..., len(row)] = math.log(TEXT_TOKENS - len(row))
    return TextTokens(vectors, bias)


def rotary(frames: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the rotary embedding: [tokens, 64] each.

    Of a head's 64 pairs, 22 turn with the frame, 21 with the row and 21 with the column.
    """
    pairs = HEAD_WIDTH // 2
    across = pairs // 3
    parts = []
    for length, count, axis in (
        (frames, pairs - 2 * across, 0), (height, across, 1), (width, across, 2)
    ):  # fmt: skip
        frequency = 1 / 10000 ** (torch.arange(count, dtype=torch.float64) / count)
        angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency
        shape = [1, 1, 1, count]
        shape[axis] = length
        parts.append(angle.view(shape).expand(frames, height, width, count))
    angles = torch.cat(parts, dim=-1).flatten(0, 2)
    return angles.cos().float(), angles.sin().float()


def _turn(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Turns pairs of neighbouring channels: [b, heads, tokens, 128]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = (part.to(x.dtype) for part in rope)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class RmsNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), x.shape[-1:], self.weight.float(), 1e-6).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.norm_q, self.norm_k = RmsNorm(width), RmsNorm(width)

    def forward(self, x, context=None, rope=None, bias=None) -> Tensor:
        """[b, tokens, width] attends to itself, or to a context [b, n, width]."""
        source = x if context is None else context
        q, k, v = self.norm_q(self.q(x)), self.norm_k(self.k(source)), self.v(source)
        q, k, v = (t.unflatten(-1, (-1, HEAD_WIDTH)).transpose(1, 2) for t in (q, k, v))
        if rope is not None:
            q, k = _turn(q, rope), _turn(k, rope)
        bias = None if bias is None else bias.to(q.dtype)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.o(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.self_attn, self.cross_attn = Attention(width), Attention(width)
        self.norm3 = nn.LayerNorm(width, 1e-6)
        self.ffn = nn.Sequential(
            nn.Linear(width, inner), nn.GELU(approximate="tanh"), nn.Linear(inner, width)
        )
        self.modulation = nn.Parameter(torch.randn(1, 6, width) / width**0.5)

    def forward(self, x: Tensor, time: Tensor, text: Tensor, bias: Tensor, rope) -> Tensor:
        shift1, scale1, gate1, shift2, scale2, gate2 = (self.modulation + time).chunk(6, dim=1)
        x = x + gate1 * self.self_attn(_norm(x) * (1 + scale1) + shift1, rope=rope)
        x = x + self.cross_attn(self.norm3(x), context=text, bias=bias)
        return x + gate2 * self.ffn(_norm(x) * (1 + scale2) + shift2)


class Head(nn.Module):
    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.head = nn.Linear(width, channels * math.prod(PATCH))
        self.modulation = nn.Parameter(torch.randn(1, 2, width) / width**0.5)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        shift, scale = (self.modulation + time.unsqueeze(1)).chunk(2, dim=1)
        return self.head(_norm(x) * (1 + scale) + shift)


class WanDit(nn.Module):
    """Gives the velocity (noise minus clip) of a noisy clip.

    Args:
        width: Width of a token, a multiple of 128.
        inner: Width inside the feed-forward layers.
        depth: Blocks.
        channels_in: Noisy latents, mask and known latents together.
        channels_out: Channels of the latents.
    """

    def __init__(
        self, width: int, inner: int, depth: int, channels_in: int = 36, channels_out: int = 16
    ) -> None:
        super().__init__()
        self.patch_embedding = nn.Conv3d(channels_in, width, PATCH, PATCH)
        self.text_embedding = nn.Sequential(
            nn.Linear(TEXT_WIDTH, width), nn.GELU(approximate="tanh"), nn.Linear(width, width)
        )
        self.time_embedding = nn.Sequential(
            nn.Linear(256, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(width, width * 6))
        self.blocks = nn.ModuleList(Block(width, inner) for _ in range(depth))
        self.head = Head(width, channels_out)
        nn.init.zeros_(self.head.head.weight)
        nn.init.zeros_(self.head.head.bias)

    def forward(self, x: Tensor, sigma: Tensor, text: TextTokens) -> Tensor:
        """Predicts the velocity.

        Args:
            x: [b, 36, t, h, w].
            sigma: [b], noise level, 0 to 1.
            text: The encoded prompts.

        Returns:
            [b, 16, t, h, w], float32.
        """
        _, _, frames, height, width = x.shape
        grid = (frames, height // 2, width // 2)
        tokens = self._embed(x)
        time = self.time_embedding(_time_waves(sigma * 1000))
        steps = self.time_projection(time).unflatten(1, (6, -1)).float()
        rope = rotary(*grid)
        words = self.text_embedding(text.vectors)
        for block in self.blocks:
            tokens = block(tokens, steps, words, text.bias, rope)
        made = self.head(tokens, time.float()).float()
        made = made.unflatten(1, grid).unflatten(-1, (2, 2, -1))  # [b, t, h/2, w/2, 2, 2, c]
        return made.permute(0, 6, 1, 2, 4, 3, 5).flatten(5, 6).flatten(3, 4)

    def _embed(self, x: Tensor) -> Tensor:
        """[b, 36, t, h, w] to [b, tokens, width]; a product is faster than the convolution."""
        patches = x.unflatten(4, (-1, 2)).unflatten(3, (-1, 2)).permute(0, 2, 3, 5, 1, 4, 6)
        weight = self.patch_embedding.weight.flatten(1)
        return F.linear(patches.flatten(4).flatten(1, 3), weight, self.patch_embedding.bias)


def _norm(x: Tensor) -> Tensor:
    return F.layer_norm(x.float(), x.shape[-1:], eps=1e-6)


def _time_waves(position: Tensor) -> Tensor:
    """[b] to [b, 256]: cosines, then sines."""
    frequency = 10000 ** (-torch.arange(128, dtype=torch.float64) / 128)
    angle = position.double()[:, None] * frequency
    return torch.cat((angle.cos(), angle.sin()), dim=1).float()
