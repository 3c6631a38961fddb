"""What the unit tests share: stills of every format, bounds on work, tiny Wan 2.2 models."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from loading import load


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with a `sample_name` argument for every format."""
    if "sample_name" in metafunc.fixturenames:
        metafunc.parametrize("sample_name", list(load("support/still_samples.py").SAMPLES))


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module ``still_samples.py``."""
    return load("support/still_samples.py")


@pytest.fixture
def bounded() -> Callable[..., object]:
    """A context that fails when its body takes more seconds or MiB of new memory than stated."""
    resource = pytest.importorskip("resource", reason="memory is measured on POSIX only")

    @contextmanager
    def within(seconds: float, mebibytes: float) -> Iterator[None]:
        tracemalloc.start()
        start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            yield
            taken = time.perf_counter() - start
            peak = tracemalloc.get_traced_memory()[1] / 2**20
        finally:
            tracemalloc.stop()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) / 2**10
        assert taken < seconds, f"{taken:.1f} s"
        assert peak < mebibytes, f"{peak:.0f} MiB by Python"
        assert grown < 2 * mebibytes, f"{grown:.0f} MiB by the process"

    return within


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Files of random weights: high, low, vae (A14B), ti2v (5B), clip_vision (Wan 2.1), lora."""
    from safetensors.torch import save_file

    weights = load("comfyui/weights.py")
    folder = tmp_path_factory.mktemp("tiny")
    content: dict[str, Any] = {
        "high": weights.transformer(1, in_dim=36, out_dim=16),
        "low": weights.transformer(2, in_dim=36, out_dim=16),
        "t2v": weights.transformer(3, in_dim=16, out_dim=16),
        "ti2v": weights.transformer(4, in_dim=48, out_dim=48),
        "clip_vision": weights.transformer(5, in_dim=36, out_dim=16, clip_vision=True),
        "vae": weights.vae(6),
        "lora": weights.lora(7),
    }
    files = {}
    for name, tensors in content.items():
        files[name] = folder / f"{name}.safetensors"
        save_file(tensors, files[name])
    return files
