"""Type and range checks for values that arrive from widgets or links.

ComfyUI checks neither the type nor the range of a linked value, and NaN passes its minimum and
maximum, so nodes check every value again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real

from .errors import InputError


def as_number(value: object) -> float | None:
    """Return a finite real number as float, or None for anything else (booleans too)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_whole(value: object) -> int | None:
    """Return an integer, or a float without a fraction, as int; None for anything else."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    number = as_number(value)
    return int(number) if number is not None and number.is_integer() else None


def number_between(value: object, widget: str, low: float, high: float, remedy: str) -> float:
    """Return `value` as a float in `low`..`high` (both included).

    Raises:
        InputError: it is not a finite number or out of range.
    """
    number = as_number(value)
    if number is None or not low <= number <= high:
        raise InputError(
            f"{widget} must be a number from {low:g} to {high:g}", value, remedy, widget
        )
    return number


def whole_between(value: object, widget: str, low: int, high: int, remedy: str) -> int:
    """Return `value` as an int in `low`..`high` (both included).

    Raises:
        InputError: it is not a whole number or out of range.
    """
    whole = as_whole(value)
    if whole is None or not low <= whole <= high:
        raise InputError(
            f"{widget} must be a whole number from {low} to {high}", value, remedy, widget
        )
    return whole


def on_or_off(value: object, widget: str) -> bool:
    """Return `value` if it is a boolean.

    Raises:
        InputError: it is anything else, also 0, 1 or a text.
    """
    if not isinstance(value, bool):
        raise InputError(
            f"{widget} must be true or false", value, f"Switch {widget} on or off.", widget
        )
    return value


def one_of(value: object, widget: str, options: Iterable[str]) -> str:
    """Return `value` if it is one of `options`.

    Raises:
        InputError: it is anything else.
    """
    known = tuple(options)
    if not isinstance(value, str) or value not in known:
        raise InputError(
            f"{widget} must be one of {', '.join(known)}", value, "Choose one.", widget
        )
    return value


def named(value: object, widget: str) -> str:
    """Return `value` if it is a string that is not blank.

    Raises:
        InputError: it is anything else.
    """
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{widget} must be a name", value, f"Choose a {widget}.", widget)
    return value
