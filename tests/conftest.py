"""What all tests share: the package as ComfyUI would load it."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

# Before torch is loaded: processes that all use all cores wait for each other.
if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))

ROOT = Path(__file__).resolve().parent.parent
PACK = "wanderlens_pack"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def pack() -> ModuleType:
    """The package loaded by file location, under a name of its own, as ComfyUI does it."""
    spec = importlib.util.spec_from_file_location(
        PACK, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACK] = module
    spec.loader.exec_module(module)
    return module


def pytest_xdist_auto_num_workers() -> int:
    """One process per core, at most four; one where a real ComfyUI is started."""
    return 0 if os.environ.get("COMFYUI_PATH") else min(4, os.cpu_count() or 1)
