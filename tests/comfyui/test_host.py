"""The pack loads in a real ComfyUI, and the harness reports what ComfyUI reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .host import ComfyHost

REPOSITORY = Path(__file__).resolve().parents[2]

RAISING_PACK = """
class RaisesAlways:
    RETURN_TYPES = ("STRING",)
    FUNCTION = "execute"
    CATEGORY = "test"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {"default": ""})}}

    def execute(self, text):
        raise ValueError(f"no good: {text}")


NODE_CLASS_MAPPINGS = {"RaisesAlways": RaisesAlways}
"""


def preview(text: Any) -> dict[str, Any]:
    """A prompt with core nodes only: a text shown by an output node."""
    return {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": text}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }


def test_every_node_of_the_pack_is_listed(comfy: ComfyHost, pack: ModuleType) -> None:
    ours = {
        node: info["display_name"]
        for node, info in comfy.object_info().items()
        if info["python_module"] == "custom_nodes.wanderlens"
    }
    assert set(ours) == set(pack.NODE_CLASS_MAPPINGS)
    assert ours == {node: pack.NODE_DISPLAY_NAME_MAPPINGS[node] for node in ours}


def test_start_leaves_no_complaint_of_ours_in_the_log(comfy: ComfyHost) -> None:
    start, _, _ = comfy.log_text().partition("To see the GUI")  # what follows is other tests'
    ours = [line for line in start.splitlines() if "custom_nodes/wanderlens" in line]
    assert ours, "ComfyUI lists every pack with its import time"
    assert not [line for line in ours if "IMPORT FAILED" in line]
    assert not [line for line in ours if line.lstrip().startswith("File ")], "a traceback of ours"


def test_run_returns_what_an_output_node_shows(comfy: ComfyHost) -> None:
    entry = comfy.run(preview("a slow push-in"))
    assert entry["status"]["status_str"] == "success"
    assert entry["outputs"]["2"]["text"] == ["a slow push-in"]
    again = comfy.run(preview("a slow push-in"))
    assert again["outputs"] == entry["outputs"], "a cached node still shows its output"


def test_refused_prompt_names_node_and_input(comfy: ComfyHost, comfy_host: ModuleType) -> None:
    prompt = preview("unused")
    del prompt["2"]["inputs"]["source"]
    with pytest.raises(comfy_host.PromptRejected, match=r"node 2 \(PreviewAny\).*source") as caught:
        comfy.queue(prompt)
    assert caught.value.node_errors["2"]["errors"][0]["type"] == "required_input_missing"


def test_uploaded_picture_can_be_viewed(comfy: ComfyHost) -> None:
    picture = REPOSITORY / "tests" / "comfyui" / "test_host.py"  # ComfyUI does not look inside
    assert comfy.upload_image(picture, subfolder="shots", name="still.png") == "shots/still.png"
    assert comfy.view("still.png", "shots", "input") == picture.read_bytes()


def test_failing_node_is_named(
    start_comfy: Callable[..., ComfyHost], comfy_host: ModuleType, tmp_path: Path
) -> None:
    pack_file = tmp_path / "raising.py"
    pack_file.write_text(RAISING_PACK)
    own = start_comfy(
        packs={"raising.py": pack_file}, user_files={"wanderlens/note.txt": "a user's file"}
    )
    assert (own.user_dir / "wanderlens" / "note.txt").read_text() == "a user's file"
    prompt = {
        "7": {"class_type": "RaisesAlways", "inputs": {"text": "fog"}},
        "8": {"class_type": "PreviewAny", "inputs": {"source": ["7", 0]}},
    }
    with pytest.raises(comfy_host.PromptFailed, match="no good: fog") as caught:
        own.run(prompt)
    assert (caught.value.node_id, caught.value.node_type) == ("7", "RaisesAlways")
    assert caught.value.exception_type == "ValueError"
    own.stop()
    assert not own.is_running()


def test_early_end_shows_the_log(
    start_comfy: Callable[..., ComfyHost], comfy_host: ModuleType
) -> None:
    with pytest.raises(comfy_host.HostError, match="unrecognized arguments"):
        start_comfy(extra_args=["--no-such-argument"])
