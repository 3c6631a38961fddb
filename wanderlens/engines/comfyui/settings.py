"""Reads a boolean out of ComfyUI's settings file; needs no ComfyUI."""

from __future__ import annotations

import json
from pathlib import Path


def settings_switch(file: Path, name: str, default: bool) -> bool:
    """A boolean out of ComfyUI's settings file; the default if it cannot be had.

    Args:
        file: ComfyUI's comfy.settings.json.
        name: The setting's id.
        default: What counts when the file, the setting or a boolean is missing.
    """
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return default
    value = settings.get(name) if isinstance(settings, dict) else None
    return value if isinstance(value, bool) else default
