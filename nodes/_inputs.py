"""Widget specifications that nodes share, and what every class has in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..wanderlens.direction import FROM_PRESET, NONE

CATEGORY = "Wanderlens"

DIRECTION_TYPE = "WANDERLENS_DIRECTION"
STYLE_TYPE = "WANDERLENS_STYLE"

Spec = tuple[Any, dict[str, Any]]


def combo(options: Iterable[str], tooltip: str, **extra: Any) -> Spec:
    """A menu; the first option is the default."""
    return (list(options), {"tooltip": tooltip, **extra})


def direction_menu(options: Iterable[str], tooltip: str) -> Spec:
    """A menu of the vocabulary, opening with "from preset" and "none"."""
    return combo([FROM_PRESET, NONE, *options], tooltip)


def boolean(default: bool, tooltip: str, **extra: Any) -> Spec:
    """A switch."""
    return ("BOOLEAN", {"default": default, "tooltip": tooltip, **extra})


def integer(default: int, low: int, high: int, tooltip: str, **extra: Any) -> Spec:
    """A whole number."""
    return ("INT", {"default": default, "min": low, "max": high, "tooltip": tooltip, **extra})


def number(
    default: float, low: float, high: float, step: float, tooltip: str, **extra: Any
) -> Spec:
    """A number with a fraction."""
    limits = {"default": default, "min": low, "max": high, "step": step, "round": False}
    return ("FLOAT", {**limits, "tooltip": tooltip, **extra})


def text(tooltip: str, *, multiline: bool = False, **extra: Any) -> Spec:
    """A line or a field of text."""
    return ("STRING", {"default": "", "multiline": multiline, "tooltip": tooltip, **extra})


def link(kind: str, tooltip: str) -> Spec:
    """An input that only takes links."""
    return (kind, {"tooltip": tooltip})
