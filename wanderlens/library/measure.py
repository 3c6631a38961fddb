"""Size, frame rate and length of a clip, mostly without decoding it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..file_formats import CONTAINERS, DAMAGED
from ..metadata.containers.source import EndOfDataError, open_source
from ..metadata.limits import MAX_PIXELS, MetadataError

_MIN_FPS, _MAX_FPS = 0.1, 1000
_MAX_FRAMES = 1_000_000
#: The frames of a GIF from which its rate is measured.
_GIF_RATE_FRAMES = 32


@dataclass(frozen=True, slots=True)
class Measure:
    """Width and height in pixels, frames per second, and the number of frames."""

    width: int
    height: int
    fps: float
    frames: int

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.frames / self.fps


def measure(file: Path) -> Measure | None:
    """Measures a clip from its headers; None for what is no clip, damaged or out of range."""
    readers = {".webp": _measure_webp, ".gif": _measure_gif}
    headers = readers.get(file.suffix.lower(), _measure_stream)(file)
    if headers is None:
        return None
    width, height, rate, frames = headers
    if not (0 < width * height <= MAX_PIXELS and 0 < frames <= _MAX_FRAMES):
        return None
    if not _MIN_FPS <= rate <= _MAX_FPS:
        return None
    return Measure(width, height, round(float(rate), 3), frames)


_Headers = tuple[int, int, Fraction, int]  # width, height, frames per second, frames


def _measure_stream(file: Path) -> _Headers | None:
    import av
    from av.error import FFmpegError

    try:
        with av.open(file, metadata_errors="replace", options=dict(CONTAINERS)) as container:
            if not container.streams.video:
                return None
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate
            if stream.codec_context is None or not rate or rate <= 0:
                return None
            frames = stream.frames
            if not frames and container.duration:  # microseconds; WebM does not store the count
                frames = round(container.duration / 1_000_000 * rate)
            return stream.width, stream.height, Fraction(rate), frames
    except (FFmpegError, OSError, ValueError):
        return None


def _measure_webp(file: Path) -> _Headers | None:
    """Counts an animation's frames (RFC 9649: VP8X and ANMF chunks)."""
    width = height = frames = milliseconds = 0
    try:
        with open_source(file) as source:
            offset = 12
            while offset + 8 <= source.size:
                source.next_part()
                head = source.read_at(offset, min(24, source.size - offset))
                kind, length = head[:4], int.from_bytes(head[4:8], "little")
                if kind == b"VP8X" and len(head) >= 18:
                    width = 1 + int.from_bytes(head[12:15], "little")
                    height = 1 + int.from_bytes(head[15:18], "little")
                elif kind == b"ANMF" and len(head) >= 23:
                    frames += 1
                    milliseconds += int.from_bytes(head[20:23], "little")
                offset += 8 + length + (length & 1)
    except (MetadataError, EndOfDataError):
        return None
    if not frames or not milliseconds:
        return None
    return width, height, Fraction(1000 * frames, milliseconds), frames


def _measure_gif(file: Path) -> _Headers | None:
    from PIL import Image

    try:
        with Image.open(file, formats=("GIF",)) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return None
            frames = getattr(picture, "n_frames", 1)
            counted = min(frames, _GIF_RATE_FRAMES)
            milliseconds = 0
            for index in range(counted):
                picture.seek(index)
                milliseconds += picture.info.get("duration") or 100
    except (*DAMAGED, Image.DecompressionBombError):
        return None
    return width, height, Fraction(1000 * counted, round(milliseconds)), frames
