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

#: The newest runs that are read; the log is cut to these when it holds twice as many.
MAX_RUNS = 200
#: The largest log that is read, in bytes; a larger one is not ours.
_MAX_BYTES = 1024 * 1024
#: The longest stage in seconds and the most memory in bytes that are believed.
_MAX_SECONDS, _MAX_MEMORY = 1e8, 2**50


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run in which every segment was sampled, none taken from the latent cache.

    Attributes:
        work: The amount of work in its plan.
        device: The device it ran on, such as "NVIDIA GeForce RTX 4090".
        stages: Seconds by stage.
        memory: Peak memory in bytes: of the GPU, or of the process without a GPU; None if unknown.
    """

    work: Work
    device: str
    stages: Mapping[str, float]
    memory: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As a JSON object for the log."""
        stages = {name: round(seconds, 3) for name, seconds in self.stages.items()}
        return {
            "work": self.work.as_json(),
            "device": self.device,
            "stages": stages,
            "memory": self.memory,
        }

    @classmethod
    def from_json(cls, data: Any) -> Run | None:
        """Reads a run from the log; None for anything else."""
        if not isinstance(data, dict):
            return None
        work, stages = Work.from_json(data.get("work")), data.get("stages")
        device, memory = data.get("device"), as_number(data.get("memory"))
        if work is None or not isinstance(device, str) or not isinstance(stages, dict):
            return None
        seconds = {str(name): as_number(value) for name, value in stages.items()}
        if not seconds or any(
            value is None or not 0 <= value <= _MAX_SECONDS for value in seconds.values()
        ):
            return None
        known = {name: value for name, value in seconds.items() if value is not None}
        used = int(memory) if memory and 0 < memory <= _MAX_MEMORY else None
        return cls(work, device, known, used)


class RunLog:
    """The log, a file of one JSON object per line. It only serves estimates: no method raises."""

    def __init__(self, file: Path) -> None:
        """Reads nothing yet.

        Args:
            file: The log; it and its folder need not exist.
        """
        self._file = file

    def add(self, run: Run) -> None:
        """Appends a run."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            start = "\n" if self._ends_inside_a_line() else ""
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{start}{json.dumps(run.as_json())}\n")
            lines = self._lines()
            if len(lines) > 2 * MAX_RUNS:
                self._rewrite(lines[-MAX_RUNS:])
        except OSError as error:
            log.warning("The time that the clip took is not kept: %s", error)

    def read(self) -> list[Run]:
        """The newest `MAX_RUNS` runs, oldest first; lines that hold no run are skipped."""
        runs = []
        with contextlib.suppress(OSError):
            for line in self._lines()[-MAX_RUNS:]:
                with contextlib.suppress(ValueError, RecursionError):
                    run = Run.from_json(json.loads(line))
                    if run is not None:
                        runs.append(run)
        return runs

    def _ends_inside_a_line(self) -> bool:
        """Whether the last line was cut off, as on a full disk; a new run must not continue it."""
        if not self._file.is_file():
            return False
        with self._file.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read() != b"\n"

    def _lines(self) -> list[str]:
        if not self._file.is_file() or self._file.stat().st_size > _MAX_BYTES:
            return []
        return self._file.read_text(encoding="utf-8", errors="replace").splitlines()

    def _rewrite(self, lines: list[str]) -> None:
        """Replaces the log's content; a reader never sees half of it."""
        with atomic_path(self._file) as partial:
            partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
