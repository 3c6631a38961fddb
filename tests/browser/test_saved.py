"""A graph that was saved with an earlier version opens, is the same prompt, and runs."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from ..comfyui.host import ComfyHost

REPOSITORY = Path(__file__).resolve().parents[2]
saved = load("support/saved.py")
tiny_workflows = load("comfyui/tiny_workflows.py")

OURS = (
    "PresetSelector", "CinematicDirection", "ImageStyleCarryover", "Wan22ImageToVideo",
    "LoopBlend", "FrameContinuityExtend",
)  # fmt: skip


def ours(prompt: dict[str, Any]) -> dict[str, Any]:
    """Our nodes of a prompt: core's own widgets differ between front ends."""
    return {
        node_id: node["inputs"] for node_id, node in prompt.items() if node["class_type"] in OURS
    }


def test_a_saved_graph_opens_and_runs_as_it_did(
    tmp_path_factory: pytest.TempPathFactory,
    comfy: ComfyHost,
    browser: Browser,
    driver: ModuleType,
) -> None:
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("comfyui-saved")
    tiny_workflows.write_nano_models(base_dir / "models")
    packs = {
        **tiny_workflows.PACKS,
        "nano_text": REPOSITORY / "tests" / "comfyui" / "packs" / "nano_text",
    }
    env = {"TEST_VAE_DIM": "16"}  # for cores before 0.4, whose loader knows the full size only
    with (
        type(comfy)(packs, user_files=driver.USER_FILES, base_dir=base_dir, env=env) as host,
        browser.new_context(locale="en-US") as context,
    ):
        host.upload_image(REPOSITORY / "wanderlens" / "assets" / "example.png")
        page = context.new_page()
        errors: list[str] = []
        driver.open_front_end(page, host.url)
        driver.collect_errors(page, errors)
        driver.open_graph(page, saved.saved_graph())
        prompt = driver.prompt(page)
        assert len(ours(prompt)) == len(OURS)
        assert ours(prompt) == ours(saved.saved_prompt())
        queued = page.evaluate(
            """async () => {
                const { output, workflow } = await window.app.graphToPrompt();
                return (await window.app.api.queuePrompt(0, { output, workflow })).prompt_id;
            }"""
        )
        saved.check_outputs(host.wait(queued)["outputs"])
        assert not errors
