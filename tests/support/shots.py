"""Requests of shots and extensions, with the fields of quality custom given like the others."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from wanderlens.shot import CustomSettings, ShotRequest


def shot_request(*size: Any, **options: Any) -> ShotRequest:
    """A request; `steps`, `cfg` and the like go into its custom settings."""
    names = {field.name for field in fields(CustomSettings)}
    custom = {name: options.pop(name) for name in list(options) if name in names}
    return ShotRequest(*size, custom=CustomSettings(**custom), **options)
