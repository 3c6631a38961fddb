"""A graph and an API prompt that a user saved with version 0.1.0, with all six nodes in them.

They must open and run for ever: `fixtures/saved_graph.json` is ComfyUI's editor form and
`fixtures/saved_prompt.json` the same graph in API form, as its page wrote them (core 0.33.0).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "fixtures"

#: What it made then: frames and frames per second of the file, and lines of the nodes' reports.
FRAMES, FPS, SIZE = 35, 32, (96, 64)
REPORTS = {
    "2": "Prompt: a lighthouse above a rocky bay\nStyle: oil painting, golden hour",
    "11": "Frames: 0.75 s, 13 made at 16 fps, 25 at 32 fps after interpolation\n"
    "Sampling: 3 steps, cfg 2.5, shift 6, euler / simple, seed 77",
    "12": "Added: 16 frames at 32 fps, 0.500 s, from 9 native frames of the clip's end\n"
    "Sampling: 2 steps, cfg 2, shift 5, euler / simple, seed 78",
    "13": "Loop: 35 frames of 41 by crossfade, the last 6 blended into the first 6",
}


def saved_graph() -> dict[str, Any]:
    """The graph in ComfyUI's editor form."""
    return json.loads((FOLDER / "saved_graph.json").read_text(encoding="utf-8"))


def saved_prompt() -> dict[str, Any]:
    """The graph in API form."""
    return json.loads((FOLDER / "saved_prompt.json").read_text(encoding="utf-8"))


def check_outputs(outputs: dict[str, Any]) -> None:
    """What a run has shown is what it was when the graph was saved."""
    for node_id, lines in REPORTS.items():
        assert lines in "".join(outputs[node_id]["text"]), node_id
