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
    """The metadata tags of a clip's file.

    Args:
        prompt: The composed prompt.
        negative: The negative prompt.
        settings: What else is needed to make the clip again: seed, model, frame rate and so on.

    Returns:
        "title", for players, and "comment": a JSON object in ASCII, which every format can store.
    """
    record = {"version": __version__, "prompt": prompt, "negative": negative, **settings}
    return {"title": prompt[:200], "comment": json.dumps({"wanderlens": record})}


def models_used(arguments: argparse.Namespace) -> dict[str, Any]:
    """The names of the models and files in the options."""
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
    """The direction as typed, and the settled camera, pacing, look and intensity."""
    return {
        "direction": arguments.direction or "",
        "preset": arguments.preset or "",
        "camera": direction.camera,
        "pacing": direction.pacing,
        "look": direction.look,
        "intensity": direction.intensity,
    }


def sampling_settings(sampling: QualitySettings) -> dict[str, Any]:
    """The settings of the sampling."""
    return {
        "steps": sampling.steps,
        "cfg": sampling.cfg,
        "shift": sampling.shift,
        "sampler": sampling.sampler_name,
        "boundary": sampling.boundary,
    }
