"""The index of our clips in a folder, with size, length and generation data of each."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..checks import as_number, as_whole
from ..disk import atomic_path, remove_leftovers
from ..metadata.containers.read import read_carrier
from ..metadata.limits import MetadataError
from .files import MAX_CLIPS, clip_files
from .generation_info import KINDS, read_generation_info
from .measure import measure

log = logging.getLogger(__name__)

#: Of the cache file; one of another version is not used.
_VERSION = 1
_MAX_ENTRIES = 50_000
#: The largest cache file that is read, in bytes; a larger one is not ours.
_MAX_CACHE = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read from a clip's file.

    Attributes:
        width: Pixels.
        height: Pixels.
        fps: Frames per second.
        frames: The number of frames.
        seconds: The length.
        kind: How it was made, one of `generation_info.KINDS`.
        prompt: The composed prompt, or the words that were typed.
        preset: The preset's id, or empty.
        settings: The form's settings, as far as they are known.
        workflow: Whether the file holds a graph that ComfyUI can open.
    """

    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    kind: str
    prompt: str
    preset: str
    settings: Mapping[str, Any]
    workflow: bool

    @classmethod
    def from_json(cls, data: Any) -> Facts | None:
        """Reads facts from the cache; None for anything else."""
        if not isinstance(data, dict):
            return None
        width, height, frames = (as_whole(data.get(key)) for key in ("width", "height", "frames"))
        fps, seconds = as_number(data.get("fps")), as_number(data.get("seconds"))
        kind, prompt, preset = (data.get(key) for key in ("kind", "prompt", "preset"))
        settings, workflow = data.get("settings"), data.get("workflow")
        if not (width and height and frames and fps and seconds) or kind not in KINDS:
            return None
        if not (isinstance(prompt, str) and isinstance(preset, str) and isinstance(settings, dict)):
            return None
        if not isinstance(workflow, bool):
            return None
        return cls(width, height, fps, frames, seconds, kind, prompt, preset, settings, workflow)


@dataclass(frozen=True, slots=True)
class Clip:
    """One of our clips.

    Attributes:
        filename: The file's name.
        subfolder: Its folder below the output folder, "/" between parts; empty for none.
        size: Bytes.
        modified: When it was last written, in milliseconds since 1970.
        facts: What is read from the file.
    """

    filename: str
    subfolder: str
    size: int
    modified: int
    facts: Facts

    def as_json(self) -> dict[str, Any]:
        """As a JSON object for the page, with the fields by which ComfyUI names a file."""
        return {
            "filename": self.filename,
            "subfolder": self.subfolder,
            "type": "output",
            "size": self.size,
            "modified": self.modified,
            **asdict(self.facts),
        }


_Seen = tuple[int, int, Facts | None]  # size, time of the last change in nanoseconds, facts


class ClipIndex:
    """Our clips in a folder. A file is read once, and again only after it has changed.

    Safe to use from several threads.

    Attributes:
        more: Whether the last listing left out clips because there were too many files.
    """

    def __init__(self, output: Path, cache: Path) -> None:
        """Reads nothing yet.

        Args:
            output: The folder; the folders below it are searched too.
            cache: A JSON file that keeps what was read; it and its folder need not exist.
        """
        self._output = output
        self._cache = cache
        self._lock = threading.Lock()
        self._seen: dict[str, _Seen] | None = None
        self.more = False

    def clips(self) -> list[Clip]:
        """Lists the clips as they are now, newest first."""
        with self._lock:
            return self._listed()

    def _listed(self) -> list[Clip]:
        known = self._seen if self._seen is not None else self._read_cache()
        root = Path(os.path.realpath(self._output))
        seen: dict[str, _Seen] = {}
        for path, status in clip_files(root):
            size, changed = status.st_size, status.st_mtime_ns
            entry = known.get(path)
            if entry is None or entry[:2] != (size, changed):
                entry = (size, changed, _read(root / path))
            seen[path] = entry
        self.more = len(seen) >= MAX_CLIPS
        if seen != known:
            self._write_cache(seen)
        self._seen = seen
        clips = [
            _clip(path, size, changed, facts)
            for path, (size, changed, facts) in seen.items()
            if facts is not None
        ]
        clips.sort(key=lambda clip: (-clip.modified, clip.subfolder, clip.filename))
        return clips

    def _read_cache(self) -> dict[str, _Seen]:
        try:
            if self._cache.stat().st_size > _MAX_CACHE:
                return {}
            data = json.loads(self._cache.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as problem:
            log.warning("The list of clips is read anew: %s", problem)
            return {}
        if not isinstance(data, dict) or data.get("version") != _VERSION:
            return {}
        files = data.get("files")
        if not isinstance(files, dict):
            return {}
        return {path: seen for path, entry in files.items() if (seen := _seen_from_json(entry))}

    def _write_cache(self, seen: Mapping[str, _Seen]) -> None:
        files = {
            path: [size, changed, asdict(facts) if facts else None]
            for path, (size, changed, facts) in list(seen.items())[:_MAX_ENTRIES]
        }
        text = json.dumps({"version": _VERSION, "files": files})
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(self._cache) as partial:
                partial.write_text(text, encoding="utf-8")
            remove_leftovers(self._cache.parent)
        except OSError as problem:
            log.warning("The list of clips could not be saved: %s", problem)


def _seen_from_json(entry: Any) -> _Seen | None:
    if not isinstance(entry, list) or len(entry) != 3:
        return None
    size, changed, data = entry
    if not isinstance(size, int) or not isinstance(changed, int):
        return None
    facts = Facts.from_json(data)
    return None if facts is None and data is not None else (size, changed, facts)


def _read(file: Path) -> Facts | None:
    """Reads a file's facts; None for one that is no clip of ours."""
    try:
        carrier = read_carrier(file)
        info = read_generation_info(carrier, file.name)
    except (MetadataError, OSError):
        return None
    measured = measure(file) if info else None
    if info is None or measured is None:
        return None
    return Facts(
        measured.width,
        measured.height,
        measured.fps,
        measured.frames,
        round(measured.seconds, 3),
        info.kind,
        info.prompt,
        info.preset,
        dict(info.settings),
        carrier.get("workflow", "prompt") is not None,
    )


def _clip(path: str, size: int, changed: int, facts: Facts) -> Clip:
    subfolder, _, filename = path.rpartition("/")
    return Clip(filename, subfolder, size, changed // 1_000_000, facts)
