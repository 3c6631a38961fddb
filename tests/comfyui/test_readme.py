"""The README's API example, run as it stands on tiny weights."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_api_example_runs_to_a_file(tmp_path, tmp_path_factory, comfy_host, tiny_workflows):
    av = pytest.importorskip("av")
    pytest.importorskip("safetensors")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    folder = tmp_path / "workflows" / "api"
    folder.mkdir(parents=True)
    title = "Image to video A14B"
    (folder / f"{title}.json").write_text(json.dumps(tiny_workflows.tiny(title)), encoding="utf-8")

    base_dir = tmp_path_factory.mktemp("comfyui-readme")
    tiny_workflows.write_stand_ins(base_dir / "models")
    with comfy_host.ComfyHost(tiny_workflows.PACKS, base_dir=base_dir) as host:
        host.upload_image(REPOSITORY / "wanderlens" / "assets" / "example.png")
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "COMFYUI_URL": host.url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "success"
    with av.open(tmp_path / "clip.mp4") as video:
        assert sum(1 for _ in video.decode(video=0)) == 17
