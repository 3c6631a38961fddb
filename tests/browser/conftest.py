"""Fixtures for tests in ComfyUI's real front end; they skip where something is missing.

Needed: a ComfyUI (``COMFYUI_PATH``), Playwright in the tests' interpreter, and Chromium on the
search path or in ``CHROMIUM_PATH``. Nothing else is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from ..comfyui.host import ComfyHost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


host = load("comfyui/host.py")
front_end = load("browser/driver.py")


def _missing() -> str | None:
    if host.find_comfyui() is None:
        return f"{host.PATH_VARIABLE} does not name a ComfyUI folder"
    return front_end.missing_browser()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder, and skips it with the reason when one is missing."""
    here = [item for item in items if item.path.is_relative_to(HERE)]
    if not here:
        return
    try:
        reason = _missing()
    except host.HostError as error:
        raise pytest.UsageError(str(error)) from error
    for item in here:
        item.add_marker(pytest.mark.browser)
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def driver() -> ModuleType:
    """The module ``driver.py``: ``driver.add_node(page, …)`` and the like."""
    return front_end


@pytest.fixture(scope="session")
def comfy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComfyHost]:
    """A started ComfyUI with this repository as its pack, its settings made for tests."""
    base_dir = tmp_path_factory.mktemp("comfyui")
    with host.ComfyHost(
        {"wanderlens": REPOSITORY}, user_files=front_end.USER_FILES, base_dir=base_dir
    ) as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with front_end.chromium() as launched:
        yield launched


@pytest.fixture
def page_errors() -> list[str]:
    """Console errors and uncaught exceptions of the test's `page`, in their order."""
    return []


@pytest.fixture
def page(comfy: ComfyHost, browser: Browser, page_errors: list[str]) -> Iterator[Page]:
    """ComfyUI's front end in a fresh profile, settings reset, without dialogs, canvas empty."""
    settings = comfy.user_dir / "comfy.settings.json"
    settings.write_text(front_end.USER_FILES["comfy.settings.json"], encoding="utf-8")
    with front_end.new_page(browser, page_errors) as opened:
        front_end.open_empty_canvas(opened, comfy.url)
        yield opened
