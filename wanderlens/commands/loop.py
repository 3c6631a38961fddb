"""`wanderlens loop`: makes any clip loop."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..motion import LOOP_METHODS
from .clips import (
    add_blend_option,
    add_output_options,
    output_of,
    write_clip,
    written_fps,
    written_size,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from .console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `loop`."""
    parser.add_argument("video", type=Path, help="a video file, or an animated WebP or GIF")
    parser.add_argument(
        "--method",
        default="auto",
        choices=LOOP_METHODS,
        help="how it is closed; 'auto' takes the first that leaves no visible seam (the default)",
    )
    add_blend_option(parser)
    parser.add_argument(
        "--match-exposure",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="bring exposure and colour of the end to the start's, over the loop (default: yes)",
    )
    for option, text in (("--shortest", "least"), ("--longest", "most")):
        parser.add_argument(
            option, type=float, metavar="SECONDS", help=f"{text} seconds that the best cut keeps"
        )
    add_output_options(parser, "loop", "the clip")


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Makes the loop.

    Raises:
        InputError: an option or the clip is refused.
        OSError: a file cannot be read or written.
    """
    import torch

    from ..motion import TensorFrames, check_blend, close_loop
    from ..video import read_video

    source: Path = arguments.video
    check_blend(arguments.blend_frames)
    output = output_of(arguments, [source], "loop")
    clip = read_video(source, progress=partial(console.progress, "read"))
    (height, width), notes = written_size(clip, output)
    fps = written_fps(arguments.fps, clip, output)
    closed = close_loop(
        TensorFrames(torch.from_numpy(clip.frames)),
        arguments.method,
        arguments.blend_frames,
        arguments.match_exposure,
        shortest=_frames(arguments.shortest, clip.fps, "shortest"),
        longest=_frames(arguments.longest, clip.fps, "longest"),
        fps=float(clip.fps),
        progress=partial(console.progress, "measure"),
    )
    count = write_clip(
        output, closed.frames, (height, width), (clip.fps, fps), clip, console, loop=True
    )
    read_notes = [f"Note: {note}" for note in clip.notes]
    report = "\n".join([closed.report, *read_notes, *notes])
    console.say(f"{report}\n{output}: {width}x{height}, {count} frames at {float(fps):g} fps")
    console.finished(
        {
            "file": str(output),
            "frames": count,
            "fps": float(fps),
            "method": closed.frames.plan.method,
            "start": closed.frames.plan.start,
            "stop": closed.frames.plan.stop,
            "measures": asdict(closed.measures),
            "report": report,
        }
    )
    console.result()


def _frames(seconds: float | None, fps: Fraction, widget: str) -> int | None:
    """Seconds as a number of frames.

    Raises:
        InputError: they are not more than 0.
    """
    if seconds is None:
        return None
    if not 0 < seconds < float("inf"):
        raise InputError(f"{widget} must be more than 0 s", seconds, "Give seconds.", widget)
    return max(2, round(seconds * fps))
