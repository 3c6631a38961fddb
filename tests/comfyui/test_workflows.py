"""The bundled workflows in a real ComfyUI: listed, valid, and run to a file on tiny weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from loading import load

if TYPE_CHECKING:
    from .host import ComfyHost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


tiny_workflows = load("comfyui/tiny_workflows.py")

#: What each workflow promises for one second, or for its preset's: frames, frames per second.
PROMISED = {
    "Bridge two clips": (58, 16),
    "Extend a clip": (33, 16),
    "First and last frame": (17, 16),
    "Image to video 5B": (25, 24),
    "Image to video A14B": (17, 16),
    "Image to video A14B 4 steps": (17, 16),
    "Loop": (16, 16),
    "Make any clip loop": (24, 16),
    "Preset and custom direction": (97, 16),
    "Ten seconds from one photo": (85, 16),
}
#: The node that makes the clip, and a word of its report, where it is not Wan22ImageToVideo.
MAKERS = {
    "Bridge two clips": ("FrameContinuityExtend", "to the first 4 of what follows"),
    "Extend a clip": ("FrameContinuityExtend", "8 frames at 16 fps"),
    "Make any clip loop": ("LoopBlend", "24 frames of 25 by trim"),
}


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory, comfy_host: ModuleType) -> Iterator[ComfyHost]:
    """A ComfyUI with the test-only nodes and, under the loaders' file names, tiny weights."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    base_dir = tmp_path_factory.mktemp("comfyui-workflows")
    tiny_workflows.write_stand_ins(base_dir / "models")
    with comfy_host.ComfyHost(tiny_workflows.PACKS, base_dir=base_dir) as started:
        tiny_workflows.upload_files(started, base_dir)
        yield started


def test_they_are_in_the_template_browser_with_their_pictures(comfy: ComfyHost) -> None:
    assert sorted(comfy.get_json("/workflow_templates")["wanderlens"]) == tiny_workflows.TITLES
    for title in tiny_workflows.TITLES:
        address = f"/api/workflow_templates/wanderlens/{quote(title)}"
        assert json.loads(comfy.get(f"{address}.json"))["version"] == 0.4
        assert comfy.get(f"{address}.jpg")[:2] == b"\xff\xd8"


def test_the_record_of_core_nodes_holds(comfy: ComfyHost) -> None:
    """Both formats are written from it; widgets are saved by position."""
    record = json.loads((REPOSITORY / "tools" / "core_nodes.json").read_text(encoding="utf-8"))
    for name, noted in record.items():
        info = comfy.object_info(name)
        inputs = [
            (each, "COMBO" if isinstance(spec[0], list) else spec[0], part == "optional")
            for part in ("required", "optional")
            for each, spec in info["input"].get(part, {}).items()
        ]
        known = [
            (each["name"], each["type"], each.get("optional", False)) for each in noted["inputs"]
        ]
        # Newer cores may have more, behind these and optional: that moves no saved widget.
        assert inputs[: len(known)] == known, name
        assert all(optional for _, _, optional in inputs[len(known) :]), name
        outputs = list(zip(info["output_name"], info["output"], strict=True))
        assert outputs == [tuple(each) for each in noted["outputs"]], name


@pytest.mark.parametrize("title", tiny_workflows.TITLES)
def test_it_is_valid_as_it_is(wan: ComfyHost, title: str) -> None:
    """ComfyUI takes it; it ends at once, because the text encoder's file is empty."""
    prompt_id = wan.queue(tiny_workflows.api_workflow(title))
    wan.cancel(prompt_id)


def test_the_shot_without_models_runs_as_it_is(wan: ComfyHost) -> None:
    entry = wan.run(tiny_workflows.api_workflow("Direct a shot"))
    shown = {
        entry["prompt"][2][node]["_meta"]["title"]: "".join(output["text"])
        for node, output in entry["outputs"].items()
    }
    assert "birds rise from the trees" in shown["Prompt"]
    assert "flies forward" in shown["Prompt"]
    assert "warped horizon" in shown["Negative prompt"]
    assert "landscape/valley flight" in shown["Report"]


def test_every_video_workflow_is_promised_something() -> None:
    assert set(PROMISED) | {"Direct a shot"} == set(tiny_workflows.TITLES)


@pytest.mark.parametrize("title", PROMISED)
def test_it_runs_to_a_file(wan: ComfyHost, title: str) -> None:
    av = pytest.importorskip("av")
    prompt = tiny_workflows.tiny(title)
    entry = wan.run(prompt)
    frames, fps = PROMISED[title]

    saved: dict[str, Any] = entry["outputs"][tiny_workflows.node_of(prompt, "SaveVideo")]
    (file,) = saved["images"]
    assert file["filename"].endswith(".mp4")
    assert file["subfolder"] == "video"
    with av.open(BytesIO(wan.view(file["filename"], file["subfolder"]))) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == (64, 64)
        assert stream.average_rate == fps
        assert sum(1 for _ in video.decode(stream)) == frames

    report = "".join(entry["outputs"][tiny_workflows.node_of(prompt, "PreviewAny")]["text"])
    maker, words = MAKERS.get(title, ("Wan22ImageToVideo", f"{fps} fps"))
    assert words in report
    on_the_node = entry["outputs"][tiny_workflows.node_of(prompt, maker)]["text"]
    assert "".join(on_the_node) == report


def test_what_a_clip_was_made_with_carries_over_to_its_extension(wan: ComfyHost) -> None:
    made = tiny_workflows.tiny("Image to video A14B")
    made[tiny_workflows.node_of(made, "CinematicDirection")]["inputs"]["direction"] = "owls fly"
    (file,) = wan.run(made)["outputs"][tiny_workflows.node_of(made, "SaveVideo")]["images"]

    prompt = tiny_workflows.tiny("Extend a clip")
    clip = f"{file['subfolder']}/{file['filename']} [output]"
    prompt[tiny_workflows.node_of(prompt, "LoadVideo")]["inputs"]["file"] = clip
    outputs = wan.run(prompt)["outputs"]
    style = outputs[tiny_workflows.node_of(prompt, "ImageStyleCarryover")]
    assert "owls fly" in json.dumps(style)
    assert style["wanderlens_style"][0]["badge"] == "file"


def test_the_sound_passes_around_an_extension(wan: ComfyHost, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    silent = tiny_workflows.write_clip(tmp_path / "silent.mp4")
    wan.upload_image(with_sound(silent, tmp_path / "sound.mp4"))
    prompt = tiny_workflows.tiny("Extend a clip")
    prompt[tiny_workflows.node_of(prompt, "LoadVideo")]["inputs"]["file"] = "sound.mp4"
    (file,) = wan.run(prompt)["outputs"][tiny_workflows.node_of(prompt, "SaveVideo")]["images"]
    with av.open(BytesIO(wan.view(file["filename"], file["subfolder"]))) as video:
        (sound,) = video.streams.audio
        samples = sum(frame.samples for frame in video.decode(sound))
    # 25 frames came in and 33 went out; the codec fills its last blocks up.
    assert samples / sound.rate == pytest.approx(25 / 16, abs=0.15)


def with_sound(silent: Path, file: Path) -> Path:
    """The clip with a sound as long as it is."""
    import av
    import numpy as np

    rate = 16_000
    with av.open(silent) as source, av.open(file, "w") as target:
        video = source.streams.video[0]
        pictures = target.add_stream_from_template(video)
        sound = target.add_stream("aac", rate=rate, layout="mono")
        for packet in source.demux(video):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        wave = 0.3 * np.sin(np.arange(rate * 25 // 16) * 0.2)
        frame = av.AudioFrame.from_ndarray(wave[None].astype("float32"), "fltp", "mono")
        frame.rate = rate
        target.mux(sound.encode(frame))
        target.mux(sound.encode(None))
    return file
