"""Checks the answers of a ComfyUI server: types, sizes, and texts fit for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from ..text import one_line

#: The largest answer or message, in bytes; a server that sends more is broken or hostile.
MOST_JSON = 64 << 20
#: The longest text of a server that is shown, in characters.
MOST_SAID = 2000


class ServerError(RuntimeError):
    """The server could not be reached, refused a prompt, or failed at it."""


def body_of(answer: httpx.Response) -> bytes:
    """Reads an answer's body without decompressing it.

    Raises:
        httpx.DecodingError: It is larger than `MOST_JSON`.
    """
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > MOST_JSON:
            raise httpx.DecodingError(f"the answer is larger than {MOST_JSON >> 20} MiB")
    return bytes(body)


def object_of(body: bytes) -> dict[str, Any] | None:
    """Parses a JSON object; None for anything else."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def dict_of(value: Any) -> dict[str, Any]:
    """Returns a value if it is a dict, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Returns a value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def prompt_ids(lists: Iterable[Any]) -> set[str]:
    """The ids of the prompts in lists of the queue, each item [number, id, ...]."""
    items = (item for each in lists for item in list_of(each))
    return {str(item[1]) for item in items if isinstance(item, list) and len(item) > 1}


def title_of(node: Mapping[str, Any]) -> str:
    """A node's title, or its class if the workflow gives none, fit for a terminal."""
    title = dict_of(node.get("_meta")).get("title")
    return shown(title if isinstance(title, str) and title else node["class_type"])


def shown(text: str) -> str:
    """Shortens and cleans a name from an answer or a workflow for a terminal."""
    return one_line(text, 200)


def check(answer: httpx.Response, body: bytes) -> None:
    """Checks the HTTP status.

    Raises:
        ServerError: It is an error's; the message holds what the server says.
    """
    if answer.is_success:
        return
    said = said_in(object_of(body) or {}) or shown(answer.reason_phrase)
    raise ServerError(f"The ComfyUI server refused: {said} (HTTP {answer.status_code})")


def said_in(body: Mapping[str, Any]) -> str:
    """The messages of a refusal in one line, one for each refused input."""
    lines = []
    error = body.get("error")
    if isinstance(error, dict):
        lines.append(" ".join(str(error.get(k, "")) for k in ("message", "details")).strip())
    elif error:
        lines.append(str(error))
    for node_id, node in dict_of(body.get("node_errors")).items():
        node = dict_of(node)
        for problem in map(dict_of, list_of(node.get("errors"))):
            lines.append(
                f"{node.get('class_type', node_id)}: {problem.get('message', '')} "
                f"({problem.get('details', '')})"
            )
    return one_line("; ".join(line for line in lines if line), MOST_SAID)


def outputs_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs by node id in a history entry.

    Raises:
        ServerError: The prompt failed or was cancelled.
    """
    status = dict_of(entry.get("status"))
    if status.get("status_str") != "error":
        outputs = dict_of(entry.get("outputs"))
        return {node_id: node for node_id, node in outputs.items() if isinstance(node, dict)}
    for message in list_of(status.get("messages")):
        name, data = message if isinstance(message, list) and len(message) == 2 else ("", None)
        if name == "execution_error":
            data = dict_of(data)
            said = one_line(str(data.get("exception_message", "")), MOST_SAID)
            raise ServerError(f"{shown(str(data.get('node_type', 'A node')))} failed: {said}")
        if name == "execution_interrupted":
            raise ServerError("The prompt was cancelled on the server.")
    raise ServerError("The prompt failed on the server.")


def message_of(received: str | bytes) -> tuple[str, dict[str, Any]]:
    """Type and data of a websocket message; empty for a preview image and for invalid JSON."""
    message = object_of(received.encode()) if isinstance(received, str) else None
    if message is None:
        return "", {}
    return str(message.get("type", "")), dict_of(message.get("data"))
