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
"""Most posters of a folder; the oldest make room for new ones."""

_QUALITY = 82
_PICTURES = {".webp": "WEBP", ".gif": "GIF"}


class PosterError(ValueError):
    """A clip has no poster; the message says why, for people."""


def poster(clip: Path, folder: Path, side: int = 320) -> Path:
    """The poster of a clip, from the folder where it is there already.

    Args:
        clip: The clip's file.
        folder: Where posters lie; made when it is first needed.
        side: Pixels of its longer side at most.

    Returns:
        A JPEG. Its name changes when the clip does.

    Raises:
        PosterError: The clip cannot be decoded, or the poster cannot be written.
        OSError: There is no such clip.
    """
    status = clip.stat()
    parts = (os.path.realpath(clip), status.st_size, status.st_mtime_ns, side)
    name = hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()[:40]
    file = folder / f"{name}.jpg"
    if file.is_file():
        return file
    picture = _first_frame(clip, side)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(file) as partial:
            picture.save(partial, "JPEG", quality=_QUALITY)
    except OSError as error:
        said = error.strerror or str(error)
        raise PosterError(f"the poster cannot be written: {said}") from error
    remove_leftovers(folder)
    evict_oldest(folder, file.suffix, file, most_files=MAX_POSTERS)
    return file


def _first_frame(clip: Path, side: int) -> Image.Image:
    """The first frame, upright, RGB, made smaller where it is larger than `side`."""
    if clip.suffix.lower() in _PICTURES:
        return _first_picture(clip, side)
    return _first_of_stream(clip, side)


def _first_picture(clip: Path, side: int) -> Image.Image:
    from PIL import Image

    try:
        with Image.open(clip, formats=(_PICTURES[clip.suffix.lower()],)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PosterError("the clip's frames are too large for a poster")
            shown = opened.convert("RGBA")
    except Image.DecompressionBombError as error:
        raise PosterError("the clip's frames are too large for a poster") from error
    except PosterError:
        raise
    except DAMAGED as error:
        raise PosterError("the clip cannot be decoded") from error
    shown.thumbnail((side, side), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", shown.size, "white")
    return Image.alpha_composite(white, shown).convert("RGB")


def _first_of_stream(clip: Path, side: int) -> Image.Image:
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
            return _small(frame, side)
    except FFmpegError as error:
        # Also where it speaks of I/O or rights: damaged files lead it there.
        raise PosterError("the clip cannot be decoded") from error


def _small(frame: av.VideoFrame, side: int) -> Image.Image:
    from av.video.reformatter import ColorRange, Colorspace, Interpolation
    from PIL import Image

    scale = min(1.0, side / max(frame.width, frame.height))
    # What says nothing of its colours is BT.709 in high definition and BT.601 below, by custom.
    # PyAV takes them into account only where source and target differ; RGB has neither.
    unsaid = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    source = {int(space): space for space in Colorspace}.get(int(frame.colorspace), unsaid)
    target = Colorspace.ITU601 if source != Colorspace.ITU601 else Colorspace.ITU709
    full = int(frame.color_range) == int(ColorRange.JPEG)
    picture = frame.reformat(
        width=max(1, round(frame.width * scale)),
        height=max(1, round(frame.height * scale)),
        format="rgb24",
        src_colorspace=source,
        dst_colorspace=target,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
    ).to_ndarray()
    turns = {
        1: Image.Transpose.ROTATE_90,
        2: Image.Transpose.ROTATE_180,
        3: Image.Transpose.ROTATE_270,
    }
    turn = turns.get(round(frame.rotation / 90) % 4)  # counterclockwise
    image = Image.fromarray(picture)
    return image if turn is None else image.transpose(turn)
