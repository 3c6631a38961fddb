"""Nodes for tests only: a sampler's shape without a model, and a node that expands into others."""

from __future__ import annotations

from typing import Any

import torch
from comfy_execution.graph_utils import GraphBuilder  # pyright: ignore[reportMissingImports]


class StyleTextEncode:
    """Words as conditioning."""

    CATEGORY = "test"
    FUNCTION = "execute"
    RETURN_TYPES = ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"text": ("STRING", {"multiline": True})}}

    def execute(self, text: str) -> tuple[Any]:
        return ([[torch.zeros(1, 1, 8), {"words": text}]],)


class StyleKSampler:
    """A picture out of conditioning."""

    CATEGORY = "test"
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {
            "required": {
                "positive": ("CONDITIONING",),
                "negative": ("CONDITIONING",),
                "seed": ("INT", {"default": 0}),
            }
        }

    def execute(self, positive: Any, negative: Any, seed: int) -> tuple[Any]:
        assert len(positive) == len(negative)
        return (torch.rand(1, 64, 64, 3, generator=torch.Generator().manual_seed(seed)),)


class StyleExpands:
    """A node that puts the loader and the carry-over into the graph while it runs."""

    CATEGORY = "test"
    FUNCTION = "execute"
    RETURN_TYPES = ("STRING",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"image": ("STRING", {"default": ""})}}

    def execute(self, image: str) -> dict[str, Any]:
        graph = GraphBuilder()
        loaded = graph.node("LoadImage", image=image)
        carried = graph.node(
            "ImageStyleCarryover", image=loaded.out(0), include=True, source="auto"
        )
        return {"result": (carried.out(4),), "expand": graph.finalize()}


NODE_CLASS_MAPPINGS = {
    "StyleTextEncode": StyleTextEncode,
    "StyleKSampler": StyleKSampler,
    "StyleExpands": StyleExpands,
}
