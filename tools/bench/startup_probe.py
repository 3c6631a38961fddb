"""A pack that loads other packs as ComfyUI does, and notes what each takes; for `startup.py`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

# Both by their names in ComfyUI.
from comfy_api.latest import ComfyExtension  # pyright: ignore[reportMissingImports]

import nodes  # pyright: ignore[reportMissingImports]

PACKS = "STARTUP_PROBE_PACKS"
"""Variable with folders, separated as in PATH."""

RESULT = "STARTUP_PROBE_RESULT"
"""Variable with the file that is written: a list of JSON objects, one per pack."""


class NoNodes(ComfyExtension):
    """This pack has none of its own."""

    async def get_node_list(self) -> list[Any]:
        return []


async def comfy_entrypoint() -> ComfyExtension:
    """Loads the packs."""
    found = []
    for pack in os.environ[PACKS].split(os.pathsep):
        known = set(sys.modules)
        start, worked = time.perf_counter(), time.thread_time()
        loaded = await nodes.load_custom_node(pack)  # pyright: ignore[reportAttributeAccessIssue]
        spent, worked = time.perf_counter() - start, time.thread_time() - worked
        new = sorted(name for name in set(sys.modules) - known if not name.startswith(pack))
        own = [name for name in sys.modules if name.startswith(pack.replace(".", "_x_"))]
        times = {"seconds": spent, "cpu": worked}
        found.append({"loaded": loaded, **times, "new": new, "own": len(own)})
    Path(os.environ[RESULT]).write_text(json.dumps(found), encoding="utf-8")
    return NoNodes()
