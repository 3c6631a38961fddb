"""Checks the answers of a ComfyUI server: types, sizes, and texts fit for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from ..text import one_line

#: Bytes of an answer or a message; a server that sends more is broken or worse.
MOST_JSON = 64 << 20
#: Characters shown of what a server says.
MOST_SAID = 2000


class ServerError(RuntimeError):
    """The server could not be reached, refused a prompt, or failed at it."""


def body_of(answer: httpx.Response) -> bytes:
    """What an answer holds, as it comes.

    Raises:
        httpx.DecodingError: It is too much.
    """
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > MOST_JSON:
            raise httpx.DecodingError(f"the answer is larger than {MOST_JSON >> 20} MiB")
    return bytes(body)


def object_of(body: bytes) -> dict[str, Any] | None:
    """The JSON object that an answer or a message is; None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def dict_of(value: Any) -> dict[str, Any]:
    """The object that a value is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The list that a value is; an empty one for anything else."""
    return value if isinstance(value, list) else []


def prompt_ids(lists: Iterable[Any]) -> set[str]:
    """The prompts in lists of the queue."""
    items = (item for each in lists for item in list_of(each))
    return {str(item[1]) for item in items if isinstance(item, list) and len(item) > 1}


def title_of(node: Mapping[str, Any]) -> str:
    """A node's title for people; a workflow may hold anything there."""
    title = dict_of(node.get("_meta")).get("title")
    return shown(title if isinstance(title, str) and title else node["class_type"])


def shown(text: str) -> str:
    """A name out of an answer or a workflow, for a terminal."""
    return one_line(text, 200)


def check(answer: httpx.Response, body: bytes) -> None:
    """Raises what the server says went wrong, in one line for each refused input."""
    if answer.is_success:
        return
    said = said_in(object_of(body) or {}) or shown(answer.reason_phrase)
    raise ServerError(f"The ComfyUI server refused: {said} (HTTP {answer.status_code})")


def said_in(body: Mapping[str, Any]) -> str:
    """What a refusal says, a part for each refused input."""
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
    """The outputs by node id out of an entry of the history.

    Raises:
        ServerError: It failed or was cancelled.
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
    """Type and data of a message of the websocket; empty for a preview picture and for no JSON."""
    message = object_of(received.encode()) if isinstance(received, str) else None
    if message is None:
        return "", {}
    return str(message.get("type", "")), dict_of(message.get("data"))
