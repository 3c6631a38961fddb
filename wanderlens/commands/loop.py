"""`wanderlens loop`: any clip becomes one that repeats without a visible seam."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..motion import LOOP_METHODS
from ..video.writer import VIDEO_ENDINGS

if TYPE_CHECKING:
    from fractions import Fraction

    from ..motion import Frames
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
    parser.add_argument(
        "--blend-frames",
        type=int,
        default=8,
        metavar="N",
        help="frames that the crossfades blend (default: 8)",
    )
    parser.add_argument(
        "--match-exposure",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="bring exposure and colour of the end to the start's, over the turn (default: yes)",
    )
    for option, text in (("--shortest", "least"), ("--longest", "most")):
        parser.add_argument(
            option, type=float, metavar="SECONDS", help=f"{text} seconds that the best cut keeps"
        )
    parser.add_argument(
        "--fps", type=int, help="frames per second of the loop (default: the clip's)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the loop, ending in .mp4, .webm, .webp or .gif (default: the clip's name with -loop)",
    )
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Makes the loop.

    Raises:
        InputError: an option or the clip is refused.
        OSError: a file cannot be read or written.
    """
    import torch

    from ..checks import whole_between
    from ..motion import TensorFrames, check_blend, close_loop
    from ..video import ENDINGS, check_output, read_video, write_video

    source: Path = arguments.video
    source.stat()
    check_blend(arguments.blend_frames)
    if arguments.fps is not None:
        whole_between(arguments.fps, "fps", 1, 1000, "Give frames per second such as 16.")
    ending = source.suffix.lower() if source.suffix.lower() in ENDINGS else ".mp4"
    output: Path = arguments.output or source.with_name(f"{source.stem}-loop{ending}")
    check_output(output)
    if output.resolve() == source.resolve():
        raise InputError("output must not be the clip itself", str(output), "Name another file.",
                         "output")  # fmt: skip
    clip = read_video(source, progress=partial(console.progress, "read"))
    notes = [f"Note: {note}" for note in clip.notes]
    height, width = clip.frames.shape[1:3]
    if output.suffix.lower() in VIDEO_ENDINGS and (height % 2 or width % 2):
        notes.append(f"Note: {width}x{height} is cut to even sides, which the format asks for.")
        height, width = height - height % 2, width - width % 2
    if min(height, width) < 1:
        raise InputError("the clip must have 2 pixels a side", f"{width}x{height}", "Write a GIF.",
                         "video")  # fmt: skip
    fps = clip.fps if arguments.fps is None else arguments.fps
    if output.suffix.lower() == ".gif" and fps > MAX_GIF_FPS:
        raise InputError(
            f"a GIF shows at most {MAX_GIF_FPS} frames per second", f"{float(fps):g}",
            "Give --fps 25, or write an MP4.", "fps",
        )  # fmt: skip
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
    loop = _at_rate(closed.frames, clip.fps, fps, console)
    metadata = {name: clip.metadata[name] for name in _KEPT if name in clip.metadata}
    count = write_video(output, _written(loop, (height, width), console), fps, metadata)
    report = "\n".join([closed.report, *notes])
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


#: Browsers show faster ones slowly.
MAX_GIF_FPS = 50

#: What a clip's file says of how it was made stays in the loop's.
_KEPT = ("title", "comment", "prompt", "workflow")


def _frames(seconds: float | None, fps: Fraction, widget: str) -> int | None:
    """Seconds in frames."""
    if seconds is None:
        return None
    if not 0 < seconds < float("inf"):
        raise InputError(f"{widget} must be more than 0 s", seconds, "Give seconds.", widget)
    return max(2, round(seconds * fps))


def _at_rate(loop: Frames, native: Fraction, fps: int | Fraction, console: Console) -> Frames:
    """The loop at a frame rate; at another one than its own it lies in memory."""
    if fps == native:
        return loop
    import torch

    from ..motion import TensorFrames, convert_frame_rate

    frames = torch.empty((len(loop), *loop[0].shape))
    for index in range(len(loop)):
        frames[index] = torch.from_numpy(loop[index])
    made = convert_frame_rate(
        frames,
        native_fps=native,
        output_fps=fps,
        loop=True,
        progress=partial(console.progress, "interpolate"),
    )
    return TensorFrames(made)


def _written(loop: Frames, size: tuple[int, int], console: Console) -> Iterator[Any]:
    """The frames as the writer takes them: 8 bits, of a height and width."""
    import numpy as np

    height, width = size
    for index in range(len(loop)):
        console.progress("save", index, len(loop))
        frame = np.clip(loop[index][:height, :width], 0, 1)
        yield np.rint(frame * 255).astype(np.uint8)
    console.progress("save", len(loop), len(loop))
