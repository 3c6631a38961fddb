"""What runs now, and how long a clip will take, told from the clips that this machine has made."""

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
