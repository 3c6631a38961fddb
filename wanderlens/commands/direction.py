"""Options that direct a shot, and the commands `compose` and `presets`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..direction import Brief, Preset
    from ..shot import Family
    from ..style import ImageStyle
    from .console import Console

EXAMPLE = Path(__file__).parents[1] / "assets" / "example.png"
"""The bundled picture."""


def add_direction_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that direct the shot."""
    parser.add_argument("--direction", metavar="TEXT", help="what moves, in your words")
    parser.add_argument("--preset", help="a preset, see 'wanderlens presets'")
    parser.add_argument("--intensity", type=float, help="0 to 1.5 (default: 1)")
    parser.add_argument("--camera", help="a camera move, such as 'push in' (default: the preset's)")
    parser.add_argument("--pacing", help="slow, steady, fast, ... (default: the preset's)")
    parser.add_argument("--look", help="a look, such as 'film shot' (default: the preset's)")
    parser.add_argument("--negative", metavar="TEXT", help="what it should not have")
    parser.add_argument(
        "--loop",
        action=argparse.BooleanOptionalAction,
        help="end where it begins (default: the preset's)",
    )
    add_presets_option(parser)


def add_carry_options(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds the options of what carries over from a photo or clip."""
    for option, text in (
        ("--image-prompt", f"carry over the prompt that the {what} was made with (default: yes)"),
        ("--image-style", "carry over its style words (default: yes)"),
    ):
        parser.add_argument(option, action=argparse.BooleanOptionalAction, help=text)


def add_presets_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option for the folder of the user's own presets."""
    parser.add_argument(
        "--presets-folder", type=Path, metavar="DIR", help="a folder of your own presets"
    )


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `presets`."""
    parser.add_argument("words", nargs="*", help="list only those that have all these words")
    add_presets_option(parser)


def add_timing_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options for frame rate and length."""
    parser.add_argument(
        "--fps", type=int, help="16, 24 or 32 (default: the preset's, or the model's own)"
    )
    parser.add_argument(
        "--duration", type=float, metavar="S", help="seconds (default: the preset's, or 5)"
    )


def brief_of(
    arguments: argparse.Namespace, image: ImageStyle | None = None
) -> tuple[Brief, Preset | None]:
    """The shot that the options ask for, and its preset.

    Args:
        arguments: Parsed options.
        image: The prompt and style that the still carries over.

    Raises:
        InputError: an option is refused.
    """
    from ..direction import FROM_PRESET, Brief, Direction, PresetLibrary

    preset = None
    if arguments.preset is not None:
        preset = PresetLibrary(arguments.presets_folder)[arguments.preset]
    intensity = 1.0 if arguments.intensity is None else arguments.intensity
    start = preset.direction(intensity) if preset else Direction(intensity=intensity)
    brief = Brief(
        text=arguments.direction or "",
        camera=arguments.camera or FROM_PRESET,
        pacing=arguments.pacing or FROM_PRESET,
        look=arguments.look or FROM_PRESET,
        preset=start,
        image=image,
        include_image_prompt=getattr(arguments, "image_prompt", None) is not False,
        include_image_style=getattr(arguments, "image_style", None) is not False,
        negative=arguments.negative or "",
        loop=bool(preset and preset.loop) if arguments.loop is None else arguments.loop,
    )
    return brief, preset


def timing_of(
    arguments: argparse.Namespace, preset: Preset | None, family: Family
) -> tuple[int, float]:
    """Frames per second and seconds: of the options, else the preset, else the family's and 5."""
    fps, duration = arguments.fps, arguments.duration
    if fps is None:
        fps = preset.fps if preset else family.native_fps
    if duration is None:
        duration = preset.duration if preset else 5.0
    return fps, duration


def compose_prompt(arguments: argparse.Namespace, console: Console) -> None:
    """Runs `compose`: prints a shot's prompt, negative prompt and report."""
    from ..direction import compose

    brief, _ = brief_of(arguments)
    composition = compose(brief)
    console.say(composition.positive)
    console.say(f"\nNegative: {composition.negative}\n\n{composition.report}")


def list_presets(arguments: argparse.Namespace, console: Console) -> None:
    """Runs `presets`: lists those that contain all the words."""
    from ..direction import PresetLibrary

    for preset in PresetLibrary(arguments.presets_folder):
        listed = f"{preset.id} {preset.about} {' '.join(preset.tags)}".lower()
        if all(word.lower() in listed for word in arguments.words):
            loop = " loop" if preset.loop else ""
            console.say(
                f"{preset.id:32} {preset.fps} fps {preset.duration:g} s{loop:5}  {preset.about}"
            )
