"""Prompts in API format, on tiny models whose stages can fail on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .server import graphs

FRAMES = 17
STEPS = 4


def shot(seed: int = 1, *, steps: int = STEPS, **inputs: Any) -> dict[str, Any]:
    """Wan22ImageToVideo, CreateVideo, SaveVideo on tiny A14B models whose stages can fail."""
    prompt = graphs.sources()
    _watch(prompt, {"high": "high noise", "low": "low noise"})
    return _saved(prompt, graphs.ours(seed=seed, steps=steps, cfg=1.0, **inputs))


def shot_5b(seed: int = 1) -> dict[str, Any]:
    """The same on the tiny 5B."""
    prompt = graphs.sources_5b()
    _watch(prompt, {"high": "one model"})
    ours = graphs.ours(seed=seed, steps=STEPS, cfg=1.0, low_noise=None, fps=24, duration=0.7)
    return _saved(prompt, ours)


def extension(seed: int = 1) -> dict[str, Any]:
    """FrameContinuityExtend, likewise."""
    prompt = graphs.sources()
    _watch(prompt, {"high": "high noise", "low": "low noise"})
    return _saved(prompt, graphs.extended(seed=seed, steps=STEPS, context_frames=1), rate=2)


def _watch(prompt: dict[str, Any], models: Mapping[str, str]) -> None:
    for model, stage in models.items():
        graphs.wrap(prompt, model, "FaultModel", stage=stage)
    prompt["whole-vae"] = prompt["vae"]
    prompt["vae"] = graphs.node("FaultVAE", vae=["whole-vae", 0])


def _saved(prompt: dict[str, Any], ours: dict[str, Any], rate: int = 1) -> dict[str, Any]:
    prompt["ours"] = ours
    prompt["still"]["inputs"]["seed"] = ours["inputs"]["seed"]  # a new picture, to be encoded
    prompt["video"] = graphs.node("CreateVideo", images=["ours", 0], fps=["ours", rate])
    prompt["saved"] = graphs.node(
        "SaveVideo", video=["video", 0], filename_prefix="video/wanderlens", format="auto",
        codec="auto",
    )  # fmt: skip
    prompt["hashes"] = graphs.node("TestFrames", images=["ours", 0])
    return prompt
