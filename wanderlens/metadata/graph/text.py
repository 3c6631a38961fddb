"""Follows a conditioning link back to the text it was encoded from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ...text import MAX_PROMPT
from . import names
from .graph import TOO_LARGE, Graph, Link, Node, as_link

_MAX_LEVELS = 150
_NUMBERED = re.compile(r"(\d{1,3})$")
_LETTERED = re.compile(
    r"(?:text|string|str|value|input|any|prompt)_?([a-z]|\d{1,3})$", re.IGNORECASE
)
POSITIVE, NEGATIVE = "positive", "negative"


class TextWalk:
    """One walk for a prompt; its notes and steps add up over all links that are asked.

    Attributes:
        notes: What could not be told, for people.
    """

    def __init__(self, graph: Graph) -> None:
        """Starts with no step taken."""
        self._graph = graph
        self._strings: dict[Link, str] = {}
        self.notes: list[str] = []

    def conditioning(self, link: Link | None, role: str) -> str:
        """The words behind a conditioning link.

        Args:
            link: Where a sampler's positive or negative input comes from.
            role: "positive" or "negative": which way to go at nodes that carry both.
        """
        texts: list[str] = []
        if link:
            self._conditioning(link, role, set(), texts, 0)
        return join(texts, ", ")

    def _node(self, node_id: str, depth: int) -> Node | None:
        node = self._graph.node(node_id) if depth <= _MAX_LEVELS else None
        if depth > _MAX_LEVELS or self._graph.exhausted:
            self._note(TOO_LARGE)
        return node

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _conditioning(
        self, link: Link, role: str, seen: set[str], texts: list[str], depth: int
    ) -> None:
        if link.node in seen:
            return
        seen.add(link.node)
        node = self._node(link.node, depth)
        if node is None or names.EMPTIES.search(node.kind):
            return
        if names.MADE_WHILE_RUNNING.search(node.kind) and "clip" not in node.inputs:
            self._note(f"Words made while {node.kind} runs cannot be told beforehand.")
            return
        both = any(name in node.inputs for name in (POSITIVE, NEGATIVE))
        if both:
            for name in names.POSITIVE if role == POSITIVE else names.NEGATIVE:
                value = node.inputs.get(name)
                if isinstance(value, str) and value.strip():
                    texts.append(value)
                    return
                if inner := as_link(value):
                    self._conditioning(inner, role, seen, texts, depth + 1)
                    return
        chosen = switched(self._graph, node)
        if chosen:
            self._conditioning(chosen, role, seen, texts, depth + 1)
            return
        if not both and (text := self._own_text(node, depth)):
            texts.append(text)
            return
        onward = [(name, inner) for name, inner in node.links() if self._leads_on(name, role)]
        if not onward:
            onward = [
                (name, inner)
                for name, inner in node.links()
                if not names.NOT_PICTURE.search(name) and name not in names.PICTURE_INPUTS
            ] + [(name, inner) for name, inner in node.links() if name in names.BUNDLES]
        for _, inner in onward:
            self._conditioning(inner, role, seen, texts, depth + 1)

    @staticmethod
    def _leads_on(name: str, role: str) -> bool:
        if name.lower() in (POSITIVE, NEGATIVE):
            return name.lower() == role
        return bool(names.CONDITIONING.fullmatch(name)) or name in names.BUNDLES

    def _own_text(self, node: Node, depth: int) -> str:
        """The text that an encoder encodes; empty for a node that encodes none."""
        encodes = any(name in node.inputs for name in ("clip", "t5", "text_encoder", "clip1")) or (
            "encode" in node.kind.lower()
        )
        found: dict[str, str] = {}
        for name in names.SENTENCE_TEXTS:
            if name == "value" and not encodes:
                continue
            text = self._value(node.inputs.get(name), depth)
            if text.strip():
                found[name] = text
        if not found:
            return ""
        first = next(iter(found))
        if first in names.SIDE_TEXTS:
            return join([text for name, text in found.items() if name in names.SIDE_TEXTS], ", ")
        return found[first]

    def string(self, link: Link, depth: int = 0) -> str:
        """The text that a string node gives, as far as the graph tells it."""
        if link in self._strings:
            return self._strings[link]
        self._strings[link] = ""  # a cycle gives nothing
        node = self._node(link.node, depth)
        text = self._string_of(node, link, depth) if node else ""
        self._strings[link] = text[:MAX_PROMPT]
        return self._strings[link]

    def _string_of(self, node: Node, link: Link, depth: int) -> str:
        inputs = node.inputs
        if names.MADE_WHILE_RUNNING.search(node.kind):
            shown = inputs.get("text_0")
            if isinstance(shown, str) and shown.strip():
                return shown
            self._note(f"Words made while {node.kind} runs cannot be told beforehand.")
            return ""
        if chosen := switched(self._graph, node):
            # What the chosen way makes while it runs cannot be told; the other way's words can.
            ways = [chosen, *(link for _, link in node.links() if link != chosen)]
            return next((text for way in ways if (text := self.string(way, depth + 1))), "")
        if "replace" in node.kind.lower() and {"find", "replace"} <= set(inputs):
            old, new = (self._value(inputs.get(name), depth) for name in ("find", "replace"))
            text = self._first(node, ("string", "text"), depth)
            # No more of them than fill a prompt: a long text for each letter would fill memory.
            times = MAX_PROMPT // max(1, len(new)) + 1
            return text.replace(old, new, times) if old else text
        parts = self._parts(node, depth)
        if len(parts) > 1:
            delimiter = next(
                (inputs[n] for n in names.DELIMITERS if isinstance(inputs.get(n), str)), ", "
            )
            return join(parts, delimiter.replace("\\n", "\n"))
        if parts:
            return parts[0]
        if {POSITIVE, NEGATIVE} <= set(inputs):  # a node with two texts and two outputs
            return self._value(inputs[NEGATIVE if link.slot == 1 else POSITIVE], depth)
        if (
            node.kind == names.COMPOSER
        ):  # what it composes is not in the graph, the user's words are
            return self._value(inputs.get(names.COMPOSER_TEXTS[link.slot == 1]), depth)
        text = self._first(node, names.SENTENCE_TEXTS, depth)
        if text:
            return text
        shown = inputs.get("text_0")
        if isinstance(shown, str) and shown.strip():
            return shown
        if not names.STRING_NODE.search(node.kind):
            return ""
        others = (v for n, v in inputs.items() if not names.NOT_TEXT.search(n))
        return next((text for value in others if (text := self._value(value, depth))), "")

    def _parts(self, node: Node, depth: int) -> list[str]:
        """The texts that a node joins, in the order of their names."""
        numbered = [name for name in node.inputs if _LETTERED.fullmatch(name)]
        if len(numbered) < 2:
            return []
        values = (self._value(node.inputs[name], depth) for name in numbered[:64])
        return [text for text in values if text.strip()]

    def _first(self, node: Node, keys: Iterable[str], depth: int) -> str:
        return next(
            (text for key in keys if (text := self._value(node.inputs.get(key), depth)).strip()), ""
        )

    def _value(self, value: Any, depth: int) -> str:
        if isinstance(value, str):
            return value[:MAX_PROMPT]
        link = as_link(value)
        return self.string(link, depth + 1) if link else ""


def switched(graph: Graph, node: Node) -> Link | None:
    """The input that a switch lets through; None for a node that is none, or whose is not known."""
    if not names.SWITCH.search(node.kind):
        return None
    links = list(node.links())
    numbers = [_constant(graph, node, name) for name in names.SWITCH_NUMBERS]
    number = next((n for n in numbers if isinstance(n, int) and not isinstance(n, bool)), None)
    if number is not None:
        for name, link in links:
            match = _NUMBERED.search(name)
            if match and int(match[1]) == number and name not in names.SWITCH_NUMBERS:
                return link
    flags = [_constant(graph, node, name) for name in names.SWITCH_FLAGS]
    flag = next((f for f in flags if isinstance(f, bool)), None)
    if flag is not None:
        wanted = names.WHEN_TRUE if flag else names.WHEN_FALSE
        return node.link(*wanted) or node.link(*names.WHEN_TRUE, *names.WHEN_FALSE)
    # "Any switch": the first input that is connected.
    return next((link for name, link in links if re.fullmatch(r"any_?\d+|input_?\d+", name)), None)


def _constant(graph: Graph, node: Node, name: str) -> Any:
    """A widget's value, through at most one primitive node."""
    value = node.inputs.get(name)
    if link := as_link(value):
        source = graph.node(link.node)
        value = source.inputs.get("value") if source else None
    return value


def join(texts: Iterable[str], delimiter: str) -> str:
    """Texts joined, each once, within a prompt's length."""
    kept: list[str] = []
    for text in texts:
        text = text.strip()
        if text and text not in kept:
            kept.append(text)
    return delimiter.join(kept)[:MAX_PROMPT]
