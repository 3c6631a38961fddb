"""Shared by the commands that read a clip and write one: output name, size, rate, metadata."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..video.writer import ENDINGS, VIDEO_ENDINGS

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    import numpy.typing as npt

    from ..motion import Frames
    from ..motion.flow import Floats
    from ..video import VideoClip
    from .console import Console

#: Browsers show faster ones slowly.
MAX_GIF_FPS = 50

#: What a clip's file says of how it was made stays in the new one's.
_KEPT = ("title", "comment", "prompt", "workflow")


def add_blend_option(parser: argparse.ArgumentParser) -> None:
    """Adds how many frames the crossfades blend."""
    parser.add_argument(
        "--blend-frames",
        type=int,
        default=8,
        metavar="N",
        help="frames that the crossfades blend (default: 8)",
    )


def add_output_options(parser: argparse.ArgumentParser, made: str, clip: str) -> None:
    """Adds the options of what is written.

    Args:
        parser: The command's.
        made: What is put behind the clip's name for the file's.
        clip: The clip that rate and name come from, in words.
    """
    parser.add_argument(
        "--fps", type=int, help=f"frames per second that are written (default: {clip}'s)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the file to write, ending in .mp4, .webm, .webp or .gif "
        f"(default: {clip}'s name with -{made})",
    )
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def output_of(arguments: argparse.Namespace, sources: Sequence[Path], made: str) -> Path:
    """The file to write; what can be refused before a clip is read is.

    Args:
        arguments: With `add_output_options`.
        sources: The clips' files.
        made: What is put behind the first clip's name, if no name is given.

    Raises:
        InputError: the rate is out of range, or the file cannot be written or is a source.
        OSError: a source is not there.
    """
    from ..checks import whole_between
    from ..video import check_output

    for source in sources:
        source.stat()
    if arguments.fps is not None:
        whole_between(arguments.fps, "fps", 1, 1000, "Give frames per second such as 16.")
    first = sources[0]
    ending = first.suffix.lower() if first.suffix.lower() in ENDINGS else ".mp4"
    output: Path = arguments.output or first.with_name(f"{first.stem}-{made}{ending}")
    check_output(output)
    if output.resolve() in {source.resolve() for source in sources}:
        raise InputError("output must not be the clip itself", str(output), "Name another file.",
                         "output")  # fmt: skip
    return output


def written_size(clip: VideoClip, output: Path) -> tuple[tuple[int, int], list[str]]:
    """Height and width that a clip is written in, and a note if that is not its own.

    Raises:
        InputError: it is too small for the format.
    """
    notes = []
    height, width = clip.frames.shape[1:3]
    if output.suffix.lower() in VIDEO_ENDINGS and (height % 2 or width % 2):
        notes.append(f"Note: {width}x{height} is cut to even sides, which the format asks for.")
        height, width = height - height % 2, width - width % 2
    if min(height, width) < 1:
        raise InputError("the clip must have 2 pixels a side", f"{width}x{height}", "Write a GIF.",
                         "video")  # fmt: skip
    return (height, width), notes


def written_fps(asked: int | None, clip: VideoClip, output: Path) -> int | Fraction:
    """Frames per second that are written: those asked for, or the clip's.

    Raises:
        InputError: they are too many for a GIF.
    """
    fps = clip.fps if asked is None else asked
    if output.suffix.lower() == ".gif" and fps > MAX_GIF_FPS:
        raise InputError(
            f"a GIF shows at most {MAX_GIF_FPS} frames per second", f"{float(fps):g}",
            "Give --fps 25, or write an MP4.", "fps",
        )  # fmt: skip
    return fps


def held_at_rate(
    frames: Frames, native: int | Fraction, fps: int | Fraction, console: Console
) -> Frames:
    """An open clip at a frame rate, to be read in any order; at another one it lies in memory.

    Args:
        frames: The clip.
        native: Its frames per second.
        fps: Those wanted.
        console: Where progress is shown.
    """
    if fps == native:
        return frames
    import torch

    from ..motion import TensorFrames, frames_at_rate, output_frames

    held = torch.empty((output_frames(len(frames), native, fps, False), *frames[0].shape))
    progress = partial(console.progress, "interpolate")
    made = frames_at_rate(frames, native_fps=native, output_fps=fps, loop=False, progress=progress)
    for index, frame in enumerate(made):
        held[index] = torch.from_numpy(frame)
    return TensorFrames(held)


def write_clip(
    output: Path,
    frames: Frames,
    size: tuple[int, int],
    rates: tuple[int | Fraction, int | Fraction],
    source: VideoClip,
    console: Console,
    *,
    loop: bool,
) -> int:
    """Writes a clip frame by frame, with what its source says of how it was made.

    Args:
        output: Its file.
        frames: The clip.
        size: Height and width that it is cut to.
        rates: Its frames per second, and those that are written.
        source: The clip whose metadata it keeps.
        console: Where progress is shown.
        loop: Whether it repeats.

    Returns:
        The number of frames written.
    """
    from ..motion import frames_at_rate, output_frames
    from ..video import write_video

    height, width = size
    total = output_frames(len(frames), *rates, loop)

    def cut() -> Iterator[Floats]:
        made = frames_at_rate(frames, native_fps=rates[0], output_fps=rates[1], loop=loop)
        for index, frame in enumerate(made):
            console.progress("save", index, total)
            yield frame[:height, :width]
        console.progress("save", total, total)

    metadata = {name: source.metadata[name] for name in _KEPT if name in source.metadata}
    return write_video(output, eight_bits(cut()), rates[1], metadata)


def eight_bits(frames: Iterable[Floats]) -> Iterator[npt.NDArray[np.uint8]]:
    """Frames as files hold them.

    Args:
        frames: [H, W, C] float32, 0..1.

    Yields:
        [H, W, C] uint8.
    """
    import numpy as np

    for frame in frames:
        yield np.rint(np.clip(frame, 0, 1) * 255).astype(np.uint8)
