"""Presets and the composed prompt, as the page asks for them."""

import json

import pytest
from PIL import Image, PngImagePlugin

from wanderlens.direction import Brief, compose


def test_every_preset_comes_with_its_path(client, here):
    body = client.get("presets").json
    assert [preset["id"] for preset in body["presets"]] == here.presets().ids
    assert body["menus"]["camera"][:2] == ["from preset", "none"]
    assert body["may_save"] is True
    for preset in body["presets"]:
        poses = preset["path"]["poses"]
        assert len(poses) == 25
        assert poses[0] == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0, 1])
        if preset["loop"]:
            assert poses[-1] == pytest.approx(poses[0], abs=1e-4)


def test_a_preset_of_ones_own_is_there_as_soon_as_it_is_saved(client, here):
    folder = here.base / "user" / "default" / "wanderlens" / "presets"
    folder.mkdir(parents=True)
    (folder / "mine.json").write_text(json.dumps({"camera": "push in"}))
    (preset,) = [each for each in client.get("presets").json["presets"] if each["mine"]]
    assert (preset["id"], preset["camera"]) == ("user/mine", "push in")


def test_with_several_users_none_may_save(client, here):
    here.users = 2
    assert client.get("presets").json["may_save"] is False


def test_the_prompt_is_the_nodes_prompt(client, here):
    body = client.post(
        "compose",
        {
            "direction": "mist drifts over the lake",
            "preset": "cinematic/noir shadows",
            "intensity": 0.4,
            "pacing": "slow",
            "negative": "birds",
        },
    ).json
    preset = here.presets()["cinematic/noir shadows"].direction(0.4)
    meant = compose(
        Brief(text="mist drifts over the lake", preset=preset, pacing="slow", negative="birds")
    )
    assert body["positive"] == meant.positive
    assert body["negative"] == meant.negative
    assert body["report"] == meant.report
    assert body["camera"] == meant.direction.camera
    assert body["carried"] is None
    assert body["path"]["seconds"] == 5.0


def picture_with_prompt(file, prompt, colour="teal"):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", f"{prompt}\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 64x64")
    Image.new("RGB", (64, 64), colour).save(file, pnginfo=info)


def test_what_the_picture_was_made_with_carries_over(client, here):
    file = here.folders()["input"] / "still.png"
    picture_with_prompt(file, "a red fox in the snow")
    body = client.post("compose", {"direction": "it turns its head", "image": "still.png"}).json
    assert body["carried"]["prompt"] == "a red fox in the snow"
    assert body["carried"]["badge"] == "file"
    assert "red fox" in body["positive"]
    off = {"image": "still.png", "include_image_prompt": False}
    assert "red fox" not in client.post("compose", off).json["positive"]
    picture_with_prompt(file, "a grey heron by the water", "gray")
    assert "heron" in client.post("compose", {"image": "still.png"}).json["positive"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"camera": "sideways"}, "camera must be one of"),
        ({"preset": "cinematic/nothing"}, "preset must be one that exists"),
        ({"preset": "user/gone"}, "is gone"),
        ({"intensity": 9}, "intensity must be a number from 0 to 1.5"),
        ({"intensity": float("nan")}, "JSON"),
        ({"loop": 1}, "loop must be true or false"),
        ({"direction": 7}, "direction must be text"),
        ({"direction": "x" * 30_000}, "at most 20000 characters"),
        ({"duration": 0}, "duration must be a number"),
        ({"source": "web"}, "source must be one of"),
        ({"colour": "red"}, "There is no field 'colour'"),
    ],
)
def test_a_bad_field_is_refused_by_name(client, fields, words):
    body = json.dumps(fields, allow_nan=True).encode()
    answer = client.post_raw("compose", body, "application/json")
    if "JSON" in words:  # Python writes NaN, which is no JSON; it reads it as a number out of range
        assert answer.status == 400
        return
    assert answer.status == 400
    assert words in answer.json["error"]


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "/etc/passwd", "a\0b.png", "../output/../../secret.png [output]", "gone.png"],
)
def test_nothing_outside_the_folders_is_read(client, here, name):
    (here.base / "secret.png").write_bytes(b"secret")
    answer = client.post("compose", {"image": name})
    assert answer.status == 404
    assert "secret" not in answer.json["error"].replace(name, "").replace(repr(name), "")


def test_a_link_that_leads_outside_is_not_followed(client, here):
    secret = here.base / "secret.png"
    picture_with_prompt(secret, "the secret")
    (here.folders()["input"] / "link.png").symlink_to(secret)
    answer = client.post("compose", {"image": "link.png"})
    assert answer.status == 404
    assert "the secret" not in answer.body.decode()


def test_only_json_is_taken(client):
    body = b'{"direction": "x"}'
    assert client.post_raw("compose", body, "text/plain").status == 415
    form = "application/x-www-form-urlencoded"
    assert client.post_raw("compose", body, form).status == 415
    assert client.post_raw("compose", b"[]", "application/json").status == 400
    assert client.post_raw("compose", b"{", "application/json").status == 400
    assert client.post_raw("compose", b"[" * 100_000, "application/json").status == 400
    large = b'{"direction": "' + b"x" * 300_000 + b'"}'
    assert client.post_raw("compose", large, "application/json").status == 413
