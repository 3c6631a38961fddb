"""A client of a running ComfyUI: upload a picture, queue a prompt, follow it, fetch its files."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from .errors import InputError

Progress = Callable[[str, int, int], None]
"""Called with what the server does (a node's title), what is done of it and the total."""

#: Seconds without a word on the websocket after which the history is asked.
_SILENCE = 5.0
_TIMEOUT = httpx.Timeout(30.0, read=120.0)


class ServerError(RuntimeError):
    """The server could not be reached, refused a prompt, or failed at it."""


class ComfyServer:
    """One ComfyUI; to be used as a context manager.

    Args:
        url: Its address, such as http://127.0.0.1:8188; a path before ComfyUI's own is kept.

    Raises:
        InputError: The address is none.
    """

    def __init__(self, url: str) -> None:
        """Nothing is sent yet."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(
                "server must be an address", url, "Write it like http://127.0.0.1:8188.", "server"
            )
        self.url = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self._client_id = uuid.uuid4().hex
        self._http = httpx.Client(base_url=self.url, timeout=_TIMEOUT, follow_redirects=True)

    def __enter__(self) -> ComfyServer:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the connections."""
        self._http.close()

    def upload(self, file: Path) -> str:
        """Lays a picture into the server's input folder; the same one again only once.

        Returns:
            The name that Load Image takes.

        Raises:
            ServerError: It was not taken.
        """
        with file.open("rb") as content:
            answer = self._send(
                "POST",
                "/upload/image",
                files={"image": (file.name, content)},
                data={"subfolder": "wanderlens", "type": "input"},
            ).json()
        folder = answer.get("subfolder") or ""
        return f"{folder}/{answer['name']}" if folder else answer["name"]

    def run(self, prompt: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """Queues a prompt and waits for it. Ctrl-C takes it back.

        Args:
            prompt: In API format.
            progress: Told of every node and step; whatever it raises takes the prompt back.

        Returns:
            The outputs by node id, as the history has them.

        Raises:
            ServerError: It was refused, failed, or was cancelled on the server.
        """
        socket = self._listen()
        prompt_id = ""
        try:
            body = {"prompt": prompt, "client_id": self._client_id}
            prompt_id = self._send("POST", "/prompt", json=body).json()["prompt_id"]
            return self._follow(prompt, prompt_id, socket, progress)
        except BaseException as error:
            if prompt_id and not isinstance(error, ServerError):
                self._take_back(prompt_id)
            raise
        finally:
            if socket is not None:
                socket.close()

    def fetch(self, entry: Mapping[str, Any], target: Path) -> None:
        """Writes one of a prompt's files; half a file never has the name.

        Args:
            entry: "filename", "subfolder" and "type", as outputs have them.
            target: Where to.

        Raises:
            ServerError: The server does not give it.
            OSError: It cannot be written.
        """
        partial = target.with_name(f".{target.stem}.{uuid.uuid4().hex}.partial{target.suffix}")
        query = {key: str(entry.get(key, "")) for key in ("filename", "subfolder", "type")}
        try:
            with self._http.stream("GET", "/view", params=query) as answer:
                _check(answer)
                with partial.open("wb") as file:
                    for piece in answer.iter_bytes():
                        file.write(piece)
            partial.replace(target)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        finally:
            partial.unlink(missing_ok=True)

    def _follow(
        self,
        prompt: Mapping[str, Any],
        prompt_id: str,
        socket: ClientConnection | None,
        progress: Progress,
    ) -> dict[str, Any]:
        titles = {
            node_id: node.get("_meta", {}).get("title") or node["class_type"]
            for node_id, node in prompt.items()
        }
        while True:
            message = None
            if socket is not None:
                try:
                    message = _message(socket)
                except (WebSocketException, OSError):
                    socket = None  # lost; the history tells too, only less often
            if socket is None:
                time.sleep(1.0)
            kind, data = message or ("", {})
            if data.get("prompt_id") not in (None, prompt_id):
                continue
            if kind == "progress":
                stage = titles.get(str(data.get("node")), "working")
                progress(stage, int(data["value"]), int(data["max"]))
            elif kind == "executing" and data.get("node") is not None:
                progress(titles.get(str(data["node"]), "working"), 0, 1)
            done = kind in ("execution_success", "execution_error", "execution_interrupted")
            if done or message is None:
                entry = self._history(prompt_id)
                if entry is not None:
                    return _outputs(entry)

    def _history(self, prompt_id: str) -> dict[str, Any] | None:
        """The prompt's entry; None while it is queued or runs.

        Raises:
            ServerError: It is neither queued nor known.
        """
        entry = self._send("GET", f"/history/{prompt_id}").json().get(prompt_id)
        if entry is not None:
            return entry if entry.get("status") else None
        queue = self._send("GET", "/queue").json()
        waiting = [item[1] for key in queue for item in queue[key]]
        if prompt_id in waiting:
            return None
        # It may have ended between the two questions.
        entry = self._send("GET", f"/history/{prompt_id}").json().get(prompt_id)
        if entry is None:
            raise ServerError("The prompt is gone from the server's queue; was it restarted?")
        return entry

    def _take_back(self, prompt_id: str) -> None:
        """Removes the prompt from the queue, or interrupts it; as far as that can be done."""
        for path, body in (("/queue", {"delete": [prompt_id]}), ("/interrupt", None)):
            try:
                if body is None:
                    running = self._send("GET", "/queue").json().get("queue_running", [])
                    if prompt_id not in [item[1] for item in running]:
                        return
                    body = {"prompt_id": prompt_id}
                self._send("POST", path, json=body)
            except ServerError:
                return

    def _listen(self) -> ClientConnection | None:
        address = f"ws{self.url.removeprefix('http')}/ws?clientId={self._client_id}"
        try:
            return connect(address, open_timeout=10, max_size=None, proxy=None)
        except (WebSocketException, OSError):
            return None

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        _check(answer)
        return answer

    def _unreachable(self, error: Exception) -> ServerError:
        return ServerError(
            f"The ComfyUI server at {self.url} does not answer ({error}). Is it running, and is "
            "the address right?"
        )


def _message(socket: ClientConnection) -> tuple[str, dict[str, Any]] | None:
    """The next message; None for a preview picture's place and for silence."""
    try:
        received = socket.recv(timeout=_SILENCE)
    except TimeoutError:
        return None
    if isinstance(received, bytes):
        return "preview", {}
    message = json.loads(received)
    data = message.get("data")
    return str(message.get("type", "")), data if isinstance(data, dict) else {}


def _check(answer: httpx.Response) -> None:
    """Raises what the server says went wrong, in one line for each refused input."""
    if answer.is_success:
        return
    answer.read()
    try:
        body = answer.json()
    except ValueError:
        body = {}
    lines = []
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        lines.append(" ".join(str(error.get(k, "")) for k in ("message", "details")).strip())
    elif error:
        lines.append(str(error))
    nodes = body.get("node_errors") if isinstance(body, dict) else None
    for node_id, node in (nodes or {}).items():
        for problem in node.get("errors", []):
            lines.append(
                f"{node.get('class_type', node_id)}: {problem.get('message', '')} "
                f"({problem.get('details', '')})"
            )
    said = "; ".join(line for line in lines if line) or answer.reason_phrase
    raise ServerError(f"The ComfyUI server refused: {said} (HTTP {answer.status_code})")


def _outputs(entry: Mapping[str, Any]) -> dict[str, Any]:
    status = entry.get("status", {})
    if status.get("status_str") != "error":
        return dict(entry.get("outputs", {}))
    for name, data in status.get("messages", []):
        if name == "execution_error":
            message = str(data.get("exception_message", "")).strip()
            raise ServerError(f"{data.get('node_type', 'A node')} failed: {message}")
        if name == "execution_interrupted":
            raise ServerError("The prompt was cancelled on the server.")
    raise ServerError("The prompt failed on the server.")
