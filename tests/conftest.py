"""What all tests share: how they are spread over processes, and the package as ComfyUI loads it."""

import contextlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # Before torch is imported: workers that each use every core slow one another down.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

with contextlib.suppress(ImportError):
    from hypothesis import settings

    # How long an example takes depends on what else the machine does.
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
PACK = "wanderlens_pack"

#: More workers than this import torch for longer than they save.
MOST_WORKERS = 8


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Processes of ``-n auto``; 0 runs the tests in this one.

    That is for single files, where a worker takes longer to start than the tests, and for a real
    ComfyUI, which every worker would start anew.
    """
    files = [Path(argument.partition("::")[0]) for argument in config.args]
    if os.environ.get("COMFYUI_PATH") or all(file.is_file() for file in files):
        return 0
    return min(os.cpu_count() or 1, MOST_WORKERS)


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
