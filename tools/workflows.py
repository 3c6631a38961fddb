"""Writes the bundled workflows: the same graph for ComfyUI's canvas and for its HTTP API.

    python tools/workflows.py                     writes workflows/*.json and workflows/api/*.json
    python tools/workflows.py --check             only compares; ends with 1 when they differ
    python tools/workflows.py --thumbnails        writes the pictures beside them, too
    python tools/workflows.py --record URL        notes the core nodes of a running ComfyUI first

What the workflows consist of stands in `workflow_graphs.py`. Inputs of core nodes come from
`core_nodes.json`, those of our own from the nodes themselves.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from workflow_graphs import WORKFLOWS, Group, Node, Out, Workflow

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "workflows"
RECORD = Path(__file__).with_name("core_nodes.json")

#: The oldest ComfyUI that has every core node of the workflows; it is written into them.
CORE_VERSION = "0.3.64"

#: Widgets have these types; every other input is a socket only.
WIDGET_TYPES = ("COMBO", "STRING", "INT", "FLOAT", "BOOLEAN")

#: Values that the front end keeps for widgets of its own, after those of the node.
FRONT_END_VALUES: dict[str, list[Any]] = {
    "LoadImage": ["image"],  # the upload button
    "LoadVideo": ["image"],
}

#: Width and height of each node on the canvas; loaders a little higher than the classic renderer
#: needs, because the other one draws higher widgets.
SIZES = {
    "LoadImage": (300, 330),
    "LoadVideo": (300, 460),
    "GetVideoComponents": (300, 86),
    "LoopBlend": (520, 330),
    "ImageStyleCarryover": (300, 370),
    "UNETLoader": (360, 104),
    "CLIPLoader": (360, 132),
    "VAELoader": (360, 76),
    "LoraLoaderModelOnly": (360, 104),
    "CinematicDirection": (380, 560),
    "CLIPTextEncode": (380, 100),
    "Wan22ImageToVideo": (350, 720),
    "FrameContinuityExtend": (350, 840),
    "CreateVideo": (380, 96),
    "SaveVideo": (380, 340),
    "PreviewAny": (380, 220),
}
NOTE_SIZE = (300, 260)
#: A node's title bar is drawn above its position, a frame's title above its nodes.
TITLE, FRAME_TITLE, MARGIN, GAP, COLUMN_GAP = 30, 44, 14, 26, 52
COLORS = {
    "Picture": "#3f789e",
    "Clip": "#3f789e",
    "First clip": "#3f789e",
    "Next clip": "#3f789e",
    "Loop": "#88AA88",
    "Report": "#3f789e",
    "Carried over": "#3f789e",
    "Preset": "#88AA88",
    "Models": "#8A8A8A",
    "Direction": "#88AA88",
    "Prompt": "#3f789e",
    "Video": "#b06634",
}


@dataclass(frozen=True)
class Input:
    """An input of a node class."""

    name: str
    type: str
    default: Any = None
    optional: bool = False
    control: bool = False

    @property
    def widget(self) -> bool:
        return self.type in WIDGET_TYPES


@dataclass(frozen=True)
class NodeClass:
    """What the files need to know of a node class."""

    title: str
    inputs: tuple[Input, ...]
    outputs: tuple[tuple[str, str], ...]
    pack: str


# -- node definitions ---------------------------------------------------------------------------


def core_class(name: str) -> NodeClass:
    """A core node, as recorded."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))[name]
    inputs = tuple(Input(**each) for each in record["inputs"])
    outputs = tuple((name, kind) for name, kind in record["outputs"])
    return NodeClass(record["title"], inputs, outputs, "comfy-core")


def record_core(url: str) -> None:
    """Notes inputs and outputs of the core nodes in use, as a running ComfyUI lists them."""
    record = {}
    with urllib.request.urlopen(f"{url.rstrip('/')}/object_info") as answer:
        listed = json.load(answer)
    for name in sorted(set(SIZES) - set(own_pack().NODE_CLASS_MAPPINGS)):
        info = listed[name]
        record[name] = {
            "title": info["display_name"],
            "inputs": [
                {"name": each, **_recorded(spec)} | ({"optional": True} if optional else {})
                for part, optional in (("required", False), ("optional", True))
                for each, spec in info["input"].get(part, {}).items()
            ],
            "outputs": list(zip(info["output_name"], info["output"], strict=True)),
        }
    RECORD.write_text(_text(record), encoding="utf-8")


def _recorded(spec: list[Any]) -> dict[str, Any]:
    """Type and default of an input; lists of files are of the machine and stay out."""
    kind, options = spec[0], spec[1] if len(spec) > 1 else {}
    if isinstance(kind, list):
        first = kind[0] if kind and "." not in kind[0] else None
        kind, options = "COMBO", {"default": first} | options
    if kind not in WIDGET_TYPES or options.get("default") is None:
        return {"type": kind}
    return {"type": kind, "default": options["default"]}


@cache
def own_pack() -> ModuleType:
    """This repository, loaded the way ComfyUI loads it."""
    spec = importlib.util.spec_from_file_location(
        "wanderlens_pack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None
    assert spec.loader is not None
    pack = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = pack
    spec.loader.exec_module(pack)
    return pack


def own_class(name: str) -> NodeClass:
    """A node of ours."""
    node = own_pack().NODE_CLASS_MAPPINGS[name]
    types = node.INPUT_TYPES()
    inputs = []
    for part, optional in (("required", False), ("optional", True)):
        for each, (kind, options) in types.get(part, {}).items():
            default = options.get("default", kind[0] if isinstance(kind, list) else None)
            kind = "COMBO" if isinstance(kind, list) else kind
            control = bool(options.get("control_after_generate"))
            inputs.append(Input(each, kind, default, optional, control))
    outputs = tuple(zip(node.RETURN_NAMES, node.RETURN_TYPES, strict=True))
    title = own_pack().NODE_DISPLAY_NAME_MAPPINGS[name]
    return NodeClass(title, tuple(inputs), outputs, "wanderlens")


@cache
def node_class(name: str) -> NodeClass:
    """A node class of the workflows."""
    return own_class(name) if name in own_pack().NODE_CLASS_MAPPINGS else core_class(name)


# -- one workflow -------------------------------------------------------------------------------


@dataclass
class Placed:
    """A node of a workflow with its id, place and links."""

    id: int
    node: Node
    at: tuple[int, int]
    size: tuple[int, int]
    links: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> NodeClass:
        return node_class(self.node.class_type)

    def value(self, each: Input) -> Any:
        """The value of a widget; that of a linked one stays at its default."""
        given = self.node.inputs.get(each.name, each.default)
        if isinstance(given, Out):
            given = each.default
        return "" if given is None and each.type == "STRING" else given


class Graph:
    """A workflow laid out, with ids given: what both formats are written from."""

    def __init__(self, workflow: Workflow) -> None:
        """Places the nodes and resolves the links.

        Raises:
            ValueError: If the description names an input or output that does not exist.
        """
        self.workflow = workflow
        self.nodes: dict[str, Placed] = {}
        self.frames: dict[str, list[int]] = {}  # title to left, top, right, bottom
        self.links: list[list[Any]] = []  # id, from node, from slot, to node, to slot, type
        self._place()
        self._link()

    def _place(self) -> None:
        left = 0
        for column, groups in enumerate(self.workflow.columns):
            top = NOTE_SIZE[1] + TITLE + GAP if column == 0 else 0
            width = NOTE_SIZE[0] if column == 0 else 0
            for group in groups:
                bottom, group_width = self._place_group(group, left, top)
                width = max(width, group_width)
                top = bottom + GAP
            left += width + COLUMN_GAP

    def _place_group(self, group: Group, left: int, top: int) -> tuple[int, int]:
        y, width = top + FRAME_TITLE + TITLE, 0
        for key, node in group.nodes.items():
            size = node.size or SIZES[node.class_type]
            # The note has the id 1.
            self.nodes[key] = Placed(len(self.nodes) + 2, node, (left, y), size)
            y += size[1] + TITLE + GAP
            width = max(width, size[0])
        bottom = y - TITLE - GAP + MARGIN
        box = [left - MARGIN, top, left + width + MARGIN, bottom]
        old = self.frames.setdefault(group.title, box)
        self.frames[group.title] = [
            min(old[0], box[0]), min(old[1], box[1]), max(old[2], box[2]), max(old[3], box[3]),
        ]  # fmt: skip
        return bottom, width

    def _link(self) -> None:
        for key, placed in self.nodes.items():
            known = {each.name for each in placed.kind.inputs}
            if unknown := set(placed.node.inputs) - known:
                raise ValueError(f"{self.workflow.title}: {key} has no input {unknown}")
            for slot, each in enumerate(sockets(placed.kind)):
                source = placed.node.inputs.get(each.name)
                if not isinstance(source, Out):
                    continue
                names = [name for name, _ in self.nodes[source.node].kind.outputs]
                output = names.index(source.output)
                kind = self.nodes[source.node].kind.outputs[output][1]
                link = len(self.links) + 1
                placed.links[each.name] = link
                self.links.append([link, self.nodes[source.node].id, output, placed.id, slot, kind])

    def order(self) -> dict[str, int]:
        """Each node's place in the order of execution: sources first, else as described."""
        done: dict[str, int] = {}
        while len(done) < len(self.nodes):
            ready = next(
                key
                for key, placed in self.nodes.items()
                if key not in done
                and all(v.node in done for v in placed.node.inputs.values() if isinstance(v, Out))
            )
            done[ready] = len(done) + 1
        return done


def sockets(kind: NodeClass) -> Iterator[Input]:
    """A node's inputs in the front end's order: plain sockets, then those that have a widget."""
    yield from (each for each in kind.inputs if not each.widget)
    yield from (each for each in kind.inputs if each.widget)


def api_format(graph: Graph) -> dict[str, Any]:
    """The workflow as ComfyUI's HTTP API takes it."""
    prompt = {}
    for placed in graph.nodes.values():
        inputs: dict[str, Any] = {}
        for each in placed.kind.inputs:
            given = placed.node.inputs.get(each.name)
            if isinstance(given, Out):
                source = graph.nodes[given.node]
                names = [name for name, _ in source.kind.outputs]
                inputs[each.name] = [str(source.id), names.index(given.output)]
            elif each.widget:
                inputs[each.name] = placed.value(each)
        title = placed.node.title or placed.kind.title
        prompt[str(placed.id)] = {
            "inputs": inputs,
            "class_type": placed.node.class_type,
            "_meta": {"title": title},
        }
    return prompt


def ui_format(graph: Graph) -> dict[str, Any]:
    """The workflow as ComfyUI's front end opens it."""
    order = graph.order()
    nodes = [_ui_note(graph)] + [
        _ui_node(graph, placed, order[key]) for key, placed in graph.nodes.items()
    ]
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"wanderlens/{graph.workflow.title}")),
        "revision": 0,
        "last_node_id": len(nodes),
        "last_link_id": len(graph.links),
        "nodes": nodes,
        "links": graph.links,
        "groups": [
            {
                "id": number,
                "title": title,
                "bounding": [left, top, right - left, bottom - top],
                "color": COLORS[title],
                "font_size": 24,
                "flags": {},
            }
            for number, (title, (left, top, right, bottom)) in enumerate(graph.frames.items(), 1)
        ],
        "config": {},
        # Places and sizes are the classic renderer's; the other one scales them itself.
        "extra": {"workflowRendererVersion": "LG"},
        "version": 0.4,
    }


def _ui_note(graph: Graph) -> dict[str, Any]:
    return {
        "id": 1,
        "type": "MarkdownNote",
        "pos": [0, TITLE],
        "size": list(NOTE_SIZE),
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": [],
        "outputs": [],
        "title": graph.workflow.title,
        "properties": {},
        "widgets_values": [graph.workflow.note],
        "color": "#432",
        "bgcolor": "#653",
    }


def _ui_node(graph: Graph, placed: Placed, order: int) -> dict[str, Any]:
    kind, node = placed.kind, placed.node
    properties: dict[str, Any] = {"cnr_id": kind.pack}
    if kind.pack == "comfy-core":
        properties["ver"] = CORE_VERSION
    properties["Node name for S&R"] = node.class_type
    if node.model is not None:
        name, directory, url = node.model
        properties["models"] = [{"name": name, "url": url, "directory": directory}]
    values: list[Any] = []
    for each in kind.inputs:
        if each.widget:
            values.append(placed.value(each))
            if each.control:
                values.append("fixed")
    written = {
        "id": placed.id,
        "type": node.class_type,
        "pos": list(placed.at),
        "size": list(placed.size),
        "flags": {},
        "order": order,
        "mode": 0,
        "inputs": [_ui_input(each, placed) for each in sockets(kind)],
        "outputs": [
            {
                "name": name,
                "type": type_,
                "links": [link[0] for link in graph.links if link[1:3] == [placed.id, slot]]
                or None,
            }
            for slot, (name, type_) in enumerate(kind.outputs)
        ],
        "properties": properties,
        "widgets_values": values + FRONT_END_VALUES.get(node.class_type, []),
    }
    if node.title:
        written["title"] = node.title
    return written


def _ui_input(each: Input, placed: Placed) -> dict[str, Any]:
    written: dict[str, Any] = {"name": each.name, "type": each.type}
    if each.optional:
        written["shape"] = 7  # drawn hollow
    if each.widget:
        written["widget"] = {"name": each.name}
    return written | {"link": placed.links.get(each.name)}


# -- files --------------------------------------------------------------------------------------


def files() -> dict[Path, str]:
    """Every workflow file and its text."""
    written = {}
    for workflow in WORKFLOWS:
        graph = Graph(workflow)
        written[FOLDER / f"{workflow.title}.json"] = _text(ui_format(graph))
        written[FOLDER / "api" / f"{workflow.title}.json"] = _text(api_format(graph))
    return written


def _text(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Runs the tool."""
    parser = argparse.ArgumentParser(description="Write the bundled workflows.")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    parser.add_argument("--thumbnails", action="store_true", help="write the pictures, too")
    parser.add_argument("--record", metavar="URL", help="note a running ComfyUI's core nodes first")
    arguments = parser.parse_args()
    if arguments.record:
        record_core(arguments.record)
    expected = files()
    if arguments.check:
        found = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.json")}
        different = [path for path in expected | found if expected.get(path) != found.get(path)]
        for path in different:
            print(f"{path.relative_to(ROOT)} is not what tools/workflows.py writes")
        return 1 if different else 0
    for path, text in expected.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if arguments.thumbnails:
        from workflow_pictures import write_thumbnails

        write_thumbnails(FOLDER, WORKFLOWS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
