"""The generation data that the command line writes into a clip's metadata."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from .models import model_name

if TYPE_CHECKING:
    from ..direction import Direction
    from ..shot import QualitySettings


def clip_metadata(prompt: str, negative: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a clip's file.

    Args:
        prompt: The composed prompt.
        negative: The negative prompt.
        settings: Whatever else makes the clip again: seed, model, frame rate and so on.

    Returns:
        "title", for players, and "comment": one JSON object in ASCII, which every format can hold.
    """
    record = {"version": __version__, "prompt": prompt, "negative": negative, **settings}
    return {"title": prompt[:200], "comment": json.dumps({"wanderlens": record})}


def models_used(arguments: argparse.Namespace) -> dict[str, Any]:
    """The models and files that the options name."""
    files = {
        name: Path(value).name
        for name in ("low_noise", "vae", "text_encoder", "end_image")
        if (value := getattr(arguments, name))
    }
    loras = {
        name: ", ".join(value)
        for name in ("lora", "lora_high", "lora_low")
        if (value := getattr(arguments, name))
    }
    return {"model": model_name(arguments), **files, **loras}


def direction_settings(arguments: argparse.Namespace, direction: Direction) -> dict[str, Any]:
    """What the shot was asked to be, and what was settled."""
    return {
        "direction": arguments.direction or "",
        "preset": arguments.preset or "",
        "camera": direction.camera,
        "pacing": direction.pacing,
        "look": direction.look,
        "intensity": direction.intensity,
    }


def sampling_settings(sampling: QualitySettings) -> dict[str, Any]:
    """How it was sampled."""
    return {
        "steps": sampling.steps,
        "cfg": sampling.cfg,
        "shift": sampling.shift,
        "sampler": sampling.sampler_name,
        "boundary": sampling.boundary,
    }
