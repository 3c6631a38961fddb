"""Options of size, timing and sampling, and the request that they make."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .direction import brief_of, timing_of

if TYPE_CHECKING:
    from ..shot import Family, ShotRequest

#: Options that replace a quality's own settings, and the names of these in a request.
_SAMPLING = {
    "steps": "steps",
    "cfg": "cfg",
    "shift": "shift",
    "sampler": "sampler_name",
    "boundary": "boundary",
}


def add_shot_options(parser: argparse.ArgumentParser) -> None:
    """Adds size, quality, seed and end image."""
    parser.add_argument(
        "--resolution",
        help="480p, 580p, 720p, 'match image', or WIDTHxHEIGHT (default: 480p; nano: its own)",
    )
    add_sampling_options(parser)


def add_sampling_options(parser: argparse.ArgumentParser) -> None:
    """Adds quality, seed and end image."""
    parser.add_argument("--quality", help="standard (default), best, or fast with 4-step LoRAs")
    for option, kind in (("--steps", int), ("--cfg", float), ("--shift", float)):
        parser.add_argument(option, type=kind, help="instead of the quality's own")
    parser.add_argument("--sampler", help="euler, uni_pc or dpmpp_2m instead of the quality's own")
    parser.add_argument("--boundary", type=float, help="noise level of the hand-over (default 0.9)")
    parser.add_argument("--seed", type=int, help="(default: a new one, which the report tells)")
    parser.add_argument("--end-image", type=Path, metavar="FILE", help="the picture it ends on")


def resolution_of(text: str | None, family: Family) -> dict[str, Any]:
    """The widgets of a resolution: "832x480" is custom, none is the family's first."""
    if text and "x" in text:
        width, _, height = text.partition("x")
        if width.strip().isdigit() and height.strip().isdigit():
            return {"resolution": "custom", "width": int(width), "height": int(height)}
        raise InputError(
            "resolution must be a name or WIDTHxHEIGHT",
            text,
            "Write it like 832x480.",
            "resolution",
        )
    return {"resolution": text or next(iter(family.nominal_sizes))}


def sampling_of(
    arguments: argparse.Namespace, family: Family, *, ends_on_a_picture: bool
) -> dict[str, Any]:
    """The widgets of a quality; with further options, quality custom with the rest of its own.

    Raises:
        InputError: the quality is refused.
    """
    from ..shot import CustomSettings, quality_settings

    quality = arguments.quality or "standard"
    chosen = {
        name: value
        for option, name in _SAMPLING.items()
        if (value := getattr(arguments, option)) is not None
    }
    if not chosen:
        return {"quality": quality}
    own = quality_settings(quality, family, ends_on_a_picture, CustomSettings())
    if own.split_rule == "fixed":
        raise InputError(
            "quality fast hands over after two steps and takes no settings of its own",
            ", ".join(chosen),
            "Leave them out, or choose another quality.",
            "quality",
        )
    settings = {name: getattr(own, name) for name in ("scheduler", *_SAMPLING.values())}
    if settings["boundary"] is None:  # a family with one model
        settings["boundary"] = CustomSettings().boundary
    return {"quality": "custom", **settings, **chosen}


def request_of(
    arguments: argparse.Namespace, family: Family, picture: tuple[int, int], *, has_end_image: bool
) -> ShotRequest:
    """The request for a picture of a width and height.

    Raises:
        InputError: an option is refused.
    """
    from ..shot import CustomSettings, ShotRequest

    brief, preset = brief_of(arguments)
    fps, duration = timing_of(arguments, preset, family)
    sampling = sampling_of(arguments, family, ends_on_a_picture=has_end_image or brief.loop)
    return ShotRequest(
        picture_width=picture[0],
        picture_height=picture[1],
        fps=fps,
        duration=duration,
        loop=brief.loop,
        seed=arguments.seed,
        has_end_image=has_end_image,
        **resolution_of(arguments.resolution, family),
        quality=sampling.pop("quality"),
        custom=CustomSettings(**sampling),
    )
