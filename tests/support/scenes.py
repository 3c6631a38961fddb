"""Small textured scenes seen by a moving camera, known at every point from a formula."""

import math
from collections.abc import Iterable

import torch

SIZE = (64, 80)
_GENERATOR = torch.Generator().manual_seed(5)
_WAVES = torch.randn(48, 2, generator=_GENERATOR, dtype=torch.float64) * 0.2
_PHASES = torch.rand(48, 3, generator=_GENERATOR, dtype=torch.float64) * math.tau


def scene(x: float, y: float, size: tuple[int, int] = SIZE) -> torch.Tensor:
    """A textured RGB scene [H, W, 3] float32, seen from the point (x, y) in pixels."""
    rows = torch.arange(size[0], dtype=torch.float64)[:, None, None, None] + y
    cols = torch.arange(size[1], dtype=torch.float64)[None, :, None, None] + x
    waves = torch.sin(cols * _WAVES[:, :1] + rows * _WAVES[:, 1:] + _PHASES)
    return (0.5 + waves.sum(2) * 0.35 / math.sqrt(48 / 2)).clamp(0, 1).float()


def pan(times: Iterable[float], speed: float = 2.3) -> torch.Tensor:
    """A pan to the right at even speed, in pixels per unit of time."""
    return torch.stack([scene(speed * time, 0.4 * speed * time) for time in times])


def circle(
    times: Iterable[float], period: float, radius: float = 6, size: tuple[int, int] = SIZE
) -> torch.Tensor:
    """A camera on a circle, back at its start after each period."""
    turns = [math.tau * time / period for time in times]
    return torch.stack([scene(radius * math.cos(a), radius * math.sin(a), size) for a in turns])
