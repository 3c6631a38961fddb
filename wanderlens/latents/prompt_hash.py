"""Hashes everything that a node's inputs come from, over the executing prompt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .cache import digest


def ancestry_key(
    prompt: Mapping[str, Any] | None,
    node_id: str | None,
    inputs: Iterable[str],
    *,
    files_named: Callable[[str], Iterable[Path]],
    is_volatile: Callable[[str, bool], bool],
) -> str | None:
    """Hash everything that the prompt says about where some inputs of a node come from.

    That is: each ancestor's class and inputs, what ComfyUI notes of its IS_CHANGED, and size and
    time of change of every file that an input names. Node ids do not count. A node that is random
    and does not say so by IS_CHANGED cannot be told from one that is not.

    Args:
        prompt: The prompt in API format: node id to class_type and inputs.
        node_id: The node whose inputs are asked about.
        inputs: Names of its inputs that count.
        files_named: Gives the files that a text stands for, if any.
        is_volatile: Whether a node class may give something else each time; the second argument
            says whether ComfyUI has noted its IS_CHANGED.

    Returns:
        64 hexadecimal digits; None where not everything is known: without a prompt, for a node
        that is not in it, and with an ancestor that is gone or volatile.
    """
    if not isinstance(prompt, Mapping) or node_id is None or node_id not in prompt:
        return None
    walk = _Walk(prompt, files_named, is_volatile)
    try:
        given = prompt[node_id].get("inputs", {})
        return digest([(name, walk.value(given.get(name))) for name in sorted(inputs)])
    except (_UnknownError, RecursionError):
        return None


class _UnknownError(Exception):
    """An ancestor cannot be told."""


class _Walk:
    """One walk upstream; each node is hashed once."""

    def __init__(
        self,
        prompt: Mapping[str, Any],
        files_named: Callable[[str], Iterable[Path]],
        is_volatile: Callable[[str, bool], bool],
    ) -> None:
        self._prompt = prompt
        self._files_named = files_named
        self._is_volatile = is_volatile
        self._done: dict[str, str] = {}
        self._open: set[str] = set()

    def value(self, value: Any) -> Any:
        """An input's value with links replaced by hashes and files named by their state."""
        if _is_link(value):
            return ["link", self.node(value[0]), value[1]]
        if isinstance(value, str):
            return [value, *(_state(file) for file in self._files_named(value))]
        if isinstance(value, Mapping):
            return {str(key): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        return value

    def node(self, node_id: str) -> str:
        """The hash of a node with all its ancestors."""
        if node_id in self._done:
            return self._done[node_id]
        node = self._prompt.get(node_id)
        if not isinstance(node, Mapping) or node_id in self._open:
            raise _UnknownError
        changed = list(_flat(node.get("is_changed")))
        if not all(_is_telling(item) for item in changed):
            raise _UnknownError
        if self._is_volatile(str(node.get("class_type")), "is_changed" in node):
            raise _UnknownError
        self._open.add(node_id)
        inputs = {name: self.value(item) for name, item in node.get("inputs", {}).items()}
        self._open.discard(node_id)
        self._done[node_id] = digest(node.get("class_type"), inputs, changed)
        return self._done[node_id]


def _is_link(value: Any) -> bool:
    """ComfyUI's own rule: a list of a node id and an output's number."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) in (int, float)
    )


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _is_telling(value: Any) -> bool:
    """Whether a value of IS_CHANGED can be compared; NaN says "always changed"."""
    if isinstance(value, float):
        return not math.isnan(value)
    return value is None or isinstance(value, (bool, int, str, bytes))


def _state(file: Path) -> tuple[str, int, int]:
    try:
        status = file.stat()
    except OSError as problem:
        raise _UnknownError from problem
    return str(file), status.st_size, status.st_mtime_ns
