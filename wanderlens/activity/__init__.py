"""The running stage, the log of past runs, and the estimate of time and memory from it."""

from .estimate import Estimate, estimate
from .runs import Run, RunLog
from .stages import LatestStage, StageEvent
from .work import Work, work_of

__all__ = [
    "Estimate",
    "LatestStage",
    "Run",
    "RunLog",
    "StageEvent",
    "Work",
    "estimate",
    "work_of",
]
