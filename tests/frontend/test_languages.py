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

steps = load("frontend/steps.py")

LOCALES = Path(__file__).resolve().parents[2] / "locales"


def texts(language: str, file: str) -> dict[str, Any]:
    path = LOCALES / language / f"{file}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


# German is not among the languages of ComfyUI's page up to 1.58; its definitions wait for it.
@pytest.mark.parametrize("language", ["es", "fr", "ja", "ko", "zh"])
def test_nodes_speak_the_language(page: Page, driver: ModuleType, language: str) -> None:
    driver.set_setting(page, "Comfy.Locale", language)
    definitions = texts(language, "nodeDefs")
    wanted = definitions["Wan22ImageToVideo"]
    # The front end asks for the nodes anew, and then for their names.
    page.wait_for_function(
        """(title) => window.LiteGraph.registered_node_types.Wan22ImageToVideo.title === title""",
        arg=wanted["display_name"],
    )
    node = driver.add_node(page, "Wan22ImageToVideo")
    labels = page.evaluate(
        """(id) => {
            const node = window.app.graph.getNodeById(id);
            const name = (slot) => [slot.name, slot.localized_name ?? slot.label];
            return {
                inputs: Object.fromEntries(node.inputs.map(name)),
                widgets: Object.fromEntries(node.widgets.map(({ name, label }) => [name, label])),
                outputs: node.outputs.map((slot) => slot.localized_name),
            };
        }""",
        node,
    )
    for name, slot in wanted["inputs"].items():
        assert labels["inputs"][name] == slot["name"]
        assert labels["widgets"].get(name, slot["name"]) == slot["name"]
    assert labels["outputs"] == [slot["name"] for slot in wanted["outputs"].values()]


@pytest.mark.parametrize("language", ["zh"])
def test_the_form_speaks_the_language(page: Page, driver: ModuleType, language: str) -> None:
    wanted = texts(language, "main")
    if not wanted:
        pytest.skip("not translated yet")
    driver.set_setting(page, "Comfy.Locale", language)
    page.reload()
    page.wait_for_function("() => !!window.app?.vueAppReady")
    steps.add_picture(page)
    steps.run_command(page, steps.CONVERT)
    dialog = page.locator("dialog.wl-convert")
    dialog.get_by_text(wanted["wanderlens"]["convert"]["create"]).first.wait_for()
