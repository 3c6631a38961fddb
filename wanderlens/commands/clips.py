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

#: Browsers slow down GIFs that are faster.
MAX_GIF_FPS = 50

#: Metadata that is copied from the source clip: how it was made.
_COPIED_METADATA = ("title", "comment", "prompt", "workflow")


def add_blend_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option for the length of crossfades."""
    parser.add_argument(
        "--blend-frames",
        type=int,
        default=8,
        metavar="N",
        help="frames that the crossfades blend (default: 8)",
    )


def add_output_options(parser: argparse.ArgumentParser, suffix: str, clip: str) -> None:
    """Adds the options of the output file.

    Args:
        parser: The command's parser.
        suffix: Added to the clip's name for the default output, after a "-".
        clip: The clip that gives the default rate and name, in words for the help.
    """
    parser.add_argument(
        "--fps", type=int, help=f"frames per second that are written (default: {clip}'s)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the file to write, ending in .mp4, .webm, .webp or .gif "
        f"(default: {clip}'s name with -{suffix})",
    )
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def output_of(arguments: argparse.Namespace, sources: Sequence[Path], suffix: str) -> Path:
    """The file to write; refuses wrong output options before a clip is read.

    Args:
        arguments: Parsed options of `add_output_options`.
        sources: The clips' files.
        suffix: Added to the first clip's name after a "-", if no output is given.

    Raises:
        InputError: the rate is out of range, or the file cannot be written or is a source.
        OSError: a source does not exist.
    """
    from ..checks import whole_between
    from ..video import check_output

    for source in sources:
        source.stat()
    if arguments.fps is not None:
        whole_between(arguments.fps, "fps", 1, 1000, "Give frames per second such as 16.")
    first = sources[0]
    ending = first.suffix.lower() if first.suffix.lower() in ENDINGS else ".mp4"
    output: Path = arguments.output or first.with_name(f"{first.stem}-{suffix}{ending}")
    check_output(output)
    if output.resolve() in {source.resolve() for source in sources}:
        raise InputError("output must not be the clip itself", str(output), "Name another file.",
                         "output")  # fmt: skip
    return output


def written_size(clip: VideoClip, output: Path) -> tuple[tuple[int, int], list[str]]:
    """Height and width that a clip is written with, and a note if they are not its own.

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
    """Frames per second of the output: those asked for, or the clip's.

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
    """A clip that does not loop, at another frame rate; a converted one is held in memory.

    Args:
        frames: The clip.
        native: Its frames per second.
        fps: Frames per second wanted.
        console: Where progress is shown.

    Returns:
        The frames, readable in any order.
    """
    if fps == native:
        return frames
    import torch

    from ..motion import TensorFrames, frames_at_rate, output_frames

    held = torch.empty((output_frames(len(frames), native, fps, False), *frames[0].shape))
    progress = partial(console.progress, "interpolate")
    resampled = frames_at_rate(
        frames, native_fps=native, output_fps=fps, loop=False, progress=progress
    )
    for index, frame in enumerate(resampled):
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
    """Writes a clip frame by frame, with the source clip's metadata of how it was made.

    Args:
        output: The file to write.
        frames: The clip.
        size: Height and width that its frames are cropped to.
        rates: The clip's frames per second, and the output's.
        source: The clip whose metadata is copied.
        console: Where progress is shown.
        loop: Whether the clip loops.

    Returns:
        The number of frames written.
    """
    from ..motion import frames_at_rate, output_frames
    from ..video import write_video

    height, width = size
    total = output_frames(len(frames), *rates, loop)

    def cropped() -> Iterator[Floats]:
        resampled = frames_at_rate(frames, native_fps=rates[0], output_fps=rates[1], loop=loop)
        for index, frame in enumerate(resampled):
            console.progress("save", index, total)
            yield frame[:height, :width]
        console.progress("save", total, total)

    metadata = {name: source.metadata[name] for name in _COPIED_METADATA if name in source.metadata}
    return write_video(output, eight_bits(cropped()), rates[1], metadata)


def eight_bits(frames: Iterable[Floats]) -> Iterator[npt.NDArray[np.uint8]]:
    """Converts frames to 8 bits.

    Args:
        frames: [H, W, C] float32, 0..1.

    Yields:
        [H, W, C] uint8.
    """
    import numpy as np

    for frame in frames:
        yield np.rint(np.clip(frame, 0, 1) * 255).astype(np.uint8)
