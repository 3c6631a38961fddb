"""Posters: a clip's first frame as a small JPEG, made once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..disk import atomic_path, evict_oldest, remove_leftovers
from ..file_formats import CONTAINERS, DAMAGED
from ..metadata.limits import MAX_PIXELS

if TYPE_CHECKING:
    import av
    from PIL import Image

MAX_POSTERS = 2000
"""The most posters in a folder; the oldest are removed."""

_QUALITY = 82
_IMAGE_FORMATS = {".webp": "WEBP", ".gif": "GIF"}


class PosterError(ValueError):
    """No poster can be made of a clip; the message says why, for people."""


def poster(clip: Path, folder: Path, side: int = 320) -> Path:
    """Makes the poster of a clip, unless the folder has it already.

    Args:
        clip: The clip's file.
        folder: The folder of posters; created when needed.
        side: The most pixels of the longer side.

    Returns:
        A JPEG file, whose name changes when the clip does.

    Raises:
        PosterError: The clip cannot be decoded, or the poster cannot be written.
        OSError: The clip does not exist.
    """
    status = clip.stat()
    parts = (os.path.realpath(clip), status.st_size, status.st_mtime_ns, side)
    name = hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()[:40]
    file = folder / f"{name}.jpg"
    if file.is_file():
        return file
    image = _first_frame(clip, side)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(file) as partial:
            image.save(partial, "JPEG", quality=_QUALITY)
    except OSError as error:
        said = error.strerror or str(error)
        raise PosterError(f"the poster cannot be written: {said}") from error
    remove_leftovers(folder)
    evict_oldest(folder, file.suffix, file, most_files=MAX_POSTERS)
    return file


def _first_frame(clip: Path, side: int) -> Image.Image:
    """The first frame, upright, RGB, scaled down to at most `side` pixels."""
    if clip.suffix.lower() in _IMAGE_FORMATS:
        return _first_image_frame(clip, side)
    return _first_video_frame(clip, side)


def _first_image_frame(clip: Path, side: int) -> Image.Image:
    from PIL import Image

    try:
        with Image.open(clip, formats=(_IMAGE_FORMATS[clip.suffix.lower()],)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PosterError("the clip's frames are too large for a poster")
            image = opened.convert("RGBA")
    except Image.DecompressionBombError as error:
        raise PosterError("the clip's frames are too large for a poster") from error
    except PosterError:
        raise
    except DAMAGED as error:
        raise PosterError("the clip cannot be decoded") from error
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _first_video_frame(clip: Path, side: int) -> Image.Image:
    import av
    from av.error import FFmpegError

    try:
        with av.open(clip, metadata_errors="replace", options=dict(CONTAINERS)) as container:
            if not container.streams.video:
                raise PosterError("the file holds no picture")
            stream = container.streams.video[0]
            if stream.codec_context is None:  # FFmpeg knows no decoder for it
                raise PosterError("the clip cannot be decoded")
            if stream.width * stream.height > MAX_PIXELS:
                raise PosterError("the clip's frames are too large for a poster")
            frame = next(container.decode(stream), None)
            if frame is None:
                raise PosterError("the clip has no frame")
            return _scaled_down(frame, side)
    except FFmpegError as error:
        # FFmpeg reports damaged files as errors of I/O or of permissions too.
        raise PosterError("the clip cannot be decoded") from error


def _scaled_down(frame: av.VideoFrame, side: int) -> Image.Image:
    from av.video.reformatter import ColorRange, Colorspace, Interpolation
    from PIL import Image

    scale = min(1.0, side / max(frame.width, frame.height))
    # By custom, a video without a declared colour space is BT.709 in high definition, else BT.601.
    # PyAV converts only if source and target differ, so the target (RGB has none) is the other.
    default = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    source = {int(space): space for space in Colorspace}.get(int(frame.colorspace), default)
    target = Colorspace.ITU601 if source != Colorspace.ITU601 else Colorspace.ITU709
    full = int(frame.color_range) == int(ColorRange.JPEG)
    pixels = frame.reformat(
        width=max(1, round(frame.width * scale)),
        height=max(1, round(frame.height * scale)),
        format="rgb24",
        src_colorspace=source,
        dst_colorspace=target,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
    ).to_ndarray()
    rotations = {
        1: Image.Transpose.ROTATE_90,
        2: Image.Transpose.ROTATE_180,
        3: Image.Transpose.ROTATE_270,
    }
    rotation = rotations.get(round(frame.rotation / 90) % 4)  # counterclockwise
    image = Image.fromarray(pixels)
    return image if rotation is None else image.transpose(rotation)
