"""From a picture on the canvas to a clip that plays, and on, in a real ComfyUI on the nano model.

What comes of it is read from ComfyUI's history and from the files, not from the page.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from ..comfyui.host import ComfyHost

REPOSITORY = Path(__file__).resolve().parents[2]
PACKS = {
    "wanderlens": REPOSITORY,
    "nano_text": REPOSITORY / "tests" / "comfyui" / "packs" / "nano_text",
}
SMALL = "small.png"
DIRECTION = "the mist drifts, slow push forward"

steps = load("frontend/steps.py")
tiny_workflows = load("comfyui/tiny_workflows.py")

renderers = pytest.mark.parametrize("vue", [False, True], ids=["classic", "vue"])


@pytest.fixture(scope="module")
def wan(
    tmp_path_factory: pytest.TempPathFactory, comfy: ComfyHost, driver: ModuleType
) -> Iterator[ComfyHost]:
    """A ComfyUI with the nano model and a picture of few pixels."""
    pytest.importorskip("torch")
    from PIL import Image

    base_dir = tmp_path_factory.mktemp("comfyui-convert")
    tiny_workflows.write_nano_models(base_dir / "models")
    with Image.open(REPOSITORY / "wanderlens" / "assets" / "example.png") as picture:
        picture.convert("RGB").resize((128, 80)).save(base_dir / SMALL)
    with type(comfy)(PACKS, user_files=driver.USER_FILES, base_dir=base_dir) as started:
        started.upload_image(base_dir / SMALL)
        yield started


@pytest.fixture
def page(
    wan: ComfyHost, browser: Browser, driver: ModuleType, page_errors: list[str]
) -> Iterator[Page]:
    """The front end in a fresh profile; the test fails on errors of the console."""
    with driver.new_page(browser, page_errors) as opened:
        driver.open_empty_canvas(opened, wan.url)
        yield opened
    assert page_errors == []


@pytest.fixture
def newest(wan: ComfyHost) -> Callable[[], str]:
    """Waits for the prompt that was queued since the test began, and gives its id."""
    before = set(known(wan))

    def find() -> str:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for prompt_id in known(wan):
                if prompt_id not in before:
                    before.add(prompt_id)
                    return prompt_id
            time.sleep(0.2)
        raise AssertionError("no prompt was queued")

    return find


def known(host: ComfyHost) -> list[str]:
    queue = host.get_json("/queue")
    waiting = [item[1] for items in queue.values() for item in items]
    return [*waiting, *host.get_json("/history")]


def fill(dialog: Locator, *, quality: str = "Fast", seconds: str = "1") -> None:
    """A clip of the picture's own size, which the nano model makes in seconds."""
    dialog.get_by_label("Direction").fill(DIRECTION)
    dialog.get_by_role("radio", name="Image").check(force=True)
    dialog.get_by_role("radio", name=re.compile(f"^{quality} ")).check(force=True)
    dialog.get_by_role("spinbutton", name="Duration").fill(seconds)


def saved(host: ComfyHost, entry: dict[str, Any]) -> Path:
    """The clip that a history entry names."""
    prompt = entry["prompt"][2]
    (video,) = [
        output["images"][0]
        for node, output in entry["outputs"].items()
        if prompt[node]["class_type"] == "SaveVideo"
    ]
    return host.output_dir / video["subfolder"] / video["filename"]


def frames(file: Path) -> int:
    import av

    with av.open(str(file)) as container:
        return sum(1 for _ in container.decode(video=0))


@renderers
def test_a_picture_becomes_a_clip_that_plays_and_is_extended(
    page: Page, wan: ComfyHost, driver: ModuleType, newest: Callable[[], str], vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    steps.add_picture(page, SMALL)
    graph = driver.serialized_graph(page)
    dialog = steps.open_form(page)
    fill(dialog)
    dialog.get_by_role("spinbutton", name="Seed").fill(str(40 + vue))
    dialog.get_by_text("Frames: 17").wait_for()
    steps.create(dialog)
    assert driver.serialized_graph(page)["nodes"] == graph["nodes"]
    steps.open_activity(page)
    entry = wan.wait(newest())
    assert entry["status"]["status_str"] == "success"
    clip = saved(wan, entry)
    assert frames(clip) == 17

    row = steps.row(page, "finished").first
    row.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('li.wl-job video')?.currentTime > 0.1")

    row.get_by_role("button", name="Extend").click()
    dialog = steps.form(page, "Extend")
    dialog.get_by_role("radio", name=re.compile("^Fast ")).check(force=True)
    dialog.get_by_role("spinbutton", name="Seconds to add").fill("0.5")
    steps.create(dialog)
    entry = wan.wait(newest())
    assert entry["status"]["status_str"] == "success"
    assert frames(saved(wan, entry)) == 25


def test_a_running_clip_is_cancelled(page: Page, wan: ComfyHost, newest: Callable[[], str]) -> None:
    steps.add_picture(page, SMALL)
    dialog = steps.open_form(page)
    fill(dialog, quality="Best", seconds="3")
    steps.create(dialog)
    steps.open_activity(page)
    running = steps.row(page, "running")
    running.get_by_text("High noise").wait_for(timeout=120_000)
    running.get_by_role("button", name="Cancel").click()
    entry = wan.wait(newest())
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"
    steps.row(page, "cancelled").wait_for()


def test_a_reload_finds_the_clip_that_runs(
    page: Page, wan: ComfyHost, driver: ModuleType, newest: Callable[[], str]
) -> None:
    steps.add_picture(page, SMALL)
    dialog = steps.open_form(page)
    fill(dialog, quality="Best", seconds="3")
    dialog.get_by_role("spinbutton", name="Seed").fill("77")
    steps.create(dialog)
    steps.open_activity(page)
    steps.row(page, "running").get_by_text("High noise").wait_for(timeout=120_000)
    prompt_id = newest()
    driver.open_front_end(page, wan.url)
    steps.open_activity(page)
    steps.row(page, "running").get_by_text("noise").wait_for()
    entry = wan.wait(prompt_id)
    assert entry["status"]["status_str"] == "success"
    assert frames(saved(wan, entry)) == 49
    steps.row(page, "finished").first.wait_for()


def test_clips_are_combined_made_to_loop_and_deleted(
    page: Page, wan: ComfyHost, newest: Callable[[], str]
) -> None:
    made = wan.get_json("/wanderlens/clips")["clips"]
    assert len(made) >= 2, "the tests before this one make clips"
    steps.open_clips(page)
    cells = page.get_by_role("gridcell")
    cells.nth(0).wait_for()
    cells.nth(0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Combine 2").click()
    entry = wan.wait(newest())
    assert entry["status"]["status_str"] == "success"
    kinds = [node["class_type"] for node in entry["prompt"][2].values()]
    assert kinds.count("LoadVideo") == 2
    assert frames(saved(wan, entry)) > made[0]["frames"]
    combined = saved(wan, entry)

    page.get_by_role("searchbox").first.fill(combined.stem)
    cells.nth(0).focus()
    page.keyboard.press("Delete")
    undo = page.get_by_role("button", name="Undo")
    undo.wait_for()
    assert not combined.exists()
    undo.click()
    deadline = time.monotonic() + 10
    while not combined.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert combined.exists()


def test_a_graph_that_is_opened_queues_the_same(
    page: Page, driver: ModuleType, newest: Callable[[], str], wan: ComfyHost
) -> None:
    for action in ("Create Video", "Open as graph"):
        steps.add_picture(page, SMALL)
        dialog = steps.open_form(page)
        fill(dialog)
        dialog.get_by_role("spinbutton", name="Seed").fill("9")
        dialog.get_by_role("radio", name="noir shadows").click()
        dialog.get_by_role("button", name=action).click()
        dialog.wait_for(state="detached")
    queued = wan.wait(newest())["prompt"][2]
    page.wait_for_function("() => window.app.graph.nodes.length > 5")
    shown = driver.prompt(page)
    inputs = {key: node["inputs"] for key, node in shown.items()}
    for key, node in steps.plain_ids(queued).items():
        assert {**inputs[key], **node["inputs"]} == inputs[key], node["class_type"]
    assert json.dumps(queued).count("PresetSelector") == 1
