"""From a picture on the canvas to a clip, and on: what the page shows, and what comes of it."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .host import FrontendHost

steps = load("frontend/steps.py")

renderers = pytest.mark.parametrize("vue", [False, True], ids=["classic", "vue"])

DIRECTION = "the mist drifts, slow push forward"


def node_of(prompt: dict[str, Any], kind: str) -> dict[str, Any]:
    (inputs,) = [node["inputs"] for node in prompt.values() if node["class_type"] == kind]
    return inputs


def canvas_ids(prompt: dict[str, Any]) -> dict[str, Any]:
    """A prompt of ours with the ids that its nodes have on a canvas: their last digits."""

    def short(node_id: str) -> str:
        return node_id[len(node_id.rstrip("0123456789")) :]

    def shortened(value: Any) -> Any:
        link = isinstance(value, list) and len(value) == 2 and str(value[0]) in prompt
        return [short(str(value[0])), value[1]] if link else value

    return {
        short(node_id): {
            **node, "inputs": {name: shortened(each) for name, each in node["inputs"].items()}
        }
        for node_id, node in prompt.items()
    }  # fmt: skip


def start_clip(page: Page) -> None:
    """Queues a clip of the example picture."""
    steps.add_picture(page)
    dialog = steps.open_form(page)
    dialog.get_by_label("Direction").fill(DIRECTION)
    steps.create(dialog)


def sent(host: FrontendHost, index: int = -1) -> dict[str, Any]:
    """A body that the page has sent to ``/prompt``."""
    return host.queue.sent[index]


def wait_until_it_holds(page: Page) -> None:
    """Until the page shows the stage that the host stops at."""
    steps.row(page, "running").get_by_text("Low noise").wait_for()


@renderers
def test_a_picture_becomes_a_clip_and_is_extended(
    page: Page, host: FrontendHost, driver: ModuleType, vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    node = steps.add_picture(page)
    before = driver.serialized_graph(page)
    dialog = steps.open_form(page)
    # What the picture carries over is found in its file.
    dialog.get_by_text("a small wooden cabin by a misty mountain lake").first.wait_for()
    dialog.get_by_label("Direction").fill(DIRECTION)
    dialog.get_by_role("spinbutton", name="Seed").fill("42")
    steps.create(dialog)

    assert driver.serialized_graph(page)["nodes"] == before["nodes"]  # the user's graph stays
    body = sent(host)
    assert node_of(body["prompt"], "LoadImage")["image"] == "example.png"
    assert node_of(body["prompt"], "CinematicDirection")["direction"] == DIRECTION
    made = node_of(body["prompt"], "Wan22ImageToVideo")
    assert (made["seed"], made["fps"], made["duration"]) == (42, 16, 5)

    entry = host.wait_for_history(body["prompt_id"])
    assert entry["status"]["status_str"] == "success"
    (output,) = [found for found in entry["outputs"].values() if "images" in found]
    (place,) = output["images"]
    file = host.output_dir / place["subfolder"] / place["filename"]
    assert file.stat().st_size > 0
    (clip,) = host.get_json("/wanderlens/clips")["clips"]
    assert (clip["filename"], clip["kind"]) == (place["filename"], "convert")
    assert clip["settings"]["direction"] == DIRECTION
    assert clip["frames"] == 80

    steps.open_activity(page)
    finished = steps.row(page, "finished")
    finished.get_by_role("button", name="Extend").click()
    dialog = steps.form(page, "Extend")
    dialog.get_by_role("button", name="Create Video").click()
    dialog.wait_for(state="detached")
    body = sent(host)
    assert node_of(body["prompt"], "FrameContinuityExtend")["join"] == "generate"
    loaded = node_of(body["prompt"], "LoadVideo")["file"]
    assert loaded.startswith(f"{place['subfolder']}/{place['filename']}")
    assert host.wait_for_history(body["prompt_id"])["status"]["completed"] is True
    page.wait_for_function(
        "() => document.querySelectorAll('li.wl-job[data-state=finished]').length === 2"
    )
    assert page.evaluate("(id) => !!window.app.graph.getNodeById(id)", node)


def test_what_runs_leaves_the_nodes_on_the_canvas_alone(
    page: Page, host: FrontendHost, driver: ModuleType
) -> None:
    """ComfyUI tells the page of nodes by their ids, and the user's graph has nodes with these."""
    nodes = [driver.add_node(page, "LoadImage", (40 * each, 40 * each)) for each in range(20)]
    for node in nodes:
        driver.set_widget(page, node, "image", "example.png")
    pictures = """() => window.app.graph.nodes.map(
        (node) => [node.id, node.imgs?.length, node.images, node.progress ?? null])"""
    page.wait_for_function("() => window.app.graph.nodes.every((node) => node.imgs?.length)")
    before = page.evaluate(pictures)
    host.hold("low noise")
    start_clip(page)
    steps.open_activity(page)
    wait_until_it_holds(page)
    assert page.evaluate(pictures)[: len(before)] == before
    host.go_on()
    steps.row(page, "finished").wait_for()
    driver.settle(page)
    assert page.evaluate(pictures)[: len(before)] == before


def test_a_clip_that_runs_is_cancelled(page: Page, host: FrontendHost) -> None:
    host.hold("low noise")
    start_clip(page)
    steps.open_activity(page)
    wait_until_it_holds(page)
    steps.row(page, "running").get_by_role("button", name="Cancel").click()
    entry = host.wait_for_history(sent(host)["prompt_id"])
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"
    steps.row(page, "cancelled").wait_for()
    assert not list(host.output_dir.rglob("*.mp4"))


def test_a_clip_that_waits_is_cancelled_and_the_other_goes_on(
    page: Page, host: FrontendHost
) -> None:
    host.hold("low noise")
    start_clip(page)
    start_clip(page)
    steps.open_activity(page)
    wait_until_it_holds(page)
    steps.row(page, "queued").get_by_role("button", name="Cancel").click()
    steps.row(page, "cancelled").wait_for()
    assert host.get_json("/queue")["queue_pending"] == []
    host.go_on()
    first, second = sent(host, 0)["prompt_id"], sent(host, 1)["prompt_id"]
    assert host.wait_for_history(first)["status"]["completed"] is True
    steps.row(page, "finished").wait_for()
    assert host.get_json(f"/history/{second}") == {}


@renderers
def test_a_reload_loses_nothing(
    page: Page, host: FrontendHost, driver: ModuleType, vue: bool
) -> None:
    driver.set_vue_nodes(page, vue)
    host.hold("low noise")
    start_clip(page)
    steps.open_activity(page)
    wait_until_it_holds(page)
    page.goto("about:blank")
    driver.open_front_end(page, host.url)
    steps.open_activity(page)
    wait_until_it_holds(page)
    host.go_on()
    steps.row(page, "finished").wait_for()
    assert host.wait_for_history(sent(host)["prompt_id"])["status"]["completed"] is True
    assert len(host.queue.sent) == 1


def test_a_clip_that_ended_while_nobody_looked_is_there(
    page: Page, host: FrontendHost, driver: ModuleType
) -> None:
    host.hold("low noise")
    start_clip(page)
    page.goto("about:blank")
    host.go_on()
    host.wait_for_history(sent(host)["prompt_id"])
    driver.open_front_end(page, host.url)
    steps.open_activity(page)
    steps.row(page, "finished").wait_for()


def test_a_failure_says_what_failed(page: Page, host: FrontendHost) -> None:
    host.renderer.failure = "The VAE has the wrong size. Load Wan 2.1's."
    start_clip(page)
    entry = host.wait_for_history(sent(host)["prompt_id"])
    assert entry["status"]["messages"][-1][0] == "execution_error"
    steps.close_dialogs(page)  # ComfyUI's own, which names the node
    steps.open_activity(page)
    failed = steps.row(page, "failed")
    failed.get_by_text("The VAE has the wrong size.").first.wait_for()


def test_a_server_that_ends_takes_no_job_with_it(
    page: Page, host: FrontendHost, page_errors: list[str]
) -> None:
    host.hold("low noise")
    start_clip(page)
    steps.open_activity(page)
    wait_until_it_holds(page)
    host.stop()
    page.wait_for_timeout(500)
    host.start()
    steps.row(page, "lost").wait_for(timeout=30_000)
    steps.row(page, "lost").get_by_role("button", name="again").click()
    steps.row(page, "finished").wait_for()
    assert host.wait_for_history(sent(host)["prompt_id"])["status"]["completed"] is True
    # Of a server that is not there the browser itself says so.
    gone = ("ERR_CONNECTION", "Failed to fetch", "WebSocket")
    page_errors[:] = [each for each in page_errors if not any(word in each for word in gone)]


def test_a_finished_clip_becomes_a_loop(page: Page, host: FrontendHost) -> None:
    start_clip(page)
    steps.open_activity(page)
    steps.row(page, "finished").get_by_role("button", name="Make loop").click()
    steps.row(page, "finished").nth(1).wait_for()
    loop = sent(host)
    assert node_of(loop["prompt"], "LoopBlend")["method"] == "auto"
    assert host.wait_for_history(loop["prompt_id"])["status"]["completed"] is True
    clips = host.get_json("/wanderlens/clips")["clips"]
    assert [clip["kind"] for clip in clips] == ["loop", "convert"]


def test_a_refused_prompt_leaves_the_form_open(
    page: Page, host: FrontendHost, page_errors: list[str]
) -> None:
    steps.add_picture(page)
    dialog = steps.open_form(page)
    dialog.get_by_label("Direction").fill(DIRECTION)
    # What the form asks the server while one types has been answered: only Create meets a gap.
    composed = dialog.get_by_role("region", name="Composed prompt")
    composed.get_by_text("mist drifts").first.wait_for()
    dialog.get_by_text("Frames: 81").first.wait_for()
    (host.input_dir / "example.png").unlink()
    dialog.get_by_role("button", name="Create Video").click()
    dialog.get_by_role("alert").get_by_text("example.png").wait_for()
    assert dialog.get_by_label("Direction").input_value() == DIRECTION
    assert host.get_json("/history") == {}
    page_errors[:] = [each for each in page_errors if "status of 4" not in each]


def test_it_opens_as_a_graph_that_queues_the_same(
    page: Page, host: FrontendHost, driver: ModuleType
) -> None:
    steps.add_picture(page)
    dialog = steps.open_form(page)
    dialog.get_by_label("Direction").fill(DIRECTION)
    dialog.get_by_role("spinbutton", name="Seed").fill("7")
    steps.create(dialog)
    queued = steps.plain_ids(sent(host)["prompt"])
    steps.add_picture(page)
    dialog = steps.open_form(page)
    dialog.get_by_label("Direction").fill(DIRECTION)
    dialog.get_by_role("spinbutton", name="Seed").fill("7")
    dialog.get_by_role("button", name="Open as graph").click()
    dialog.wait_for(state="detached")
    page.wait_for_function("() => window.app.graph.nodes.length > 5")
    shown = driver.prompt(page)
    known = host.object_info()
    for node_id, node in canvas_ids(queued).items():
        assert shown[node_id]["class_type"] == node["class_type"]
        inputs = known[node["class_type"]]["input"]
        names = {*inputs.get("required", {}), *inputs.get("optional", {})}
        # What the front end adds for widgets of its own is no input of a node.
        ours = {name: value for name, value in shown[node_id]["inputs"].items() if name in names}
        assert ours == node["inputs"], node["class_type"]
    assert len(shown) == len(queued)
