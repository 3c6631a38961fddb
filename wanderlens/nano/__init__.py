"""The nano model: Wan 2.2 I2V's architecture, small enough for a CPU.

Its weights are the `.safetensors` files in this folder, in ComfyUI's layout; `README.md` beside
them says what they were trained on and how good they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ..errors import InputError
from .text import HashTextEncoder

__all__ = ["HashTextEncoder", "nano_files"]

_FOLDER = Path(__file__).parent


def nano_files() -> tuple[Mapping[Literal["high_noise", "low_noise"], Path], Path]:
    """The files of the two experts and of the VAE.

    Raises:
        InputError: one is missing.
    """
    high, low, vae = (
        _FOLDER / f"nano_{part}.safetensors" for part in ("high_noise", "low_noise", "vae")
    )
    for file in (high, low, vae):
        if not file.is_file():
            raise InputError(
                "the nano model must lie in the package",
                str(file),
                "It is missing there: install the package anew, or pass another --model.",
                "model",
            )
    return {"high_noise": high, "low_noise": low}, vae
