"""Shared by all routes: reading JSON, checking fields, answering refusals."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from aiohttp import web

from ..errors import InputError

#: A request larger than this is refused, in bytes.
MAX_BODY = 256 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """A request is refused.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        """Takes what to tell the user, and the status."""
        super().__init__(message)
        self.status = status


def answering(handler: Handler) -> Handler:
    """Turns refusals into JSON answers: ``{"error": "rule, value, remedy"}``."""

    @wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except InputError as error:
            body = {"error": str(error), "widget": error.widget}
            return web.json_response(body, status=400)

    return answered


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        Refused: It is none, is too large, or is not sent as JSON. A page of another site can send
            anything without asking first, but not that content type.
    """
    if request.content_type != "application/json":
        raise Refused("The body must be application/json.", 415)
    body = bytearray()
    async for piece in request.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > MAX_BODY:
            raise Refused(f"The body must not be larger than {MAX_BODY // 1024} KiB.", 413)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("The body must be JSON.") from error
    if not isinstance(data, dict):
        raise Refused("The body must be a JSON object.")
    return data


class Fields:
    """Reads a request's fields; each is checked, and an unknown one is refused."""

    def __init__(self, data: Mapping[str, Any], known: frozenset[str]) -> None:
        """Looks at the names only.

        Args:
            data: The request.
            known: The names that there may be.

        Raises:
            Refused: There is another one.
        """
        unknown = sorted(set(data) - known)
        if unknown:
            names = ", ".join(sorted(known))
            raise Refused(f"There is no field {unknown[0]!r:.80}; there are {names}.")
        self._data = data

    def raw(self, name: str, default: Any = None) -> Any:
        """A field as it is, for what checks it later."""
        return self._data.get(name, default)

    def text(self, name: str, default: str = "", most: int = 20_000) -> str:
        """A text.

        Raises:
            InputError: It is none, or too long.
        """
        value = self._data.get(name, default)
        if not isinstance(value, str) or len(value) > most:
            raise InputError(
                f"{name} must be text of at most {most} characters", value, "Shorten it.", name
            )
        return value
