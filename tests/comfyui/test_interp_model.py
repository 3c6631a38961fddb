"""An INTERP_MODEL, run by a FrameInterpolate node of ComfyUI's kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .host import ComfyHost

STAND_IN = Path(__file__).parent / "packs" / "interp_model"
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def host(comfy_host: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComfyHost]:
    """A ComfyUI with the stand-in's nodes."""
    packs = {"wanderlens": REPOSITORY, "interp_model": STAND_IN}
    with comfy_host.ComfyHost(packs, base_dir=tmp_path_factory.mktemp("interp")) as started:
        skip_where_core_has_it(started)
        yield started


def skip_where_core_has_it(host: ComfyHost) -> None:
    if host.object_info("FrameInterpolate")["python_module"] != "custom_nodes.interp_model":
        pytest.skip("this ComfyUI has its own FrameInterpolate, which needs real weights")


@pytest.fixture
def convert(host: ComfyHost) -> Callable[..., list[float]]:
    """Runs a conversion in ComfyUI: the mean of each frame, 0 to 1 in even steps before."""

    def run(**inputs: Any) -> list[float]:
        prompt = {
            "1": {
                "class_type": "FrameInterpolationModelLoader",
                "inputs": {"model_name": "blend.safetensors"},
            },
            "2": {
                "class_type": "TellFrameRate",
                "inputs": {**inputs, "interp_model": ["1", 0]},
            },
            "3": {"class_type": "PreviewAny", "inputs": {"source": ["2", 0]}},
        }
        return json.loads("".join(host.run(prompt)["outputs"]["3"]["text"]))

    return run


def test_an_open_clip(convert: Callable[..., list[float]]) -> None:
    means = convert(length=9, native_fps=16, output_fps=24, loop=False)
    assert means == pytest.approx([index / 12 for index in range(13)], abs=1e-5)


def test_a_loop(convert: Callable[..., list[float]]) -> None:
    means = convert(length=9, native_fps=16, output_fps=32, loop=True)
    assert means == pytest.approx([*(index / 16 for index in range(17)), 0.5], abs=1e-5)


def test_a_clip_made_with_it(
    comfy_host: Any, tmp_path_factory: pytest.TempPathFactory, tiny_workflows: Any
) -> None:
    """Linked into Wan22ImageToVideo: 1 s at 32 fps is 33 frames, and none is sampled for it."""
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("interp-clip")
    tiny_workflows.write_stand_ins(base_dir / "models")
    packs = {**tiny_workflows.PACKS, "interp_model": STAND_IN}
    with comfy_host.ComfyHost(packs, base_dir=base_dir) as host:
        skip_where_core_has_it(host)
        host.upload_image(REPOSITORY / "wanderlens" / "assets" / "example.png")
        prompt = tiny_workflows.tiny("Image to video A14B")
        report = tiny_workflows.node_of(prompt, "PreviewAny")
        assert "interpolate" not in "".join(host.run(prompt)["outputs"][report]["text"])

        loader = {"model_name": "blend.safetensors"}
        prompt["800"] = {"class_type": "FrameInterpolationModelLoader", "inputs": loader}
        clip = prompt[tiny_workflows.node_of(prompt, "Wan22ImageToVideo")]["inputs"]
        clip.update(fps=32, interp_model=["800", 0])
        text = "".join(host.run(prompt)["outputs"][report]["text"])
        assert "33 at 32 fps after interpolation" in text
        assert "0 steps were sampled" in text
