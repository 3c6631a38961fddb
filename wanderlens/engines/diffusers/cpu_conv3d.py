"""Wan's causal 3-D convolutions on a CPU, several times faster than torch's 3-D kernels.

A convolution over three frames is one 2-D convolution over the three of them stacked as channels:
the same sums in another order. Measured here with float32 on two AVX2 cores: 3 to 7 times faster.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d
from torch import nn


class StackedCausalConv3d(WanCausalConv3d):
    """diffusers' causal convolution, computed in two dimensions where that is faster."""

    def forward(self, x: torch.Tensor, cache_x: torch.Tensor | None = None) -> torch.Tensor:
        """[b, in, t, h, w], and the frames before them, to [b, out, t', h', w']."""
        if x.device.type != "cpu":
            return super().forward(x, cache_x)
        padding = [int(side) for side in self._padding]
        if cache_x is not None and padding[4] > 0:
            x = torch.cat([cache_x, x], dim=2)
            padding[4] -= cache_x.shape[2]
        x = F.pad(x, padding)
        span, stride = self.kernel_size[0], self.stride[0]
        last = x.shape[2] - span + 1
        taps = torch.cat([x[:, :, i : i + last : stride] for i in range(span)], dim=1)
        images = taps.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        weight = self.weight.transpose(1, 2).flatten(1, 2)  # [out, span * in, h, w]
        weight = weight.contiguous(memory_format=torch.channels_last)
        made = F.conv2d(images, weight, self.bias, self.stride[1:])
        return made.unflatten(0, (x.shape[0], -1)).transpose(1, 2)


def stack_convolutions(model: nn.Module) -> None:
    """Let the causal convolutions of a model that is the caller's own compute as above."""
    for module in model.modules():
        if type(module) is WanCausalConv3d:
            module.__class__ = StackedCausalConv3d
