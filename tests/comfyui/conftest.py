"""Fixtures for tests that run inside a real ComfyUI; without one they skip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from .host import ComfyHost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


host = load("comfyui/host.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder, and skips it where no ComfyUI is named."""
    here = [item for item in items if item.path.is_relative_to(HERE)]
    if not here:
        return
    try:
        found = host.find_comfyui()
    except host.HostError as error:
        raise pytest.UsageError(str(error)) from error
    for item in here:
        item.add_marker(pytest.mark.comfyui)
        if found is None:
            reason = f"{host.PATH_VARIABLE} does not name a ComfyUI folder"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def tiny_workflows() -> ModuleType:
    """The module ``tiny_workflows.py``: the bundled workflows, small enough for a CPU."""
    return load("comfyui/tiny_workflows.py")


@pytest.fixture(scope="session")
def comfy_host() -> ModuleType:
    """The module ``host.py``, for its exceptions (``comfy_host.PromptFailed`` …)."""
    return host


@pytest.fixture(scope="session")
def comfy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComfyHost]:
    """A started ComfyUI with this repository as its pack ``wanderlens``, shared by all tests."""
    base_dir = tmp_path_factory.mktemp("comfyui")
    with host.ComfyHost({"wanderlens": REPOSITORY}, base_dir=base_dir) as started:
        yield started


@pytest.fixture
def start_comfy(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., ComfyHost]]:
    """A function that starts a ComfyUI of the test's own; all are stopped after the test.

    Its arguments: ``packs`` (folder name to path, beside ``wanderlens``), ``user_files``
    (relative path below ``user/default`` to content), ``extra_args`` (for ``main.py``), and
    whatever else ``ComfyHost`` takes by keyword.
    """
    started: list[ComfyHost] = []

    def start(
        packs: Mapping[str, Path] | None = None,
        user_files: Mapping[str, str | bytes | Path] | None = None,
        extra_args: Sequence[str] = (),
        **options: Any,
    ) -> ComfyHost:
        options.setdefault("base_dir", tmp_path_factory.mktemp("comfyui"))
        instance = host.ComfyHost(
            {"wanderlens": REPOSITORY, **(packs or {})},
            user_files=user_files,
            extra_args=extra_args,
            **options,
        )
        started.append(instance)
        return instance.start()

    yield start
    for instance in started:
        instance.stop()
