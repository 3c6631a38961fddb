"""Measures the seconds spent in each stage of a run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..engines.base import Observer


@dataclass(slots=True)
class Stopwatch:
    """Seconds spent in each stage of a clip.

    Attributes:
        segments: How many segments there are.
        observer: Told of every stage; None for nobody.
        segment: The segment that is being made, from 1.
        seconds: By name of the stage, in the order of their first start.
    """

    segments: int = 1
    observer: Observer | None = None
    segment: int = 1
    seconds: dict[str, float] = field(default_factory=dict)
    _within: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time of the block under a stage's name, but for that of stages within it."""
        if self.observer is not None:
            self.observer.stage(name, self.segment, self.segments)
        start, before = time.monotonic(), self._within
        self._within = 0.0
        try:
            yield
        finally:
            spent = time.monotonic() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + spent - self._within
            self._within = before + spent

    def __str__(self) -> str:
        """The stages that took any time worth telling."""
        return ", ".join(f"{name} {_seconds(spent)}" for name, spent in self.seconds.items())


def _seconds(spent: float) -> str:
    return f"{spent:.2f} s" if spent < 10 else f"{spent:.0f} s"
