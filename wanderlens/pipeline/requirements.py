"""Checks that OpenCV is installed before anything is sampled."""

from __future__ import annotations

import importlib.util

from ..errors import InputError


def check_optical_flow(
    needed: bool, what: str, value: object, widget: str, remedy: str = ""
) -> None:
    """Refuses what needs OpenCV where it is missing.

    Args:
        needed: Whether optical flow is needed.
        what: What needs it.
        value: The widget's value.
        widget: The widget that asks for it.
        remedy: What to do instead of installing it.

    Raises:
        InputError: it is needed and not installed.
    """
    if not needed or importlib.util.find_spec("cv2") is not None:
        return
    raise InputError(
        f"{what} needs OpenCV, which is not installed",
        value,
        f"Run pip install opencv-python-headless{', or ' if remedy else ''}{remedy}.",
        widget,
    )
