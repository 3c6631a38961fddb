"""Load and faults: what is done to a real ComfyUI and to the command line, and what comes of it.

    COMFYUI_PATH=… COMFYUI_PYTHON=… WANDERLENS_FAULTS=1 python -m pytest -s tests/faults [-k kills]

About ten minutes for all; `-s` shows a Markdown table for each case, which docs/faults.md sums up.
Full disks and read-only folders are mounts, which need Linux and root; without them those rows are
skipped. Models are tiny, with random weights: everything runs on a CPU.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from loading import load

#: Modules of this folder with a function `rows`; each says what it does.
CASES = (
    "cancels",
    "models_in_turn",
    "full_disk",
    "read_only",
    "kills",
    "out_of_memory",
    "half_clips",
    "command_line",
)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        not os.environ.get("WANDERLENS_FAULTS"), reason="takes minutes; set WANDERLENS_FAULTS=1"
    ),
]


@pytest.mark.parametrize("name", CASES)
def test_what_is_done_on_purpose_is_survived(name: str, tmp_path: Path) -> None:
    if name != "command_line" and load("comfyui/host.py").find_comfyui() is None:
        pytest.skip("COMFYUI_PATH does not name a ComfyUI folder")
    rows = list(load(f"faults/{name}.py").rows(tmp_path))
    assert rows
    print(f"\n{load('faults/rows.py').table(rows)}")
    assert not [(row.case, problem) for row in rows for problem in row.failed]
    if all(row.skipped for row in rows):
        pytest.skip(rows[0].skipped)
