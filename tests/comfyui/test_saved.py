"""A prompt that was saved with an earlier version still runs, and makes what it made then."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from loading import load

if TYPE_CHECKING:
    from .host import ComfyHost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
saved = load("support/saved.py")


@pytest.fixture(scope="module")
def nano(
    tmp_path_factory: pytest.TempPathFactory, comfy_host: ModuleType, tiny_workflows: ModuleType
) -> Iterator[ComfyHost]:
    """A ComfyUI with the nano model under the names of Wan 2.2's files."""
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("comfyui-saved")
    tiny_workflows.write_nano_models(base_dir / "models")
    packs = {**tiny_workflows.PACKS, "nano_text": HERE / "packs" / "nano_text"}
    env = {"TEST_VAE_DIM": "16"}  # for cores before 0.4, whose loader knows the full size only
    with comfy_host.ComfyHost(packs, base_dir=base_dir, env=env) as started:
        started.upload_image(REPOSITORY / "wanderlens" / "assets" / "example.png")
        yield started


def test_a_saved_api_prompt_runs_as_it_did(nano: ComfyHost) -> None:
    av = pytest.importorskip("av")
    outputs = nano.run(saved.saved_prompt())["outputs"]
    saved.check_outputs(outputs)
    (file,) = outputs["15"]["images"]
    with av.open(BytesIO(nano.view(file["filename"], file["subfolder"]))) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == saved.SIZE
        assert stream.average_rate == saved.FPS
        assert sum(1 for _ in video.decode(stream)) == saved.FRAMES
