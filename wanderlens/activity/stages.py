"""The event that tells the page which stage a running clip has reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A running clip has reached a stage.

    Attributes:
        prompt_id: ComfyUI's id of the prompt.
        node: Id of the node that makes the clip.
        stage: The stage's name, such as "high noise" or "decode".
        shot: The segment, from 1; named as the page's messages name it.
        shots: The number of segments.
        started: When the stage began, milliseconds since 1970.
        job_started: When the node began, milliseconds since 1970.
    """

    prompt_id: str
    node: str
    stage: str
    shot: int
    shots: int
    started: int
    job_started: int

    def as_json(self) -> dict[str, Any]:
        """As a JSON object for the page."""
        return asdict(self)


class LatestStage:
    """Holds the latest event, for pages that are opened later.

    ComfyUI runs one prompt at a time, so one event is enough.
    """

    def __init__(self) -> None:
        """Holds no event yet."""
        self._event: StageEvent | None = None

    def set(self, event: StageEvent) -> None:
        """Replaces the event."""
        self._event = event

    def of(self, prompt_ids: set[str]) -> StageEvent | None:
        """The event, if it belongs to one of these prompts."""
        event = self._event
        return event if event is not None and event.prompt_id in prompt_ids else None
