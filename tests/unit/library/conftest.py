"""Real small clips, as ComfyUI and the command line leave them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

for library in ("PIL", "av", "numpy", "torch"):
    pytest.importorskip(library, reason="needs the headless extra")

GRAPH: Mapping[str, Any] = {
    "2": {"class_type": "LoadImage", "inputs": {"image": "still.png"}},
    "8": {
        "class_type": "CinematicDirection",
        "inputs": {
            "direction": "a light wind", "camera": "push in", "pacing": "slow",
            "look": "from preset", "negative": "blur", "include_image_prompt": True,
            "include_image_style": False,
        },
    },
    "9": {"class_type": "CLIPTextEncode", "inputs": {"text": ["8", 0], "clip": ["7", 0]}},
    "11": {
        "class_type": "Wan22ImageToVideo",
        "inputs": {
            "image": ["2", 0], "positive": ["9", 0], "low_noise": ["5", 0], "fps": 16,
            "duration": 5.0, "loop": False, "resolution": "480p", "quality": "fast", "seed": 7,
        },
    },
    "12": {"class_type": "CreateVideo", "inputs": {"images": ["11", 0], "fps": ["11", 1]}},
    "13": {
        "class_type": "SaveVideo",
        "inputs": {"video": ["12", 0], "filename_prefix": "video/wanderlens"},
    },
}  # fmt: skip


@pytest.fixture
def save() -> Callable[..., Path]:
    """Writes a clip of a few frames with metadata, an MP4 as ComfyUI's Save Video does."""
    from scenes import pan

    from wanderlens.video import write_video

    def write(
        file: Path,
        prompt: object = GRAPH,
        frames: int = 4,
        fps: int = 8,
        metadata: dict[str, str] | None = None,
    ) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        pictures = (pan(range(frames)) * 255).round().byte().numpy()
        if metadata is None:
            metadata = {"prompt": json.dumps(prompt), "workflow": json.dumps({"nodes": []})}
        write_video(file, pictures, fps, metadata)
        return file

    return write


@pytest.fixture
def graph() -> dict[str, Any]:
    """A prompt as ComfyUI keeps it, to be changed at will."""
    return json.loads(json.dumps(GRAPH))
