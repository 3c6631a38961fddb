"""Tells from a clip's metadata how it was made: kind, prompt, preset, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..checks import as_number, as_whole
from ..direction.preset import Preset
from ..direction.presets import PresetLibrary
from ..errors import InputError
from ..metadata.containers.carrier import Carrier
from ..metadata.graph.graph import Graph, Link, Node, as_link
from ..metadata.graph.reader import found_at
from ..text import tidy

SELECTOR, DIRECTION, CARRYOVER = "PresetSelector", "CinematicDirection", "ImageStyleCarryover"
IMAGE_TO_VIDEO, LOOP, EXTEND = "Wan22ImageToVideo", "LoopBlend", "FrameContinuityExtend"
NODES = frozenset((SELECTOR, DIRECTION, CARRYOVER, IMAGE_TO_VIDEO, LOOP, EXTEND))

KINDS = ("convert", "extend", "bridge", "combine", "loop", "other")

#: Outputs of the preset selector that are linked into widgets, by slot.
_RECOMMENDED = {2: "fps", 3: "duration", 4: "loop"}
#: The widget that names the file, by the loader's class.
_LOADERS = {
    "LoadImage": "image",
    "LoadImageMask": "image",
    "LoadImageOutput": "image",
    "LoadVideo": "file",
    "VHS_LoadVideo": "video",
}
_LONGEST_NAME = 400
#: The largest integer that JavaScript represents exactly.
_LARGEST_SEED = 2**53 - 1


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """How a clip was made.

    Attributes:
        kind: One of `KINDS`.
        prompt: The composed prompt where the file has it, else the words that were typed.
        preset: The preset's id, or empty.
        settings: Those of the form, "image" for the picture or clip it starts with, and "next" for
            the clip it leads to; what is not known is absent.
    """

    kind: str
    prompt: str = ""
    preset: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_generation_info(carrier: Carrier, name: str) -> GenerationInfo | None:
    """Tells how a clip was made.

    Args:
        carrier: The texts in its file.
        name: Its file name, which tells the clips apart that one graph saves.

    Returns:
        None for a clip that is not ours.
    """
    graph = carrier.record("prompt")
    if graph is not None and (info := _from_graph(Graph.of(graph), name)):
        return info
    record = carrier.record("comment") or carrier.record("Exif ImageDescription")
    settings = record.get("wanderlens") if record else None
    return _from_command_line(settings) if isinstance(settings, dict) else None


def _from_graph(graph: Graph, name: str) -> GenerationInfo | None:
    known = [node for node_id in graph.ids if (node := graph.peek(node_id))]
    ours = [node for node in known if node.kind in NODES]
    if not ours:
        return None
    for saver in sorted(known, key=lambda node: _fit(node, name), reverse=True):
        if "filename_prefix" not in saver.inputs:
            break  # nodes that save nothing come last
        reached = [node for node in _upstream(graph, saver) if node.kind in NODES]
        if reached:
            ours = reached
            break
    makers = [node for node in ours if node.kind in (IMAGE_TO_VIDEO, EXTEND, LOOP)]
    # A loop closed after a generated clip is a setting of that clip.
    shots = [node for node in makers if node.kind != LOOP]
    maker = (shots or makers or [None])[0]
    director = next((node for node in ours if node.kind == DIRECTION), None)
    selector = next((node for node in ours if node.kind == SELECTOR), None)
    settings = _Settings(graph)
    if maker is not None:
        _take_shot(settings, maker)
        settings.take_file("image", maker.link("image", "frames"))
        settings.take_file("next", maker.link("next_frames"))
    if director is not None:
        for key in ("direction", "camera", "pacing", "look", "negative"):
            settings.take_text(key, director)
        settings.take_switch("include_image_prompt", director)
        settings.take_switch("include_image_style", director)
    if selector is not None:
        settings.take_text("preset", selector)
        settings.take_number("intensity", selector, 0, 1.5)
    prompt = settings.known.get("direction", "")
    if not prompt and director is None and maker is not None:
        parameters = found_at(graph, maker, "")
        prompt = parameters.prompt if parameters else ""
    return GenerationInfo(_kind(maker), prompt, settings.known.get("preset", ""), settings.known)


def _fit(node: Node, name: str) -> tuple[bool, int]:
    """How well a node's filename prefix fits a file name, to sort by; without a prefix lowest."""
    prefix = node.inputs.get("filename_prefix")
    if not isinstance(prefix, str):
        return "filename_prefix" in node.inputs, -1
    stem = prefix.replace("\\", "/").rsplit("/", 1)[-1].partition("%")[0]
    return True, len(stem) if stem and name.startswith(stem) else 0


def _upstream(graph: Graph, start: Node) -> Iterator[Node]:
    """The nodes that a node depends on, nearest first, without itself."""
    seen, wave = {start.id}, [start]
    while wave:
        following = []
        for node in wave:
            for _, link in node.links():
                if link.node not in seen:
                    seen.add(link.node)
                    if source := graph.node(link.node):
                        following.append(source)
        yield from following
        wave = following


def _kind(maker: Node | None) -> str:
    if maker is None:
        return "other"
    if maker.kind == IMAGE_TO_VIDEO:
        return "convert"
    if maker.kind == LOOP:
        return "loop"
    if maker.link("next_frames") is None:
        return "extend"
    return "bridge" if maker.inputs.get("join") == "generate" else "combine"


def _take_shot(settings: _Settings, maker: Node) -> None:
    if maker.kind == LOOP or (maker.kind == EXTEND and maker.inputs.get("join") != "generate"):
        return  # nothing was generated, so there are no settings of sampling
    settings.take_number("duration", maker, 0, 3600)
    settings.take_text("quality", maker)
    settings.take_whole("seed", maker, _LARGEST_SEED)
    settings.known["family"] = "a14b" if maker.link("low_noise") else "5b"
    if maker.kind == EXTEND:
        settings.take_switch("loop", maker, "close_loop")
    else:
        settings.take_whole("fps", maker, 1000)
        settings.take_switch("loop", maker)
        settings.take_text("resolution", maker)


class _Settings:
    """Collects values from nodes; those of the wrong type or range are left out."""

    def __init__(self, graph: Graph) -> None:
        self.known: dict[str, Any] = {}
        self._graph = graph

    def take_text(self, key: str, node: Node) -> None:
        value = node.inputs.get(key)
        if isinstance(value, str):
            self.known[key] = tidy(value)

    def take_switch(self, key: str, node: Node, widget: str = "") -> None:
        value = self._value(node, widget or key)
        if isinstance(value, bool):
            self.known[key] = value

    def take_whole(self, key: str, node: Node, most: int) -> None:
        value = as_whole(self._value(node, key))
        if value is not None and 0 <= value <= most:
            self.known[key] = value

    def take_number(self, key: str, node: Node, least: float, most: float) -> None:
        value = as_number(self._value(node, key))
        if value is not None and least <= value <= most:
            self.known[key] = value

    def take_file(self, key: str, link: Link | None) -> None:
        """Takes the file that an image or clip is loaded from, as its loader names it."""
        start = self._graph.node(link.node) if link else None
        if start is None:
            return
        for node in (start, *_upstream(self._graph, start)):
            name = node.inputs.get(_LOADERS.get(node.kind, ""))
            if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME:
                self.known[key] = tidy(name)
                return

    def _value(self, node: Node, widget: str) -> Any:
        """A widget's value; of a linked one only if a preset selector is linked."""
        value = node.inputs.get(widget)
        link = as_link(value)
        if link is None:
            return value
        source = self._graph.node(link.node)
        if source is None or source.kind != SELECTOR or link.slot not in _RECOMMENDED:
            return None
        preset = _preset(source.inputs.get("preset"))
        return getattr(preset, _RECOMMENDED[link.slot]) if preset else None


def _preset(preset_id: object) -> Preset | None:
    try:
        return _presets()[preset_id] if isinstance(preset_id, str) else None
    except InputError:
        return None  # a preset of the user's own, or one that no longer exists


@cache
def _presets() -> PresetLibrary:
    return PresetLibrary()


def _from_command_line(record: Mapping[str, Any]) -> GenerationInfo:
    """From the record that the command line writes."""
    node = Node("", "", record)
    settings = _Settings(Graph.of({}))
    for key in ("direction", "camera", "pacing", "look", "preset", "negative", "quality"):
        settings.take_text(key, node)
    settings.take_number("intensity", node, 0, 1.5)
    settings.take_number("duration", node, 0, 3600)
    settings.take_whole("fps", node, 1000)
    settings.take_whole("seed", node, _LARGEST_SEED)
    settings.take_switch("loop", node)
    prompt = record.get("prompt")
    kind = "convert"
    if "extends" in record:
        kind = "bridge" if record.get("next_frames") else "extend"
    return GenerationInfo(
        kind,
        tidy(prompt) if isinstance(prompt, str) else "",
        settings.known.get("preset", ""),
        settings.known,
    )
