"""Constants of the model families: Wan 2.2 A14B, 5B and the nano model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

TIME_STRIDE = 4
"""Frames per latent after the first, which holds one frame (`vae_stride[0]` in `wan/configs`)."""

NOMINAL_SIZES: Mapping[str, tuple[int, int]] = {
    "480p": (832, 480),
    "580p": (1024, 576),
    "720p": (1280, 720),
}
"""Sizes (width, height in pixels) whose area is the pixel budget of a resolution.

480p and 720p are `SUPPORTED_SIZES` of the Wan2.2 repository. Each side is cut down to the
family's multiple, which makes 720p of the 5B 1280×704, as there.
"""


@dataclass(frozen=True, slots=True)
class Family:
    """What sets one family of Wan 2.2 models apart before any model is loaded.

    The numbers come from the Wan2.2 repository (`wan/configs/wan_i2v_A14B.py`,
    `wan_ti2v_5B.py`, `shared_config.py`).

    Attributes:
        id: The key of the family in the Wan2.2 repository's `WAN_CONFIGS`.
        native_fps: Frames per second that the model was trained to make.
        native_window: Frames of one segment as trained (4n+1); longer clips are several segments.
        spatial_stride: Pixels per latent, on each axis.
        size_multiple: Width and height in pixels are multiples of this (stride times patch of 2).
        latent_channels: Channels of the VAE's latents.
        model_channels: Input channels of the diffusion model. The A14B's 36 are noise (16), mask
            (4) and the encoded known frames (16).
        end_frames: Whether the model takes known frames at the end of a segment.
        boundary: Noise level, 0..1, at and above which the high-noise expert works; None for a
            family with one model.
        time_stride: Frames per latent after the first.
        nominal_sizes: Resolutions by name, as the width and height whose area is their pixel
            budget; the first is the default.
        area_percent: How far the area of a frame may stray from the budget, in percent, for the
            sake of its shape.
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
    nominal_sizes: Mapping[str, tuple[int, int]] = field(
        default_factory=lambda: NOMINAL_SIZES, hash=False
    )
    # Room for 848×480 and 640×640 at 480p. Such sizes always exist: one of each height of up to
    # 9 % of the budget's squares (35 or more).
    area_percent: tuple[int, int] = (94, 103)

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

NANO = replace(
    I2V_A14B,
    id="nano",
    native_window=33,
    nominal_sizes={"nano": (160, 96)},
    # Of so few squares only some make a shape: 128×96, 128×128, 160×96, 176×80 and the like.
    area_percent=(80, 107),
)
"""The bundled nano model: the A14B in shape and rules, trained on small and short clips."""
