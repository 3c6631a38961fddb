"""Graph: a ComfyUI graph in API form, with bounded look-ups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

#: Nodes looked at in one graph, in all walks together; larger graphs are walked as far as this.
MAX_STEPS = 20_000
#: Nodes of a graph whose outputs are looked for.
MAX_NODES = 20_000
#: Characters of a class's name; what has a longer one is no node.
MAX_KIND = 200
#: What is said of a graph that was not walked to its end.
TOO_LARGE = "The graph is larger than is walked; words may be missing."


class Link(NamedTuple):
    """An input's source: a node's id, and which of its outputs."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node.

    Attributes:
        id: Its id; inside a subgraph with the subgraph's in front ("12:5").
        kind: Its class.
        inputs: Widget values, and links as `[id, slot]`.
    """

    id: str
    kind: str
    inputs: Mapping[str, Any]

    def link(self, *names: str) -> Link | None:
        """The first of these inputs that is a link."""
        for name in names:
            if link := as_link(self.inputs.get(name)):
                return link
        return None

    def links(self) -> Iterable[tuple[str, Link]]:
        """All inputs that are links."""
        for name, value in self.inputs.items():
            if link := as_link(value):
                yield name, link


class Graph:
    """Looks nodes up; a node that is damaged or gone is None.

    Attributes:
        ids: The nodes that may be outputs; none for a graph whose start is known.
        exhausted: More nodes were asked for than are looked at; from then on all are gone.
    """

    def __init__(self, lookup: Callable[[str], Any], ids: Iterable[str] = ()) -> None:
        """Takes a function from an id to a node's mapping, or to None.

        Args:
            lookup: Gives what the graph holds under an id, of whatever type.
            ids: The nodes that may be outputs; none for a graph whose start is known.
        """
        self._lookup = lookup
        self._steps_left = MAX_STEPS
        self.ids = tuple(islice(ids, MAX_NODES))
        self.exhausted = False

    @classmethod
    def of(cls, nodes: Mapping[str, Any]) -> Graph:
        """A graph out of a mapping."""
        return cls(nodes.get, nodes)

    def node(self, node_id: str) -> Node | None:
        """The node of an id; counts as a step."""
        self._steps_left -= 1
        if self._steps_left < 0:
            self.exhausted = True
            return None
        return self.peek(node_id)

    def peek(self, node_id: str) -> Node | None:
        """The node of an id, without counting."""
        found = self._lookup(node_id)
        if not isinstance(found, Mapping):
            return None
        inputs = found.get("inputs")
        kind = found.get("class_type")
        if not isinstance(kind, str) or len(kind) > MAX_KIND:
            return None
        return Node(node_id, kind, inputs if isinstance(inputs, Mapping) else {})


def as_link(value: Any) -> Link | None:
    """A link, if the value is one: a list of a node's id and an output's number."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    node, slot = value
    if isinstance(slot, bool) or not isinstance(slot, int):
        return None
    if isinstance(node, int) and not isinstance(node, bool):
        node = str(node)
    return Link(node, slot) if isinstance(node, str) else None
