"""Writes clips to video files and animated pictures; a file appears complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..disk import atomic_path, remove_leftovers
from ..errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: x264's constant rate factor (18 is visually lossless), and VP9's of about the same quality.
_CRF = {"h264": "18", "libvpx-vp9": "24"}
#: Pillow's quality of a WebP frame, 0 to 100.
_WEBP_QUALITY = 88
#: Seconds; while a clip is being generated, its next frame can be hours away.
_STALE = 24 * 3600.0

VIDEO_ENDINGS = (".mp4", ".webm")
PICTURE_ENDINGS = (".webp", ".gif")
ENDINGS = (*VIDEO_ENDINGS, *PICTURE_ENDINGS)
"""File endings that `write_video` can write."""


def write_video(
    file: Path,
    frames: Iterable[npt.NDArray[np.uint8]],
    fps: int | Fraction,
    metadata: Mapping[str, str] | None = None,
) -> int:
    """Write a clip as MP4 (H.264), WebM (VP9), animated WebP or GIF, by the file's ending.

    Videos are yuv420p in BT.709; an MP4's index stands at the front so that it streams. A WebP's
    or GIF's frames last whole milliseconds or hundredths of a second, rounded so that the clip
    keeps its length; it repeats for ever.

    The frames go to a temporary file beside the target, which takes its name when it is complete;
    on any error, and on Ctrl-C, nothing is left behind. Temporary files of the same clip that a
    killed process left behind are removed once they are a day old.

    Args:
        file: The target; an existing file is replaced.
        frames: [height, width, 3], RGB, 0 to 255, uint8; even sides, all of one size.
        fps: Frames per second.
        metadata: Tags of the container. A WebP or GIF holds one text: the tag "comment".

    Returns:
        The number of frames written.

    Raises:
        InputError: as `check_output`.
        ValueError: there is no frame.
    """
    check_output(file)
    kind = file.suffix.lower()
    remove_leftovers(file.parent, of=file, older_than=_STALE)
    write = _encode if kind in VIDEO_ENDINGS else _save_pictures
    with atomic_path(file) as partial:
        return write(partial, frames, fps, metadata or {})


def check_output(file: Path) -> None:
    """Refuse a target that `write_video` could not write, before anything is rendered.

    Raises:
        InputError: the ending is none of `ENDINGS`, the folder does not exist or is not writable,
            or the target is a folder itself.
    """
    if file.suffix.lower() not in ENDINGS:
        raise InputError(
            f"output must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}",
            str(file),
            "Name it clip.mp4.",
            "output",
        )
    if not file.parent.is_dir():
        raise InputError(
            "output must lie in a folder that exists", str(file), "Make the folder first.", "output"
        )
    if not os.access(file.parent, os.W_OK):
        raise InputError(
            "output must lie in a folder that may be written to",
            str(file),
            "Name another folder.",
            "output",
        )
    if file.is_dir():
        raise InputError("output must not be a folder", str(file), "Name it clip.mp4.", "output")


def _encode(
    file: Path,
    frames: Iterable[npt.NDArray[np.uint8]],
    fps: int | Fraction,
    metadata: Mapping[str, str],
) -> int:
    import av
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    is_mp4 = file.suffix == ".mp4"
    codec_name = "h264" if is_mp4 else "libvpx-vp9"
    container_options = {"movflags": "faststart+use_metadata_tags"} if is_mp4 else {}
    codec_options = {"crf": _CRF[codec_name]}
    if not is_mp4:
        codec_options |= {"b": "0", "row-mt": "1", "cpu-used": "2"}
    frames = iter(frames)
    first = next(frames, None)  # can take long to generate: nothing is opened until then
    if first is None:
        raise ValueError("a video needs at least one frame")
    count = 0
    with av.open(file, "w", format=file.suffix[1:], options=container_options) as container:
        for name, value in metadata.items():
            container.metadata[name] = value
        stream = container.add_stream(codec_name, rate=Fraction(fps), options=codec_options)
        stream.pix_fmt = "yuv420p"
        # Some players show untagged video in wrong colours.
        codec = stream.codec_context
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        stream.height, stream.width = first.shape[:2]
        for picture in chain([first], frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
            frame.pts = count
            frame.time_base = 1 / Fraction(fps)
            container.mux(stream.encode(frame))
            count += 1
        container.mux(stream.encode())
    return count


def _save_pictures(
    file: Path,
    frames: Iterable[npt.NDArray[np.uint8]],
    fps: int | Fraction,
    metadata: Mapping[str, str],
) -> int:
    from PIL import Image

    pictures = [Image.fromarray(frame) for frame in frames]
    if not pictures:
        raise ValueError("a video needs at least one frame")
    comment = metadata.get("comment", "")
    options: dict[str, Any]
    if file.suffix == ".gif":
        unit, options = 10, {"comment": comment.encode(), "optimize": False}
        # A palette of its own for each frame: a clip's colours change.
        pictures = [
            picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG) for picture in pictures
        ]
    else:
        exif = Image.Exif()
        exif[0x010E] = comment  # ImageDescription
        unit, options = 1, {"quality": _WEBP_QUALITY, "method": 4, "exif": exif}
    pictures[0].save(
        file,
        save_all=True,
        append_images=pictures[1:],
        duration=list(_durations(len(pictures), fps, unit)),
        loop=0,
        **options,
    )
    return len(pictures)


def _durations(frames: int, fps: int | Fraction, unit: int) -> Iterator[int]:
    """Milliseconds of each frame, in whole units, whose running sums are the rounded times."""
    ends = [unit * round(Fraction(1000 * index) / (fps * unit)) for index in range(frames + 1)]
    return (after - before for before, after in pairwise(ends))
