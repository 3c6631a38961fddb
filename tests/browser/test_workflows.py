"""The bundled workflows on the real front end's canvas, in both of its renderers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from ..comfyui.host import ComfyHost

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = REPOSITORY / "workflows"
TITLES = sorted(file.stem for file in WORKFLOWS.glob("*.json"))

renderers = pytest.mark.parametrize("vue", [False, True], ids=["classic", "vue"])

OVERLAPS = """() => {
    const boxes = window.app.graph.nodes.map((node) => [node.title, ...node.boundingRect]);
    const apart = ([, x, y, w, h], [, X, Y, W, H]) =>
        x + w <= X || X + W <= x || y + h <= Y || Y + H <= y;
    return boxes.flatMap((one, i) => boxes.slice(i + 1)
        .filter((other) => !apart(one, other)).map((other) => [one[0], other[0]]));
}"""


tiny_workflows = load("comfyui/tiny_workflows.py")


def workflow(title: str) -> dict[str, Any]:
    return json.loads((WORKFLOWS / f"{title}.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _files(comfy: ComfyHost, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("av")
    tiny_workflows.upload_files(comfy, tmp_path)


@renderers
@pytest.mark.parametrize("title", TITLES)
def test_it_opens_as_it_is_meant(
    page: Page, comfy: ComfyHost, driver: ModuleType, page_errors: list[str], title: str, vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    driver.open_graph(page, workflow(title))
    page.wait_for_timeout(300)  # Vue nodes find their sizes
    assert not driver.toasts(page)
    assert not driver.open_dialogs(page)
    assert not page_errors
    assert page.evaluate(OVERLAPS) == []

    # What the front end adds for widgets of its own, as the text preview's, is no input of a node.
    info = comfy.object_info()
    queued = {
        node_id: {
            "class_type": node["class_type"],
            "inputs": {
                name: value
                for name, value in node["inputs"].items()
                if any(name in part for part in info[node["class_type"]]["input"].values())
            },
        }
        for node_id, node in driver.prompt(page).items()
    }
    committed = tiny_workflows.api_workflow(title)
    for node in committed.values():
        del node["_meta"]
    assert queued == committed


@pytest.mark.parametrize("title", TITLES)
def test_saving_it_changes_no_value(page: Page, driver: ModuleType, title: str) -> None:
    opened = workflow(title)
    driver.open_graph(page, opened)
    saved = driver.serialized_graph(page)
    ours = {node["id"]: node["widgets_values"] for node in opened["nodes"]}
    for node in saved["nodes"]:
        if node["type"] != "PreviewAny":  # the front end keeps a value for its own widgets there
            assert node["widgets_values"] == ours[node["id"]], node["type"]
    assert saved["links"] == opened["links"]
    assert saved["groups"] == opened["groups"]


def test_it_offers_the_downloads_of_missing_models(page: Page, driver: ModuleType) -> None:
    driver.set_setting(page, "Comfy.Workflow.ShowMissingModelsWarning", True)
    driver.open_graph(page, workflow("Image to video A14B 4 steps"))
    dialog = page.locator("[role=dialog]:visible")
    dialog.wait_for()
    text = dialog.inner_text()
    for node in workflow("Image to video A14B 4 steps")["nodes"]:
        for model in node["properties"].get("models", []):
            assert f"{model['directory']} / {model['name']}" in text


def test_they_open_from_the_template_browser(
    page: Page, driver: ModuleType, page_errors: list[str]
) -> None:
    page.set_viewport_size({"width": 1600, "height": 2000})  # it draws what is in view only
    page.evaluate("() => window.app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    dialog = page.locator("[role=dialog]:visible")
    dialog.get_by_text("wanderlens", exact=True).first.click()
    dialog.get_by_text(TITLES[0], exact=True).first.wait_for()
    page.wait_for_function(
        """(count) => [...document.querySelectorAll('[role=dialog] img')]
            .filter((picture) => picture.naturalWidth === 512).length === count""",
        arg=len(TITLES),
    )
    dialog.get_by_text("Direct a shot", exact=True).first.click()
    dialog.wait_for(state="hidden")
    page.wait_for_function("() => window.app.graph.nodes.length === 6")
    kinds = {node["type"] for node in driver.serialized_graph(page)["nodes"]}
    assert {"PresetSelector", "CinematicDirection"} <= kinds
    assert not driver.toasts(page)
    assert not page_errors


# -- the report on the node -----------------------------------------------------------------------


@renderers
def test_a_report_is_shown_on_the_node(
    page: Page, driver: ModuleType, page_errors: list[str], vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    opened = workflow("Image to video A14B")
    (node,) = [each for each in opened["nodes"] if each["type"] == "Wan22ImageToVideo"]
    driver.open_graph(page, opened)
    box = page.get_by_label("Report", exact=True)
    box.wait_for()
    assert box.input_value() == ""
    assert not box.is_editable()

    show(page, node["id"], "Frames: 5 s, 81 made at 16 fps\nseed 0")
    assert box.input_value() == "Frames: 5 s, 81 made at 16 fps\nseed 0"
    place = box.bounding_box()
    assert place is not None
    assert place["height"] > 30
    assert not page_errors

    # The report is kept nowhere: it must not shift widgets, nor make a finished run look new.
    (saved,) = [n for n in driver.serialized_graph(page)["nodes"] if n["id"] == node["id"]]
    assert saved["widgets_values"] == node["widgets_values"]
    committed = tiny_workflows.api_workflow("Image to video A14B")[str(node["id"])]
    assert driver.prompt(page)[str(node["id"])]["inputs"] == committed["inputs"]

    driver.open_graph(page, json.loads(json.dumps(driver.serialized_graph(page))))
    assert driver.widget_values(page, node["id"])["boundary"] == 0.9
    assert page.get_by_label("Report", exact=True).input_value() == ""


def show(page: Page, node_id: int, text: str) -> None:
    """Tells the front end of a finished node, the way its server does."""
    page.evaluate(
        """([node, text]) => {
            const output = { text: [text] };
            const detail = { node, display_node: node, output, prompt_id: "a run" };
            window.app.api.dispatchEvent(new CustomEvent("executed", { detail }));
        }""",
        [str(node_id), text],
    )


@pytest.mark.parametrize("kind", ["FrameContinuityExtend", "LoopBlend", "Wan22ImageToVideo"])
def test_every_node_that_reports_has_a_box(page: Page, driver: ModuleType, kind: str) -> None:
    show(page, driver.add_node(page, kind), "of a run")
    assert page.get_by_label("Report", exact=True).input_value() == "of a run"


def test_an_old_report_stays_while_other_nodes_report(page: Page, driver: ModuleType) -> None:
    first = driver.add_node(page, "Wan22ImageToVideo", (100, 100))
    second = driver.add_node(page, "Wan22ImageToVideo", (700, 100))
    show(page, first, "of the first")
    show(page, second, "of the second")
    texts = [box.input_value() for box in page.get_by_label("Report", exact=True).all()]
    assert sorted(texts) == ["of the first", "of the second"]


def test_the_setting_is_there_and_on(page: Page) -> None:
    get = "() => window.app.extensionManager.setting.get('Wanderlens.KeepLatents')"
    assert page.evaluate(get) is True


@pytest.fixture(scope="module")
def wan(
    tmp_path_factory: pytest.TempPathFactory, comfy: ComfyHost, driver: ModuleType
) -> Iterator[ComfyHost]:
    """A ComfyUI with the test-only nodes and tiny weights."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("comfyui-workflows")
    tiny_workflows.write_stand_ins(base_dir / "models")
    with type(comfy)(
        tiny_workflows.PACKS, user_files=driver.USER_FILES, base_dir=base_dir
    ) as started:
        started.upload_image(REPOSITORY / "wanderlens" / "assets" / "example.png")
        yield started


@renderers
def test_a_run_from_the_canvas_shows_its_report(
    wan: ComfyHost, browser: Browser, driver: ModuleType, vue: bool
) -> None:
    page = browser.new_page(viewport={"width": 1600, "height": 1000}, locale="en-US")
    page.set_default_timeout(30_000)
    errors: list[str] = []
    driver.collect_errors(page, errors)
    driver.open_front_end(page, wan.url)
    driver.set_vue_nodes(page, vue)
    prompt = tiny_workflows.tiny("Image to video A14B")
    clip = tiny_workflows.node_of(prompt, "Wan22ImageToVideo")
    prompt[clip]["inputs"]["seed"] = int(vue)  # ComfyUI does not repeat what it has just shown
    page.evaluate("(prompt) => window.app.loadApiJson(prompt, 'tiny')", prompt)
    driver.fit_view(page)
    page.evaluate("() => window.app.queuePrompt(0)")
    page.wait_for_function(
        "() => document.querySelector('textarea[aria-label=Report]').value.includes('17 made')",
        timeout=300_000,
    )
    assert not errors
    page.close()
