"""The bundled workflows: both formats say the same, and what they say fits the nodes.

The prompt is read off the canvas format here once more, the way ComfyUI's front end reads it:
widgets by position, links by slot.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "workflows"
TITLES = sorted(file.stem for file in FOLDER.glob("*.json"))
CORE = json.loads((ROOT / "tools" / "core_nodes.json").read_text(encoding="utf-8"))
NOTES = ("Note", "MarkdownNote")
WIDGET_TYPES = ("COMBO", "STRING", "INT", "FLOAT", "BOOLEAN")
#: The widget of a loader that names its file, and where ComfyUI looks for that file.
LOADERS = {
    "UNETLoader": ("unet_name", "diffusion_models"),
    "CLIPLoader": ("clip_name", "text_encoders"),
    "VAELoader": ("vae_name", "vae"),
    "LoraLoaderModelOnly": ("lora_name", "loras"),
}
#: The node that makes the clip, where it is another one than Wan22ImageToVideo.
MAKERS = {
    "Bridge two clips": "FrameContinuityExtend",
    "Extend a clip": "FrameContinuityExtend",
    "Make any clip loop": "LoopBlend",
}
ADDRESS = r"https://huggingface\.co/Comfy-Org/[\w.-]+/resolve/main/split_files/{}/{}"

each_workflow = pytest.mark.parametrize("title", TITLES)


def canvas(title: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{title}.json").read_text(encoding="utf-8"))


def prompt(title: str) -> dict[str, Any]:
    return json.loads((FOLDER / "api" / f"{title}.json").read_text(encoding="utf-8"))


def real_nodes(title: str) -> list[dict[str, Any]]:
    return [node for node in canvas(title)["nodes"] if node["type"] not in NOTES]


@pytest.fixture
def definition(pack):
    """A function: a node class's inputs, name to (type, options, optional), and its outputs."""

    def look_up(kind: str) -> tuple[dict[str, tuple[str, dict, bool]], list[tuple[str, str]]]:
        node = pack.NODE_CLASS_MAPPINGS.get(kind)
        if node is None:
            inputs = {
                each["name"]: (each["type"], {}, each.get("optional", False))
                for each in CORE[kind]["inputs"]
            }
            return inputs, [(name, type_) for name, type_ in CORE[kind]["outputs"]]
        inputs = {}
        types = node.INPUT_TYPES()
        for part in ("required", "optional"):
            for name, (type_, options) in types.get(part, {}).items():
                if isinstance(type_, list):
                    type_, options = "COMBO", {**options, "options": type_}
                inputs[name] = (type_, options, part == "optional")
        return inputs, list(zip(node.RETURN_NAMES, node.RETURN_TYPES, strict=True))

    return look_up


def test_the_tool_writes_just_these():
    tool = [sys.executable, str(ROOT / "tools" / "workflows.py"), "--check"]
    result = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@each_workflow
def test_both_formats_say_the_same(title, definition):
    workflow = canvas(title)
    links = {link[0]: link for link in workflow["links"]}
    read = {}
    for node in real_nodes(title):
        inputs: dict[str, Any] = {}
        values = iter(node["widgets_values"])
        for name, (type_, options, _) in definition(node["type"])[0].items():
            if type_ not in WIDGET_TYPES:
                continue
            inputs[name] = next(values)
            if options.get("control_after_generate"):
                assert next(values) == "fixed"
        left = list(values)
        upload = node["type"] in ("LoadImage", "LoadVideo")
        assert left == (["image"] if upload else []), node["type"]
        for slot in node["inputs"]:
            if slot["link"] is not None:
                _, source, output, *_ = links[slot["link"]]
                inputs[slot["name"]] = [str(source), output]
        read[str(node["id"])] = {"class_type": node["type"], "inputs": inputs}
    saved = {
        node_id: {key: value for key, value in node.items() if key != "_meta"}
        for node_id, node in prompt(title).items()
    }
    assert read == saved


@each_workflow
def test_the_links_hold(title, definition):
    workflow = canvas(title)
    nodes = {node["id"]: node for node in workflow["nodes"]}
    assert workflow["last_node_id"] == max(nodes)
    assert workflow["last_link_id"] == len(workflow["links"])
    for link, source, output, target, slot, type_ in workflow["links"]:
        name, given = definition(nodes[source]["type"])[1][output]
        assert nodes[source]["outputs"][output]["name"] == name
        assert link in nodes[source]["outputs"][output]["links"]
        taken = nodes[target]["inputs"][slot]
        assert taken["link"] == link
        assert type_ == given
        assert taken["type"] in (given, "*"), f"{given} into {taken['name']}"
        assert definition(nodes[target]["type"])[0][taken["name"]][0] == taken["type"]
    ends = [each for node in nodes.values() for each in node["inputs"] if each["link"]]
    starts = [
        each for node in nodes.values() for out in node["outputs"] for each in out["links"] or []
    ]
    assert len(ends) == len(starts) == len(workflow["links"])


@each_workflow
def test_every_input_is_there_and_valid(title, definition):
    for node in prompt(title).values():
        inputs, _ = definition(node["class_type"])
        given = node["inputs"]
        assert set(given) <= set(inputs)
        for name, (type_, options, optional) in inputs.items():
            if type_ not in WIDGET_TYPES:
                assert optional or name in given, f"{name} is not connected"
                continue
            assert name in given, name
            value = given[name]
            if isinstance(value, list):
                continue
            if "options" in options:
                assert value in options["options"]
            if type_ in ("INT", "FLOAT"):
                assert options.get("min", value) <= value <= options.get("max", value)
            expected = {"INT": int, "FLOAT": (int, float), "BOOLEAN": bool}.get(type_, str)
            assert isinstance(value, expected), name


@each_workflow
def test_every_loader_offers_its_file(title):
    for node in real_nodes(title):
        models = node["properties"].get("models", [])
        if node["type"] not in LOADERS:
            assert not models
            continue
        widget, directory = LOADERS[node["type"]]
        assert [(model["name"], model["directory"]) for model in models] == [
            (prompt(title)[str(node["id"])]["inputs"][widget], directory)
        ]
        address = ADDRESS.format(directory, re.escape(models[0]["name"]))
        assert re.fullmatch(address, models[0]["url"])


@each_workflow
def test_it_says_what_it_is_for(title):
    (note,) = [node for node in canvas(title)["nodes"] if node["type"] in NOTES]
    lines = [line for line in note["widgets_values"][0].splitlines() if line]
    assert 3 <= len(lines) <= 6
    assert all(node["_meta"]["title"] for node in prompt(title).values())


@each_workflow
def test_nothing_in_it_is_of_one_machine(title):
    def strings(value: Any) -> list[str]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [each for inner in value for each in strings(inner)]
        return [value] if isinstance(value, str) else []

    for text in strings(canvas(title)) + strings(prompt(title)):
        assert not re.match(r"/|~|\\\\|[A-Za-z]:[\\/]", text), text
        assert not re.search(r"/(?:home|Users|root|tmp|work)/", text), text
    pictures = [n for n in prompt(title).values() if n["class_type"] == "LoadImage"]
    assert {node["inputs"]["image"] for node in pictures} <= {"example.png"}, "core has that one"


@each_workflow
def test_a_clip_ends_in_a_file_at_its_own_frame_rate(title, definition):
    nodes = prompt(title)
    if title == "Direct a shot":
        return
    kind = MAKERS.get(title, "Wan22ImageToVideo")
    (clip,) = [key for key, node in nodes.items() if node["class_type"] == kind]
    (video,) = [key for key, node in nodes.items() if node["class_type"] == "CreateVideo"]
    (save,) = [node for node in nodes.values() if node["class_type"] == "SaveVideo"]
    parts = [key for key, node in nodes.items() if node["class_type"] == "GetVideoComponents"]
    outputs = [name for name, _ in definition(kind)[1]]
    rate = [clip, outputs.index("fps")] if "fps" in outputs else [parts[0], 2]
    expected = {"images": [clip, 0], "fps": rate}
    if kind == "FrameContinuityExtend":  # the sound of the clip that came in passes around it
        expected["audio"] = [parts[0], 1]
    assert nodes[video]["inputs"] == expected
    assert save["inputs"]["video"] == [video, 0]


@each_workflow
def test_nothing_overlaps_and_everything_stands_in_a_frame(title):
    workflow = canvas(title)

    def box(node: dict[str, Any]) -> tuple[float, float, float, float]:
        (left, top), (width, height) = node["pos"], node["size"]
        return left, top - 30, left + width, top + height  # the title bar is above

    def apart(one: tuple, other: tuple) -> bool:
        return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]

    frames = [
        (left, top, left + width, top + height)
        for left, top, width, height in (group["bounding"] for group in workflow["groups"])
    ]
    boxes = {node["id"]: box(node) for node in workflow["nodes"]}
    for one, other in itertools.combinations([*boxes.values()], 2):
        assert apart(one, other)
    for one, other in itertools.combinations(frames, 2):
        assert apart(one, other)
    for node in real_nodes(title):
        left, top, right, bottom = boxes[node["id"]]
        assert any(
            f[0] <= left and f[1] <= top and right <= f[2] and bottom <= f[3] for f in frames
        ), node["type"]


@each_workflow
def test_it_has_a_thumbnail(title):
    image = pytest.importorskip("PIL.Image")
    file = FOLDER / f"{title}.jpg"
    assert file.stat().st_size <= 40 * 1024
    with image.open(file) as picture:
        assert picture.format == "JPEG"
        assert picture.width * 9 == picture.height * 16


def test_the_files_belong_together():
    assert {file.stem for file in (FOLDER / "api").iterdir()} == set(TITLES)
    assert {file.stem for file in FOLDER.glob("*.jpg")} == set(TITLES)
    assert all(re.fullmatch(r"[\w .-]+", each) for each in TITLES)
