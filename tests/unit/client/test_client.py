"""The client of a ComfyUI where the server misbehaves; a real one runs in tests/comfyui."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs the headless extra")
pytest.importorskip("websockets", reason="needs the headless extra")

from websockets.sync.server import serve

from wanderlens.client import client as module
from wanderlens.client import responses
from wanderlens.client.client import ComfyServer, ServerError
from wanderlens.errors import InputError

PROMPT = {"1": {"class_type": "SaveVideo", "inputs": {}}}
DONE = {"status": {"status_str": "success"}, "outputs": {"1": {"images": []}}}


@dataclass
class Redirect:
    """Sends on to another address."""

    to: str
    status: int = 302


@dataclass
class Endless:
    """Sends a piece again and again."""

    piece: bytes = b"a" * 65536
    headers: dict[str, str] = field(default_factory=dict)


class Stub(ThreadingHTTPServer):
    """Answers in turn what it is given for each path, the last answer for ever; no websocket."""

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        self.answers = answers
        self.posted: list[tuple[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Stub)
        path = "/history" if self.path.startswith("/history/") else self.path
        found = self.server.answers.get(path.split("?")[0], [404])
        answer = found.pop(0) if len(found) > 1 else found[0]
        if callable(answer):
            answer = answer(self.path)
        self._send(answer)

    def do_POST(self) -> None:
        assert isinstance(self.server, Stub)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_json = "json" in self.headers.get("Content-Type", "")
        self.server.posted.append((self.path, json.loads(body) if is_json else body))
        found = self.server.answers.get(f"POST {self.path}", [{}])
        self._send(found.pop(0) if len(found) > 1 else found[0])

    def _send(self, answer: Any) -> None:
        status, content, more = 200, answer, {}
        if isinstance(answer, Redirect):
            status, content, more = answer.status, b"", {"Location": answer.to}
        if isinstance(answer, Endless):
            self._send_for_ever(answer)
            return
        if isinstance(answer, int):
            status, content = answer, b""
        elif not isinstance(content, bytes):
            content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send_for_ever(self, answer: Endless) -> None:
        self.send_response(200)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # hung up
            while True:
                self.wfile.write(answer.piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        pass


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    monkeypatch.setattr(module, "_POLL", 0.0)
    monkeypatch.setattr(module, "_POLL_ALONE", 0.0)
    started: list[Stub] = []

    def start(**answers: list[Any]) -> Stub:
        named = {
            key.replace("POST_", "POST /").replace("GET_", "/"): v for key, v in answers.items()
        }
        server = Stub(named)
        # Its `shutdown` waits for as long as it polls.
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def entry(path: str) -> dict[str, Any]:
    return {path.rsplit("/", 1)[1]: DONE}


def quietly(*_: object) -> None:
    pass


def test_a_few_failures_while_waiting_are_outlasted(stub):
    server = stub(GET_history=[502, 502, entry])
    with ComfyServer(server.url) as client:
        assert client.run(PROMPT, quietly) == DONE["outputs"]
    path, body = server.posted[0]
    assert path == "/prompt"
    assert len(body["prompt_id"]) == 36


def test_a_server_that_is_gone_is_given_up_and_the_prompt_named(stub):
    server = stub(GET_history=[502])
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="still be rendered"):
        client.run(PROMPT, quietly)


def test_a_prompt_that_vanished_is_an_error(stub):
    server = stub(GET_history=[{}], GET_queue=[{"queue_running": [], "queue_pending": []}])
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="was it restarted"):
        client.run(PROMPT, quietly)


def test_half_a_prompt_is_taken_back_and_refused(stub):
    errors = {"9": {"class_type": "UNETLoader", "errors": [{"message": "Value not in list"}]}}
    server = stub(GET_queue=[{"queue_running": [], "queue_pending": []}])
    server.answers["POST /prompt"] = [{"prompt_id": "7", "node_errors": errors}]
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="UNETLoader: Value"):
        client.run(PROMPT, quietly)
    assert ("/queue", {"delete": ["7"]}) in server.posted


def test_stopping_takes_the_prompt_back(stub):
    server = stub()

    def queue(_: str) -> dict[str, Any]:
        ids = [body["prompt_id"] for path, body in server.posted if path == "/prompt"]
        return {"queue_running": [[0, each] for each in ids], "queue_pending": []}

    server.answers["/queue"] = [queue]
    with ComfyServer(server.url) as client:
        client._history = _interrupted  # pyright: ignore[reportAttributeAccessIssue]
        with pytest.raises(KeyboardInterrupt):
            client.run(PROMPT, quietly)
    sent = dict(server.posted)
    assert sent["/interrupt"] == {"prompt_id": sent["/prompt"]["prompt_id"]}


def _interrupted(_: str) -> None:
    raise KeyboardInterrupt


def test_what_is_no_comfyui_is_told(stub, tmp_path: Path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    server = stub()
    server.answers["POST /upload/image"] = [b"<html>Please log in</html>"]
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="ask for a login"):
        client.upload(picture)
    server.answers["POST /upload/image"] = [404]
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="HTTP 404"):
        client.upload(picture)


def test_a_file_that_is_not_given_leaves_nothing(stub, tmp_path: Path):
    server = stub(GET_view=[500])
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="HTTP 500"):
        client.fetch({"filename": "../../x.mp4", "subfolder": ""}, tmp_path / "clip.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["ftp://x", "http://x:port", "http://[::1", "", "http://x?token=1"])
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(InputError, match="server must be an address"):
        ComfyServer(url)


def test_names_and_passwords_are_not_shown():
    client = ComfyServer("https://me:secret@render.example:8443/comfy/")
    assert client.shown == "https://render.example:8443/comfy"
    assert "secret" not in str(client._connection.unreachable(OSError("refused")))


# -- a server that means harm ----------------------------------------------------------------------

NO_QUEUE = {"queue_running": [], "queue_pending": []}
JUNK = (None, True, 7, "x", [], [1], [[]], [[1]], {}, {"a": 1}, {"1": [1]}, {"1": {"errors": [1]}})


def ended(**fields: Any) -> Any:
    """An answer of the history: an entry that has ended, with other fields."""
    return lambda path: {path.rsplit("/", 1)[1]: {"status": {"a": 1}} | fields}


def failed(*messages: Any) -> Any:
    return ended(status={"status_str": "error", "messages": [*messages]})


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_answers_of_any_type_are_no_crash(stub, tmp_path: Path, junk: Any):
    """Each is either refused in words or counts as nothing."""
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    histories = [
        junk,
        lambda path: {path.rsplit("/", 1)[1]: [junk]},
        ended(status=junk or [junk]),
        ended(outputs=junk),
        ended(status={"status_str": junk}),
        ended(status={"status_str": "error", "messages": junk}),
        failed(["execution_error", junk]),
        failed(junk, [junk, junk], ["execution_interrupted", junk]),
    ]
    shapes: list[dict[str, list[Any]]] = [
        *({"/history": [history]} for history in histories),
        {"/history": [{}], "/queue": [junk]},
        {"/history": [{}], "/queue": [{"queue_running": junk, "queue_pending": junk}]},
        {"POST /prompt": [junk]},
        *({"POST /prompt": [{key: junk}]} for key in ("prompt_id", "node_errors", "error")),
    ]
    server = stub()
    with ComfyServer(server.url) as client:
        for answers in shapes:
            server.answers = {"/history": [entry], "/queue": [NO_QUEUE]} | answers
            with contextlib.suppress(ServerError):
                outputs = client.run(PROMPT, quietly)
                assert all(isinstance(node, dict) for node in outputs.values())
        for answer in (junk, {"name": junk}, {"name": "a.png", "subfolder": junk}):
            server.answers = {"POST /upload/image": [answer]}
            with contextlib.suppress(ServerError):
                assert isinstance(client.upload(picture), str)


def test_messages_of_any_type_are_no_crash(monkeypatch: pytest.MonkeyPatch):
    """By the websocket: no JSON, other shapes, other types, and one too large."""
    monkeypatch.setattr(responses, "MOST_JSON", 1 << 16)
    kinds = ("progress", "executing", "execution_success", 5)
    datas = (None, 5, [], {}, {"value": "x", "max": None}, {"prompt_id": [], "node": 5},
             {"value": 10**400, "max": [], "node": {}})  # fmt: skip
    sent = ["{", "[]", "5", "[" * 30_000, b"\0" * 100, b""]
    sent += [json.dumps({"type": kind, "data": data}) for kind in kinds for data in datas]
    sent.append(json.dumps({"type": "executing", "data": {"node": "1"}}))

    def speak(connection):
        for message in (*sent, "x" * (1 << 17)):
            connection.send(message)

    with serve(speak, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        monkeypatch.setattr(module, "_POLL", 1e9)
        monkeypatch.setattr(module, "_POLL_ALONE", 0.0)
        heard: list[tuple[str, int, int]] = []
        with ComfyServer(url) as client:
            asked = iter(range(10_000))
            done = 10 * len(sent)  # until all of them are heard and the connection is lost
            client._connection.request_json = lambda *_, **__: {}  # pyright: ignore[reportAttributeAccessIssue]
            client._history = lambda _: DONE if next(asked) > done else None  # pyright: ignore[reportAttributeAccessIssue]
            assert client.run(PROMPT, lambda *told: heard.append(told)) == DONE["outputs"]
        server.shutdown()
    assert ("SaveVideo", 0, 1) in heard
    assert all(isinstance(each, int) for _, *numbers in heard for each in numbers)


@pytest.mark.parametrize("path", ["/history", "/queue", "POST /prompt", "POST /upload/image"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_an_answer_without_end_is_given_up(stub, tmp_path: Path, monkeypatch, path, coding):
    monkeypatch.setattr(responses, "MOST_JSON", 1 << 20)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    piece = gzip.compress(b" " * (1 << 20)) if coding == "gzip" else b" " * 65536
    server = stub(GET_history=[{}], GET_queue=[NO_QUEUE])
    server.answers[path] = [Endless(piece, {"Content-Encoding": coding})]
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="larger than 1 MiB"):
        client.upload(picture) if "upload" in path else client.run(PROMPT, quietly)


def test_a_clip_without_end_is_given_up_and_leaves_nothing(stub, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(module, "_MAX_CLIP", 1 << 20)
    server = stub(GET_view=[Endless()])
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"older")
    with ComfyServer(server.url) as client, pytest.raises(ServerError, match="it is not kept"):
        client.fetch({"filename": "x.mp4"}, target)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("clip.mp4", b"older")
    ]


@pytest.mark.parametrize("name", ["../../evil.mp4", "/etc/cron.d/x.mp4", r"..\..\x.mp4", "a\0.mp4"])
def test_a_name_of_the_servers_never_says_where_a_clip_goes(stub, tmp_path: Path, name: str):
    server = stub(GET_view=[b"clip"])
    folder = tmp_path / "clips"
    folder.mkdir()
    with ComfyServer(server.url) as client:
        client.fetch({"filename": name, "subfolder": name, "type": name}, folder / "clip.mp4")
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [folder / "clip.mp4"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("path", ["/history", "/view", "POST /prompt"])
@pytest.mark.parametrize("place", ["another machine", "another port", "a file"])
def test_a_server_sends_nobody_away(stub, tmp_path: Path, path: str, status: int, place: str):
    """Such as to a machine that only this one reaches."""
    other = stub(GET_history=[entry], GET_view=[b"internal"])
    away = {
        "another machine": other.url.replace("127.0.0.1", "localhost"),
        "another port": other.url,
        "a file": "file:///etc",
    }[place]
    server = stub(GET_history=[entry])
    server.answers[path] = [Redirect(f"{away}/passwd", status)]
    with ComfyServer(server.url) as client:
        if path == "/view":
            with pytest.raises(ServerError):
                client.fetch({"filename": "x.mp4"}, tmp_path / "clip.mp4")
        else:
            with pytest.raises(ServerError):
                client.run(PROMPT, quietly)
    assert other.posted == []
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_on_the_same_machine_is_followed(stub):
    server = stub(GET_history=[Redirect("/moved")], GET_moved=[{"p": DONE}])
    server.answers["POST /prompt"] = [{"prompt_id": "p"}]
    with ComfyServer(server.url) as client:
        assert client.run(PROMPT, quietly) == DONE["outputs"]


def test_what_a_server_says_cannot_take_over_the_terminal(stub):
    evil = "boom\x1b]0;owned\x07\x9b2J\r\nwanderlens: all is well"
    server = stub(GET_queue=[NO_QUEUE])
    status = {"status_str": "error", "messages": [
        ["execution_error", {"node_type": evil, "exception_message": evil}]]}  # fmt: skip
    refused = {"error": {"message": evil}, "node_errors": {evil: {"class_type": evil, "errors": [
        {"message": evil, "details": evil}]}}}  # fmt: skip
    for answers in (
        {"/history": [lambda path: {path.rsplit("/", 1)[1]: {"status": status}}]},
        {"POST /prompt": [refused]},
        {"POST /prompt": [{"prompt_id": evil}], "/history": [{}]},
    ):
        server.answers = {"/queue": [NO_QUEUE]} | answers
        with ComfyServer(server.url) as client, pytest.raises(ServerError) as told:
            client.run(PROMPT, quietly)
        assert str(told.value).isprintable()


def test_no_error_tells_name_and_password(stub):
    server = stub(GET_history=[502], GET_queue=[502])
    url = server.url.replace("//", "//me:s%20ecret@")
    with ComfyServer(url) as client, pytest.raises(ServerError) as told:
        client.run(PROMPT, quietly)
    assert "502" in str(told.value)
    assert "ecret" not in str(told.value)


def test_name_and_password_reach_the_server(stub, monkeypatch):
    heard = []
    monkeypatch.setattr(
        Handler, "do_GET", lambda self: heard.append(self.headers) or self._send({})
    )
    server = stub()
    with ComfyServer(server.url.replace("//", "//me:s%20ecret@")) as client:
        client._connection.poll_json("/queue")
    assert heard[0]["Authorization"] == "Basic bWU6cyBlY3JldA=="
