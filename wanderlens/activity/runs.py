"""The log of past runs: what each clip asked for, and the time and memory it took."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..checks import as_number
from ..disk import atomic_path
from .work import Work

log = logging.getLogger(__name__)

#: Clips that are remembered; the log is cut to these when it holds twice as many.
KEPT = 200
#: A log larger than this is not ours and is not read, in bytes.
_LARGEST = 1024 * 1024
#: Seconds of a stage, and bytes of memory, that a machine may have needed.
_MOST_SECONDS, _MOST_MEMORY = 1e8, 2**50


@dataclass(frozen=True, slots=True)
class Run:
    """A clip that was made, every shot of it sampled anew.

    Attributes:
        work: What it asked for.
        device: What it was made on, such as "NVIDIA GeForce RTX 4090".
        stages: Seconds by stage.
        memory: Most memory in use, bytes: the GPU's, or the process's where there is none. None
            where it could not be told.
    """

    work: Work
    device: str
    stages: Mapping[str, float]
    memory: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For the log."""
        stages = {name: round(seconds, 3) for name, seconds in self.stages.items()}
        return {
            "work": self.work.as_json(),
            "device": self.device,
            "stages": stages,
            "memory": self.memory,
        }

    @classmethod
    def from_json(cls, data: Any) -> Run | None:
        """From the log; None for anything else."""
        if not isinstance(data, dict):
            return None
        work, stages = Work.from_json(data.get("work")), data.get("stages")
        device, memory = data.get("device"), as_number(data.get("memory"))
        if work is None or not isinstance(device, str) or not isinstance(stages, dict):
            return None
        seconds = {str(name): as_number(value) for name, value in stages.items()}
        if not seconds or any(
            value is None or not 0 <= value <= _MOST_SECONDS for value in seconds.values()
        ):
            return None
        known = {name: value for name, value in seconds.items() if value is not None}
        used = int(memory) if memory and 0 < memory <= _MOST_MEMORY else None
        return cls(work, device, known, used)


class RunLog:
    """The log, a file with one run to a line. What it holds is advice: it never raises."""

    def __init__(self, file: Path) -> None:
        """Nothing is read yet.

        Args:
            file: The log; it and its folder need not exist.
        """
        self._file = file

    def add(self, run: Run) -> None:
        """Adds a run at the end."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            start = "\n" if self._breaks_off() else ""
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{start}{json.dumps(run.as_json())}\n")
            lines = self._lines()
            if len(lines) > 2 * KEPT:
                self._cut(lines[-KEPT:])
        except OSError as error:
            log.warning("The time that the clip took is not kept: %s", error)

    def read(self) -> list[Run]:
        """The newest runs, oldest first; lines that hold none are passed over."""
        runs = []
        with contextlib.suppress(OSError):
            for line in self._lines()[-KEPT:]:
                with contextlib.suppress(ValueError, RecursionError):
                    run = Run.from_json(json.loads(line))
                    if run is not None:
                        runs.append(run)
        return runs

    def _breaks_off(self) -> bool:
        """Whether the last line has no end, as on a full disk; what is added would be lost too."""
        if not self._file.is_file():
            return False
        with self._file.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read() != b"\n"

    def _lines(self) -> list[str]:
        if not self._file.is_file() or self._file.stat().st_size > _LARGEST:
            return []
        return self._file.read_text(encoding="utf-8", errors="replace").splitlines()

    def _cut(self, lines: list[str]) -> None:
        """Writes the file anew; a reader never sees half of it."""
        with atomic_path(self._file) as partial:
            partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
