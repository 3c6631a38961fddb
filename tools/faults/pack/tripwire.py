"""A fault on demand: a file names the stage it strikes at, and nodes and frames look there.

The folder `FAULTS_FOLDER` holds:

- ``plan.json``: ``{"stage": …, "fault": …, "call": n}``; without it nothing happens.
- ``reached``: is there once the fault has struck.
- ``calls``: one byte for each call of a model, "h" or "l" for the experts, "o" for one model.

So one and the same prompt can fail at first and go well the next time, and ComfyUI sees no
difference between the two.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

FOLDER_VARIABLE = "FAULTS_FOLDER"

#: Functions that a stage without a model runs in; what they compute with torch strikes.
INSIDE = {
    "match": ("continue_segment",),
    "interpolate": ("convert_frame_rate",),
    "loop": ("close_generated", "close_turn"),
    "save": ("save_to",),
}

_PAUSE = 120.0


def folder() -> Path:
    """Where the plan lies."""
    return Path(os.environ[FOLDER_VARIABLE])


def note_call(kind: str) -> None:
    """Counts a call of a model."""
    with (folder() / "calls").open("ab") as calls:
        calls.write(kind.encode())


def strike(stage: str) -> None:
    """The planned fault, if this is its stage and the call it is planned for.

    Raises:
        MemoryError: with the fault "memory".
        torch.OutOfMemoryError: with the fault "gpu memory".
    """
    try:
        plan = json.loads((folder() / "plan.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    if plan["stage"] != stage:
        return
    count = folder() / "count"
    with count.open("ab") as counted:
        counted.write(b".")
    if count.stat().st_size != plan["call"]:
        return
    (folder() / "reached").touch()
    if plan["fault"] == "memory":
        raise MemoryError("a test takes the memory away")
    if plan["fault"] == "gpu memory":
        raise torch.OutOfMemoryError("CUDA out of memory. A test takes the memory away.")
    time.sleep(_PAUSE)  # until the process is ended


class Watch(TorchFunctionMode):
    """Strikes when a function of the planned stage computes."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if (folder() / "plan.json").exists():
            names, frame = set(), sys._getframe(1)
            while frame is not None:
                names.add(frame.f_code.co_name)
                frame = frame.f_back
            for stage, functions in INSIDE.items():
                if names.intersection(functions):
                    strike(stage)
        return func(*args, **(kwargs or {}))


_threads = threading.local()


def watch_this_thread() -> None:
    """Watches what is computed in this thread from now on, for stages that run no model."""
    if not hasattr(_threads, "watch"):
        _threads.watch = Watch()
        _threads.watch.__enter__()
