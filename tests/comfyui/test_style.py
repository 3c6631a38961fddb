"""ImageStyleCarryover at work in a real ComfyUI."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PACKS = Path(__file__).parent / "packs"
EXAMPLE = Path(__file__).resolve().parents[2] / "wanderlens" / "assets" / "example.png"
PROMPT = "a small wooden cabin by a misty mountain lake at dawn, pine trees"


@pytest.fixture(scope="module")
def host(tmp_path_factory, comfy_host):
    """A ComfyUI with the test nodes and the example in its input and output folders."""
    base_dir = tmp_path_factory.mktemp("comfyui_style")
    packs = {"wanderlens": EXAMPLE.parents[2], "style_nodes.py": PACKS / "style_nodes.py"}
    with comfy_host.ComfyHost(packs, base_dir=base_dir) as started:
        (started.input_dir / "clipspace").mkdir()
        for target in ("still.png", "clipspace/clipspace-1.png"):
            shutil.copy(EXAMPLE, started.input_dir / target)
        shutil.copy(EXAMPLE, started.output_dir / "made_00001_.png")
        outside = base_dir / "outside.png"
        shutil.copy(EXAMPLE, outside)
        (started.input_dir / "link.png").symlink_to(outside)
        yield started


def graph(image: dict, **widgets) -> dict:
    """A source of a picture, linked into the node through a scaler; everything is shown."""
    return {
        **image,
        "2": {"class_type": "ImageScale", "inputs": {
            "image": ["1", 0], "upscale_method": "area", "width": 64, "height": 48,
            "crop": "disabled"}},
        "3": {"class_type": "ImageStyleCarryover",
              "inputs": {"image": ["2", 0], "include": True, "source": "auto", **widgets}},
        "4": {"class_type": "CinematicDirection", "inputs": {
            "direction": "snow begins to fall", "camera": "none", "pacing": "none",
            "look": "none", "image_style": ["3", 1]}},
        **{
            str(node): {"class_type": "PreviewAny", "inputs": {"source": source}}
            for node, source in (
                (10, ["3", 2]), (11, ["3", 3]), (12, ["3", 4]), (13, ["4", 0]), (14, ["4", 1]),
            )
        },
    }  # fmt: skip


def loaded(name: str, kind: str = "LoadImage") -> dict:
    return {"1": {"class_type": kind, "inputs": {"image": name}}}


def sampled(text: str) -> dict:
    return {
        "20": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": text}},
        "21": {"class_type": "StyleTextEncode", "inputs": {"text": ["20", 0]}},
        "22": {"class_type": "StyleTextEncode", "inputs": {"text": "people, worst quality"}},
        "1": {"class_type": "StyleKSampler",
              "inputs": {"positive": ["21", 0], "negative": ["22", 0], "seed": 5}},
    }  # fmt: skip


def shown(entry: dict, node: int) -> str:
    return "".join(entry["outputs"][str(node)]["text"])


def test_the_loaders_file_carries_over_into_the_direction(host):
    entry = host.run(graph(loaded("still.png")))
    assert shown(entry, 10) == f"{PROMPT}, film photograph, soft golden light"
    assert shown(entry, 11) == "oversaturated, watermark, text"
    assert "From: ComfyUI graph (PNG text chunk 'prompt', 'still.png')" in shown(entry, 12)
    assert "cabin by a misty mountain lake" in shown(entry, 13)
    assert "snow begins to fall" in shown(entry, 13)
    assert shown(entry, 14).startswith("oversaturated, watermark, text")
    found = entry["outputs"]["3"]["wanderlens_style"][0]
    assert (found["badge"], found["prompt"], found["seed"]) == ("file", PROMPT, 22)


@pytest.mark.parametrize(
    "name", ["clipspace/clipspace-1.png [input]", "made_00001_.png [output]", "still.png"]
)
def test_the_names_that_loaders_take(host, name):
    assert PROMPT in shown(host.run(graph(loaded(name))), 10)


def test_the_executing_graphs_words(host):
    entry = host.run(graph(sampled("(a red fox:1.2) running, masterpiece, 35mm film")))
    assert shown(entry, 10) == "a red fox running, 35mm film"
    assert shown(entry, 11) == "people"
    assert entry["outputs"]["3"]["wanderlens_style"][0]["badge"] == "graph"
    entry = host.run(graph(sampled("an owl")))
    assert shown(entry, 10).startswith("an owl")


def test_switched_off_nothing_carries_over(host):
    entry = host.run(graph(loaded("still.png"), include=False))
    assert shown(entry, 10) == ""
    assert "cabin" not in shown(entry, 13)
    assert "Switched off" in shown(entry, 12)


def test_a_named_file_and_its_change(host):
    shutil.copy(EXAMPLE, host.input_dir / "named.png")
    prompt = graph(sampled("an owl"), image_file="named.png")
    assert PROMPT in shown(host.run(prompt), 10)
    (host.input_dir / "named.png").write_bytes(b"no picture")
    entry = host.run(prompt)
    assert shown(entry, 10).startswith("an owl")
    assert "'named.png' was not read: it is no PNG" in shown(entry, 12)


@pytest.mark.parametrize(
    "name", ["link.png", "../outside.png", "/etc/passwd", "/dev/zero", "../../../etc/passwd"]
)
def test_a_file_outside_is_not_read_and_the_graph_goes_on(host, name):
    entry = host.run(graph(sampled("an owl"), image_file=name, source="file"))
    assert shown(entry, 10) == ""
    assert "it lies outside ComfyUI's input, output and temp folders" in shown(entry, 12)
    assert shown(entry, 13)


def test_a_linked_text_wins(host):
    prompt = graph(loaded("still.png"), prompt_text=["20", 0])
    prompt["20"] = {"class_type": "PrimitiveString", "inputs": {"value": "a caption of a cat"}}
    assert shown(host.run(prompt), 10).startswith("a caption of a cat")


def test_a_linked_source_that_is_none_is_refused(host, comfy_host):
    prompt = graph(loaded("still.png"), source=["20", 0])
    prompt["20"] = {"class_type": "StyleExpands", "inputs": {"image": "still.png"}}
    with pytest.raises((comfy_host.PromptFailed, comfy_host.PromptRejected)) as failed:
        host.run(prompt)
    assert "source" in str(failed.value)


def test_inside_a_node_that_expands(host):
    entry = host.run(
        {
            "1": {"class_type": "StyleExpands", "inputs": {"image": "still.png"}},
            "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
        }
    )
    assert f"Prompt: {PROMPT}" in shown(entry, 2)


def test_the_same_graph_again_is_not_run_again(host):
    prompt = graph(loaded("still.png"), image_file="still.png")
    host.run(prompt)
    again = host.run(prompt)
    cached = next(data for name, data in again["status"]["messages"] if name == "execution_cached")
    assert "3" in cached["nodes"]


def test_the_help_page_is_served(host):
    page = host.get("/extensions/wanderlens/docs/ImageStyleCarryover.md").decode()
    assert page.startswith("# Image Style Carryover")
