"""A real ComfyUI with tiny Wan models and the test-only nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from loading import load

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]


@pytest.fixture(scope="session")
def graphs() -> ModuleType:
    """The module ``graphs.py``."""
    return load("comfyui/engine/graphs.py")


@pytest.fixture(scope="session")
def wan(
    tmp_path_factory: pytest.TempPathFactory, comfy_host: ModuleType, graphs: ModuleType
) -> Iterator[Any]:
    """A started ComfyUI with tiny random Wan models, shared by the tests of this folder."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("comfyui-wan")
    load("comfyui/weights.py").write_all(base_dir / "models")
    packs = {"wanderlens": REPOSITORY, "test_nodes": graphs.TEST_NODES}
    with comfy_host.ComfyHost(packs, base_dir=base_dir) as started:
        yield started


@pytest.fixture
def latents_of(wan: Any) -> Callable[[dict[str, Any], str], Any]:
    """A function that gives the tensor that a prompt's SaveLatent node has written."""
    from safetensors.torch import load_file

    def read(entry: dict[str, Any], node: str) -> Any:
        saved = entry["outputs"][node]["latents"][0]
        file = wan.output_dir / saved["subfolder"] / saved["filename"]
        return load_file(file)["latent_tensor"]

    return read
