"""Estimates the time and memory of a planned clip from past runs on the same device."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from .runs import Run
from .work import SAMPLING, Work

#: Runs that an estimate is made from: the most alike, and of these the newest.
_MOST = 5
#: Work that differs by less than this ratio counts as the same.
_SAME = 1.02


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan will take.

    Attributes:
        seconds: Altogether.
        stages: Seconds by stage.
        memory: Most memory in use, bytes; None where no run of at least this size tells.
        runs: How many runs it is made from.
        exact: Whether these had the same work; else they are scaled.
    """

    seconds: float
    stages: Mapping[str, float]
    memory: int | None
    runs: int
    exact: bool

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {
            "seconds": round(self.seconds, 1),
            "stages": {name: round(value, 1) for name, value in self.stages.items()},
            "memory_bytes": self.memory,
            "runs": self.runs,
            "exact": self.exact,
        }


def estimate(work: Work, runs: Sequence[Run], device: str) -> Estimate | None:
    """What a plan will take on a device.

    The runs most alike count. Sampling is scaled by what the transformer does, everything else by
    the pixels; of each stage the median is taken, so that one run that loaded its models from a
    slow disk does not count.

    Args:
        work: The plan's.
        runs: Past ones, oldest first.
        device: Only runs on this device count.

    Returns:
        None where no run of this model family was made on the device.
    """
    alike = [run for run in runs if run.work.family == work.family and run.device == device]
    if not alike:
        return None
    # Of runs that are equally alike the newest come first; sorting keeps their order.
    alike.reverse()
    nearest = sorted(alike, key=lambda run: _distance(run.work, work))
    exact = [run for run in nearest if _distance(run.work, work) < 2 * math.log(_SAME)]
    chosen = (exact or nearest)[:_MOST]
    names = dict.fromkeys(name for run in chosen for name in run.stages)
    stages = {
        name: median(_scaled(run, name, work) for run in chosen if name in run.stages)
        for name in names
        if 2 * sum(name in run.stages for run in chosen) >= len(chosen)
    }
    return Estimate(sum(stages.values()), stages, _memory(work, alike), len(chosen), bool(exact))


def _distance(one: Work, other: Work) -> float:
    """How much two kinds of work differ: 0 for the same."""
    apart = abs(math.log(one.sampling / other.sampling)) + abs(math.log(one.pixels / other.pixels))
    # Guidance and the number of steps change which LoRAs and which share of loading there is.
    return apart + (0.5 if one.guided != other.guided else 0.0)


def _scaled(run: Run, stage: str, work: Work) -> float:
    if stage in SAMPLING:
        return run.stages[stage] * work.sampling / run.work.sampling
    return run.stages[stage] * work.pixels / run.work.pixels


def _memory(work: Work, runs: Sequence[Run]) -> int | None:
    """The peak of the smallest runs whose shots were at least as large."""
    known = [run for run in runs if run.memory and run.work.largest * _SAME >= work.largest]
    if not known:
        return None
    smallest = min(run.work.largest for run in known)
    return max(run.memory or 0 for run in known if run.work.largest <= smallest * _SAME)
