"""A segment as diffusers' Wan transformers take it, and the guided denoiser on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class DiffusersSegment:
    """A segment as the models take it, on the CPU, float32.

    Attributes:
        condition: A14B: [1, 20, latent frames, height, width], mask (1 where known) and normalised
            latents. 5B: the known latents, [1, 48, latent frames, height, width], 0 elsewhere.
        mask: 5B: [1, 1, latent frames, height, width], 0 where the latents are known; else None.
        shape: Of the latents.
        note: How the pictures were encoded, for the report.
    """

    condition: torch.Tensor
    mask: torch.Tensor | None
    shape: tuple[int, ...]
    note: str = ""

    def to(self, device: torch.device) -> DiffusersSegment:
        """The same on a device."""
        mask = None if self.mask is None else self.mask.to(device)
        return replace(self, condition=self.condition.to(device), mask=mask)

    def with_known(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents with the known ones of the 5B in their place; the A14B's as they are."""
        if self.mask is None:
            return latents
        return self.mask * latents + (1 - self.mask) * self.condition


class Denoiser:
    """An expert's guided velocity (noise minus clip) for one segment."""

    def __init__(
        self, expert: Any, encoded: DiffusersSegment, texts: Sequence[torch.Tensor], cfg: float
    ) -> None:
        """Brings the texts to the segment's device.

        Args:
            expert: diffusers' WanTransformer3DModel, on the device of the segment.
            encoded: The segment.
            texts: The encoded prompt and, unless cfg is 1, the negative one.
            cfg: Guidance.
        """
        device = encoded.condition.device
        self._expert = expert
        self._encoded = encoded
        self._texts = [text.to(device, expert.dtype) for text in texts]
        self._cfg = cfg

    def __call__(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """The velocity, float32, of normalised latents `x` at a noise level of 0..1."""
        condition, mask = self._encoded.condition, self._encoded.mask
        time = torch.full((1,), sigma * 1000, dtype=torch.float32, device=x.device)
        if mask is None:
            given = torch.cat([x, condition], dim=1)  # [1, 36, latent frames, height, width]
        else:
            given = self._encoded.with_known(x)
            time = (mask[0, 0, :, ::2, ::2] * time).flatten()[None]  # [1, tokens], 0 where known
        given = given.to(self._expert.dtype)
        velocities = [
            self._expert(given, time, text, return_dict=False)[0].float() for text in self._texts
        ]
        if len(velocities) == 1:
            return velocities[0]
        positive, negative = velocities
        return negative + self._cfg * (positive - negative)
