"""Converts a graph of ComfyUI's editor form to API form, as far as its widgets can be told.

The editor's form keeps widget values by position and does not name them all. What matters here
can be told all the same: the texts of encoders, file names, prefixes and seeds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .graph import MAX_NODES

_NEVER, _BYPASSED = 2, 4
_TEXT_NODE = re.compile(r"encode|text|string|prompt|primitive|note", re.IGNORECASE)


def to_api(workflow: Mapping[str, Any]) -> dict[str, Any]:
    """The nodes of a workflow by id; muted ones are left out, bypassed ones let through.

    Subgraphs are not opened.

    Args:
        workflow: The editor's form, of whatever types.
    """
    nodes = workflow.get("nodes")
    nodes = [node for node in nodes[:MAX_NODES] if isinstance(node, Mapping)] if isinstance(
        nodes, list
    ) else []  # fmt: skip
    sources = _sources(workflow.get("links"))
    found: dict[str, Any] = {}
    for node in nodes:
        if node.get("mode") == _NEVER or not isinstance(node.get("type"), str):
            continue
        inputs = _links(node, sources)
        kind = node["type"]
        if node.get("mode") == _BYPASSED:
            kind = "Bypassed"
        else:
            inputs = {**_widgets(node, kind), **inputs}
        found[str(node.get("id"))] = {"class_type": kind, "inputs": inputs}
    return found


def _sources(links: Any) -> dict[Any, list[Any]]:
    """Links by their id: where each comes from."""
    found: dict[Any, list[Any]] = {}
    for link in links[: MAX_NODES * 4] if isinstance(links, list) else []:
        if isinstance(link, list) and len(link) >= 5:
            key, node, slot = link[:3]
        elif isinstance(link, Mapping):
            key, node, slot = (link.get(name) for name in ("id", "origin_id", "origin_slot"))
        else:
            continue
        if isinstance(key, (int, str)) and isinstance(slot, int):
            found[key] = [str(node), slot]
    return found


def _links(node: Mapping[str, Any], sources: dict[Any, list[Any]]) -> dict[str, Any]:
    inputs = node.get("inputs")
    found = {}
    for item in inputs[:200] if isinstance(inputs, list) else []:
        if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
            continue
        link = item.get("link")
        if isinstance(link, (int, str)) and link in sources:
            found[item["name"]] = sources[link]
    return found


def _widgets(node: Mapping[str, Any], kind: str) -> dict[str, Any]:
    values = node.get("widgets_values")
    if isinstance(values, Mapping):
        return {str(key): value for key, value in list(values.items())[:200]}
    if not isinstance(values, list):
        return {}
    texts = [value for value in values[:64] if isinstance(value, str)]
    if _TEXT_NODE.search(kind) and texts:
        return {"text": max(texts, key=len)}
    if "Save" in kind and texts:
        return {"filename_prefix": texts[0]}
    if "Load" in kind and texts:
        name = "image" if "Image" in kind else "lora_name" if "Lora" in kind else "ckpt_name"
        return {name: texts[0]}
    if "Sampler" in kind and values and isinstance(values[0], int):
        return {"seed": values[0]}
    return {}
