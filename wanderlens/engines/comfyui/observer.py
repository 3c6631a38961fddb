"""Reports the stages of a run to ComfyUI's pages, and logs its time and memory.

Imported only where ComfyUI runs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import comfy.model_management  # pyright: ignore[reportMissingImports]
import torch

from ...activity import LatestStage, Run, RunLog, StageEvent, work_of
from ...shot import ExtensionPlan, ShotPlan

EVENT = "wanderlens.stage"
"""The websocket message that tells of a stage; it goes to every page."""


class ComfyObserver:
    """An `base.Observer` for the node that runs."""

    def __init__(self, latest: LatestStage, log: RunLog) -> None:
        """It starts to count now.

        Args:
            latest: Given every stage, for pages that are opened later.
            log: Given the clip when it is finished.
        """
        self._latest = latest
        self._log = log
        self._prompt_id, self._node = _running_node()
        self._started = _now()
        self._memory = _Memory()

    def stage(self, name: str, segment: int, segments: int) -> None:
        """Tells the pages."""
        self._memory.look()
        event = StageEvent(
            self._prompt_id, self._node, name, segment, segments, _now(), self._started
        )
        self._latest.set(event)
        server = _server()
        if server is not None:
            server.send_sync(EVENT, event.as_json())

    def finished(self, plan: ShotPlan | ExtensionPlan, seconds: Mapping[str, float]) -> None:
        """Keeps what the clip took."""
        self._memory.look()
        self._log.add(Run(work_of(plan), device_name(), dict(seconds), self._memory.peak))


def device_name() -> str:
    """What ComfyUI computes on, as it calls it itself."""
    device = comfy.model_management.get_torch_device()
    return str(comfy.model_management.get_torch_device_name(device))


class _Memory:
    """The most memory in use: of the GPU; where there is none, of the process between stages."""

    def __init__(self) -> None:
        device = comfy.model_management.get_torch_device()
        self._gpu = device if device.type == "cuda" else None
        self._most = 0
        if self._gpu is not None:
            torch.cuda.reset_peak_memory_stats(self._gpu)

    def look(self) -> None:
        if self._gpu is not None:
            self._most = torch.cuda.max_memory_allocated(self._gpu)
            return
        import psutil  # which ComfyUI brings  # pyright: ignore[reportMissingModuleSource]

        self._most = max(self._most, psutil.Process().memory_info().rss)

    @property
    def peak(self) -> int | None:
        """Bytes; None before the first look."""
        return self._most or None


def _running_node() -> tuple[str, str]:
    """Ids of the prompt and the node that run."""
    from comfy_execution.utils import (  # pyright: ignore[reportMissingImports]
        get_executing_context,
    )

    context = get_executing_context()
    return ("", "") if context is None else (str(context.prompt_id), str(context.node_id))


def _server() -> Any:
    # By its name in ComfyUI, as far as there is one.
    return getattr(getattr(sys.modules.get("server"), "PromptServer", None), "instance", None)


def _now() -> int:
    return round(time.time() * 1000)
