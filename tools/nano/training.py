"""What the training scripts share: a clock that survives restarts, checkpoints, measures."""

from __future__ import annotations

import contextlib
import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


def has_bfloat16() -> bool:
    """Whether this CPU computes in bfloat16; without it, that is slower than float32."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def half_precision() -> contextlib.AbstractContextManager:
    """Autocast to bfloat16 where the CPU computes in it; nothing where that would be slower."""
    if has_bfloat16():
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()


class Run:
    """A training run of a fixed number of minutes that may be broken off and started again.

    Args:
        file: The checkpoint; also read at the start when it is there.
        minutes: Training time in all, over every start.
        parts: What is saved and restored, by name: modules and optimizers.
    """

    def __init__(self, file: Path, minutes: float, **parts: Any) -> None:
        self.file, self.minutes, self.parts = file, minutes, parts
        self.step, self._before = 0, 0.0
        if file.exists():
            state = torch.load(file, map_location="cpu", weights_only=True)
            for name, part in parts.items():
                part.load_state_dict(state[name])
            self.step, self._before = state["step"], state["seconds"]
            print(f"goes on from step {self.step}, {self._before / 60:.1f} min", flush=True)
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Training time so far, over every start."""
        return self._before + time.monotonic() - self._start

    @property
    def progress(self) -> float:
        """0 at the start, 1 at the end."""
        return min(self.seconds / (60 * self.minutes), 1.0)

    def save(self) -> None:
        """Writes the checkpoint; a break while writing leaves the old one."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {"step": self.step, "seconds": self.seconds}
        scratch = self.file.with_suffix(".part")
        torch.save(state, scratch)
        scratch.replace(self.file)

    def rate(self, warm_up: int = 100, floor: float = 0.02) -> float:
        """Factor on the learning rate: a warm-up over steps, then a cosine over the minutes."""
        cosine = 0.5 + 0.5 * math.cos(math.pi * self.progress)
        return min(1.0, (self.step + 1) / warm_up) * (floor + (1 - floor) * cosine)


class Average:
    """A moving average of a module's weights, which measures better than the weights themselves."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: value.detach().clone() for name, value in module.named_parameters()}

    def update(self, module: nn.Module) -> None:
        """Takes in the present weights."""
        for name, value in module.named_parameters():
            self.weights[name].lerp_(value.detach(), 1 - self.decay)

    def state_dict(self) -> dict[str, Tensor]:
        return self.weights

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.weights = state


def psnr(made: Tensor, wanted: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of two videos in -1 to 1."""
    error = (made.clamp(-1, 1) - wanted).square().mean().item()
    return 10 * math.log10(4 / max(error, 1e-12))


def to_video(frames: Any) -> Tensor:
    """[t, h, w, 3], uint8, to [1, 3, t, h, w], float32, -1 to 1."""
    return torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
