"""Filled workflows over HTTP."""

import pytest

PICTURE = {"filename": "a fox.png", "subfolder": "wanderlens", "type": "input"}
CLIP = {"filename": "clip.mp4", "subfolder": "video", "type": "output"}


def test_a_picture_becomes_a_workflow_in_both_forms(client):
    values = {"direction": "leaves fall", "preset": "landscape/morning mist", "seed": 2**53 + 1}
    answer = client.post("workflow", {"kind": "convert", "values": values, "picture": PICTURE})
    assert answer.status == 200
    built = answer.json
    assert (built["kind"], built["title"]) == ("convert", "a fox: leaves fall")
    kinds = {node["class_type"]: node["inputs"] for node in built["prompt"].values()}
    assert kinds["LoadImage"]["image"] == "wanderlens/a fox.png"
    assert kinds["Wan22ImageToVideo"]["seed"] == 2**53 + 1
    assert kinds["Wan22ImageToVideo"]["duration"] == 5.0
    assert kinds["PresetSelector"]["preset"] == "landscape/morning mist"
    assert {str(node["id"]) for node in built["workflow"]["nodes"]} >= set(built["prompt"])


@pytest.mark.parametrize(
    ("body", "kind", "title"),
    [
        ({"kind": "extend", "clip": CLIP}, "FrameContinuityExtend", "clip"),
        ({"kind": "bridge", "clip": CLIP, "next": CLIP}, "FrameContinuityExtend", "clip → clip"),
        ({"kind": "loop", "clip": CLIP}, "LoopBlend", "clip"),
        ({"kind": "combine", "clips": [CLIP, CLIP]}, "FrameContinuityExtend", "clip + clip"),
    ],
)  # fmt: skip
def test_each_kind_is_made(client, body, kind, title):
    built = client.post("workflow", body).json
    assert built["title"] == title
    assert kind in {node["class_type"] for node in built["prompt"].values()}
    assert "video/clip.mp4 [output]" in str(built["prompt"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "kind must be one of"),
        ({"kind": "convert"}, "picture must be a file"),
        ({"kind": "convert", "picture": {}}, "picture must name a file"),
        ({"kind": "convert", "picture": PICTURE, "values": {"fps": 17}}, "fps must be one of"),
        ({"kind": "convert", "picture": PICTURE, "values": {"quality": "custom"}}, "quality"),
        ({"kind": "convert", "picture": PICTURE, "values": {"steps": 4}}, "no field 'steps'"),
        ({"kind": "combine", "clips": [CLIP]}, "2 to 500 files"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named(client, body, words):
    answer = client.post("workflow", body)
    assert answer.status == 400
    assert words in answer.json["error"]
