"""Our routes and messages in a real ComfyUI: there, right, and kept apart from the users' data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from loading import load

if TYPE_CHECKING:
    from .host import ComfyHost

tiny_workflows = load("comfyui/tiny_workflows.py")


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory, comfy_host: ModuleType) -> Iterator[ComfyHost]:
    """A ComfyUI with the test-only nodes and, under the loaders' file names, tiny weights."""
    pytest.importorskip("torch")
    base_dir = tmp_path_factory.mktemp("comfyui-routes")
    tiny_workflows.write_stand_ins(base_dir / "models")
    with comfy_host.ComfyHost(tiny_workflows.PACKS, base_dir=base_dir) as started:
        tiny_workflows.upload_files(started, base_dir)
        yield started


def post(host: ComfyHost, path: str, body: Any) -> tuple[int, Any]:
    status, raw = host.request("POST", path, body)
    return status, json.loads(raw)


def test_they_answer_below_the_api_too(comfy: ComfyHost) -> None:
    for root in ("", "/api"):
        menu = comfy.object_info("PresetSelector")["input"]["required"]["preset"][0]
        presets = comfy.get_json(f"{root}/wanderlens/presets")
        assert [preset["id"] for preset in presets["presets"]] == menu
        assert presets["may_save"] is True
    assert comfy.get_json("/wanderlens/activity") == {"running": []}


def test_the_menus_are_the_nodes(comfy: ComfyHost) -> None:
    inputs = comfy.object_info("CinematicDirection")["input"]["required"]
    menus = comfy.get_json("/wanderlens/presets")["menus"]
    for name in ("camera", "pacing", "look"):
        assert menus[name] == inputs[name][0]


def test_models_are_found_and_missing_ones_named(wan: ComfyHost) -> None:
    models = wan.get_json("/wanderlens/models")["models"]
    for part in models.values():
        assert part["files"][:1] == [part["wanted"]["name"]]
    (wan.models_dir / "vae" / "wan_2.1_vae.safetensors").rename(wan.models_dir / "away")
    try:
        assert wan.get_json("/wanderlens/models")["models"]["vae"]["files"] == []
    finally:
        (wan.models_dir / "away").rename(wan.models_dir / "vae" / "wan_2.1_vae.safetensors")


def test_a_clip_tells_its_stages_and_leaves_an_estimate(wan: ComfyHost) -> None:
    prompt = tiny_workflows.tiny("Image to video A14B")
    asked = {"image": "example.png", "duration": 1.0}
    before = post(wan, "/wanderlens/plan", asked)[1]["estimate"]
    wan.run(prompt)
    after = post(wan, "/wanderlens/plan", asked)[1]["estimate"]
    assert before is None
    assert after["runs"] == 1
    assert set(after["stages"]) == {"encode", "high noise", "low noise", "decode"}
    log = wan.base_dir / "user" / "__wanderlens" / "runs.jsonl"
    assert len(log.read_text().splitlines()) == 1
    assert json.loads(log.read_text())["memory"] > 0
    wan.run(prompt)  # ComfyUI repeats nothing
    assert len(log.read_text().splitlines()) == 1


def test_the_clip_is_listed_shown_deleted_and_brought_back(wan: ComfyHost) -> None:
    prompt = tiny_workflows.tiny("Image to video A14B")
    prompt[tiny_workflows.node_of(prompt, "Wan22ImageToVideo")]["inputs"]["seed"] = 5
    entry = wan.run(prompt)
    (video,) = [
        output["images"][0]
        for node, output in entry["outputs"].items()
        if prompt[node]["class_type"] == "SaveVideo"
    ]
    clip = wan.get_json("/wanderlens/clips")["clips"][0]
    assert (clip["filename"], clip["subfolder"]) == (video["filename"], video["subfolder"])
    assert (clip["frames"], clip["fps"], clip["settings"]["seed"]) == (17, 16, 5)
    query = f"filename={clip['filename']}&subfolder={clip['subfolder']}"
    assert wan.get(f"/wanderlens/poster?{query}")[:2] == b"\xff\xd8"
    named = {"filename": clip["filename"], "subfolder": clip["subfolder"]}
    file = wan.output_dir / clip["subfolder"] / clip["filename"]
    status, answer = post(wan, "/wanderlens/clips/delete", {"clips": [named]})
    assert status == 200
    assert not file.exists()
    status, _ = post(wan, "/wanderlens/clips/restore", {"ids": [answer["deleted"][0]["id"]]})
    assert status == 200
    assert file.exists()


POSTED = ("compose", "plan", "clips/delete", "clips/restore")


@pytest.mark.parametrize("root", ["/wanderlens", "/api/wanderlens"])
@pytest.mark.parametrize("path", POSTED)
def test_a_request_of_another_site_is_refused(wan: ComfyHost, root: str, path: str) -> None:
    """As browsers send it without asking first; and with leave asked for, which is not given."""
    body = json.dumps({"clips": [{"filename": "x.mp4"}]}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert wan.request("POST", f"{root}/{path}", body, kind)[0] == 415
    away = {"Origin": "https://thief.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    for method, origin in (("OPTIONS", "https://thief.example"), ("POST", "https://thief.example"),
                           ("POST", "http://127.0.0.1:1"), ("POST", "null")):  # fmt: skip
        headers = {**away, "Origin": origin, "Content-Type": "application/json"}
        request = Request(f"{wan.url}{root}/{path}", body, headers, method=method)
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
                status, given = answer.status, answer.headers
        except HTTPError as error:
            with error:
                status, given = error.code, error.headers
        assert "Access-Control-Allow-Origin" not in given
        if origin != "null":  # of a page without a name ComfyUI cannot tell; it must ask first
            assert status == 403


def test_the_server_gives_nothing_out_of_our_private_folder(wan: ComfyHost) -> None:
    wan.run(tiny_workflows.tiny("Image to video A14B"))
    assert (wan.base_dir / "user" / "__wanderlens").is_dir()
    for path in (
        "/userdata/..%2F__wanderlens%2Fruns.jsonl",
        "/view?filename=runs.jsonl&subfolder=../user/__wanderlens&type=output",
        "/wanderlens/poster?filename=runs.jsonl&subfolder=../user/__wanderlens",
    ):
        status, _ = wan.request("GET", path)
        assert status >= 400


@pytest.mark.parametrize("several", [True, False])
def test_with_several_users_no_ones_presets_are_given_to_another(start_comfy, several) -> None:
    arguments = ["--multi-user"] if several else []
    host = start_comfy(extra_args=arguments)
    folder = host.base_dir / "user" / "someone_1" / "wanderlens" / "presets"
    folder.mkdir(parents=True)
    (folder / "secret.json").write_text(json.dumps({"camera": "push in"}))
    presets = host.get_json("/wanderlens/presets")
    assert presets["may_save"] is not several
    assert not [preset for preset in presets["presets"] if preset["mine"]]
