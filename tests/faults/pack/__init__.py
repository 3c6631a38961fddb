"""Nodes for the fault scripts only: a MODEL and a VAE that can fail or stand still on demand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch

from .tripwire import note_call, strike, watch_this_thread


class FaultModel:
    """A MODEL whose calls are counted and may fail; see `tripwire`."""

    CATEGORY = "test"
    FUNCTION = "execute"
    RETURN_TYPES = ("MODEL",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        stages = ["high noise", "low noise", "one model"]
        return {"required": {"model": ("MODEL",), "stage": (stages,)}}

    def execute(self, model: Any, stage: str) -> tuple[Any]:
        wrapped = model.clone()

        def call(function: Any, arguments: dict[str, Any]) -> torch.Tensor:
            note_call(stage[0])
            strike(stage)
            return function(arguments["input"], arguments["timestep"], **arguments["c"])

        wrapped.set_model_unet_function_wrapper(call)
        return (wrapped,)


class FaultVAE:
    """A VAE that may fail, and after whose decoding every stage may."""

    CATEGORY = "test"
    FUNCTION = "execute"
    RETURN_TYPES = ("VAE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"vae": ("VAE",)}}

    def execute(self, vae: Any) -> tuple[Any]:
        wrapped = copy.copy(vae)

        def encode(*given: Any, **named: Any) -> torch.Tensor:
            strike("encode")
            return vae.encode(*given, **named)

        def decode(*given: Any, **named: Any) -> torch.Tensor:
            strike("decode")
            watch_this_thread()
            return vae.decode(*given, **named)

        wrapped.encode, wrapped.decode = encode, decode
        return (wrapped,)


def watch_writing() -> None:
    """Lets files that are whole but not yet under their name strike, as a slow disk would."""
    replace = Path.replace

    def watched_replace(self: Path, target: Any) -> Any:
        if self.suffix == ".tmp":
            strike("write latents")
        elif self.name.startswith(".clips."):
            strike("write list")
        return replace(self, target)

    Path.replace = watched_replace


watch_writing()

NODE_CLASS_MAPPINGS = {node.__name__: node for node in (FaultModel, FaultVAE)}
