"""PresetSelector and CinematicDirection at work in a real ComfyUI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PACKS = Path(__file__).parent / "packs"


def graph(preset: str, **direction) -> dict:
    """A preset linked into a direction; the prompt, the report and the loop are shown."""
    return {
        "1": {"class_type": "PresetSelector", "inputs": {"preset": preset, "intensity": 1.0}},
        "2": {
            "class_type": "CinematicDirection",
            "inputs": {
                "direction": "snow begins to fall",
                "camera": "from preset",
                "pacing": "from preset",
                "look": "from preset",
                "preset": ["1", 0],
                "loop": ["1", 4],
                **direction,
            },
        },
        **{
            str(node): {"class_type": "PreviewAny", "inputs": {"source": source}}
            for node, source in (
                (10, ["2", 0]), (11, ["2", 1]), (12, ["2", 3]),
                (13, ["1", 2]), (14, ["1", 3]), (15, ["1", 4]), (16, ["1", 1]),
            )
        },
    }  # fmt: skip


def shown(entry: dict, node: int) -> str:
    return "".join(entry["outputs"][str(node)]["text"])


def test_both_nodes_are_in_the_menu_with_tooltips(comfy):
    for node_id, name in (
        ("PresetSelector", "Preset Selector"),
        ("CinematicDirection", "Cinematic Direction"),
    ):
        info = comfy.object_info(node_id)
        assert info["display_name"] == name
        assert info["category"] == "Wanderlens"
        assert len(info["output_tooltips"]) == len(info["output"])
        for part in info["input"].values():
            assert all(spec[1]["tooltip"] for spec in part.values())


def test_the_help_pages_are_served(comfy):
    for node_id in ("PresetSelector", "CinematicDirection"):
        page = comfy.get(f"/extensions/wanderlens/docs/{node_id}.md").decode()
        assert page.startswith("# ")


def test_a_linked_preset_drives_what_it_recommends(comfy):
    entry = comfy.run(graph("ambient-loop/harbour sway"))
    prompt = shown(entry, 10)
    assert prompt.startswith("Golden hour cinematography")
    assert "snow begins to fall" in prompt
    assert "rocks" in prompt  # the roll became one that ends where it begins
    assert "静止" not in shown(entry, 11)
    assert "Loop: roll goes there and back" in shown(entry, 12)
    assert [json.loads(shown(entry, node).lower()) for node in (13, 14, 15)] == [16, 6.0, True]
    assert "Water laps" in shown(entry, 16)


def test_the_users_text_wins_in_the_graph_too(comfy):
    entry = comfy.run(graph("cinematic/hero push-in", direction="static camera, rain falls"))
    assert "pushes in" not in shown(entry, 10)
    assert "'static camera'" in shown(entry, 12)


def test_a_linked_value_out_of_range_is_refused_and_the_server_goes_on(comfy, comfy_host):
    bad = graph("cinematic/hero push-in")
    bad["3"] = {"class_type": "PrimitiveFloat", "inputs": {"value": 7.0}}
    bad["1"]["inputs"]["intensity"] = ["3", 0]
    with pytest.raises(comfy_host.PromptFailed) as failed:
        comfy.run(bad)
    assert failed.value.node_id == "1"
    assert "intensity must be a number from 0 to 1.5, got 7.0" in failed.value.exception_message
    assert "(widget: intensity)" in failed.value.exception_message
    assert comfy.run(graph("cinematic/hero push-in"))


def test_a_preset_that_never_was_is_refused_before_anything_runs(comfy, comfy_host):
    with pytest.raises(comfy_host.PromptRejected) as rejected:
        comfy.run(graph("cinematic/gone"))
    assert "cinematic/gone" in json.dumps(rejected.value.node_errors)


def test_the_users_presets(start_comfy, comfy_host):
    host = start_comfy(
        user_files={
            "wanderlens/presets/mine.json": json.dumps({"text": "leaves fall", "camera": "roll"}),
            "wanderlens/presets/broken.json": "{",
        }
    )
    menu = host.object_info("PresetSelector")["input"]["required"]["preset"][0]
    assert menu[-1] == "user/mine"
    assert "user/broken" not in menu
    assert "broken.json is left out" in host.log_text()
    assert "Leaves fall" in shown(host.run(graph("user/mine")), 16)

    # A change of the file is seen without a restart: the same prompt composes anew.
    mine = host.user_dir / "wanderlens" / "presets" / "mine.json"
    mine.write_text(json.dumps({"text": "petals fall"}), encoding="utf-8")
    assert "Petals fall" in shown(host.run(graph("user/mine")), 16)

    mine.unlink()
    with pytest.raises(comfy_host.PromptRejected) as rejected:
        host.run(graph("user/mine"))
    errors = json.dumps(rejected.value.node_errors)
    assert "mine.json is gone" in errors


def test_beside_another_pack_that_uses_the_same_names(start_comfy):
    """Another pack has packages called nodes and wanderlens, and one of our node ids."""
    host = start_comfy(packs={"zz_other_pack": PACKS / "other_pack"})
    info = host.object_info()
    assert "OtherPackNode" in info
    assert "CinematicDirection" in info
    log = host.log_text()
    assert "IMPORT FAILED" not in log
    assert "'CinematicDirection' is also used by" in log
    # Whichever pack came last holds the id; every other node of ours is still ours.
    assert info["PresetSelector"]["category"] == "Wanderlens"
    text = {
        "1": {"class_type": "PresetSelector",
              "inputs": {"preset": "cinematic/vertigo", "intensity": 1.0}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 1]}},
        "3": {"class_type": "OtherPackNode", "inputs": {}},
        "4": {"class_type": "PreviewAny", "inputs": {"source": ["3", 0]}},
    }  # fmt: skip
    entry = host.run(text)
    assert "dolly zoom" in shown(entry, 2).lower()
    assert shown(entry, 4) == "nodes and wanderlens of the other pack"
