"""A client of a running ComfyUI: upload a picture, queue a prompt, follow it, fetch its files."""

from __future__ import annotations

import contextlib
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

#: Seconds after which the history is asked, whatever the websocket says.
_LOOK = 5.0
#: Failures in a row, of the history alone, after which the server is given up.
_MOST_FAILURES = 6
_TIMEOUT = httpx.Timeout(30.0, read=120.0)
_LOCAL = ("127.0.0.1", "localhost", "::1")
_ENDED = ("execution_success", "execution_error", "execution_interrupted")


class ServerError(RuntimeError):
    """The server could not be reached, refused a prompt, or failed at it."""


class ComfyServer:
    """One ComfyUI; to be used as a context manager.

    Attributes:
        shown: Its address for people, without a user's name and password.
    """

    def __init__(self, url: str) -> None:
        """Nothing is sent yet.

        Args:
            url: Its address, such as http://127.0.0.1:8188; a path before ComfyUI's own is kept.

        Raises:
            InputError: The address is none.
        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not host or parts.query:
            raise InputError(
                "server must be an address without a query",
                url,
                "Write it like http://127.0.0.1:8188.",
                "server",
            )
        path = parts.path.rstrip("/")
        place = f"[{host}]" if ":" in host else host
        place += f":{port}" if port else ""
        self.shown = urlunsplit((parts.scheme, place, path, "", ""))
        self._url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        self._client_id = uuid.uuid4().hex
        # A proxy of the environment must not see requests to this machine.
        self._is_local = host in _LOCAL
        self._http = httpx.Client(
            base_url=self._url,
            timeout=_TIMEOUT,
            follow_redirects=True,
            trust_env=not self._is_local,
        )

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
            answer = self._json(
                "POST",
                "/upload/image",
                files={"image": (file.name, content)},
                data={"subfolder": "wanderlens", "type": "input"},
            )
        name, folder = answer.get("name"), answer.get("subfolder") or ""
        if not isinstance(name, str):
            raise self._not_comfyui()
        return f"{folder}/{name}" if folder else name

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
        # Our own id, so that the prompt can be taken back whenever Ctrl-C comes.
        prompt_id = str(uuid.uuid4())
        body = {"prompt": prompt, "client_id": self._client_id, "prompt_id": prompt_id}
        with contextlib.ExitStack() as stack:
            socket = self._listen(stack)
            try:
                answer = self._json("POST", "/prompt", json=body)
                prompt_id = str(answer.get("prompt_id") or prompt_id)
                if answer.get("node_errors"):
                    # ComfyUI runs what is left of a prompt when one output of it is valid.
                    self._take_back(prompt_id)
                    raise ServerError(f"The ComfyUI server refused: {_said(answer)}")
                return self._follow(prompt, prompt_id, socket, progress)
            except BaseException as error:
                if not isinstance(error, ServerError):
                    self._take_back(prompt_id)
                raise

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
        failures, looked = 0, time.monotonic()
        while True:
            kind, data = "", {}
            if socket is None:
                time.sleep(1.0)
            else:
                try:
                    kind, data = _message(socket)
                except (WebSocketException, OSError):
                    socket = None  # lost; the history tells too, only less often
            if data.get("prompt_id") not in (None, prompt_id):
                continue
            node = data.get("node")
            if kind == "progress":
                progress(titles.get(str(node), "working"), int(data["value"]), int(data["max"]))
            elif kind == "executing" and node is not None:
                progress(titles.get(str(node), "working"), 0, 1)
            # The history may be written a little after these words.
            ended = kind in _ENDED or (kind == "executing" and node is None)
            if not ended and time.monotonic() - looked < (1.0 if socket is None else _LOOK):
                continue
            looked = time.monotonic()
            try:
                entry = self._history(prompt_id)
                failures = 0
            except httpx.HTTPError as error:
                failures += 1
                if failures == _MOST_FAILURES:
                    raise ServerError(
                        f"The ComfyUI server at {self.shown} does not answer any more ({error}). "
                        f"The prompt {prompt_id} may still be rendered there."
                    ) from error
                time.sleep(min(2.0**failures, 20.0))
                continue
            if entry is not None:
                return _outputs(entry)
            if ended:
                looked -= _LOOK - 0.5  # look again soon

    def _history(self, prompt_id: str) -> dict[str, Any] | None:
        """The prompt's entry; None while it is queued or runs.

        Raises:
            ServerError: It is neither queued nor known.
            httpx.HTTPError: The server does not answer, or not as it should.
        """
        for queued in (True, False):
            entry = self._asked(f"/history/{prompt_id}").get(prompt_id)
            if entry is not None:
                return entry if entry.get("status") else None
            if queued:
                queue = self._asked("/queue")
                if prompt_id in [item[1] for key in queue for item in queue[key]]:
                    return None
                # It may have ended between the two questions, so the first is asked again.
        raise ServerError(
            f"The prompt {prompt_id} is gone from the server's queue; was it restarted?"
        )

    def _asked(self, path: str) -> dict[str, Any]:
        answer = self._http.get(path)
        answer.raise_for_status()
        try:
            return answer.json()
        except ValueError as error:
            raise httpx.DecodingError(str(error)) from error

    def _take_back(self, prompt_id: str) -> None:
        """Removes the prompt from the queue, or interrupts it; as far as that can be done."""
        try:
            self._http.post("/queue", json={"delete": [prompt_id]})
            running = self._asked("/queue").get("queue_running", [])
            if prompt_id in [item[1] for item in running]:
                self._http.post("/interrupt", json={"prompt_id": prompt_id})
        except httpx.HTTPError:
            return

    def _listen(self, stack: contextlib.ExitStack) -> ClientConnection | None:
        """The websocket, closed with the stack; None where there is none."""
        address = f"ws{self._url.removeprefix('http')}/ws?clientId={self._client_id}"
        try:
            proxy = None if self._is_local else True
            return stack.enter_context(
                connect(address, open_timeout=10, max_size=None, proxy=proxy)
            )
        except (WebSocketException, OSError):
            return None

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        _check(answer)
        try:
            body = answer.json()
        except ValueError as error:
            raise self._not_comfyui() from error
        if not isinstance(body, dict):
            raise self._not_comfyui()
        return body

    def _unreachable(self, error: Exception) -> ServerError:
        return ServerError(
            f"The ComfyUI server at {self.shown} does not answer ({error}). Is it running, and is "
            "the address right?"
        )

    def _not_comfyui(self) -> ServerError:
        return ServerError(
            f"What answers at {self.shown} does not speak like a ComfyUI. Is the address right, or "
            "does it ask for a login?"
        )


def _message(socket: ClientConnection) -> tuple[str, dict[str, Any]]:
    """Type and data of the next message; empty for a preview picture and for silence."""
    try:
        received = socket.recv(timeout=_LOOK)
    except TimeoutError:
        return "", {}
    if isinstance(received, bytes):
        return "", {}
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
    said = _said(body if isinstance(body, dict) else {}) or answer.reason_phrase
    raise ServerError(f"The ComfyUI server refused: {said} (HTTP {answer.status_code})")


def _said(body: Mapping[str, Any]) -> str:
    lines = []
    error = body.get("error")
    if isinstance(error, dict):
        lines.append(" ".join(str(error.get(k, "")) for k in ("message", "details")).strip())
    elif error:
        lines.append(str(error))
    for node_id, node in (body.get("node_errors") or {}).items():
        for problem in node.get("errors", []):
            lines.append(
                f"{node.get('class_type', node_id)}: {problem.get('message', '')} "
                f"({problem.get('details', '')})"
            )
    return "; ".join(line for line in lines if line)


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
