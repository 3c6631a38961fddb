"""Fills the parts that workflows share: words, clip, models, still, preset, LoRAs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .graph import Graph

CLIP = "Wan22ImageToVideo"
EXTENSION = "FrameContinuityExtend"
DIRECTION = "CinematicDirection"
PRESET = "PresetSelector"

#: Colours of groups, as in the bundled workflows.
COLORS = {"source": "#3f789e", "models": "#8A8A8A", "direction": "#88AA88", "video": "#b06634"}

_LORA = "LoraLoaderModelOnly"
_EXPERTS = (
    ("High-noise expert", "4-step LoRA, high noise", "high_noise"),
    ("Low-noise expert", "4-step LoRA, low noise", "low_noise"),
)
#: Which file goes where: a link of the clip's node, and the widget of the loader that it leads to.
_LOADERS = (
    ("high_noise", "high_noise", "unet_name"),
    ("low_noise", "low_noise", "unet_name"),
    ("lora_high", "high_noise", "lora_name"),
    ("lora_low", "low_noise", "lora_name"),
    ("vae", "vae", "vae_name"),
)


def fill_all(graph: Graph, kind: str, values: Mapping[str, Any]) -> bool:
    """Sets widgets of all nodes of a class; False if there is none."""
    ids = graph.ids(kind)
    for node_id in ids:
        graph.fill(node_id, values)
    return bool(ids)


def fill_models(graph: Graph, files: Mapping[str, str]) -> list[str]:
    """Names the files of the loaders that the clips' nodes and the prompts lead to.

    Args:
        graph: It is changed.
        files: By part: high_noise, low_noise, lora_high, lora_low, vae, text_encoder. A part that
            is missing or empty keeps its file.

    Returns:
        The parts that have no loader in this workflow.
    """
    missing = []
    makers = [*graph.ids(CLIP), *graph.ids(EXTENSION)]
    for part, link, widget in _LOADERS:
        if not files.get(part):
            continue
        for maker in makers:
            loader = graph.upstream(maker, link, widget, ("model",))
            if loader is None:
                missing.append(part)
            else:
                graph.fill(loader, {widget: files[part]})
    name = files.get("text_encoder")
    if name and not fill_all(graph, "CLIPLoader", {"clip_name": name}):
        missing.append("text_encoder")
    return missing


def fill_picture(graph: Graph, link: str, name: str) -> None:
    """Sets the picture that a link of the clip's node leads to.

    The Load Image node is looked for through whatever stands in between, such as Image Style
    Carryover or a scaler. Where there is none, one is added to the prompt.

    Args:
        graph: It is changed.
        link: "image" or "end_image".
        name: The picture's name, as ComfyUI annotates it.
    """
    for maker in graph.ids(CLIP):
        loader = graph.upstream(maker, link, "image", ("image", "images", "pixels"))
        if loader is not None and graph.prompt[loader]["class_type"] == "LoadImage":
            graph.fill_file(loader, name)
        else:
            added = graph.add(f"wanderlens-{link}", "LoadImage", {"image": name})
            graph.prompt[maker]["inputs"][link] = [added, 0]


def add_preset(graph: Graph, source: Graph, preset: str, intensity: float) -> None:
    """Puts a preset before the direction of a workflow with an editor form.

    Its fps, duration and loop are not linked.

    Args:
        graph: It is changed.
        source: A workflow that has a Preset Selector.
        preset: The preset's id.
        intensity: Of its camera move.
    """
    assert graph.editor is not None, "a bundled workflow has both forms"
    direction_id = graph.one(DIRECTION)
    direction = graph.node(direction_id)
    left, top = direction["pos"]
    width = direction["size"][0]
    # Its column makes room: the selector stands above the direction, in a group of its own.
    below = source.node(source.one(PRESET))["size"][1] + 130
    for node in graph.editor["nodes"]:
        if left - 14 <= node["pos"][0] < left + width:
            node["pos"][1] += below
    for group in graph.editor["groups"]:
        if left - 14 <= group["bounding"][0] < left + width:
            group["bounding"][1] += below
    selector = graph.copy_node(source, PRESET, (left, top))
    graph.node(selector)["size"][0] = width
    graph.fill(selector, {"preset": preset, "intensity": intensity})
    graph.link(selector, "direction", direction_id, "preset")
    graph.group("Preset", [selector], COLORS["direction"])


def add_loras(graph: Graph, source: Graph) -> None:
    """Adds the 4-step LoRAs to a workflow that extends a clip and has none.

    Args:
        graph: It is changed.
        source: The workflow that has them.
    """
    maker = graph.one(EXTENSION)
    experts = [graph.one("UNETLoader", title) for title, _, _ in _EXPERTS]
    high = graph.node(experts[0])
    width = high["size"][0] + 52
    left = high["pos"][0] + width
    graph.shift(left - 14, width)
    added = []
    for expert, (_, title, link) in zip(experts, _EXPERTS, strict=True):
        lora = graph.copy_node(source, _LORA, (left, graph.node(expert)["pos"][1]), title)
        graph.link(expert, "MODEL", lora, "model")
        graph.link(lora, "MODEL", maker, link)
        added.append(lora)
    graph.group("4 steps", added, COLORS["models"])


def use_one_model(graph: Graph, source: Graph) -> None:
    """Puts the 5B model in the place of the two experts of a workflow that extends a clip.

    Args:
        graph: It is changed.
        source: The workflow that has it.
    """
    maker = graph.one(EXTENSION)
    experts = [graph.one("UNETLoader", title) for title, _, _ in _EXPERTS]
    vae = graph.one("VAELoader")
    model = graph.copy_node(source, "UNETLoader", tuple(graph.node(experts[0])["pos"]))
    own_vae = graph.copy_node(source, "VAELoader", tuple(graph.node(vae)["pos"]))
    for node_id in (*experts, vae):
        graph.remove(node_id)
    graph.link(model, "MODEL", maker, "high_noise")
    graph.link(own_vae, "VAE", maker, "vae")
