"""Tiny Wan 2.2 models in ComfyUI's layout, as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from loading import load


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Files of random weights: high, low, vae (A14B), ti2v (5B), clip_vision (Wan 2.1), lora."""
    from safetensors.torch import save_file

    weights = load("comfyui/weights.py")
    folder = tmp_path_factory.mktemp("tiny")
    content: dict[str, Any] = {
        "high": weights.transformer(1, in_dim=36, out_dim=16),
        "low": weights.transformer(2, in_dim=36, out_dim=16),
        "t2v": weights.transformer(3, in_dim=16, out_dim=16),
        "ti2v": weights.transformer(4, in_dim=48, out_dim=48),
        "clip_vision": weights.transformer(5, in_dim=36, out_dim=16, clip_vision=True),
        "vae": weights.vae(6),
        "lora": weights.lora(7),
    }
    files = {}
    for name, tensors in content.items():
        files[name] = folder / f"{name}.safetensors"
        save_file(tensors, files[name])
    return files
