"""Filled workflows: both forms hold the same, are whole, and are laid out without overlaps."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from wanderlens.workflows import (
    Graph,
    WorkflowError,
    bridge,
    combine,
    convert,
    extend,
    load_bundled,
    loop,
)
from wanderlens.workflows.build import bundled_name
from wanderlens.workflows.choices import FORM_CHOICES
from wanderlens.workflows.graph import _widget_index

ROOT = Path(__file__).resolve().parents[3]
WORKFLOWS = ROOT / "workflows"
TITLES = sorted(file.stem for file in WORKFLOWS.glob("*.json"))
PICTURE = "wanderlens/a fox.png"
CLIP, NEXT = "video/clip_00001_.mp4 [output]", "next.mp4"
MODELS = {
    "high_noise": "sub/high.gguf", "low_noise": "low.safetensors", "one_model": "five.safetensors",
    "text_encoder": "umt5.safetensors", "vae": "vae.safetensors", "vae_5b": "vae5.safetensors",
    "lora_high": "lh.safetensors", "lora_low": "ll.safetensors",
}  # fmt: skip
TEXTS = {"note_title": "Note", "note": "**text**", "join": "Join", "video": "Video"}


def values(**changes: Any) -> dict[str, Any]:
    return {
        "direction": "leaves fall", "preset": "", "intensity": 1.0, "camera": "push in",
        "pacing": "from preset", "look": "from preset", "negative": "text",
        "include_image_prompt": True, "include_image_style": True, "fps": 16, "duration": 5.0,
        "loop": False, "resolution": "480p", "quality": "standard", "seed": 7, "family": "a14b",
        "models": {}, "draft": False, "context_frames": 5, "color_match": 1.0, **changes,
    }  # fmt: skip


def prompt_of(editor: dict[str, Any]) -> dict[str, Any]:
    """What ComfyUI's page would queue for the editor form, by its links and widgets."""
    links = {link[0]: link for link in editor["links"]}
    prompt = {}
    for node in editor["nodes"]:
        if node["type"] in ("MarkdownNote", "Note"):
            continue
        inputs: dict[str, Any] = {}
        for slot in node["inputs"]:
            if slot["link"] is not None:
                _, source, output, *_ = links[slot["link"]]
                inputs[slot["name"]] = [str(source), output]
            elif slot.get("widget"):
                index = _widget_index(node, slot["name"])
                assert index is not None
                inputs[slot["name"]] = node["widgets_values"][index]
        prompt[str(node["id"])] = {"class_type": node["type"], "inputs": inputs}
    return prompt


def check_whole(editor: dict[str, Any]) -> None:
    """Every link is known at both of its ends and in the list, and ids are used once."""
    nodes = {node["id"]: node for node in editor["nodes"]}
    assert len(nodes) == len(editor["nodes"])
    assert len({link[0] for link in editor["links"]}) == len(editor["links"])
    for link, source, output, target, index, kind in editor["links"]:
        out, slot = nodes[source]["outputs"][output], nodes[target]["inputs"][index]
        assert link in out["links"]
        assert out["type"] == kind
        assert slot["link"] == link
        assert slot["type"] in (kind, "*")
        assert link <= editor["last_link_id"]
    ends = [slot["link"] for node in nodes.values() for slot in node["inputs"]]
    ends += [
        link for node in nodes.values() for slot in node["outputs"] for link in slot["links"] or []
    ]
    assert len([end for end in ends if end is not None]) == 2 * len(editor["links"])
    assert max(nodes) <= editor["last_node_id"]


def check_layout(editor: dict[str, Any]) -> None:
    """No node lies on another."""
    for one, other in itertools.combinations(editor["nodes"], 2):
        assert any(
            one["pos"][axis] + one["size"][axis] <= other["pos"][axis]
            or other["pos"][axis] + other["size"][axis] <= one["pos"][axis]
            for axis in (0, 1)
        ), (one["type"], other["type"])


def check(graph: Graph) -> Graph:
    assert graph.editor is not None
    bare = {
        node_id: {"class_type": node["class_type"], "inputs": node["inputs"]}
        for node_id, node in graph.prompt.items()
    }
    assert bare == prompt_of(graph.editor)
    check_whole(graph.editor)
    check_layout(graph.editor)
    return graph


def inputs(graph: Graph, kind: str) -> dict[str, Any]:
    return graph.prompt[graph.one(kind)]["inputs"]


def named(graph: Graph, kind: str, widget: str) -> list[str]:
    return [graph.prompt[node_id]["inputs"][widget] for node_id in graph.ids(kind)]


@pytest.mark.parametrize("title", TITLES)
def test_both_forms_of_every_bundled_workflow_are_the_same(title):
    graph = load_bundled(WORKFLOWS, title)
    if title != "Direct a shot":  # notes lie under it
        check(graph)


@pytest.mark.parametrize("family", FORM_CHOICES["FAMILIES"])
@pytest.mark.parametrize("quality", FORM_CHOICES["QUALITIES"])
@pytest.mark.parametrize("preset", ["", "landscape/morning mist"])
@pytest.mark.parametrize("loops", [False, True])
def test_both_forms_hold_the_same_for_every_choice(family, quality, preset, loops):
    asked = values(family=family, quality=quality, preset=preset, loop=loops, models=MODELS, fps=32)
    graph = check(convert(WORKFLOWS, asked, PICTURE).graph)
    shot = inputs(graph, "Wan22ImageToVideo")
    assert (shot["quality"], shot["loop"], shot["seed"]) == (quality, loops, 7)
    assert inputs(graph, "CinematicDirection")["loop"] is loops
    assert inputs(graph, "LoadImage")["image"] == PICTURE
    fast = family == "a14b" and quality == "fast"
    assert len(graph.ids("LoraLoaderModelOnly")) == (2 if fast else 0)
    assert len(graph.ids("PresetSelector")) == (1 if preset else 0)
    check(extend(WORKFLOWS, asked, CLIP).graph)
    check(bridge(WORKFLOWS, asked, CLIP, NEXT).graph)


def test_a_picture_becomes_a_clip_as_the_form_says():
    asked = values(
        fps=24, duration=3.5, resolution="720p", intensity=0.4, preset="portrait/a",
        include_image_style=False, models=MODELS,
    )  # fmt: skip
    built = convert(WORKFLOWS, asked, f"{PICTURE} [temp]")
    graph = built.graph
    assert (built.kind, built.title) == ("convert", "a fox: leaves fall")
    assert inputs(graph, "LoadImage")["image"] == f"{PICTURE} [temp]"
    shot = inputs(graph, "Wan22ImageToVideo")
    assert (shot["fps"], shot["duration"], shot["resolution"]) == (24, 3.5, "720p")
    direction = inputs(graph, "CinematicDirection")
    assert (direction["direction"], direction["camera"]) == ("leaves fall", "push in")
    assert (direction["negative"], direction["include_image_style"]) == ("text", False)
    selector = graph.one("PresetSelector")
    assert direction["preset"] == [selector, 0]
    assert inputs(graph, "PresetSelector") == {"preset": "portrait/a", "intensity": 0.4}
    assert inputs(graph, "VAELoader")["vae_name"] == "vae.safetensors"
    assert named(graph, "UNETLoader", "unet_name") == ["sub/high.gguf", "low.safetensors"]


def test_the_files_name_says_what_it_is():
    for change, suffix in (({}, ""), ({"loop": True}, "_loop"), ({"draft": True}, "_draft")):
        graph = convert(WORKFLOWS, values(**change), PICTURE).graph
        assert inputs(graph, "SaveVideo")["filename_prefix"] == f"video/wanderlens{suffix}"


def test_an_extension_continues_the_clip_with_the_models_that_it_needs():
    asked = values(duration=2, context_frames=9, color_match=0.5, loop=True, models=MODELS)
    graph = extend(WORKFLOWS, {**asked, "quality": "fast"}, CLIP).graph
    assert inputs(graph, "LoadVideo")["file"] == CLIP
    extension = inputs(graph, "FrameContinuityExtend")
    assert (extension["duration"], extension["context_frames"]) == (2, 9)
    assert (extension["color_match"], extension["close_loop"]) == (0.5, True)
    assert extension["join"] == "generate"
    loras = graph.ids("LoraLoaderModelOnly")
    assert named(graph, "LoraLoaderModelOnly", "lora_name") == ["lh.safetensors", "ll.safetensors"]
    assert [extension["high_noise"], extension["low_noise"]] == [[each, 0] for each in loras]
    small = extend(WORKFLOWS, {**asked, "family": "5b", "loop": False}, CLIP).graph
    assert inputs(small, "UNETLoader")["unet_name"] == "five.safetensors"
    assert inputs(small, "VAELoader")["vae_name"] == "vae5.safetensors"
    assert "low_noise" not in inputs(small, "FrameContinuityExtend")


def test_a_bridge_leads_from_one_clip_to_the_next():
    built = bridge(WORKFLOWS, values(family="5b", models=MODELS), CLIP, NEXT)
    assert named(built.graph, "LoadVideo", "file") == [CLIP, NEXT]
    assert len(built.graph.ids("UNETLoader")) == 2, "the 5B makes no bridges"
    assert built.title == "clip_00001_ → next"


def test_a_clip_becomes_a_loop_without_models():
    graph = check(loop(WORKFLOWS, CLIP).graph)
    assert inputs(graph, "LoadVideo")["file"] == CLIP


@pytest.mark.parametrize("count", [2, 3, 7])
def test_any_number_of_clips_is_combined_in_order(count):
    clips = [f"video/{index}.mp4 [output]" for index in range(count)]
    graph = check(combine(WORKFLOWS, clips, TEXTS).graph)
    assert named(graph, "LoadVideo", "file") == clips
    # From the video back to the first clip: each join takes what was joined before it.
    at = inputs(graph, "CreateVideo")["images"][0]
    for left in range(count - 1, 0, -1):
        node = graph.prompt[at]
        assert node["class_type"] == "FrameContinuityExtend"
        assert node["inputs"]["join"] == "motion crossfade"
        parts = graph.prompt[node["inputs"]["next_frames"][0]]
        assert graph.prompt[parts["inputs"]["video"][0]]["inputs"]["file"] == clips[left]
        assert node["inputs"]["clip_fps"][0] == node["inputs"]["frames"][0]
        at = node["inputs"]["frames"][0]
    assert graph.prompt[graph.prompt[at]["inputs"]["video"][0]]["inputs"]["file"] == clips[0]


def test_one_clip_is_not_combined():
    with pytest.raises(WorkflowError, match="two clips"):
        combine(WORKFLOWS, [CLIP], TEXTS)


def test_a_value_ends_the_link_of_its_widget_and_a_link_the_value():
    graph = load_bundled(WORKFLOWS, "Preset and custom direction")
    clip, selector = graph.one("Wan22ImageToVideo"), graph.one("PresetSelector")
    graph.fill(clip, {"fps": 32, "boundary": 0.8})
    check(graph)
    assert inputs(graph, "Wan22ImageToVideo")["fps"] == 32
    graph.link(selector, "fps", clip, "fps")
    check(graph)
    with pytest.raises(WorkflowError, match="no widget none"):
        graph.fill(graph.one("SaveVideo"), {"none": 1})
    with pytest.raises(WorkflowError, match="has 2"):
        graph.one("UNETLoader")
    with pytest.raises(WorkflowError, match="no link"):
        graph.link(selector, "nothing", clip, "fps")


def test_each_has_a_workflow_of_its_own():
    one, other = load_bundled(WORKFLOWS, "Loop"), load_bundled(WORKFLOWS, "Loop")
    assert one.editor is not None
    assert other.editor is not None
    assert one.editor["id"] != other.editor["id"]
    one.fill(one.one("SaveVideo"), {"filename_prefix": "x"})
    assert inputs(other, "SaveVideo")["filename_prefix"] == "video/wanderlens_loop"


def test_titles_are_short():
    long = convert(WORKFLOWS, values(direction="word " * 60), f"{'x' * 90}.png").title
    assert len(long) < 80
    assert "…" in long
    bare = values(direction="", preset="portrait/soft gaze")
    assert convert(WORKFLOWS, bare, PICTURE).title == "a fox: soft gaze"
    nothing = values(direction="", camera="none")
    assert convert(WORKFLOWS, nothing, PICTURE).title == "a fox"


def test_the_form_of_the_page_offers_the_same():
    text = (ROOT / "web" / "lib" / "workflows" / "choices.mjs").read_text(encoding="utf-8")
    for name, options in FORM_CHOICES.items():
        (found,) = re.findall(rf"^export const {name} = (\[.*\]);$", text, re.MULTILINE)
        assert found == str(options).replace("'", '"')


def test_every_family_and_quality_has_a_bundled_workflow():
    for family, quality in itertools.product(FORM_CHOICES["FAMILIES"], FORM_CHOICES["QUALITIES"]):
        assert bundled_name(family, quality) in TITLES
