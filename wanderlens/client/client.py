"""A client of a running ComfyUI: upload a picture, queue a prompt, follow it, fetch its files."""

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
from websockets.sync.client import ClientConnection, connect

from ..checks import as_whole
from ..disk import atomic_path
from ..text import one_line
from . import responses
from .address import ServerAddress
from .responses import ServerError

Progress = Callable[[str, int, int], None]
"""Called with what the server does (a node's title), what is done of it and the total."""

#: Seconds after which the history is asked, whatever the websocket says.
_LOOK = 5.0
#: The same where there is no websocket.
_LOOK_ALONE = 1.0
#: Failures in a row, of the history alone, after which the server is given up.
_MOST_FAILURES = 6
_TIMEOUT = httpx.Timeout(30.0, read=120.0)
#: Bytes of a clip; a server that sends more is broken or worse.
_MOST_CLIP = 16 << 30
_ENDED = ("execution_success", "execution_error", "execution_interrupted")


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
        address = ServerAddress.parse(url)
        self.shown = address.shown
        self._address = address
        self._client_id = uuid.uuid4().hex
        self._http = httpx.Client(
            # Errors name the address, so name and password do not stand in it.
            base_url=address.shown,
            auth=address.login,
            timeout=_TIMEOUT,
            # Nothing is unpacked: a little can become too much for the memory.
            headers={"Accept-Encoding": "identity"},
            follow_redirects=True,
            event_hooks={"request": [self._stay]},
            trust_env=not address.is_local,
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
        if not isinstance(name, str) or not isinstance(folder, str):
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
                given = answer.get("prompt_id")
                prompt_id = given if isinstance(given, str) and given else prompt_id
                if answer.get("node_errors"):
                    # ComfyUI runs what is left of a prompt when one output of it is valid.
                    self._take_back(prompt_id)
                    raise ServerError(f"The ComfyUI server refused: {responses.said_in(answer)}")
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
        query = {key: str(entry.get(key, "")) for key in ("filename", "subfolder", "type")}
        try:
            with (
                atomic_path(target) as partial,
                self._http.stream("GET", "/view", params=query) as answer,
            ):
                if not answer.is_success:
                    responses.check(answer, responses.body_of(answer))
                size = 0
                with partial.open("wb") as file:
                    for piece in answer.iter_raw():
                        size += len(piece)
                        if size > _MOST_CLIP:
                            raise ServerError(
                                f"The ComfyUI server sends a clip of more than "
                                f"{_MOST_CLIP >> 30} GiB; it is not kept."
                            )
                        file.write(piece)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _follow(
        self,
        prompt: Mapping[str, Any],
        prompt_id: str,
        socket: ClientConnection | None,
        progress: Progress,
    ) -> dict[str, Any]:
        titles = {node_id: responses.title_of(node) for node_id, node in prompt.items()}
        failures, looked = 0, time.monotonic()
        while True:
            kind, data = "", {}
            if socket is None:
                time.sleep(_LOOK_ALONE)
            else:
                try:
                    kind, data = responses.message_of(socket.recv(timeout=_LOOK))
                except TimeoutError:
                    pass
                except (WebSocketException, OSError):
                    socket = None  # lost; the history tells too, only less often
            if data.get("prompt_id") not in (None, prompt_id):
                continue
            node = data.get("node")
            if kind == "progress":
                done, total = as_whole(data.get("value")), as_whole(data.get("max"))
                if done is not None and total is not None:
                    progress(titles.get(str(node), "working"), done, total)
            elif kind == "executing" and node is not None:
                progress(titles.get(str(node), "working"), 0, 1)
            # The history may be written a little after these words.
            ended = kind in _ENDED or (kind == "executing" and node is None)
            if not ended and time.monotonic() - looked < (_LOOK_ALONE if socket is None else _LOOK):
                continue
            looked = time.monotonic()
            try:
                entry = self._history(prompt_id)
                failures = 0
            except httpx.HTTPError as error:
                failures += 1
                if failures == _MOST_FAILURES:
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
                looked -= _LOOK - 0.5  # look again soon

    def _history(self, prompt_id: str) -> dict[str, Any] | None:
        """The prompt's entry; None while it is queued or runs.

        Raises:
            ServerError: It is neither queued nor known.
            httpx.HTTPError: The server does not answer, or not as it should.
        """
        for queued in (True, False):
            entry = self._asked(f"/history/{quote(prompt_id, safe='')}").get(prompt_id)
            if entry is not None:
                if not isinstance(entry, dict):
                    raise httpx.DecodingError("the history's entry is no JSON object")
                return entry if entry.get("status") else None
            if queued and prompt_id in responses.prompt_ids(self._asked("/queue").values()):
                return None
            # It may have ended between the two questions, so the first is asked again.
        raise ServerError(
            f"The prompt {responses.shown(prompt_id)} is gone from the server's queue; was it "
            "restarted?"
        )

    def _asked(self, path: str) -> dict[str, Any]:
        with self._http.stream("GET", path) as answer:
            answer.raise_for_status()
            found = responses.object_of(responses.body_of(answer))
        if found is None:
            raise httpx.DecodingError("the answer is no JSON object")
        return found

    def _take_back(self, prompt_id: str) -> None:
        """Removes the prompt from the queue, or interrupts it; as far as that can be done."""
        try:
            self._told("/queue", {"delete": [prompt_id]})
            if prompt_id in responses.prompt_ids([self._asked("/queue").get("queue_running")]):
                self._told("/interrupt", {"prompt_id": prompt_id})
        except (httpx.HTTPError, ServerError):
            return

    def _told(self, path: str, body: dict[str, Any]) -> None:
        """Sends something, and reads nothing of the answer."""
        with self._http.stream("POST", path, json=body):
            pass

    def _listen(self, stack: contextlib.ExitStack) -> ClientConnection | None:
        """The websocket, closed with the stack; None where there is none."""
        address = f"ws{self._address.url.removeprefix('http')}/ws?clientId={self._client_id}"
        try:
            proxy = None if self._address.is_local else True
            return stack.enter_context(
                connect(address, open_timeout=10, max_size=responses.MOST_JSON, proxy=proxy)
            )
        except (WebSocketException, OSError):
            return None

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            with self._http.stream(method, path, **options) as answer:
                body = responses.body_of(answer)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        responses.check(answer, body)
        found = responses.object_of(body)
        if found is None:
            raise self._not_comfyui()
        return found

    def _stay(self, request: httpx.Request) -> None:
        """Refuses to be sent on to another machine, which may be one that only we can reach."""
        there, here = request.url, self._http.base_url
        upgraded = (here.scheme, there.scheme) == ("http", "https")
        same = (there.scheme, there.port) == (here.scheme, here.port) or upgraded
        if there.host.lower() != here.host.lower() or not same:
            address = str(there.copy_with(username=None, password=None, path="/", query=None))
            raise ServerError(
                f"The ComfyUI server at {self.shown} sends on to {responses.shown(address)}. Give "
                "that address, if it is the one you mean."
            )

    def _unreachable(self, error: Exception) -> ServerError:
        return ServerError(
            f"The ComfyUI server at {self.shown} does not answer "
            f"({one_line(str(error), responses.MOST_SAID)}). Is it running, "
            "and is the address right?"
        )

    def _not_comfyui(self) -> ServerError:
        return ServerError(
            f"What answers at {self.shown} does not speak like a ComfyUI. Is the address right, or "
            "does it ask for a login?"
        )
