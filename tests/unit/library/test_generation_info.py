"""How a clip was made, told from its graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanderlens.library.generation_info import NODES, read_generation_info
from wanderlens.metadata.containers.carrier import Carrier, Text

WORKFLOWS = Path(__file__).resolve().parents[3] / "workflows" / "api"


def made(graph: Any, name: str = "wanderlens_00001_.mp4"):
    carrier = Carrier("MP4", {"prompt": Text(json.dumps(graph), "here")})
    return read_generation_info(carrier, name)


def bundled(title: str) -> dict[str, Any]:
    return json.loads((WORKFLOWS / f"{title}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("title", "kind", "known"),
    [
        ("Image to video A14B", "convert", {"family": "a14b", "image": "example.png"}),
        ("Image to video 5B", "convert", {"family": "5b", "fps": 24, "resolution": "720p"}),
        ("Loop", "convert", {"loop": True, "camera": "push in"}),
        ("Extend a clip", "extend", {"image": "clip.mp4", "duration": 5.0, "family": "a14b"}),
        ("Bridge two clips", "bridge", {"image": "clip.mp4", "next": "next_clip.mp4"}),
        ("Make any clip loop", "loop", {"image": "clip.mp4"}),
    ],
)
def test_bundled_workflows_are_told_apart(title, kind, known):
    found = made(bundled(title))
    assert found is not None
    assert found.kind == kind
    assert known.items() <= found.settings.items()


def test_a_join_that_generates_nothing_combines():
    graph = bundled("Bridge two clips")
    graph["14"]["inputs"]["join"] = "motion crossfade"
    found = made(graph)
    assert found is not None
    assert found.kind == "combine"
    assert "seed" not in found.settings


def test_what_a_preset_recommends_is_followed_through_its_links():
    found = made(bundled("Preset and custom direction"))
    assert found is not None
    assert found.preset == "landscape/morning mist"
    assert found.settings["preset"] == found.preset
    assert found.settings["intensity"] == 1.0
    assert found.settings["fps"] in (16, 24, 32)
    assert found.settings["duration"] > 0
    assert found.settings["loop"] in (True, False)


def test_other_links_and_values_of_a_wrong_type_are_left_out(graph):
    shot = graph["11"]["inputs"]
    shot.update(seed=["99", 0], fps="16", duration=float("nan"), loop=1, resolution=7, quality=[])
    graph["8"]["inputs"]["direction"] = ["98", 0]
    found = made(graph)
    assert found is not None
    gone = {"seed", "fps", "duration", "loop", "resolution", "quality", "direction"}
    assert not gone & set(found.settings)
    assert found.prompt == ""


def test_a_seed_that_a_page_cannot_hold_is_left_out(graph):
    graph["11"]["inputs"]["seed"] = 2**63
    found = made(graph)
    assert found is not None
    assert "seed" not in found.settings


def test_words_typed_into_the_encoder_count_where_nothing_was_composed(graph):
    del graph["8"]
    graph["9"]["inputs"]["text"] = "a fox runs"
    found = made(graph)
    assert found is not None
    assert found.prompt == "a fox runs"


def test_of_several_clips_in_a_graph_the_files_own_is_told():
    graph = bundled("Image to video A14B")
    other = bundled("Make any clip loop")
    for key, node in other.items():
        links = [(name, value) for name, value in node["inputs"].items() if isinstance(value, list)]
        node["inputs"].update({name: [f"other{at}", slot] for name, (at, slot) in links})
        graph[f"other{key}"] = node
    first, second = made(graph), made(graph, "wanderlens_loop_00001_.mp4")
    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == ("convert", "loop")


def test_a_graph_that_goes_round_ends(graph):
    graph["2"]["inputs"]["image"] = ["13", 0]
    assert made(graph) is not None


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(st.sampled_from("12345"), st.integers(0, 4)).map(list)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
inputs = st.dictionaries(
    st.sampled_from(
        ["image", "frames", "preset", "fps", "loop", "seed", "direction", "next_frames", "join",
         "filename_prefix", "video", "positive", "text", "duration"]
    ),
    values,
    max_size=8,
)  # fmt: skip
nodes = st.fixed_dictionaries(
    {
        "class_type": st.sampled_from([*sorted(NODES), "SaveVideo", "LoadImage"]) | values,
        "inputs": inputs | values,
    }
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from("12345"), nodes | values, max_size=5))
def test_no_graph_raises_and_what_it_gives_is_json(graph):
    found = made(graph)
    if found is not None:
        json.dumps(dict(found.settings), allow_nan=False)
        assert isinstance(found.prompt, str)
