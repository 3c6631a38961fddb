"""The nodes as ``/object_info`` describes them: ComfyUI's recorded, ours from their classes."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).resolve().parent / "recorded"

LOADERS = {
    "CLIPLoader": ("clip_name", "text_encoders"),
    "LoraLoaderModelOnly": ("lora_name", "loras"),
    "UNETLoader": ("unet_name", "diffusion_models"),
    "VAELoader": ("vae_name", "vae"),
}
VIDEOS = (".mp4", ".webm", ".mov", ".mkv")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")


def load_pack() -> ModuleType:
    """The package by its file, as ComfyUI loads it."""
    name = "wanderlens_of_test_host"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def recorded(name: str) -> Any:
    """What was recorded of a real ComfyUI."""
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


def wanted_models() -> dict[str, list[str]]:
    """Every model file that the bundled workflows load, by folder."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "workflows" / "api").glob("*.json"):
        for node in json.loads(file.read_text(encoding="utf-8")).values():
            widget, folder = LOADERS.get(node["class_type"], ("", ""))
            if widget:
                found.setdefault(folder, set()).add(node["inputs"][widget])
    return {folder: sorted(names) for folder, names in found.items()}


def all_nodes() -> dict[str, Any]:
    """The definitions of all nodes that there are."""
    return {**recorded("object_info.json"), **own_definitions()}


def with_files(
    nodes: Mapping[str, Any],
    model_files: Callable[[str], list[str]],
    names: Callable[..., list[str]],
) -> dict[str, Any]:
    """Definitions whose menus of files hold the files that there are.

    Args:
        nodes: The definitions.
        model_files: Gives a model folder's files.
        names: Gives a folder's files that end in one of the endings.
    """
    info = dict(nodes)
    for kind, (widget, folder) in LOADERS.items():
        info[kind] = _with_options(info[kind], widget, model_files(folder))
    info["LoadImage"] = _with_options(info["LoadImage"], "image", names("input", *PICTURES))
    info["LoadVideo"] = _with_options(info["LoadVideo"], "file", names("input", *VIDEOS))
    return info


def own_definitions() -> dict[str, Any]:
    """Our nodes as ComfyUI's ``node_info`` describes them."""
    pack = load_pack()
    names = pack.NODE_DISPLAY_NAME_MAPPINGS
    return {kind: _definition(kind, node, names) for kind, node in pack.NODE_CLASS_MAPPINGS.items()}


def _definition(kind: str, node: Any, names: Mapping[str, str]) -> dict[str, Any]:
    types = node.INPUT_TYPES()
    return {
        "input": types,
        "input_order": {key: list(value) for key, value in types.items()},
        "output": node.RETURN_TYPES,
        "output_is_list": [False] * len(node.RETURN_TYPES),
        "output_name": node.RETURN_NAMES,
        "output_tooltips": node.OUTPUT_TOOLTIPS,
        "name": kind,
        "display_name": names[kind],
        "description": node.DESCRIPTION,
        "python_module": "custom_nodes.wanderlens",
        "category": node.CATEGORY,
        "output_node": getattr(node, "OUTPUT_NODE", False),
    }


def _with_options(definition: Any, widget: str, names: list[str]) -> Any:
    """A definition whose menu has other entries."""
    changed = json.loads(json.dumps(definition))
    spec = changed["input"]["required"][widget]
    if spec[0] == "COMBO":
        spec[1]["options"] = names
    else:
        spec[0] = names
    return changed
