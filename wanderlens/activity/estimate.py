"""Estimates the time and memory of a planned clip from past runs on the same device."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from .runs import Run
from .work import SAMPLING, Work

#: The most runs that an estimate is made from: the most similar, and of these the newest.
_MAX_RUNS = 5
#: Amounts of work whose ratio is below this count as equal.
_EQUAL = 1.02


@dataclass(frozen=True, slots=True)
class Estimate:
    """The expected time and memory of a plan.

    Attributes:
        seconds: In total.
        stages: Seconds by stage.
        memory: Peak memory in bytes; None without a run of at least this size.
        runs: The number of runs that it is made from.
        exact: Whether these runs had the same work; otherwise their times are scaled.
    """

    seconds: float
    stages: Mapping[str, float]
    memory: int | None
    runs: int
    exact: bool

    def as_json(self) -> dict[str, Any]:
        """As a JSON object for the page."""
        return {
            "seconds": round(self.seconds, 1),
            "stages": {name: round(value, 1) for name, value in self.stages.items()},
            "memory_bytes": self.memory,
            "runs": self.runs,
            "exact": self.exact,
        }


def estimate(work: Work, runs: Sequence[Run], device: str) -> Estimate | None:
    """Estimates the time and memory of a plan on a device.

    The most similar runs are used. Sampling is scaled by the transformer's work, every other stage
    by the pixels. Each stage is the median over the runs, so that a single run that loaded its
    models from a slow disk does not distort it.

    Args:
        work: The plan's work.
        runs: Past runs, oldest first.
        device: Only runs on this device count.

    Returns:
        None without a run of this model family on the device.
    """
    similar = [run for run in runs if run.work.family == work.family and run.device == device]
    if not similar:
        return None
    # Newest first; the sort is stable, so equally similar runs keep this order.
    similar.reverse()
    nearest = sorted(similar, key=lambda run: _distance(run.work, work))
    exact = [run for run in nearest if _distance(run.work, work) < 2 * math.log(_EQUAL)]
    chosen = (exact or nearest)[:_MAX_RUNS]
    names = dict.fromkeys(name for run in chosen for name in run.stages)
    stages = {
        name: median(_scaled(run, name, work) for run in chosen if name in run.stages)
        for name in names
        if 2 * sum(name in run.stages for run in chosen) >= len(chosen)
    }
    return Estimate(sum(stages.values()), stages, _memory(work, similar), len(chosen), bool(exact))


def _distance(one: Work, other: Work) -> float:
    """The sum of the log ratios of sampling and pixels; 0 for equal work."""
    sampling, pixels = one.sampling / other.sampling, one.pixels / other.pixels
    difference = abs(math.log(sampling)) + abs(math.log(pixels))
    # With and without guidance usually means other LoRAs and another share of loading time.
    return difference + (0.5 if one.guided != other.guided else 0.0)


def _scaled(run: Run, stage: str, work: Work) -> float:
    if stage in SAMPLING:
        return run.stages[stage] * work.sampling / run.work.sampling
    return run.stages[stage] * work.pixels / run.work.pixels


def _memory(work: Work, runs: Sequence[Run]) -> int | None:
    """The highest peak among the smallest runs with segments at least as large."""
    known = [run for run in runs if run.memory and run.work.largest * _EQUAL >= work.largest]
    if not known:
        return None
    smallest = min(run.work.largest for run in known)
    return max(run.memory or 0 for run in known if run.work.largest <= smallest * _EQUAL)
