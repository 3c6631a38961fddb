"""A real ComfyUI with tiny Wan models and the test-only nodes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]


def _load(file: Path) -> ModuleType:
    """Loads a helper by its path, once: the tests' folders are no packages."""
    name = f"wanderlens_tests_comfyui_{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def graphs() -> ModuleType:
    """The module ``graphs.py``."""
    return _load(HERE / "graphs.py")


@pytest.fixture(scope="session")
def wan(
    tmp_path_factory: pytest.TempPathFactory, comfy_host: ModuleType, graphs: ModuleType
) -> Iterator[Any]:
    """A started ComfyUI with tiny random Wan models, shared by the tests of this folder."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("comfyui-wan")
    _load(HERE.parent / "weights.py").write_all(base_dir / "models")
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
