"""Fixtures for tests of our page in the real front end, on a small stand-in for ComfyUI's server.

They skip where something is missing: Playwright, Chromium (on the search path or in
``CHROMIUM_PATH``), or the front end (the package ``comfyui-frontend-package``, or another version
of it in the folder that ``WANDERLENS_FRONTEND`` names).
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from .host import FrontendHost

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "wanderlens" / "assets" / "example.png"

front_end = load("browser/driver.py")

#: Marks the warnings that our code causes, those of the front end about our calls included.
OURS = "[Wanderlens]"
MARK_OURS = """(mark) => {
    for (const kind of ["warn", "error"]) {
        const said = console[kind];
        console[kind] = function (...args) {
            const ours = new Error().stack.includes("/extensions/wanderlens/");
            said.apply(this, ours ? [mark, ...args] : args);
        };
    }
}"""


def _missing() -> str | None:
    if importlib.util.find_spec("aiohttp") is None:
        return "aiohttp is not installed"
    if importlib.util.find_spec("av") is None:
        return "PyAV is not installed"
    if load("frontend/host.py").find_front_end() is None:
        return "comfyui-frontend-package is not installed"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips the tests of this folder with the reason when something is missing."""
    here = [item for item in items if item.path.is_relative_to(HERE)]
    if not here:
        return
    try:
        missing, missing_browser = _missing(), front_end.missing_browser()
    except FileNotFoundError as error:  # WANDERLENS_FRONTEND names no front end
        raise pytest.UsageError(str(error)) from error
    for item in here:
        needs_browser = "browser" in getattr(item, "fixturenames", ())
        if reason := missing or (missing_browser if needs_browser else None):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def driver() -> ModuleType:
    """The module ``tests/browser/driver.py``."""
    return front_end


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with front_end.chromium() as launched:
        yield launched


@pytest.fixture
def language() -> str:
    """The language that the page is opened in; a module of tests may have another one."""
    return "en"


@pytest.fixture
def host(tmp_path: Path, language: str) -> Iterator[FrontendHost]:
    """A started host of the test's own, with the example picture and settings made for tests."""
    for name, content in front_end.USER_FILES.items():
        file = tmp_path / "user" / "default" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    with load("frontend/host.py").FrontendHost(tmp_path) as started:
        shutil.copy(EXAMPLE, started.input_dir / EXAMPLE.name)
        started.request("POST", "/settings/Comfy.Locale", language)
        yield started


@pytest.fixture
def page_errors() -> list[str]:
    """Console errors and uncaught exceptions of the test's `page`, in their order."""
    return []


@pytest.fixture
def page_warnings() -> list[str]:
    """Console warnings of the test's `page` that we cause, or that speak of us."""
    return []


@pytest.fixture
def page(
    host: FrontendHost, browser: Browser, page_errors: list[str], page_warnings: list[str]
) -> Iterator[Page]:
    """The front end in a fresh profile, canvas empty; the console must stay quiet."""

    def on_console(message: ConsoleMessage) -> None:
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "warning" and "wanderlens" in said.lower():
            page_warnings.append(said)

    with front_end.new_page(browser, page_errors) as opened:
        opened.context.add_init_script(f"({MARK_OURS})({OURS!r})")
        opened.on("console", on_console)
        front_end.open_empty_canvas(opened, host.url)
        yield opened
    assert page_errors == []
    assert page_warnings == []
