"""What the tests of the style readers share."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from loading import load

for library in ("PIL", "numpy", "av"):
    pytest.importorskip(library, reason="needs the headless extra")


HERE = Path(__file__).parent
loaded_samples = load("unit/style/samples.py")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with a `sample_name` argument for every format."""
    if "sample_name" in metafunc.fixturenames:
        metafunc.parametrize("sample_name", list(loaded_samples.SAMPLES))


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module ``samples.py``."""
    return loaded_samples


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
