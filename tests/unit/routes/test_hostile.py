"""Requests and files that mean harm: what another page can send, and what a file can make us do."""

from __future__ import annotations

import json
import os
import struct
import zlib

import pytest
from PIL import EpsImagePlugin, Image

from wanderlens.routes.direction import _BRIEF
from wanderlens.routes.planning import _EXTEND, _PLAN
from wanderlens.routes.workflows import _MODELS, _REQUEST, _TEXTS, _VALUES

POSTED = ("compose", "plan", "workflow", "clips/delete", "clips/restore")
SHOWN = ("presets", "models", "activity", "clips", "poster")

JUNK = (
    None, True, 0, -1, 1.5, 10**400, float("nan"), float("inf"), "", "x", "\ud800", "\0",
    "a" * 1000, [], [[]], ["x"], {}, {"a": 1}, "<img src=x onerror=alert(1)>", "../x",
    "//thief/share/x.mp4",
)  # fmt: skip


def strict(text: bytes):
    """JSON as browsers read it: without NaN and Infinity."""

    def refuse(word: str):
        raise ValueError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


# -- other pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "text/plain; application/json", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "application/csp-report", "",
    ],
)  # fmt: skip
def test_what_a_page_sends_without_asking_first_is_refused(client, path, kind):
    """Browsers ask for leave before they send JSON to another server, and ComfyUI gives none."""
    answer = client.post_raw(path, b'{"ids": ["x"], "clips": [{"filename": "x"}]}', kind)
    assert answer.status == 415
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", POSTED)
def test_nothing_changes_by_a_mere_look(client, path):
    """A picture or a link on another page only looks."""
    assert client.get(path).status == 405


@pytest.mark.parametrize("path", SHOWN)
def test_what_is_looked_at_takes_no_orders(client, path):
    assert client.post(path, {}).status == 405


def test_no_answer_is_a_script_to_another_page(client, here):
    """Each is an object and says that it is JSON: neither runs where a page asks for a script."""
    folder = here.base / "user" / "default" / "wanderlens" / "presets"
    folder.mkdir(parents=True)
    (folder / "<script>alert(1)<.json").write_text('{"text": "</script><script>alert(1)"}')
    for path in ("presets", "models", "activity", "clips"):
        answer = client.get(path)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert isinstance(strict(answer.body), dict)
    for query in ({}, {"filename": "<script>alert(1)</script>.mp4"}):
        answer = client.get("poster", **query)
        assert answer.headers["Content-Type"].startswith("application/json")


# -- values ---------------------------------------------------------------------------------------


def check(answer):
    """Either it was done or it is said why not; never a crash."""
    assert answer.status in (200, 400, 404, 409)
    body = strict(answer.body)
    if answer.status != 200:
        assert isinstance(body["error"], str)
        assert len(body["error"]) < 1500


@pytest.mark.parametrize("junk", JUNK, ids=lambda value: f"{value!r:.20}")
def test_no_field_of_any_type_is_a_crash(client, junk):
    for field in _BRIEF:
        check(client.post("compose", {field: junk}))
    for field in _PLAN:
        check(client.post("plan", {"width": 64, "height": 64, field: junk}))
    for field in _EXTEND:
        extend = {"frames": 9, field: junk}
        check(client.post("plan", {"width": 64, "height": 64, "extend": extend}))
    for body in ({"clips": junk}, {"clips": [junk]}, {"clips": [{"filename": junk}]},
                 {"clips": [{"filename": "x", "subfolder": junk}]}):  # fmt: skip
        check(client.post("clips/delete", body))
    for body in ({"ids": junk}, {"ids": [junk]}):
        check(client.post("clips/restore", body))


@pytest.mark.parametrize("junk", JUNK, ids=lambda value: f"{value!r:.20}")
def test_no_field_of_a_workflow_of_any_type_is_a_crash(client, junk):
    file = {"filename": "a.png"}
    whole = {"kind": "convert", "picture": file, "values": {"direction": "rain"}}
    bridge = {"kind": "bridge", "clip": file, "next": file}
    combine = {"kind": "combine", "clips": [file, file]}
    for field in _REQUEST:
        for body in (whole, bridge, combine):
            check(client.post("workflow", {**body, field: junk}))
    for field in _VALUES:
        check(client.post("workflow", {**whole, "values": {field: junk}}))
    for field in _MODELS:
        check(client.post("workflow", {**whole, "values": {"models": {field: junk}}}))
    for field in _TEXTS:
        check(client.post("workflow", {**combine, "texts": {field: junk}}))
    for field in ("filename", "subfolder", "type", "x"):
        check(client.post("workflow", {**whole, "picture": {**file, field: junk}}))
        check(client.post("workflow", {**combine, "clips": [file, {**file, field: junk}]}))


@pytest.mark.parametrize(
    "query",
    [
        {"filename": "a\0.mp4"}, {"filename": "a" * 5000}, {"filename": "."}, {"filename": ".."},
        {"filename": r"\\thief\share\x.mp4"}, {"filename": "x.mp4", "subfolder": "//thief/share"},
        {"filename": "x.mp4", "subfolder": "../../../etc"}, {"filename": "x", "type": "]"},
        {"filename": "x.mp4", "type": "input] [output"}, {"filename": "CON"},
        {"filename": "C:\\Windows\\win.ini"}, {"filename": "http://thief/x.mp4"},
        {"filename": "concat:a|b"}, {"filename": "x\ny.mp4"},
    ],
)  # fmt: skip
def test_no_poster_of_what_is_no_file_of_the_folders(client, query):
    answer = client.get("poster", **query)
    assert answer.status == 404
    assert len(answer.body) < 500


def test_past_runs_that_nobody_made_break_no_plan(client, here):
    log = here.private() / "runs.jsonl"
    log.parent.mkdir(parents=True)
    work = {"family": "i2v-A14B", "pixels": 1, "largest": 1, "steps": 1, "guided": True}
    lines = [
        {"work": {**work, "sampling": sampling}, "device": here.device_name, "stages": stages}
        for sampling in (5e-324, 1, 1e308)
        for stages in ({"decode": 1e308, "x": 1e308}, {"<b>": 1}, {"high noise": 5e-324})
    ]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines) + "[" * 100_000)
    answer = client.post("plan", {"width": 64, "height": 64})
    assert answer.status == 200
    strict(answer.body)


# -- files ----------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def bomb(side: int) -> bytes:
    """A PNG of many pixels in few bytes."""
    engine, row = zlib.compressobj(9), b"\0" * (1 + 3 * side)
    rows = b"".join(engine.compress(row) for _ in range(side)) + engine.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def loads(monkeypatch):
    """Sizes of the pictures that are decoded."""
    from PIL import ImageFile

    decoded, load = [], ImageFile.ImageFile.load

    def noting(self):
        decoded.append(self.size)
        return load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noting)
    return decoded


def test_a_bomb_is_measured_and_never_decoded(client, here, loads):
    (here.folders()["input"] / "bomb.png").write_bytes(bomb(9000))
    assert client.post("plan", {"image": "bomb.png"}).status == 200
    carried = client.post("compose", {"image": "bomb.png"}).json["carried"]
    assert carried["badge"] == "nothing"
    assert loads == []


def test_a_picture_of_sense_is_decoded_for_its_look(client, here, loads):
    Image.effect_noise((64, 64), 40).convert("RGB").save(here.folders()["input"] / "still.png")
    carried = client.post("compose", {"image": "still.png"}).json["carried"]
    assert carried["badge"] == "pixels"
    assert (64, 64) in loads


@pytest.mark.parametrize("name", ["still.png", "still.eps", "still.jpg", "clip.mp4", "clip.webp"])
def test_no_program_of_the_machine_is_started_for_a_picture(client, here, monkeypatch, name):
    """Pillow hands PostScript to Ghostscript, whatever the file is called."""
    programs = here.base / "programs"
    programs.mkdir()
    (programs / "gs").write_text(f"#!/bin/sh\ntouch '{programs}/started'\n")
    (programs / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    file = here.folders()["input"] / name
    file.write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n"
    )
    assert client.post("compose", {"image": name}).json["carried"]["badge"] == "nothing"
    assert client.post("plan", {"image": name}).status == 404
    assert client.get("poster", filename=name, type="input").status == 415
    assert not (programs / "started").exists()


def test_pictures_that_are_damaged_on_purpose_are_no_crash(client, here):
    whole, folder = bomb(64), here.folders()["input"]
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * (80 << 20)))
    damaged = {
        "inflates.png": whole[:33] + text + whole[33:],
        "chunk.png": whole[:33] + struct.pack(">I", 5) + b"\1\2\3\4xxxx",
        "short.png": whole[:60],
        "empty.png": b"",
        "none.png": struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0).join((whole[:16], whole[29:])),
        "sizes.png": whole[:16] + b"\xff" * 8 + whole[24:],
        "tiff.tif": b"II*\0" + b"\xff" * 40,
        "exif.jpg": b"\xff\xd8\xff\xe1\0\x10Exif\0\0MM\0*\xff\xff\xff\xff",
        "netpbm.ppm": b"P6 99999999 99999999 255\n",
    }
    for name, content in damaged.items():
        (folder / name).write_bytes(content)
        check(client.post("plan", {"image": name}))
        check(client.post("compose", {"image": name}))
