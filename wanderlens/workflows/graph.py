"""A workflow in ComfyUI's API form and, where there is one, its editor form, changed together.

The API form ("prompt") is what ComfyUI's server runs: inputs by node id. The editor form is what
its page opens: nodes with positions, slots and `widgets_values` by position, links, groups. The ids
of the nodes are the same in both.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

Prompt = dict[str, Any]
EditorNode = dict[str, Any]

#: Widgets behind which ComfyUI's page saves another value: what happens to the seed after a run.
_SEEDS = frozenset({"seed", "noise_seed"})
#: Widgets of loaders that name a file; ComfyUI's page saves the button "upload" behind them.
_FILES = {"LoadImage": "image", "LoadVideo": "file"}
_UPLOAD = "image"


class WorkflowError(ValueError):
    """A workflow lacks a node, an input or a widget."""


@dataclass(slots=True)
class Graph:
    """A workflow that can be changed.

    Attributes:
        prompt: The API form: `class_type`, `inputs` and `_meta` by node id.
        editor: The editor form, or None for a prompt alone.
    """

    prompt: Prompt
    editor: dict[str, Any] | None = None

    def ids(self, kind: str, title: str = "") -> list[str]:
        """The nodes of a class, and of a title if one is given."""
        return [
            node_id
            for node_id, node in self.prompt.items()
            if node["class_type"] == kind and title in ("", self.title(node_id))
        ]

    def one(self, kind: str, title: str = "") -> str:
        """The only node of a class.

        Raises:
            WorkflowError: There is none, or several.
        """
        ids = self.ids(kind, title)
        if len(ids) != 1:
            raise WorkflowError(f"a workflow must have one {title or kind}; it has {len(ids)}")
        return ids[0]

    def title(self, node_id: str) -> str:
        """A node's title; empty where the prompt has none."""
        meta = self.prompt[node_id].get("_meta")
        return str(meta.get("title", "")) if isinstance(meta, dict) else ""

    def node(self, node_id: str) -> EditorNode:
        """A node of the editor form.

        Raises:
            WorkflowError: There is no such node, or no editor form.
        """
        return self.note(lambda node: str(node["id"]) == node_id)

    def note(self, fits: Any) -> EditorNode:
        """The first node of the editor form that a function takes; notes are in that form only."""
        nodes = [] if self.editor is None else self.editor["nodes"]
        for node in nodes:
            if fits(node):
                return node
        raise WorkflowError("the workflow has no such node")

    def upstream(self, node_id: str, link: str, widget: str, through: Iterable[str]) -> str | None:
        """The node that an input leads to and that has a widget.

        Args:
            node_id: Where the search starts.
            link: The input that is followed first.
            widget: What the node must have, with a value of its own.
            through: Inputs by which nodes in between are passed, in order of preference.
        """
        through = tuple(through)
        value = self.prompt[node_id]["inputs"].get(link)
        for _ in range(50):  # a prompt may lead round in a circle
            if not isinstance(value, list) or not value:
                return None
            found = str(value[0])
            node = self.prompt.get(found)
            if node is None:
                return None
            inputs = node["inputs"]
            if widget in inputs and not isinstance(inputs[widget], list):
                return found
            value = next((inputs[n] for n in through if isinstance(inputs.get(n), list)), None)
        return None

    def fill(self, node_id: str, values: Mapping[str, Any]) -> None:
        """Sets widgets. A value in the place of a link ends the link.

        Raises:
            WorkflowError: The node has no such widget in the editor form.
        """
        inputs = self.prompt[node_id]["inputs"]
        for name, value in values.items():
            if self.editor is not None:
                node = self.node(node_id)
                slot, index = _slot(node, name), _widget_index(node, name)
                if slot is None or index is None:
                    raise WorkflowError(f"{node['type']} has no widget {name}")
                if slot.get("link") is not None:
                    self._cut(slot["link"])
                node["widgets_values"][index] = value
            inputs[name] = value

    def fill_file(self, node_id: str, name: str) -> None:
        """Names the file of a Load Image or Load Video node, as ComfyUI annotates it."""
        widget = _FILES[self.prompt[node_id]["class_type"]]
        self.fill(node_id, {widget: name})
        if self.editor is not None:
            self.node(node_id)["widgets_values"] = [name, _UPLOAD]

    def add(self, node_id: str, kind: str, inputs: Mapping[str, Any]) -> str:
        """Adds a node to a prompt that has no editor form; gives its id."""
        self.prompt[node_id] = {"class_type": kind, "inputs": dict(inputs)}
        return node_id

    def copy_node(
        self, source: Graph, kind: str, position: tuple[float, float], title: str = ""
    ) -> str:
        """Copies a node of another workflow into both forms, without its links.

        Args:
            source: Where the only node of that class (and title) is.
            kind: Its class.
            position: Where it goes, pixels from left and top.
            title: Its title there.

        Returns:
            The new node's id.
        """
        assert self.editor is not None, "only workflows with an editor form are extended"
        original = source.one(kind, title)
        node = copy.deepcopy(source.node(original))
        self.editor["last_node_id"] += 1
        node |= {
            "id": self.editor["last_node_id"],
            "order": len(self.editor["nodes"]),
            "pos": list(position),
        }
        for slot in node["inputs"]:
            slot["link"] = None
        for slot in node["outputs"]:
            slot["links"] = None
        entry = copy.deepcopy(source.prompt[original])
        for slot in node["inputs"]:
            index = _widget_index(node, slot["name"]) if slot.get("widget") else None
            if index is None:
                entry["inputs"].pop(slot["name"], None)
            else:
                entry["inputs"][slot["name"]] = node["widgets_values"][index]
        self.editor["nodes"].append(node)
        self.prompt[str(node["id"])] = entry
        return str(node["id"])

    def link(self, source: str, output: str, target: str, name: str) -> None:
        """Links an output, by name, to an input; a link that the input had before ends.

        Raises:
            WorkflowError: There is no such output or input.
        """
        assert self.editor is not None, "outputs have names in the editor form only"
        origin, node = self.node(source), self.node(target)
        outputs = [slot["name"] for slot in origin["outputs"]]
        slot = _slot(node, name)
        if output not in outputs or slot is None:
            raise WorkflowError(f"no link from {origin['type']}.{output} to {node['type']}.{name}")
        if slot.get("link") is not None:
            self._cut(slot["link"])
        self.editor["last_link_id"] += 1
        link_id, index = self.editor["last_link_id"], outputs.index(output)
        out = origin["outputs"][index]
        self.editor["links"].append(
            [link_id, origin["id"], index, node["id"], node["inputs"].index(slot), out["type"]]
        )
        out["links"] = [*(out.get("links") or []), link_id]
        slot["link"] = link_id
        self.prompt[target]["inputs"][name] = [source, index]

    def remove(self, node_id: str) -> None:
        """Takes a node out, with its links."""
        assert self.editor is not None, "only workflows with an editor form are taken apart"
        node = self.node(node_id)
        for link in list(self.editor["links"]):
            if node["id"] in (link[1], link[3]):
                self._cut(link[0])
        self.editor["nodes"].remove(node)
        del self.prompt[node_id]

    def _cut(self, link_id: int) -> None:
        """Ends a link. A widget has its own value again."""
        assert self.editor is not None, "links have ids in the editor form only"
        links = self.editor["links"]
        link = next(each for each in links if each[0] == link_id)
        links.remove(link)
        _, source, output, target, index, *_ = link
        out = self.node(str(source))["outputs"][output]
        out["links"] = [each for each in out["links"] if each != link_id] or None
        node = self.node(str(target))
        slot = node["inputs"][index]
        slot["link"] = None
        inputs = self.prompt[str(target)]["inputs"]
        position = _widget_index(node, slot["name"]) if slot.get("widget") else None
        if position is None:
            inputs.pop(slot["name"], None)
        else:
            inputs[slot["name"]] = node["widgets_values"][position]

    def shift(self, left: float, by: float) -> None:
        """Makes room in the editor form: all that starts right of a line goes further right."""
        assert self.editor is not None, "only the editor form has positions"
        for node in self.editor["nodes"]:
            if node["pos"][0] >= left:
                node["pos"][0] += by
        for group in self.editor["groups"]:
            if group["bounding"][0] >= left:
                group["bounding"][0] += by

    def group(self, title: str, node_ids: Iterable[str], color: str) -> None:
        """Frames nodes of the editor form in a group."""
        assert self.editor is not None, "only the editor form has groups"
        nodes = [self.node(node_id) for node_id in node_ids]
        left = min(node["pos"][0] for node in nodes) - 14
        top = min(node["pos"][1] for node in nodes) - 74
        right = max(node["pos"][0] + node["size"][0] for node in nodes) + 14
        bottom = max(node["pos"][1] + node["size"][1] for node in nodes) + 14
        groups = self.editor["groups"]
        groups.append(
            {
                "id": len(groups) + 1,
                "title": title,
                "bounding": [left, top, right - left, bottom - top],
                "color": color,
                "font_size": 24,
                "flags": {},
            }
        )


def load_bundled(folder: Path, name: str) -> Graph:
    """A bundled workflow in both forms, as a copy with an id of its own.

    Args:
        folder: With the editor forms; the API forms lie in its folder `api`.
        name: The workflow's title, such as "Image to video A14B".
    """
    prompt, editor = (json.loads(text) for text in _texts(folder, name))
    editor["id"] = str(uuid.uuid4())
    return Graph(prompt, editor)


@lru_cache(maxsize=32)
def _texts(folder: Path, name: str) -> tuple[str, str]:
    """The API form and the editor form."""
    files = (folder / "api" / f"{name}.json", folder / f"{name}.json")
    return files[0].read_text(encoding="utf-8"), files[1].read_text(encoding="utf-8")


def _slot(node: EditorNode, name: str) -> dict[str, Any] | None:
    return next((slot for slot in node["inputs"] if slot["name"] == name), None)


def _widget_index(node: EditorNode, name: str) -> int | None:
    """Where the value of a widget stands in `widgets_values`."""
    index = 0
    for slot in node["inputs"]:
        if not slot.get("widget"):
            continue
        if slot["name"] == name:
            return index
        index += 2 if slot["name"] in _SEEDS else 1
    return None
