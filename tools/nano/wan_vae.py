"""The Wan 2.1 VAE with the names of its published checkpoint, made to train fast on a CPU.

Same numbers as ComfyUI's and diffusers' classes, computed differently: the whole clip at once
instead of frame by frame through caches, and each causal 3-D convolution as one 2-D convolution
over three stacked frames (several times faster than the 3-D kernels of a CPU; a single
frame needs only the last third of the weights).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Per-channel mean and standard deviation of Wan 2.1's latents, as published with the model.
LATENT_MEAN = (
    -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508,
    0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921,
)  # fmt: skip
LATENT_STD = (
    2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743,
    3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160,
)  # fmt: skip
LATENT_CHANNELS = 16


def _last(x: Tensor) -> Tensor:
    """[b, c, t, h, w] to [b, t, h, w, c], which is how all clips lie in memory here."""
    return x.permute(0, 2, 3, 4, 1)


def _convolve(last: Tensor, weight: Tensor, bias: Tensor | None, padding: int = 0, stride: int = 1):
    """A 2-D convolution of every frame: [b, t, h, w, in] to [b, out, t, h', w']."""
    images = last.flatten(0, 1).permute(0, 3, 1, 2)
    images = F.conv2d(
        images, weight.contiguous(memory_format=torch.channels_last), bias, stride, padding
    )
    return images.unflatten(0, last.shape[:2]).transpose(1, 2)


def _stack_weight(weight: Tensor) -> Tensor:
    """[out, in, span, h, w] to [out, span*in, h, w]."""
    return weight.transpose(1, 2).flatten(1, 2)


class CausalConv3d(nn.Conv3d):
    """A 3-D convolution that sees this frame and earlier ones; zeros before the first."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's own name
        """[b, in, t, h, w] to [b, out, t, h, w]."""
        span, padding = self.kernel_size[0], self.kernel_size[1] // 2
        frames, last = input.shape[2], _last(input)
        if span == 1 or frames == 1:
            return _convolve(last, self.weight[:, :, -1], self.bias, padding)
        padded = F.pad(last, (0, 0, 0, 0, 0, 0, span - 1, 0))
        stacked = torch.cat([padded[:, i : i + frames] for i in range(span)], dim=-1)
        return _convolve(stacked, _stack_weight(self.weight), self.bias, padding)


class RmsNorm(nn.Module):
    """Root-mean-square norm over the channels (axis 1)."""

    def __init__(self, channels: int, axes: int = 3) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *(1,) * axes))

    def forward(self, x: Tensor) -> Tensor:
        """Any [b, channels, ...]; the same shape out."""
        scale = x.float().square().mean(dim=1, keepdim=True).clamp_min(1e-12).rsqrt()
        return x * scale.to(x.dtype) * self.gamma.to(x.dtype)


class ResidualBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            RmsNorm(inputs),
            nn.SiLU(),
            CausalConv3d(inputs, outputs, 3),
            RmsNorm(outputs),
            nn.SiLU(),
            nn.Dropout(0.0),
            CausalConv3d(outputs, outputs, 3),
        )
        self.shortcut = CausalConv3d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.residual(x) + self.shortcut(x)


class AttentionBlock(nn.Module):
    """Attention inside each frame, one head."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = RmsNorm(channels, axes=2)
        self.to_qkv = nn.Conv2d(channels, channels * 3, 1)
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        batch, _, frames, height, width = x.shape
        images = _last(x).flatten(0, 1).permute(0, 3, 1, 2)
        qkv = self.to_qkv(self.norm(images)).flatten(2).transpose(1, 2)  # [b*t, h*w, 3c]
        q, k, v = qkv.unsqueeze(1).chunk(3, dim=-1)
        mixed = F.scaled_dot_product_attention(q, k, v).squeeze(1).transpose(1, 2)
        out = self.proj(mixed.unflatten(2, (height, width)))
        return x + out.unflatten(0, (batch, frames)).transpose(1, 2)


class Downsample(nn.Module):
    """Halves height and width and, with `time`, the frames after the first."""

    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        # The padding takes no weights; it keeps the published names.
        self.resample = nn.Sequential(
            nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(channels, channels, 3, stride=2)
        )
        self.time_conv = nn.Conv3d(channels, channels, (3, 1, 1)) if time else None

    def forward(self, x: Tensor) -> Tensor:
        conv, frames = self.resample[1], x.shape[2]
        assert isinstance(conv, nn.Conv2d)
        x = _convolve(F.pad(_last(x), (0, 0, 0, 1, 0, 1)), conv.weight, conv.bias, stride=2)
        if self.time_conv is None or frames == 1:
            return x
        # Later frame k sees frames 2k-2, 2k-1 and 2k; the first passes as it is.
        last = _last(x)
        taps = torch.cat([last[:, i : frames - 2 + i : 2] for i in range(3)], dim=-1)
        later = _convolve(taps, _stack_weight(self.time_conv.weight), self.time_conv.bias)
        return torch.cat([last[:, :1], _last(later)], dim=1).permute(0, 4, 1, 2, 3)


class Upsample(nn.Module):
    """Doubles height and width and, with `time`, the frames after the first."""

    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.Sequential(
            nn.Upsample(scale_factor=(2.0, 2.0), mode="nearest-exact"),
            nn.Conv2d(channels, channels // 2, 3, padding=1),
        )
        self.time_conv = nn.Conv3d(channels, channels * 2, (3, 1, 1)) if time else None

    def forward(self, x: Tensor) -> Tensor:
        last = _last(x)
        if self.time_conv is not None and x.shape[2] > 1:
            later = last[:, 1:]
            frames = later.shape[1]
            padded = F.pad(later, (0, 0, 0, 0, 0, 0, 2, 0))
            taps = torch.cat([padded[:, i : i + frames] for i in range(3)], dim=-1)
            pairs = _convolve(taps, _stack_weight(self.time_conv.weight), self.time_conv.bias)
            pairs = torch.stack(_last(pairs).chunk(2, dim=-1), dim=2).flatten(1, 2)
            last = torch.cat([last[:, :1], pairs], dim=1)
        conv = self.resample[1]
        assert isinstance(conv, nn.Conv2d)
        batch, frames, height, width, channels = last.shape
        # Each pixel becomes four alike.
        last = last[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2, -1)
        last = last.reshape(batch, frames, 2 * height, 2 * width, channels)
        return _convolve(last, conv.weight, conv.bias, padding=1)


class Encoder(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv1 = CausalConv3d(3, dim, 3)
        layers: list[nn.Module] = []
        inputs = dim
        for level, factor in enumerate((1, 2, 4, 4)):
            for _ in range(2):
                layers.append(ResidualBlock(inputs, dim * factor))
                inputs = dim * factor
            if level < 3:
                layers.append(Downsample(inputs, time=level > 0))
        self.downsamples = nn.Sequential(*layers)
        self.middle = nn.Sequential(
            ResidualBlock(inputs, inputs), AttentionBlock(inputs), ResidualBlock(inputs, inputs)
        )
        self.head = nn.Sequential(
            RmsNorm(inputs), nn.SiLU(), CausalConv3d(inputs, LATENT_CHANNELS * 2, 3)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.middle(self.downsamples(self.conv1(x))))


class Decoder(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        inputs = dim * 4
        self.conv1 = CausalConv3d(LATENT_CHANNELS, inputs, 3)
        self.middle = nn.Sequential(
            ResidualBlock(inputs, inputs), AttentionBlock(inputs), ResidualBlock(inputs, inputs)
        )
        layers: list[nn.Module] = []
        for level, factor in enumerate((4, 4, 2, 1)):
            outputs = dim * factor
            for _ in range(3):
                layers.append(ResidualBlock(inputs, outputs))
                inputs = outputs
            if level < 3:
                layers.append(Upsample(inputs, time=level < 2))
                inputs //= 2
        self.upsamples = nn.Sequential(*layers)
        self.head = nn.Sequential(RmsNorm(inputs), nn.SiLU(), CausalConv3d(inputs, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.upsamples(self.middle(self.conv1(x))))


class WanVae(nn.Module):
    """Encoder and decoder; latents are Wan's own, see `normalise`.

    Args:
        dim: Channels at full size; Wan's own model has 96.
    """

    def __init__(self, dim: int = 16) -> None:
        super().__init__()
        self.encoder = Encoder(dim)
        self.conv1 = CausalConv3d(LATENT_CHANNELS * 2, LATENT_CHANNELS * 2, 1)
        self.conv2 = CausalConv3d(LATENT_CHANNELS, LATENT_CHANNELS, 1)
        self.decoder = Decoder(dim)

    def encode(self, video: Tensor) -> Tensor:
        """[b, 3, 4n+1, h, w], -1 to 1, to the mean latents [b, 16, n+1, h/8, w/8]."""
        return self.moments(video)[0]

    def moments(self, video: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the latents."""
        mean, log_variance = self.conv1(self.encoder(video)).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """[b, 16, n+1, h/8, w/8] to [b, 3, 4n+1, h, w], about -1 to 1."""
        return self.decoder(self.conv2(latents))


def normalise(latents: Tensor) -> Tensor:
    """From the VAE's latents to the diffusion model's: mean 0 and deviation 1 per channel."""
    mean, std = _statistics(latents)
    return (latents - mean) / std


def denormalise(latents: Tensor) -> Tensor:
    """The reverse of `normalise`."""
    mean, std = _statistics(latents)
    return latents * std + mean


def _statistics(latents: Tensor) -> tuple[Tensor, Tensor]:
    shape = (1, -1, 1, 1, 1)
    return (
        torch.tensor(LATENT_MEAN, dtype=latents.dtype, device=latents.device).view(shape),
        torch.tensor(LATENT_STD, dtype=latents.dtype, device=latents.device).view(shape),
    )
