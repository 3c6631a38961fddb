"""Writes video files; a file either appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: x264's constant rate factor: 18 is visually lossless.
_CRF = "18"


def write_video(
    file: Path,
    frames: Iterable[npt.NDArray[np.uint8]],
    fps: int,
    metadata: Mapping[str, str] | None = None,
) -> int:
    """Writes an MP4 file: H.264, yuv420p, BT.709, index at the front so that it streams.

    The frames go to a temporary file beside the target, which takes its name when it is complete;
    on any error, and on Ctrl-C, nothing is left behind.

    Args:
        file: Where to; must end in .mp4. An older file of the name is replaced.
        frames: [height, width, 3], RGB, 0 to 255, uint8; even sides, all of one size.
        fps: Frames per second.
        metadata: Tags of the container.

    Returns:
        The number of frames written.

    Raises:
        InputError: As `check_output`.
        ValueError: If there is no frame.
    """
    check_output(file)
    partial = file.with_name(f".{file.stem}.{os.getpid()}.partial.mp4")
    try:
        count = _encode(partial, frames, fps, metadata or {})
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return count


def check_output(file: Path) -> None:
    """Refuses a file that `write_video` could not write, before anything is rendered.

    Raises:
        InputError: If the ending is not .mp4, the folder does not exist, or it is a folder itself.
    """
    if file.suffix.lower() != ".mp4":
        raise InputError("output must end in .mp4", str(file), "Name it clip.mp4.", "output")
    if not file.parent.is_dir():
        raise InputError(
            "output must lie in a folder that exists", str(file), "Make the folder first.", "output"
        )
    if file.is_dir():
        raise InputError("output must not be a folder", str(file), "Name it clip.mp4.", "output")


def _encode(
    file: Path, frames: Iterable[npt.NDArray[np.uint8]], fps: int, metadata: Mapping[str, str]
) -> int:
    import av
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    count = 0
    options = {"movflags": "faststart+use_metadata_tags"}
    with av.open(file, "w", format="mp4", options=options) as container:
        for name, value in metadata.items():
            container.metadata[name] = value
        stream = container.add_stream("h264", rate=Fraction(fps), options={"crf": _CRF})
        stream.pix_fmt = "yuv420p"
        # Tagged as what it is; untagged video is shown in other colours by some players.
        codec = stream.codec_context
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        for picture in frames:
            if count == 0:
                stream.height, stream.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
            frame.pts = count
            frame.time_base = Fraction(1, fps)
            container.mux(stream.encode(frame))
            count += 1
        if count == 0:
            raise ValueError("a video needs at least one frame")
        container.mux(stream.encode())
    return count
