"""The command line: `wanderlens preview`, `compose`, `inspect` and `presets`."""

from __future__ import annotations

import argparse
import io
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .errors import InputError

EXAMPLE = Path(__file__).parent / "assets" / "example.png"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        argv: Arguments without the program's name; None takes the process's own.

    Returns:
        0 when done, 2 when an input was refused, 1 when something failed, 130 on Ctrl-C.
    """
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    for stream in (sys.stdout, sys.stderr):
        # The negative prompt is Chinese, which not every terminal can show.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except InputError as error:
        print(f"wanderlens: {str(error).replace('(widget: ', '(input: ')}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(
            f"wanderlens: {error.name} is not installed. Install the headless extra: "
            "pip install 'wanderlens[headless]'",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        print(f"wanderlens: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("wanderlens: stopped; nothing was left half written", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wanderlens",
        description="Turn a still image into a directed short video with Wan 2.2.",
    )
    parser.add_argument("--version", action="version", version=f"wanderlens {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    preview = commands.add_parser(
        "preview",
        help="move a picture along a shot's camera path, without a model",
        description=(
            "Makes an animatic: the picture itself moved along the shot's camera path, to see the "
            "move before a model renders it. Nothing in the picture moves by itself."
        ),
    )
    preview.add_argument(
        "photo", nargs="?", type=Path, default=EXAMPLE, help="the picture (default: the example)"
    )
    _add_direction_options(preview)
    preview.add_argument("--fps", type=int, help="16, 24 or 32 (default: the preset's, or 16)")
    preview.add_argument(
        "--duration", type=float, metavar="S", help="seconds (default: the preset's, or 5)"
    )
    preview.add_argument(
        "--resolution",
        default="480p",
        choices=("480p", "580p", "720p", "match image"),
        help="size of the frames, or 'match image' (default: 480p)",
    )
    preview.add_argument(
        "-o", "--output", type=Path, default=Path("preview.mp4"), help="the clip, ending in .mp4"
    )
    preview.set_defaults(run=_preview)

    compose = commands.add_parser(
        "compose", help="write a shot's prompt", description="Writes the prompt of a shot."
    )
    _add_direction_options(compose)
    compose.set_defaults(run=_compose)

    inspect = commands.add_parser(
        "inspect",
        help="show what a picture says of how it was made",
        description=(
            "Shows the prompt and the style that would carry over from a picture or video file: "
            "from its metadata, or from how it looks. Nothing is sent anywhere."
        ),
    )
    inspect.add_argument("file", type=Path, help="a PNG, JPEG, WebP, AVIF, MP4 or WebM file")
    inspect.add_argument("--json", action="store_true", help="print it as JSON")
    inspect.set_defaults(run=_inspect)

    presets = commands.add_parser("presets", help="list the presets")
    presets.add_argument("words", nargs="*", help="list only those that have all these words")
    _add_user_presets_option(presets)
    presets.set_defaults(run=_list_presets)
    return parser


def _add_direction_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--direction", default="", metavar="TEXT", help="what moves, in your words")
    parser.add_argument("--preset", help="a preset, see 'wanderlens presets'")
    parser.add_argument("--intensity", type=float, default=1.0, help="0 to 1.5 (default: 1)")
    parser.add_argument("--camera", default="from preset", help="a camera move, such as 'push in'")
    parser.add_argument("--pacing", default="from preset", help="slow, steady, fast, ...")
    parser.add_argument("--look", default="from preset", help="a look, such as 'film shot'")
    parser.add_argument("--negative", default="", metavar="TEXT", help="what it should not have")
    parser.add_argument(
        "--loop",
        action=argparse.BooleanOptionalAction,
        help="end where it begins (default: the preset's)",
    )
    _add_user_presets_option(parser)


def _add_user_presets_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--presets-folder", type=Path, metavar="DIR", help="a folder of your own presets"
    )


def _brief(arguments: argparse.Namespace):
    """The shot that the options ask for, and the preset (or None)."""
    from .direction import Brief, Direction, PresetLibrary

    preset = None
    if arguments.preset is not None:
        preset = PresetLibrary(arguments.presets_folder)[arguments.preset]
    intensity = arguments.intensity
    start = preset.direction(intensity) if preset else Direction(intensity=intensity)
    brief = Brief(
        text=arguments.direction,
        camera=arguments.camera,
        pacing=arguments.pacing,
        look=arguments.look,
        preset=start,
        negative=arguments.negative,
        loop=bool(preset and preset.loop) if arguments.loop is None else arguments.loop,
    )
    return brief, preset


def _compose(arguments: argparse.Namespace) -> None:
    from .direction import compose

    brief, _ = _brief(arguments)
    composition = compose(brief)
    print(composition.positive)
    print(f"\nNegative: {composition.negative}\n\n{composition.report}")


def _preview(arguments: argparse.Namespace) -> None:
    import numpy as np
    from PIL import Image
    from tqdm import tqdm

    from .direction import compose
    from .direction.animatic import render_animatic
    from .pictures import open_picture
    from .shot import I2V_A14B, fit_size, plan_timing
    from .video import check_output, write_video

    check_output(arguments.output)
    brief, preset = _brief(arguments)
    composition = compose(brief)
    fps = arguments.fps
    if fps is None:
        fps = preset.fps if preset else 16
    duration = arguments.duration
    if duration is None:
        duration = preset.duration if preset else 5.0
    timing = plan_timing(duration, fps, brief.loop, I2V_A14B)
    still = open_picture(arguments.photo)
    size = fit_size(still.width, still.height, arguments.resolution, I2V_A14B)
    still = still.resize((size.scaled_width, size.scaled_height), Image.Resampling.LANCZOS)
    right, bottom = size.crop_left + size.width, size.crop_top + size.height
    picture = np.asarray(still.crop((size.crop_left, size.crop_top, right, bottom)))

    print("Preview only: the picture moves along the camera's path; no model runs.")
    print(f"{composition.positive}\n\n{composition.report}\n")
    path = composition.direction.path(float(timing.seconds))
    frames = render_animatic(picture, path, timing.output_frames)
    with tqdm(frames, total=timing.output_frames, unit="frame", leave=False) as progress:
        write_video(arguments.output, progress, fps, {"comment": composition.positive})
    print(
        f"{arguments.output}: {size.width}x{size.height}, {timing.output_frames} frames at {fps} "
        f"fps{', loops' if timing.loop else ''}"
    )


def _inspect(arguments: argparse.Namespace) -> None:
    import json

    from .style.carry import Still, carry_over
    from .style.containers.source import open_source
    from .style.limits import MetadataError

    file: Path = arguments.file
    file.stat()  # a file that is not there is an error of the system's
    try:
        with open_source(file):
            pass
    except MetadataError as error:
        raise InputError(
            "file must be a file that can be read", str(file), f"As it is, {error}.", "file"
        ) from error
    carried = carry_over(
        Still(file=str(file), find_file=lambda _: file, pixels=lambda: _pixels(file))
    )
    if arguments.json:
        record = carried.as_json() | {
            "raw_prompt": carried.raw,
            "raw_negative": carried.raw_negative,
        }
        print(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        print(carried.report)


def _pixels(file: Path):
    """The picture as [height, width, 3], uint8; None for what is no picture, or too large."""
    import numpy as np
    from PIL import Image

    from .style.limits import MAX_PIXELS

    try:
        with Image.open(file) as opened:
            opened.draft("RGB", (2048, 2048))  # a JPEG decodes no larger than is of use
            if opened.width * opened.height > MAX_PIXELS:
                return None
            return np.asarray(opened.convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None


def _list_presets(arguments: argparse.Namespace) -> None:
    from .direction import PresetLibrary

    for preset in PresetLibrary(arguments.presets_folder):
        listed = f"{preset.id} {preset.about} {' '.join(preset.tags)}".lower()
        if all(word.lower() in listed for word in arguments.words):
            loop = " loop" if preset.loop else ""
            print(f"{preset.id:32} {preset.fps} fps {preset.duration:g} s{loop:5}  {preset.about}")


if __name__ == "__main__":
    sys.exit(main())
