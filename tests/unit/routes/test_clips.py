"""Our clips: listed, shown, deleted and brought back, and nothing but them."""

import json

import av
import numpy as np
import pytest

from wanderlens.library import Trash

PROMPT = {
    "2": {"class_type": "LoadImage", "inputs": {"image": "still.png"}},
    "8": {
        "class_type": "CinematicDirection",
        "inputs": {"direction": "mist drifts", "camera": "push in", "pacing": "slow"},
    },
    "11": {
        "class_type": "Wan22ImageToVideo",
        "inputs": {"image": ["2", 0], "fps": 16, "duration": 1.0, "loop": True, "seed": 7},
    },
    "13": {"class_type": "SaveVideo", "inputs": {"video": ["11", 0]}},
}


def write_clip(file, prompt, frames=5, size=(64, 48)):
    """A clip with the metadata that ComfyUI's SaveVideo writes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(file), "w", options={"movflags": "use_metadata_tags"}) as container:
        if prompt is not None:
            container.metadata["prompt"] = json.dumps(prompt)
        stream = container.add_stream("h264", rate=16)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for shade in np.linspace(40, 200, frames):
            picture = np.full((size[1], size[0], 3), shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return file


@pytest.fixture
def output(here):
    folder = here.folders()["output"]
    write_clip(folder / "video" / "ours_00001_.mp4", PROMPT)
    write_clip(folder / "other.mp4", {"1": {"class_type": "KSampler", "inputs": {}}})
    write_clip(folder / "bare.mp4", None)
    (folder / "picture.png").write_bytes(b"")
    return folder


@pytest.mark.usefixtures("output")
def test_our_clips_are_listed_and_no_others(client):
    body = client.get("clips").json
    (clip,) = body["clips"]
    assert (clip["subfolder"], clip["filename"]) == ("video", "ours_00001_.mp4")
    assert (clip["width"], clip["height"], clip["frames"], clip["fps"]) == (64, 48, 5, 16)
    assert clip["kind"] == "convert"
    assert clip["settings"]["direction"] == "mist drifts"
    assert clip["settings"]["seed"] == 7
    assert body["more"] is False


@pytest.mark.usefixtures("output")
def test_a_poster_is_the_first_frame(client):
    answer = client.get("poster", filename="ours_00001_.mp4", subfolder="video", v="1")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.body[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"filename": "gone.mp4"}, 404),
        ({"filename": "../../secret.mp4"}, 404),
        ({"filename": "secret.mp4", "subfolder": "../.."}, 404),
        ({"filename": "/etc/passwd"}, 404),
        ({"filename": "picture.png"}, 415),
        ({"filename": "other.mp4", "type": "models"}, 404),
    ],
)
@pytest.mark.usefixtures("output")
def test_no_poster_of_anything_else(client, here, query, status):
    write_clip(here.base.parent / "secret.mp4", PROMPT)
    assert client.get("poster", **query).status == status


def test_a_deleted_clip_can_be_brought_back(client, output):
    clip = {"filename": "ours_00001_.mp4", "subfolder": "video"}
    content = (output / "video" / "ours_00001_.mp4").read_bytes()
    (deleted,) = client.post("clips/delete", {"clips": [clip]}).json["deleted"]
    assert not (output / "video" / "ours_00001_.mp4").exists()
    assert client.get("clips").json["clips"] == []
    answer = client.post("clips/restore", {"ids": [deleted["id"]]}).json
    assert answer == {"restored": [clip]}
    assert (output / "video" / "ours_00001_.mp4").read_bytes() == content
    again = client.post("clips/restore", {"ids": [deleted["id"]]})
    assert again.status == 409


def test_a_taken_place_is_never_overwritten(client, output):
    clip = {"filename": "ours_00001_.mp4", "subfolder": "video"}
    (deleted,) = client.post("clips/delete", {"clips": [clip]}).json["deleted"]
    (output / "video" / "ours_00001_.mp4").write_bytes(b"new")
    (restored,) = client.post("clips/restore", {"ids": [deleted["id"]]}).json["restored"]
    assert restored["filename"] != clip["filename"]
    assert (output / "video" / "ours_00001_.mp4").read_bytes() == b"new"


@pytest.mark.parametrize(
    "clip",
    [
        {"filename": "other.mp4"},
        {"filename": "bare.mp4"},
        {"filename": "picture.png"},
        {"filename": "gone.mp4"},
        {"filename": "../secret.mp4"},
        {"filename": "ours_00001_.mp4", "subfolder": "video/../video"},
        {"filename": "secret.mp4", "subfolder": "../input"},
    ],
)
def test_nothing_but_our_clips_is_deleted(client, here, output, clip):
    secret = write_clip(here.folders()["input"] / "secret.mp4", PROMPT)
    ours = {"filename": "ours_00001_.mp4", "subfolder": "video"}
    answer = client.post("clips/delete", {"clips": [ours, clip]})
    assert answer.status == 404
    assert secret.exists()
    # Nor the good one of a request with a bad one.
    assert (output / "video" / "ours_00001_.mp4").exists()
    assert (output / "other.mp4").exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"clips": []}, {"clips": "all"}, {"clips": [7]}, {"clips": [{}]}, {"everything": True}],
)
def test_a_bad_request_deletes_nothing(client, output, body):
    assert client.post("clips/delete", body).status == 400
    assert len(list(output.rglob("*.mp4"))) == 3
    raw = json.dumps({"clips": [{"filename": "other.mp4"}]}).encode()
    assert client.post_raw("clips/delete", raw, "text/plain").status == 415


@pytest.mark.parametrize("ids", [["../x"], [""], ["0" * 32]])
@pytest.mark.usefixtures("output")
def test_an_unknown_id_brings_nothing_back(client, ids):
    assert client.post("clips/restore", {"ids": ids}).status == 409


def test_what_was_moved_before_a_failure_can_still_be_brought_back(client, output, monkeypatch):
    write_clip(output / "second.mp4", PROMPT)
    ours = [{"filename": "ours_00001_.mp4", "subfolder": "video"}, {"filename": "second.mp4"}]
    remove = Trash.remove

    def fails_at_the_second(self, file, root):
        if file.name == "second.mp4":
            raise PermissionError(13, "Permission denied")
        return remove(self, file, root)

    monkeypatch.setattr(Trash, "remove", fails_at_the_second)
    answer = client.post("clips/delete", {"clips": ours}).json
    assert [clip["filename"] for clip in answer["deleted"]] == ["ours_00001_.mp4"]
    assert "Permission denied" in answer["error"]
    assert client.post("clips/restore", {"ids": [answer["deleted"][0]["id"]]}).status == 200
    assert client.post("clips/delete", {"clips": ours[1:]}).status == 409


def test_with_several_users_nobody_deletes_anothers_clips(client, here, output):
    ours = [{"filename": "ours_00001_.mp4", "subfolder": "video"}]
    (deleted,) = client.post("clips/delete", {"clips": ours}).json["deleted"]
    here.users = 2
    assert client.post("clips/restore", {"ids": [deleted["id"]]}).status == 403
    assert client.post("clips/delete", {"clips": ours}).status == 403
    assert "another user" in client.post("clips/delete", {"clips": ours}).json["error"]
    here.users = 1
    assert client.post("clips/restore", {"ids": [deleted["id"]]}).status == 200
    assert (output / "video" / "ours_00001_.mp4").exists()


@pytest.mark.usefixtures("output")
def test_a_poster_without_a_version_is_asked_for_again(client):
    answer = client.get("poster", filename="ours_00001_.mp4", subfolder="video")
    assert answer.headers["Cache-Control"] == "no-cache"
