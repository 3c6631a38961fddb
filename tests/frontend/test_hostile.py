"""Texts that would be markup or script if they were put in as such: each is shown as it is.

They come from where others write: names of files, prompts of clips, presets, errors of the server,
and what a run says of a still.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import av
import numpy as np
from loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from .host import FrontendHost

steps = load("frontend/steps.py")
driver = load("browser/driver.py")

#: Marks the page if it ever runs. No slash: it stands in names of files too.
EVIL = "\"><img src=x onerror=window.owned=1><svg onload=window.owned=1>'`${1}&lt;b&gt;"
RUNS = "() => window.owned === undefined && !document.querySelector('img[src=\"x\"], svg[onload]')"


def save_clip(file: Path) -> None:
    """A clip as ComfyUI saves it, whose graph's texts are hostile."""
    texts = {"direction": f"a fox {EVIL}", "camera": EVIL, "pacing": EVIL, "negative": EVIL}
    shot = {"image": ["2", 0], "fps": 16, "duration": 1.0, "seed": 7, "quality": EVIL}
    prompt = {
        "2": {"class_type": "LoadImage", "inputs": {"image": f"{EVIL}.png"}},
        "7": {"class_type": "PresetSelector", "inputs": {"preset": EVIL, "intensity": 1.0}},
        "8": {"class_type": "CinematicDirection", "inputs": texts},
        "11": {"class_type": "Wan22ImageToVideo", "inputs": shot},
        "13": {"class_type": "SaveVideo", "inputs": {"video": ["11", 0]}},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(file), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata["prompt"] = json.dumps(prompt)
        stream = container.add_stream("h264", rate=16)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = np.full((48, 64, 3), 90, np.uint8)
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


def test_a_clip_with_a_hostile_name_and_prompt(page: Page, host: FrontendHost) -> None:
    save_clip(host.output_dir / EVIL / f"{EVIL}.mp4")
    steps.open_clips(page)
    card = page.locator(".wl-sidebar").get_by_text(f"a fox {EVIL}").first
    card.wait_for()
    card.click()
    page.wait_for_timeout(500)
    assert page.evaluate(RUNS)


def test_a_preset_with_hostile_texts(page: Page, host: FrontendHost) -> None:
    folder = host.user_dir / "wanderlens" / "presets"
    folder.mkdir(parents=True)
    fields = {"text": EVIL, "about": EVIL, "negative": EVIL, "tags": [EVIL]}
    (folder / f"{EVIL}.json").write_text(json.dumps(fields), encoding="utf-8")
    driver.add_node(page, "PresetSelector", (300, 200))
    steps.add_picture(page)
    dialog = steps.open_form(page)
    dialog.get_by_text(EVIL).first.wait_for(state="attached")
    assert page.evaluate(RUNS)


def test_a_refusal_and_a_report_with_hostile_texts(page: Page) -> None:
    steps.add_picture(page)
    carrier = driver.add_node(page, "ImageStyleCarryover", (700, 200))
    reporter = driver.add_node(page, "LoopBlend", (700, 500))
    page.evaluate(
        """([carrier, reporter, evil]) => {
            const node = (id) => window.app.graph.getNodeById(id);
            const style = {badge: "file", source: evil, prompt: evil, style: [evil], report: evil};
            node(carrier).onExecuted({wanderlens_style: [style], text: [evil]});
            node(reporter).onExecuted({text: [evil]});
        }""",
        [carrier, reporter, EVIL],
    )
    page.get_by_text(EVIL).first.wait_for(state="attached")
    dialog = steps.open_form(page)
    page.route("**/prompt", lambda route: route.fulfill(json={
        "node_errors": {EVIL: {"class_type": EVIL, "errors": [{"message": EVIL, "details": EVIL}]}}
    }))  # fmt: skip
    dialog.get_by_role("button", name="Create Video").click()
    page.get_by_text(EVIL).first.wait_for(state="attached")
    page.wait_for_timeout(500)
    assert page.evaluate(RUNS)


def test_a_job_of_the_browsers_storage_with_hostile_texts(page: Page) -> None:
    job = {"version": 1, "id": "x", "created": 1, "kind": EVIL, "title": EVIL, "state": "failed",
           "error": {"message": EVIL, "type": EVIL, "node": EVIL, "memory": False}, "stage": EVIL,
           "clip": {"filename": EVIL, "subfolder": EVIL, "type": "output"}}  # fmt: skip
    page.evaluate("(job) => localStorage.setItem('wanderlens.job.x', JSON.stringify(job))", job)
    page.evaluate("() => localStorage.setItem('wanderlens.job.y', '{\"version\": 1')")
    page.reload()
    page.wait_for_function("() => window.app?.extensionManager?.command")
    steps.open_activity(page)
    page.locator(".wl-sidebar").get_by_text(EVIL).first.wait_for()
    assert page.evaluate(RUNS)
