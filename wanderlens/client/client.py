"""A client of a running ComfyUI: upload a still, run a prompt, download its files."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from ..checks import as_whole
from ..disk import atomic_path
from ..text import one_line
from . import responses
from .connection import Connection
from .responses import ServerError

Progress = Callable[[str, int, int], None]
"""Called with the running node's title, the steps done and the total steps."""

#: Seconds between looks at the history while the websocket is open, and the longest wait for it.
_POLL = 5.0
#: Seconds between looks at the history without a websocket.
_POLL_ALONE = 1.0
#: Failures of the history in a row after which the server is given up.
_MAX_FAILURES = 6
#: The largest clip that is downloaded, in bytes; a server that sends more is broken or hostile.
_MAX_CLIP = 16 << 30
_END_EVENTS = ("execution_success", "execution_error", "execution_interrupted")


class ComfyServer:
    """One ComfyUI server; to be used as a context manager.

    Attributes:
        shown: Its address for people, without user name and password.
    """

    def __init__(self, url: str) -> None:
        """Sends nothing yet.

        Args:
            url: The address, such as http://127.0.0.1:8188; a path before ComfyUI's own is kept.

        Raises:
            InputError: It is not an address.
        """
        self._connection = Connection(url)
        self.shown = self._connection.address.shown
        self._client_id = uuid.uuid4().hex

    def __enter__(self) -> ComfyServer:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the connections."""
        self._connection.close()

    def upload(self, file: Path) -> str:
        """Uploads a still into the server's input folder; ComfyUI stores equal files once.

        Returns:
            The name that Load Image takes.

        Raises:
            ServerError: The server refuses it.
        """
        with file.open("rb") as content:
            answer = self._connection.request_json(
                "POST",
                "/upload/image",
                files={"image": (file.name, content)},
                data={"subfolder": "wanderlens", "type": "input"},
            )
        name, folder = answer.get("name"), answer.get("subfolder") or ""
        if not isinstance(name, str) or not isinstance(folder, str):
            raise self._connection.not_comfyui()
        return f"{folder}/{name}" if folder else name

    def run(self, prompt: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        """Queues a prompt and waits for its end. Ctrl-C cancels it on the server.

        Args:
            prompt: In API format.
            progress: Called at every node and step; an exception it raises cancels the prompt.

        Returns:
            The outputs by node id, as in the history.

        Raises:
            ServerError: The prompt was refused, failed, or was cancelled on the server.
        """
        # Our own id, so that the prompt can be cancelled even before the server has answered.
        prompt_id = str(uuid.uuid4())
        body = {"prompt": prompt, "client_id": self._client_id, "prompt_id": prompt_id}
        with contextlib.ExitStack() as stack:
            socket = self._connection.open_websocket(self._client_id)
            if socket is not None:
                stack.enter_context(socket)
            try:
                answer = self._connection.request_json("POST", "/prompt", json=body)
                given = answer.get("prompt_id")
                prompt_id = given if isinstance(given, str) and given else prompt_id
                if answer.get("node_errors"):
                    # ComfyUI runs the valid part of a prompt if one of its outputs is valid.
                    self._cancel(prompt_id)
                    raise ServerError(f"The ComfyUI server refused: {responses.said_in(answer)}")
                return self._wait(prompt, prompt_id, socket, progress)
            except BaseException as error:
                if not isinstance(error, ServerError):
                    self._cancel(prompt_id)
                raise

    def fetch(self, entry: Mapping[str, Any], target: Path) -> None:
        """Downloads one of a prompt's files; the target never holds half of it.

        Args:
            entry: "filename", "subfolder" and "type", as in a node's outputs.
            target: The file to write.

        Raises:
            ServerError: The server does not send it.
            OSError: It cannot be written.
        """
        query = {key: str(entry.get(key, "")) for key in ("filename", "subfolder", "type")}
        try:
            with (
                atomic_path(target) as partial,
                self._connection.stream("GET", "/view", params=query) as answer,
            ):
                if not answer.is_success:
                    responses.check(answer, responses.body_of(answer))
                size = 0
                with partial.open("wb") as file:
                    for chunk in answer.iter_raw():
                        size += len(chunk)
                        if size > _MAX_CLIP:
                            raise ServerError(
                                f"The ComfyUI server sends a clip of more than "
                                f"{_MAX_CLIP >> 30} GiB; it is not kept."
                            )
                        file.write(chunk)
        except httpx.HTTPError as error:
            raise self._connection.unreachable(error) from error

    def _wait(
        self,
        prompt: Mapping[str, Any],
        prompt_id: str,
        socket: ClientConnection | None,
        progress: Progress,
    ) -> dict[str, Any]:
        """Follows a queued prompt to its end: progress by the websocket, the end by the history."""
        titles = {node_id: responses.title_of(node) for node_id, node in prompt.items()}
        failures, last_poll = 0, time.monotonic()
        while True:
            event, data = "", {}
            if socket is None:
                time.sleep(_POLL_ALONE)
            else:
                try:
                    event, data = responses.message_of(socket.recv(timeout=_POLL))
                except TimeoutError:
                    pass
                except (WebSocketException, OSError):
                    socket = None  # lost; the history still tells when the prompt ends
            if data.get("prompt_id") not in (None, prompt_id):
                continue
            node = data.get("node")
            if event == "progress":
                done, total = as_whole(data.get("value")), as_whole(data.get("max"))
                if done is not None and total is not None:
                    progress(titles.get(str(node), "working"), done, total)
            elif event == "executing" and node is not None:
                progress(titles.get(str(node), "working"), 0, 1)
            # The history may be written a little after the message that announces the end.
            ended = event in _END_EVENTS or (event == "executing" and node is None)
            interval = _POLL_ALONE if socket is None else _POLL
            if not ended and time.monotonic() - last_poll < interval:
                continue
            last_poll = time.monotonic()
            try:
                entry = self._history(prompt_id)
                failures = 0
            except httpx.HTTPError as error:
                failures += 1
                if failures == _MAX_FAILURES:
                    raise ServerError(
                        f"The ComfyUI server at {self.shown} does not answer any more "
                        f"({one_line(str(error), responses.MOST_SAID)}). The prompt "
                        f"{responses.shown(prompt_id)} may still be rendered there."
                    ) from error
                time.sleep(min(2.0**failures, 20.0))
                continue
            if entry is not None:
                return responses.outputs_of(entry)
            if ended:
                last_poll -= _POLL - 0.5  # poll again in half a second

    def _history(self, prompt_id: str) -> dict[str, Any] | None:
        """The prompt's history entry; None while it is queued or running.

        Raises:
            ServerError: It is neither queued nor in the history.
            httpx.HTTPError: The server does not answer, or not as it should.
        """
        for check_queue in (True, False):
            path = f"/history/{quote(prompt_id, safe='')}"
            entry = self._connection.poll_json(path).get(prompt_id)
            if entry is not None:
                if not isinstance(entry, dict):
                    raise httpx.DecodingError("the history's entry is no JSON object")
                return entry if entry.get("status") else None
            if check_queue:
                queue = self._connection.poll_json("/queue")
                if prompt_id in responses.prompt_ids(queue.values()):
                    return None
            # It may have ended between the two requests, so the history is asked again.
        raise ServerError(
            f"The prompt {responses.shown(prompt_id)} is gone from the server's queue; was it "
            "restarted?"
        )

    def _cancel(self, prompt_id: str) -> None:
        """Removes a prompt from the queue or interrupts it; ignores a server that is gone."""
        try:
            self._connection.post("/queue", {"delete": [prompt_id]})
            running = self._connection.poll_json("/queue").get("queue_running")
            if prompt_id in responses.prompt_ids([running]):
                self._connection.post("/interrupt", {"prompt_id": prompt_id})
        except (httpx.HTTPError, ServerError):
            return
