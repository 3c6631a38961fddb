"""ImageStyleCarryover on the real front end's canvas: the badge, in both renderers."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from ..comfyui.host import ComfyHost

EXAMPLE = Path(__file__).resolve().parents[2] / "wanderlens" / "assets" / "example.png"


def graph(still: str, words: str) -> dict:
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": still}},
        "2": {"class_type": "ImageStyleCarryover", "inputs": {
            "image": ["1", 0], "include": True, "source": "auto", "image_file": "",
            "prompt_text": words}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": ["2", 4]}},
    }  # fmt: skip


@pytest.mark.parametrize("vue", [False, True], ids=["classic", "vue"])
@pytest.mark.parametrize(
    ("words", "badge", "prompt"),
    [
        ("", "from the file", "a small wooden cabin by a misty mountain lake"),
        ("<b>a cat</b>", "from the text", "a cat"),
    ],
    ids=["file", "text"],
)
def test_a_run_shows_what_carries_over_and_where_it_came_from(
    page: Page,
    comfy: ComfyHost,
    driver: ModuleType,
    page_errors: list[str],
    vue: bool,
    words: str,
    badge: str,
    prompt: str,
) -> None:
    still = comfy.upload_image(EXAMPLE)
    driver.set_vue_nodes(page, vue)
    # ComfyUI does not show again what it has just shown: each renderer gets words of its own.
    page.evaluate("(p) => window.app.loadApiJson(p, 'style')", graph(still, words + " " * vue))
    driver.fit_view(page)
    box = page.get_by_label("Carried over", exact=True)
    box.wait_for()
    assert "appears here when the node runs" in box.inner_text()
    page.evaluate("() => window.app.queuePrompt(0)")
    box.get_by_text(badge, exact=True).wait_for(timeout=60_000)
    assert prompt in box.inner_text()
    assert box.locator("b").count() == 0  # a file's words are never markup
    assert (box.get_attribute("title") or "").startswith("From: ")
    place = box.bounding_box()
    assert place is not None
    assert place["height"] > 30
    (node,) = [
        each
        for each in driver.serialized_graph(page)["nodes"]
        if each["type"] == "ImageStyleCarryover"
    ]
    assert node["widgets_values"][:2] == [True, "auto"]
    assert len(node["widgets_values"]) == 4
    assert not page_errors


def test_a_workflow_loaded_over_another_shows_its_own_run(
    page: Page, comfy: ComfyHost, driver: ModuleType
) -> None:
    still = comfy.upload_image(EXAMPLE)
    driver.set_vue_nodes(page, True)
    for words in ("an owl", "a goose"):
        page.evaluate("(p) => window.app.loadApiJson(p, 'style')", graph(still, words))
        driver.fit_view(page)
        page.evaluate("() => window.app.queuePrompt(0)")
        box = page.get_by_label("Carried over", exact=True)
        box.get_by_text(words, exact=True).wait_for(timeout=30_000)
