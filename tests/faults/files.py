"""What lies in the folders after a fault: half files, leftovers, clips with their frames."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.error import FFmpegError
from PIL import Image
from safetensors import SafetensorError, safe_open

VIDEOS = (".mp4", ".webm")
PICTURES = (".webp", ".gif")
TENSORS = (".latent", ".safetensors")

_BROKEN = (FFmpegError, SafetensorError, OSError, ValueError, EOFError, IndexError)


@dataclass(slots=True)
class Found:
    """What was found.

    Attributes:
        whole: Files that decode whole.
        half: Files under a final name that do not.
        temporary: Files that are still being written, or were.
        frames: Frames of each clip.
    """

    whole: list[Path] = field(default_factory=list)
    half: list[Path] = field(default_factory=list)
    temporary: list[Path] = field(default_factory=list)
    frames: dict[Path, int] = field(default_factory=dict)


def look(folders: Iterable[Path]) -> Found:
    """Opens every file below some folders and reads it to its end."""
    found = Found()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if not file.is_file() or file.name == ".ballast":
                continue
            if is_temporary(file):
                found.temporary.append(file)
                continue
            try:
                frames = _read(file)
            except _BROKEN:
                found.half.append(file)
                continue
            if frames is not None:
                found.whole.append(file)
                if frames:
                    found.frames[file] = frames
    return found


def is_temporary(file: Path) -> bool:
    """Whether a name is one that we give to files before they are whole."""
    name = file.name
    return ".partial" in name or (
        name.startswith(".") and file.suffix in (*VIDEOS, *PICTURES, *TENSORS, ".json", ".jpg")
    )


def _read(file: Path) -> int | None:
    """Frames of a clip, 0 for another file of ours, None for any other.

    Raises:
        Exception: It is no whole file.
    """
    kind = file.suffix.lower()
    if kind in VIDEOS:
        return _video_frames(file)
    if kind in PICTURES:
        with Image.open(file) as picture:
            count = getattr(picture, "n_frames", 1)
            for index in range(count):
                picture.seek(index)
                picture.load()
            return count
    if kind in TENSORS:
        with safe_open(file, framework="pt") as content:
            for name in content.keys():  # noqa: SIM118
                content.get_tensor(name)
        return 0
    if kind == ".json":
        json.loads(file.read_text(encoding="utf-8"))
        return 0
    return None


def _video_frames(file: Path) -> int:
    with av.open(file) as container:
        stream = container.streams.video[0]
        count = sum(1 for _ in container.decode(stream))
    if not count or (stream.frames and stream.frames != count):
        raise ValueError(f"{count} of {stream.frames} frames")
    return count
