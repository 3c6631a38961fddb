"""HTTP and websocket to one ComfyUI server: bounded answers, no redirect to another machine."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from ..text import one_line
from . import responses
from .address import ServerAddress
from .responses import ServerError

_TIMEOUT = httpx.Timeout(30.0, read=120.0)


class Connection:
    """Requests to one ComfyUI server.

    Attributes:
        address: Where the server is.
    """

    def __init__(self, url: str) -> None:
        """Sends nothing yet.

        Args:
            url: The server's address, such as http://127.0.0.1:8188.

        Raises:
            InputError: It is not an address.
        """
        self.address = ServerAddress.parse(url)
        self._http = httpx.Client(
            # httpx's errors quote this address, so it must not contain the login.
            base_url=self.address.shown,
            auth=self.address.login,
            timeout=_TIMEOUT,
            # Nothing is decompressed: a small answer could expand to fill the memory.
            headers={"Accept-Encoding": "identity"},
            follow_redirects=True,
            event_hooks={"request": [self._refuse_other_hosts]},
            trust_env=not self.address.is_local,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def request_json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Sends a request and returns the JSON object that answers it.

        Args:
            method: GET or POST.
            path: Below the server's address.
            **options: Of `httpx.Client.stream`.

        Raises:
            ServerError: The server is unreachable, refuses, or does not answer like ComfyUI.
        """
        try:
            with self.stream(method, path, **options) as answer:
                body = responses.body_of(answer)
        except httpx.HTTPError as error:
            raise self.unreachable(error) from error
        responses.check(answer, body)
        content = responses.object_of(body)
        if content is None:
            raise self.not_comfyui()
        return content

    def poll_json(self, path: str) -> dict[str, Any]:
        """Returns the JSON object at a path; errors stay httpx's, for a caller that retries.

        Raises:
            httpx.HTTPError: The server does not answer, or not with a JSON object.
        """
        with self.stream("GET", path) as answer:
            answer.raise_for_status()
            content = responses.object_of(responses.body_of(answer))
        if content is None:
            raise httpx.DecodingError("the answer is no JSON object")
        return content

    def post(self, path: str, body: dict[str, Any]) -> None:
        """Sends a JSON object and ignores the answer.

        Raises:
            httpx.HTTPError: The server does not answer.
        """
        with self.stream("POST", path, json=body):
            pass

    def stream(
        self, method: str, path: str, **options: Any
    ) -> contextlib.AbstractContextManager[httpx.Response]:
        """Sends a request, as a context manager whose answer is read as it arrives."""
        return self._http.stream(method, path, **options)

    def open_websocket(self, client_id: str) -> ClientConnection | None:
        """Opens the websocket that reports on this client's prompts; None if it cannot be."""
        url = f"ws{self.address.url.removeprefix('http')}/ws?clientId={client_id}"
        proxy = None if self.address.is_local else True
        try:
            return connect(url, open_timeout=10, max_size=responses.MOST_JSON, proxy=proxy)
        except (WebSocketException, OSError):
            return None

    def unreachable(self, error: Exception) -> ServerError:
        """The error for a server that does not answer."""
        return ServerError(
            f"The ComfyUI server at {self.address.shown} does not answer "
            f"({one_line(str(error), responses.MOST_SAID)}). Is it running, "
            "and is the address right?"
        )

    def not_comfyui(self) -> ServerError:
        """The error for a server that answers, but not as ComfyUI does."""
        return ServerError(
            f"What answers at {self.address.shown} does not speak like a ComfyUI. Is the address "
            "right, or does it ask for a login?"
        )

    def _refuse_other_hosts(self, request: httpx.Request) -> None:
        """Refuses redirects to another machine, which may be one that only we can reach."""
        target, own = request.url, self._http.base_url
        upgraded = (own.scheme, target.scheme) == ("http", "https")
        same = (target.scheme, target.port) == (own.scheme, own.port) or upgraded
        if target.host.lower() != own.host.lower() or not same:
            address = str(target.copy_with(username=None, password=None, path="/", query=None))
            raise ServerError(
                f"The ComfyUI server at {self.address.shown} sends on to "
                f"{responses.shown(address)}. Give that address, if it is the one you mean."
            )
