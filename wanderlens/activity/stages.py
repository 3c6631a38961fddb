"""The event that tells the page which stage a running clip has reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A clip has come to a stage.

    Attributes:
        prompt_id: ComfyUI's id of the run.
        node: Id of the node that makes the clip.
        stage: Its name, such as "high noise" or "decode".
        shot: Which shot, from 1.
        shots: How many shots the clip has.
        started: When the stage began, milliseconds since 1970.
        job_started: When the node began, likewise.
    """

    prompt_id: str
    node: str
    stage: str
    shot: int
    shots: int
    started: int
    job_started: int

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return asdict(self)


class LatestStage:
    """Holds the latest event, for pages that were not there when it happened.

    ComfyUI runs one prompt at a time, so one is enough.
    """

    def __init__(self) -> None:
        """None has happened."""
        self._event: StageEvent | None = None

    def set(self, event: StageEvent) -> None:
        """Takes the place of the one before."""
        self._event = event

    def of(self, prompt_ids: set[str]) -> StageEvent | None:
        """The event, if it belongs to one of these runs."""
        event = self._event
        return event if event is not None and event.prompt_id in prompt_ids else None
