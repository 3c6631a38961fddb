"""The client of a ComfyUI where the server misbehaves; a real one runs in tests/comfyui."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="needs the headless extra")
pytest.importorskip("websockets", reason="needs the headless extra")

from wanderlens import server as module
from wanderlens.errors import InputError
from wanderlens.server import ComfyServer, ServerError

PROMPT = {"1": {"class_type": "SaveVideo", "inputs": {}}}
DONE = {"status": {"status_str": "success"}, "outputs": {"1": {"images": []}}}


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
        status, content = 200, answer
        if isinstance(answer, int):
            status, content = answer, b""
        elif not isinstance(answer, bytes):
            content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        pass


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    monkeypatch.setattr(module, "_LOOK", 0.0)
    started: list[Stub] = []

    def start(**answers: list[Any]) -> Stub:
        named = {
            key.replace("POST_", "POST /").replace("GET_", "/"): v for key, v in answers.items()
        }
        server = Stub(named)
        threading.Thread(target=server.serve_forever, daemon=True).start()
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
    assert "secret" not in str(client._unreachable(OSError("refused")))
