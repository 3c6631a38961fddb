"""Reads a ComfyUI graph that a still carries, and the words of a sampler in any graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ...text import tidy
from ..parameters import GenerationParameters, distinct, file_stem, whole
from . import names
from .editor import to_api
from .graph import Graph, Link, Node, as_link
from .picture import find_origin
from .text import NEGATIVE, POSITIVE, TextWalk

#: Outputs, samplers and encoders tried.
_MAX_TRIED = 500
_SEEDS = ("seed", "noise_seed", "rand_seed", "seed_value")


def read_api_graph(
    nodes: Mapping[str, Any], where: str, name: str = ""
) -> GenerationParameters | None:
    """Reads the graph that ComfyUI wrote into a file, in API form.

    Args:
        nodes: Node id to `class_type` and `inputs`; of whatever types.
        where: Where it stood.
        name: The file's name; where a graph saves several pictures, it tells which one this is.

    Returns:
        What was found; None when it is no graph.
    """
    graph = Graph.of(nodes)
    known = [node for node_id in graph.ids if (node := graph.peek(node_id))]
    if not known:
        return None
    notes: list[str] = []
    for saver in islice(_savers(known, name), _MAX_TRIED):
        origin = find_origin(graph, saver)
        if origin.maker and (found := found_at(graph, origin.maker, where, origin.notes)):
            return found
        notes.extend(origin.notes)
        if origin.file and not origin.maker:
            notes.append(f"It was made from the file {origin.file.name!r}.")
    # No output leads to a sampler: take the sampler that has words.
    for node in known[:_MAX_TRIED]:
        if names.SAMPLER.search(node.kind) and (found := found_at(graph, node, where, notes)):
            return found
    return _encoders(graph, known, where, notes)


def read_ui_graph(
    workflow: Mapping[str, Any], where: str, name: str = ""
) -> GenerationParameters | None:
    """Reads a graph in the editor's form, which does not name its widgets: less sure."""
    return read_api_graph(to_api(workflow), where, name)


def found_at(
    graph: Graph, maker: Node, where: str, notes: list[str] | None = None
) -> GenerationParameters | None:
    """The words, model and seed of a sampler; None where it has no words.

    Args:
        graph: The graph it stands in.
        maker: The sampler, or a node that makes a picture from a prompt.
        where: Where the graph stood, for people.
        notes: Notes so far; those of this walk are added to them.
    """
    walk = TextWalk(graph)
    positive = _words(walk, maker, POSITIVE)
    negative = _words(walk, maker, NEGATIVE)
    if not positive and not negative:
        if notes is not None:
            notes.extend(note for note in walk.notes if note not in notes)
        return None
    model, loras = _model(graph, maker)
    return GenerationParameters(
        prompt=tidy(positive),
        negative=tidy(negative),
        software="ComfyUI graph",
        where=where,
        model=model,
        loras=loras,
        seed=_seed(graph, maker),
        notes=(*(notes or ()), *walk.notes),
    )


def _words(walk: TextWalk, maker: Node, role: str) -> str:
    """The words of a sampler's positive or negative side."""
    for name in names.POSITIVE if role == POSITIVE else names.NEGATIVE:
        value = maker.inputs.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if link := as_link(value):
            return walk.conditioning(link, role) or walk.string(link)
    for name in names.BUNDLES:
        if (link := as_link(maker.inputs.get(name))) and (text := walk.conditioning(link, role)):
            if role == NEGATIVE and text == walk.conditioning(link, POSITIVE):
                return ""  # a bundle with one conditioning only
            return text
    if role == NEGATIVE:
        return ""
    prompt = maker.inputs.get("prompt")
    if isinstance(prompt, str):
        return prompt
    link = as_link(prompt)
    return walk.string(link) if link else ""


def _savers(nodes: list[Node], name: str) -> Iterator[Link]:
    """Links of the pictures that a graph keeps: this file's first, then saved, then shown ones."""

    def rank(node: Node) -> tuple[bool, int, bool]:
        prefix = node.inputs.get("filename_prefix")
        stem = re.split(r"[\\/%]", prefix)[-1] if isinstance(prefix, str) else ""
        fits = bool(stem) and name.startswith(stem)
        return not fits, -len(stem) if fits else 0, "preview" in node.kind.lower()

    keeps = [node for node in nodes if names.SAVER.search(node.kind)]
    for node in sorted(keeps, key=rank):
        if link := node.link("images", "image", "frames", "video", "samples"):
            yield link


def _encoders(
    graph: Graph, nodes: list[Node], where: str, notes: list[str]
) -> GenerationParameters | None:
    """The longest text of any encoder, where no sampler was found."""
    walk = TextWalk(graph)
    texts = [
        walk.conditioning(Link(node.id, 0), POSITIVE)
        for node in nodes[:_MAX_TRIED]
        if "textencode" in node.kind.lower().replace(" ", "")
    ]
    text = max(texts, key=len, default="")
    if not text:
        return GenerationParameters(notes=tuple(notes)) if notes else None
    notes = [*notes, "No sampler was found in the graph; this is its longest text."]
    return GenerationParameters(
        prompt=tidy(text), software="ComfyUI graph", where=where, notes=tuple(notes)
    )


def _model(graph: Graph, maker: Node) -> tuple[str, tuple[str, ...]]:
    """The checkpoint and the LoRAs on a sampler's model."""
    link = maker.link("model", "model1", "high_noise", "guider", *names.BUNDLES)
    loras: list[str] = []
    seen: set[str] = set()
    while link and link.node not in seen:
        seen.add(link.node)
        node = graph.node(link.node)
        if node is None:
            break
        loras.extend(_loras(node))
        for name in names.MODEL_FIELDS:
            if isinstance(value := node.inputs.get(name), str):
                return file_stem(value), distinct(loras)
        link = node.link("model", "model1", "guider", *names.BUNDLES)
    return "", distinct(loras)


def _loras(node: Node) -> Iterator[str]:
    if "lora" not in node.kind.lower():
        return
    for name, value in node.inputs.items():
        if isinstance(value, Mapping):  # rgthree's rows
            if value.get("on") is True:
                yield file_stem(value.get("lora"))
        elif isinstance(value, str) and names.LORA_FIELDS.fullmatch(name) and value != "None":
            yield file_stem(value)


def _seed(graph: Graph, maker: Node) -> int | None:
    for name in _SEEDS:
        value = maker.inputs.get(name)
        if link := as_link(value):
            source = graph.node(link.node)
            value = next(
                (source.inputs[key] for key in (*_SEEDS, "value") if key in source.inputs), None
            ) if source else None  # fmt: skip
        if (seed := whole(value)) is not None:
            return seed
    noise = maker.link("noise")
    source = graph.node(noise.node) if noise else None
    return whole(source.inputs.get("noise_seed")) if source else None
