"""The two Wan 2.2 model families, as numbers that the plan needs."""

from __future__ import annotations

from dataclasses import dataclass

TIME_STRIDE = 4
"""Frames per latent after the first, which holds one frame (`vae_stride[0]` in `wan/configs`)."""


@dataclass(frozen=True, slots=True)
class Family:
    """What sets one family of Wan 2.2 models apart before any model is loaded.

    The numbers come from the Wan2.2 repository (`wan/configs/wan_i2v_A14B.py`,
    `wan_ti2v_5B.py`, `shared_config.py`).

    Attributes:
        id: The key of the family in the Wan2.2 repository's `WAN_CONFIGS`.
        native_fps: Frames per second that the model was trained to make.
        native_window: Frames of one shot as trained (4n+1); longer clips are several shots.
        spatial_stride: Pixels per latent, on each axis.
        size_multiple: Width and height in pixels are multiples of this (stride times patch of 2).
        latent_channels: Channels of the VAE's latents.
        model_channels: Input channels of the diffusion model. The A14B's 36 are noise (16), mask
            (4) and the encoded known frames (16).
        end_frames: Whether the model takes known frames at the end of a shot.
        boundary: Noise level, 0..1, at and above which the high-noise expert works; None for a
            family with one model.
        time_stride: Frames per latent after the first.
    """

    id: str
    native_fps: int
    native_window: int
    spatial_stride: int
    size_multiple: int
    latent_channels: int
    model_channels: int
    end_frames: bool
    boundary: float | None
    time_stride: int = TIME_STRIDE

    @property
    def two_experts(self) -> bool:
        """Whether a high-noise and a low-noise expert share the steps."""
        return self.boundary is not None


I2V_A14B = Family(
    id="i2v-A14B",
    native_fps=16,
    native_window=81,
    spatial_stride=8,
    size_multiple=16,
    latent_channels=16,
    model_channels=36,
    end_frames=True,
    boundary=0.9,
)

TI2V_5B = Family(
    id="ti2v-5B",
    native_fps=24,
    native_window=121,
    spatial_stride=16,
    size_multiple=32,
    latent_channels=48,
    model_channels=48,
    end_frames=False,
    boundary=None,
)
