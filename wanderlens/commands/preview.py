"""`wanderlens preview`: moves the picture along the shot's camera path, without a model."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .direction import (
    EXAMPLE,
    add_direction_options,
    add_timing_options,
    brief_of,
    timing_of,
)

if TYPE_CHECKING:
    from .console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `preview`."""
    parser.add_argument(
        "photo", nargs="?", type=Path, default=EXAMPLE, help="the picture (default: the example)"
    )
    add_direction_options(parser)
    add_timing_options(parser)
    parser.add_argument(
        "--resolution",
        default="480p",
        choices=("480p", "580p", "720p", "match image"),
        help="size of the frames, or 'match image' (default: 480p)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("preview.mp4"),
        help="the clip, ending in .mp4, .webm, .webp or .gif (default: preview.mp4)",
    )


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Makes the preview.

    Raises:
        InputError: an option or the picture is refused.
        OSError: a file cannot be read or written.
    """
    import numpy as np
    from PIL import Image

    from ..camera.animatic import render_animatic
    from ..direction import compose
    from ..shot import I2V_A14B, fit_size, plan_timing
    from ..still_image import open_picture
    from ..video import check_output, write_video

    check_output(arguments.output)
    brief, preset = brief_of(arguments)
    composition = compose(brief)
    fps, duration = timing_of(arguments, preset, I2V_A14B)
    timing = plan_timing(duration, fps, brief.loop, I2V_A14B)
    still = open_picture(arguments.photo)
    size = fit_size(still.width, still.height, arguments.resolution, I2V_A14B)
    still = still.resize((size.scaled_width, size.scaled_height), Image.Resampling.LANCZOS)
    right, bottom = size.crop_left + size.width, size.crop_top + size.height
    picture = np.asarray(still.crop((size.crop_left, size.crop_top, right, bottom)))

    console.say("Preview only: the picture moves along the camera's path; no model runs.")
    console.say(f"{composition.positive}\n\n{composition.report}\n")
    path = composition.direction.path(float(timing.seconds))
    frames = render_animatic(picture, path, timing.output_frames)
    shown = _counted(frames, timing.output_frames, console)
    write_video(arguments.output, shown, fps, {"comment": composition.positive})
    console.say(
        f"{arguments.output}: {size.width}x{size.height}, {timing.output_frames} frames at {fps} "
        f"fps{', loops' if timing.loop else ''}"
    )


def _counted(frames: Iterable[Any], total: int, console: Console) -> Iterator[Any]:
    for index, frame in enumerate(frames):
        console.progress("preview", index, total)
        yield frame
    console.progress("preview", total, total)
