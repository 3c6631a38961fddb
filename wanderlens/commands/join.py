"""`wanderlens join`: joins clips into one."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..motion import JOIN_METHODS
from .clips import (
    add_blend_option,
    add_output_options,
    held_at_rate,
    output_of,
    write_clip,
    written_fps,
    written_size,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from ..motion import Frames, JoinedClip
    from ..video import VideoClip
    from .console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `join`."""
    parser.add_argument(
        "video", nargs="+", type=Path, help="video files, animated WebPs or GIFs, in their order"
    )
    parser.add_argument(
        "--method",
        default=JOIN_METHODS[0],
        choices=JOIN_METHODS,
        help=f"how each goes over into the next (default: {JOIN_METHODS[0]})",
    )
    add_blend_option(parser)
    parser.add_argument(
        "--color-match",
        type=float,
        default=1.0,
        metavar="0..1",
        help="how far each clip's colours are brought to those of the one before (default: 1)",
    )
    parser.add_argument(
        "--close-loop", action="store_true", help="join the end to the start as well"
    )
    add_output_options(parser, "joined", "the first clip")


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Joins the clips, from left to right.

    Raises:
        InputError: an option or a clip is refused.
        OSError: a file cannot be read or written.
    """
    from ..motion import check_join
    from ..video import read_video

    sources: list[Path] = arguments.video
    check_join(
        arguments.method, arguments.blend_frames, arguments.color_match, arguments.close_loop
    )
    if len(sources) < 2:
        raise InputError("join needs at least 2 clips", 1,
                         "Name another one; `wanderlens loop` closes a single clip.",
                         "video")  # fmt: skip
    output = output_of(arguments, sources, "joined")
    read = partial(read_video, progress=partial(console.progress, "read"))
    first = read(sources[0])
    (height, width), notes = written_size(first, output)
    fps = written_fps(arguments.fps, first, output)
    clips = [first, *map(read, sources[1:])]
    # If all have one rate, they are joined at it and resampled after, also across the joints.
    same = all(clip.fps == first.fps for clip in clips)
    rate = first.fps if same else fps
    lines = [
        line for file, clip in zip(sources, clips, strict=True) for line in _notes(file, clip, rate)
    ]
    joins = _join_in_turn(clips, rate, arguments, console)
    closes: bool = arguments.close_loop
    count = write_clip(
        output, joins[-1].frames, (height, width), (rate, fps), first, console, loop=closes
    )
    report = "\n".join([*(joined.report for joined in joins), *lines, *notes])
    console.say(f"{report}\n{output}: {width}x{height}, {count} frames at {float(fps):g} fps")
    # Only the last join can close the loop; it cuts frames off the start, before all joints.
    joints = [
        joined.joint + joined.wrap - joins[-1].wrap for joined in joins if joined.joint is not None
    ]
    console.finished(
        {
            "file": str(output),
            "sources": [str(source) for source in sources],
            "frames": count,
            "fps": float(fps),
            "method": arguments.method,
            "joints": [float(joint / rate) for joint in joints],
            "measures": [asdict(seam) for joined in joins for seam in joined.measures],
            "report": report,
        }
    )
    console.result()


def _join_in_turn(
    clips: Sequence[VideoClip],
    rate: int | Fraction,
    arguments: argparse.Namespace,
    console: Console,
) -> list[JoinedClip]:
    """Joins each clip to those before it; the last result holds all of them."""
    import torch

    from ..motion import TensorFrames, join_clips

    def frames(clip: VideoClip) -> Frames:
        own = TensorFrames(torch.from_numpy(clip.frames))
        return held_at_rate(own, clip.fps, rate, console)

    joins: list[JoinedClip] = []
    for index, clip in enumerate(clips[1:], 2):
        joined = join_clips(
            joins[-1].frames if joins else frames(clips[0]),
            frames(clip),
            arguments.method,
            arguments.blend_frames,
            arguments.color_match,
            close_loop=arguments.close_loop and index == len(clips),
            fps=float(rate),
            progress=partial(console.progress, "measure"),
        )
        joins.append(joined)
    return joins


def _notes(file: Path, clip: VideoClip, rate: int | Fraction) -> list[str]:
    """Notes on how a clip was read, and on its change of rate."""
    notes = [f"Note: {file.name}: {note}" for note in clip.notes]
    if clip.fps != rate:
        change = f"{float(clip.fps):g} frames per second become {float(rate):g}"
        notes.append(f"Note: {file.name}: {change}.")
    return notes
