"""The stand-in answers as the real ComfyUI did, whose answers are recorded."""

from __future__ import annotations

import itertools
import json
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load

if TYPE_CHECKING:
    from .host import FrontendHost


@pytest.fixture(scope="module")
def record() -> ModuleType:
    """The module ``record.py``, which has recorded the real one."""
    return load("frontend/record.py")


@pytest.fixture(scope="module")
def recorded(record: ModuleType) -> dict[str, Any]:
    return json.loads((record.RECORDED / "runs.json").read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """The names and kinds of a value, without what it says; ids of nodes are all alike."""
    if isinstance(value, dict):
        return {("#" if key.isdigit() else key): shape(each) for key, each in value.items()}
    if isinstance(value, list):
        found = [shape(each) for each in value]
        return [kind for kind, _ in itertools.groupby(found)]
    if isinstance(value, bool) or value is None:
        return str(value)
    return "number" if isinstance(value, (int, float)) else "text"


def shapes(run: dict[str, Any]) -> dict[str, list[Any]]:
    """The shapes of a run's messages by their kind, each once."""
    found: dict[str, list[Any]] = {}
    for message in run["messages"]:
        data = message["data"]
        if message["type"] == "executed":  # each node has its own output
            data = {**data, "output": {}}
        if message["type"] == "execution_cached":  # as it happens
            data = {**data, "nodes": []}
        kinds = found.setdefault(message["type"], [])
        if shape(data) not in kinds:
            kinds.append(shape(data))
    return found


def order(run: dict[str, Any]) -> list[str]:
    """The kinds of a run's messages: before the first node, of the clip's node, and at the end.

    In between, the real one may have nodes in its cache, and takes outputs as they come.
    """
    kinds = [
        f"{message['type']} {message['data'].get('stage', '')}".strip()
        for message in run["messages"]
    ]
    first = kinds.index("wanderlens.stage encode")
    last = first + kinds[first:].index("executed")
    kinds = [*kinds[:6], *kinds[first : last + 1], *kinds[-4:]]
    decoded = kinds.index("wanderlens.stage decode")
    # Only the real one makes frames in between.
    left_out = {"progress_state", "wanderlens.stage interpolate"}
    kinds = [
        kind
        for index, kind in enumerate(kinds)
        if kind not in left_out and not (index > decoded and kind == "progress")
    ]
    return [kind for kind, _ in itertools.groupby(kinds)]


def test_a_run_is_told_as_by_the_real_one(
    host: FrontendHost, record: ModuleType, recorded: dict[str, Any]
) -> None:
    real, ours = recorded["finished"], record.record_run(host, record.nano_prompt())
    assert shapes(ours) == shapes(real)
    assert order(ours) == order(real)
    for part in ("answer", "job", "meanwhile"):
        assert shape(ours[part]) == shape(real[part]), part
    saved = {"images": [{"filename": "text", "subfolder": "text", "type": "text"}],
             "animated": ["True"]}  # fmt: skip
    for run in (ours, real):
        assert saved in [shape(output) for output in run["history"]["outputs"].values()]
        assert run["history"].keys() == real["history"].keys()
        assert shape(run["history"]["prompt"]) == shape(real["history"]["prompt"])
        assert [name for name, _ in run["history"]["status"]["messages"]] == [
            "execution_start", "execution_cached", "execution_success",
        ]  # fmt: skip


def test_a_cancelled_run_is_told_as_by_the_real_one(
    host: FrontendHost, record: ModuleType, recorded: dict[str, Any]
) -> None:
    host.renderer.seconds = 5
    real = recorded["cancelled"]
    ours = record.record_run(host, record.nano_prompt(), cancel=True)
    assert shapes(ours) == shapes(real)
    assert shape(ours["job"]) == shape(real["job"])
    assert ours["history"]["status"].keys() == real["history"]["status"].keys()


def test_a_failed_run_is_told_as_by_the_real_one(
    host: FrontendHost, record: ModuleType, recorded: dict[str, Any]
) -> None:
    host.renderer.failure = "next_frames must be there to be joined"
    real, ours = recorded["failed"], record.record_run(host, record.nano_prompt())
    (told,) = shapes(ours)["execution_error"]
    (wanted,) = shapes(real)["execution_error"]
    assert told.keys() == wanted.keys()
    assert shape(ours["job"]).keys() - {"outputs_count"} == shape(real["job"]).keys() - {
        "outputs_count"
    }


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda node: node.update(class_type="NoSuchNode"), "invalid_prompt"),
        (lambda node: node["inputs"].pop("fps"), "required_input_missing"),
        (lambda node: node["inputs"].update(fps=17.5e9), "value_bigger_than_max"),
        (lambda node: node["inputs"].update(resolution="huge"), "value_not_in_list"),
    ],
)
def test_a_bad_prompt_is_refused(
    host: FrontendHost, record: ModuleType, change: Any, kind: str
) -> None:
    prompt = record.nano_prompt()
    change(prompt["11"])
    status, body = host.request("POST", "/prompt", {"prompt": prompt})
    answer = json.loads(body)
    assert status == 400
    errors = [error for node in answer["node_errors"].values() for error in node["errors"]]
    assert kind in [error["type"] for error in [answer["error"], *errors]]


def test_a_picture_that_is_gone_is_refused(host: FrontendHost, record: ModuleType) -> None:
    (host.input_dir / "example.png").unlink()
    status, body = host.request("POST", "/prompt", {"prompt": record.nano_prompt()})
    assert status == 400
    assert b"Invalid image file: example.png" in body


def test_our_nodes_are_described_as_comfyui_does(host: FrontendHost) -> None:
    info = host.get_json("/object_info")
    wan = info["Wan22ImageToVideo"]
    assert wan.keys() >= {"input", "input_order", "output", "output_name", "display_name"}
    assert wan["input"]["required"]["fps"][1]["default"] == 16
    assert info["LoadImage"]["input"]["required"]["image"][0] == ["example.png"]


def test_nothing_is_given_out_of_other_folders(host: FrontendHost) -> None:
    (host.base_dir / "secret.txt").write_text("secret")
    for path in (
        "/view?filename=../secret.txt&type=output",
        "/view?filename=secret.txt&subfolder=..&type=output",
        "/userdata/..%2F..%2Fsecret.txt",
    ):
        status, body = host.request("GET", path)
        assert status in (403, 404), path
        assert b"secret" not in body
