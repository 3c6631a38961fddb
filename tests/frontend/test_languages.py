"""Our words in the languages of ComfyUI's page."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .host import FrontendHost

steps = load("frontend/steps.py")

LOCALES = Path(__file__).resolve().parents[2] / "locales"


def texts(language: str, file: str) -> dict[str, Any]:
    path = LOCALES / language / f"{file}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@pytest.fixture
def language() -> str:
    return "zh"


def switch_to(page: Page, host: FrontendHost, driver: ModuleType, language: str) -> None:
    """Opens the page anew in a language."""
    host.request("POST", "/settings/Comfy.Locale", language)
    page.goto("about:blank")
    driver.open_front_end(page, host.url)


def test_nodes_speak_the_languages_of_the_page(
    page: Page, host: FrontendHost, driver: ModuleType
) -> None:
    # German is not among them up to 1.58 of the front end; our definitions wait for it.
    for language in ("zh", "es", "fr", "ja", "ko"):
        if language != "zh":  # which it is opened in
            switch_to(page, host, driver, language)
        wanted = texts(language, "nodeDefs")["Wan22ImageToVideo"]
        node = driver.add_node(page, "Wan22ImageToVideo")
        shown = page.evaluate(
            """(id) => {
                const node = window.app.graph.getNodeById(id);
                const inputs = node.inputs.map((each) => [each.name, each.localized_name]);
                const widgets = node.widgets.map((each) => [each.name, each.label]);
                return {
                    title: node.title,
                    inputs: Object.fromEntries(inputs),
                    widgets: Object.fromEntries(widgets),
                    outputs: node.outputs.map((each) => each.localized_name),
                };
            }""",
            node,
        )
        assert shown["title"] == wanted["display_name"], language
        for name, slot in wanted["inputs"].items():
            assert shown["inputs"][name] == slot["name"], (language, name)
            assert shown["widgets"].get(name, slot["name"]) == slot["name"], (language, name)
        assert shown["outputs"] == [slot["name"] for slot in wanted["outputs"].values()], language


def test_settings_commands_and_the_form_speak_the_language(page: Page) -> None:
    form = texts("zh", "main")["wanderlens"]["convert"]
    steps.run_command(page, steps.CONVERT)
    dialog = page.locator("dialog.wl-convert")
    dialog.get_by_text(form["title_convert"], exact=True).first.wait_for()
    page.keyboard.press("Escape")
    names = {name["name"] for name in texts("zh", "settings").values()}
    steps.run_command(page, "Comfy.ShowSettingsDialog")
    page.get_by_text("Wanderlens", exact=True).last.click()
    for name in sorted(names)[:3]:
        page.get_by_text(name, exact=True).first.wait_for()
