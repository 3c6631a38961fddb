"""Our extension in the real front end: it loads, it is quiet, its nodes and panels are there."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

    from .host import FrontendHost

steps = load("frontend/steps.py")

renderers = pytest.mark.parametrize("vue", [False, True], ids=["classic", "vue"])

#: Bytes of ours that a page loads before anything of ours is opened.
MOST_AT_START = 400 * 1024


def test_it_loads_little_is_registered_and_says_nothing(
    host: FrontendHost, browser: Browser, driver: ModuleType, page_errors: list[str]
) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    driver.collect_errors(page, page_errors)
    loaded: list[Response] = []

    def remember(response: Response) -> None:
        if "/extensions/wanderlens" in response.url:
            loaded.append(response)

    page.on("response", remember)
    driver.open_front_end(page, host.url)
    page.wait_for_load_state("networkidle")
    total = sum(len(each.body()) for each in loaded)
    assert 0 < total < MOST_AT_START, f"{total} bytes in {len(loaded)} files"
    assert all(each.ok for each in loaded)
    names = "() => window.app.extensions.map((each) => each.name)"
    assert "Wanderlens" in page.evaluate(names)
    commands = "() => window.app.extensionManager.command.commands.map((each) => each.id)"
    assert {steps.CONVERT, steps.TAB} <= set(page.evaluate(commands))
    assert page_errors == []
    context.close()


@renderers
def test_every_node_of_ours_stands_on_the_canvas(
    page: Page, host: FrontendHost, driver: ModuleType, vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    kinds = [
        name
        for name, node in host.object_info().items()
        if node["python_module"] == "custom_nodes.wanderlens"
    ]
    assert len(kinds) == 6
    for index, kind in enumerate(kinds):
        node = driver.add_node(page, kind, (40 + 450 * (index % 3), 40 + 700 * (index // 3)))
        definition = host.object_info()[kind]["input"]
        names = {*definition["required"], *definition.get("optional", {})}
        shown = set(driver.widget_values(page, node))
        links = page.evaluate(
            "(id) => window.app.graph.getNodeById(id).inputs.map((each) => each.name)", node
        )
        assert names <= shown | set(links), kind
    driver.fit_view(page)
    assert page.get_by_label("Report", exact=True).count() == 3
    assert page.get_by_label("Carried over", exact=True).count() == 1


@renderers
def test_a_bundled_workflow_opens_as_it_was_saved_and_its_run_is_in_activity(
    page: Page, host: FrontendHost, driver: ModuleType, vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    workflow = host.get_json("/api/workflow_templates/wanderlens/Image%20to%20video%20A14B.json")
    driver.open_graph(page, workflow)
    assert driver.toasts(page) == []
    saved = {node["id"]: node for node in driver.serialized_graph(page)["nodes"]}
    for node in workflow["nodes"]:
        if node["type"] != "PreviewAny":  # the front end keeps a value for its own widgets there
            assert saved[node["id"]]["widgets_values"] == node["widgets_values"], node["type"]

    page.evaluate("() => window.app.queuePrompt(0)")
    page.wait_for_function(
        "() => document.querySelector('textarea[aria-label=Report]').value.includes('Sampling')"
    )
    steps.open_activity(page)
    steps.row(page, "finished").wait_for()
    (entry,) = host.get_json("/history").values()
    assert entry["status"]["completed"] is True


def test_the_gallery_lists_what_was_made(page: Page, host: FrontendHost) -> None:
    steps.add_picture(page)
    dialog = steps.open_form(page)
    dialog.get_by_label("Direction").fill("clouds pass by")
    steps.create(dialog)
    host.wait_for_history(host.queue.sent[-1]["prompt_id"])
    steps.open_clips(page)
    page.locator(".wl-sidebar").get_by_text("clouds pass by").first.wait_for()
    poster = """() => [...document.querySelectorAll('.wl-sidebar img')]
        .some((each) => each.src.includes('/wanderlens/poster') && each.naturalWidth > 0)"""
    page.wait_for_function(poster)


def test_our_panels_follow_the_palette(page: Page, driver: ModuleType) -> None:
    shades = """(dialog) => {
        const shade = (colour) => {
            const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const label = dialog.querySelector("label, h2");
        return [shade(getComputedStyle(dialog).backgroundColor),
            shade(getComputedStyle(label).color)];
    }"""
    steps.add_picture(page)
    for palette in ("dark", "light"):
        driver.set_setting(page, "Comfy.ColorPalette", palette)
        dialog = steps.open_form(page)
        behind, text = dialog.evaluate(shades)
        assert (behind < 128) == (palette == "dark"), palette
        assert abs(behind - text) > 100, palette
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
