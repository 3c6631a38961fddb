"""Reads clips from video files and animated WebP, GIF and PNG (formats: `file_formats`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..file_formats import CONTAINERS, DAMAGED, is_of_the_file_system, picture_formats
from .writer import PICTURE_ENDINGS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_FPS = 1000
"""Highest frame rate that a file may state."""


@dataclass(frozen=True, slots=True)
class VideoClip:
    """A clip in memory.

    Attributes:
        frames: [frames, height, width, 3], RGB, uint8, upright.
        fps: Frames per second.
        metadata: Tags of the container, names in lower case; an animated picture's comment as
            "comment".
        notes: Notes for the user on how it was read, such as damage or dropped sound.
    """

    frames: npt.NDArray[np.uint8]
    fps: Fraction
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_video(
    file: Path, widget: str = "video", progress: Callable[[int, int], None] | None = None
) -> VideoClip:
    """Read all frames of a clip into memory, 3 bytes for each pixel.

    Args:
        file: A video file or an animated picture.
        widget: The input's name, for errors.
        progress: Called with the frames read and their number, if the file states it.

    Raises:
        InputError: it is not a clip of at least one frame.
        OSError: the file cannot be read.
    """
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    if file.suffix.lower() in (*PICTURE_ENDINGS, ".png", ".apng"):
        return _read_pictures(file, widget)
    return _read_stream(file, widget, progress)


def _no_clip(file: Path, widget: str) -> InputError:
    return InputError(
        f"{widget} must be a video or an animated picture", str(file), "Give an MP4.", widget
    )


def _read_stream(file: Path, widget: str, progress: Callable[[int, int], None] | None) -> VideoClip:
    import av
    from av.error import FFmpegError, InvalidDataError

    frames, notes, times, rate, metadata = _FrameBuffer(), [], [], None, {}
    try:
        with av.open(file, metadata_errors="replace", options=dict(CONTAINERS)) as container:
            if not container.streams.video:
                raise _no_clip(file, widget)
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            # Matroska's tag names are in capitals.
            metadata = {name.lower(): value for name, value in container.metadata.items()}
            frames.expect(stream.frames)
            rate = stream.average_rate or stream.guessed_rate
            if container.streams.audio:
                notes.append("The sound is left out.")
            aspect = stream.sample_aspect_ratio
            if aspect is not None and aspect not in (0, 1):
                notes.append(f"Its pixels are not square ({aspect}); they are taken as square.")
            try:
                for frame in container.decode(stream):
                    frames.append(_upright(frame))
                    times.append(frame.time)
                    if progress is not None and stream.frames:
                        progress(min(frames.count, stream.frames), stream.frames)
            except InvalidDataError:
                notes.append(f"The file is damaged; {frames.count} frames could be read.")
            else:
                if frames.count < stream.frames:
                    notes.append(f"Of {stream.frames} frames {frames.count} could be read.")
    except FFmpegError as error:
        if isinstance(error, OSError) and not isinstance(error, InvalidDataError):
            raise
        raise _no_clip(file, widget) from error
    if not frames.count or rate is None or not 0 < rate <= MAX_FPS:
        raise _no_clip(file, widget)
    if _uneven(times, rate):
        notes.append(f"The frames do not come evenly; they are taken as {float(rate):.4g} fps.")
    return VideoClip(frames.to_array(), Fraction(rate), metadata, tuple(notes))


class _FrameBuffer:
    """Frames in one array, which doubles when it is full."""

    def __init__(self) -> None:
        self.count = 0
        self._expected = 0
        self._all: npt.NDArray[np.uint8] | None = None

    def expect(self, frames: int) -> None:
        """Set the expected number of frames, 0 if it is not known."""
        self._expected = min(frames, 1 << 16)

    def append(self, frame: npt.NDArray[np.uint8]) -> None:
        """Add a frame; all have the size of the first."""
        import numpy as np

        if self._all is None:
            self._all = np.empty((max(self._expected, 16), *frame.shape), np.uint8)
        if self.count == len(self._all):
            self._all = np.concatenate([self._all, np.empty_like(self._all)])
        self._all[self.count] = frame
        self.count += 1

    def to_array(self) -> npt.NDArray[np.uint8]:
        """All frames, [frames, height, width, 3]; there must be one."""
        assert self._all is not None
        return self._all[: self.count]


def _upright(frame: Any) -> npt.NDArray[np.uint8]:
    """A decoded frame as RGB [height, width, 3] uint8, rotated as the file's metadata says."""
    import numpy as np
    from av.video.reformatter import ColorRange, Colorspace

    # Untagged video is by convention BT.709 in high definition and BT.601 below. PyAV converts only
    # if the colour spaces of source and target differ, and RGB has none: name any other one.
    untagged = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    source = {int(space): space for space in Colorspace}.get(int(frame.colorspace), untagged)
    target = Colorspace.ITU601 if source != Colorspace.ITU601 else Colorspace.ITU709
    full = int(frame.color_range) == int(ColorRange.JPEG)
    picture = frame.reformat(
        format="rgb24",
        src_colorspace=source,
        dst_colorspace=target,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    ).to_ndarray()
    turns = round(frame.rotation / 90) % 4  # counterclockwise
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def _uneven(times: list[float | None], rate: Fraction) -> bool:
    """Whether a frame is shown more than half a frame away from its evenly spaced time."""
    known = [time for time in times if time is not None]
    if len(known) != len(times):
        return False
    return any(
        abs((time - known[0]) * float(rate) - index) > 0.5 for index, time in enumerate(known)
    )


def _read_pictures(file: Path, widget: str) -> VideoClip:
    import numpy as np
    from PIL import Image, ImageSequence

    frames, durations = _FrameBuffer(), []
    try:
        with Image.open(file, formats=picture_formats()) as opened:
            comment = opened.info.get("comment") or opened.getexif().get(0x010E) or ""
            for frame in ImageSequence.Iterator(opened):
                white = Image.new("RGBA", frame.size, "white")
                opaque = Image.alpha_composite(white, frame.convert("RGBA"))
                durations.append(frame.info.get("duration") or 100)  # known once it is decoded
                frames.append(np.asarray(opaque.convert("RGB")))
    except (*DAMAGED, Image.DecompressionBombError) as error:
        if is_of_the_file_system(error):
            raise
        raise _no_clip(file, widget) from error
    text = comment.decode(errors="replace") if isinstance(comment, bytes) else str(comment)
    # Durations are whole milliseconds or hundredths of a second: the mean gives the rate.
    fps = Fraction(1000 * frames.count, round(sum(durations))).limit_denominator(1001)
    notes = []
    if max(durations) - min(durations) > 10:
        notes.append(f"The frames do not come evenly; they are taken as {float(fps):.4g} fps.")
    return VideoClip(frames.to_array(), fps, {"comment": text} if text else {}, tuple(notes))
