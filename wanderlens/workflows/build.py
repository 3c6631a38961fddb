"""Builds the workflows of the page: convert, extend, bridge, loop, combine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .fill import (
    CLIP,
    COLORS,
    DIRECTION,
    EXTENSION,
    add_loras,
    add_preset,
    fill_all,
    fill_models,
    use_one_model,
)
from .graph import Graph, WorkflowError, load_bundled

Kind = Literal["convert", "extend", "bridge", "loop", "combine"]
Values = Mapping[str, Any]

A14B, A14B_FAST = "Image to video A14B", "Image to video A14B 4 steps"
ONE_MODEL = "Image to video 5B"
_WITH_PRESET = "Preset and custom direction"
_EXTEND, _BRIDGE, _LOOP = "Extend a clip", "Bridge two clips", "Make any clip loop"

#: Pixels from one column of combined clips to the next; the widest node of one is 350.
_PITCH = 404
#: Characters of a title's part.
_LONGEST = 48

_WORDS = (
    "direction", "camera", "pacing", "look", "negative", "include_image_prompt",
    "include_image_style",
)  # fmt: skip
_SHOT = ("fps", "duration", "loop", "resolution", "quality", "seed")
_ADDED = ("duration", "context_frames", "color_match", "quality", "seed")


@dataclass(frozen=True, slots=True)
class BuiltWorkflow:
    """A filled workflow.

    Attributes:
        graph: Both forms.
        kind: What it makes.
        title: Short, for people.
    """

    graph: Graph
    kind: Kind
    title: str


def bundled_name(family: str, quality: str) -> str:
    """The bundled workflow that turns a still into a clip.

    Args:
        family: "a14b" or "5b".
        quality: "fast" takes the one with the 4-step LoRAs.
    """
    if family == "5b":
        return ONE_MODEL
    return A14B_FAST if quality == "fast" else A14B


def convert(folder: Path, values: Values, picture: str) -> BuiltWorkflow:
    """A clip from a picture.

    Args:
        folder: The bundled workflows.
        values: The form's values; what a draft replaces is replaced already.
        picture: Annotated name of a file in ComfyUI's folders.
    """
    graph = load_bundled(folder, bundled_name(values["family"], values["quality"]))
    graph.fill_file(graph.one("LoadImage"), picture)
    fill_all(graph, DIRECTION, {**_of(values, _WORDS), "loop": values["loop"]})
    graph.fill(graph.one(CLIP), _of(values, _SHOT))
    _fill_models(graph, values)
    _add_preset(graph, folder, values)
    suffix = "_draft" if values.get("draft") else "_loop" if values["loop"] else ""
    graph.fill(graph.one("SaveVideo"), {"filename_prefix": f"video/wanderlens{suffix}"})
    return BuiltWorkflow(graph, "convert", _title(picture, values))


def extend(folder: Path, values: Values, clip: str) -> BuiltWorkflow:
    """A clip that becomes longer.

    Args:
        folder: The bundled workflows.
        values: `duration` is what is added; `loop` leads back to the start.
        clip: Annotated name of a file in ComfyUI's folders.
    """
    graph = load_bundled(folder, _EXTEND)
    graph.fill_file(graph.one("LoadVideo"), clip)
    _fill_extension(graph, folder, values)
    graph.fill(graph.one(EXTENSION), {"close_loop": values["loop"]})
    return BuiltWorkflow(graph, "extend", _title(clip, values))


def bridge(folder: Path, values: Values, clip: str, following: str) -> BuiltWorkflow:
    """Two clips that become one.

    Args:
        folder: The bundled workflows.
        values: `duration` is the length of what is made between them. The A14B makes it.
        clip: Annotated name of the first clip.
        following: Annotated name of the second clip.
    """
    graph = load_bundled(folder, _BRIDGE)
    graph.fill_file(graph.one("LoadVideo", "First clip"), clip)
    graph.fill_file(graph.one("LoadVideo", "Next clip"), following)
    _fill_extension(graph, folder, {**values, "family": "a14b"})
    return BuiltWorkflow(graph, "bridge", _clipped(f"{_stem(clip)} → {_stem(following)}"))


def loop(folder: Path, clip: str) -> BuiltWorkflow:
    """A clip that repeats without a visible seam; needs no models."""
    graph = load_bundled(folder, _LOOP)
    graph.fill_file(graph.one("LoadVideo"), clip)
    return BuiltWorkflow(graph, "loop", _clipped(_stem(clip)))


def combine(folder: Path, clips: Sequence[str], texts: Mapping[str, str]) -> BuiltWorkflow:
    """Clips one after the other; needs no models.

    Args:
        folder: The bundled workflows.
        clips: Annotated names of two or more clips, in their order.
        texts: Titles in the user's language: note_title, note, join, video.

    Raises:
        WorkflowError: There are fewer than two clips.
    """
    if len(clips) < 2:
        raise WorkflowError("combining needs two clips or more")
    graph, extension = load_bundled(folder, _LOOP), load_bundled(folder, _EXTEND)
    source = load_bundled(folder, _LOOP)
    load, video = graph.one("LoadVideo"), graph.one("CreateVideo")
    report, saved = graph.one("PreviewAny"), graph.one("SaveVideo")
    first = graph.one("GetVideoComponents")
    graph.remove(graph.one("LoopBlend"))
    assert graph.editor is not None, "a bundled workflow has both forms"
    graph.editor["groups"] = []
    note = graph.note(lambda node: node["type"] == "MarkdownNote")
    note |= {"title": texts["note_title"], "widgets_values": [texts["note"]]}

    graph.fill_file(load, clips[0])
    graph.group(f"1. {_stem(clips[0])}", [load, first], COLORS["source"])
    joined, output = first, "images"
    for number, clip in enumerate(clips[1:], 2):
        left = _PITCH * (number - 1)
        following = graph.copy_node(source, "LoadVideo", (left, 390))
        parts = graph.copy_node(source, "GetVideoComponents", (left, 906))
        join = graph.copy_node(extension, EXTENSION, (left, 1110))
        graph.fill_file(following, clip)
        graph.link(following, "VIDEO", parts, "video")
        graph.link(joined, output, join, "frames")
        graph.link(joined, "fps", join, "clip_fps")
        graph.link(parts, "images", join, "next_frames")
        graph.link(parts, "fps", join, "next_fps")
        graph.fill(join, {"join": "motion crossfade"})
        graph.group(f"{number}. {_stem(clip)}", [following, parts], COLORS["source"])
        graph.group(texts["join"], [join], COLORS["direction"])
        joined, output = join, "frames"
    right = _PITCH * len(clips)
    graph.node(video)["pos"] = [right, 390]
    graph.node(saved)["pos"] = [right, 542]
    graph.node(report).update(pos=[right, 938], size=[380, 220])
    graph.group(texts["video"], [video, saved, report], COLORS["video"])
    graph.link(joined, "frames", video, "images")
    graph.link(joined, "fps", video, "fps")
    graph.link(first, "audio", video, "audio")
    graph.link(joined, "report", report, "source")
    graph.fill(saved, {"filename_prefix": "video/wanderlens_combined"})
    title = _clipped(" + ".join(_stem(clip) for clip in clips), 2 * _LONGEST)
    return BuiltWorkflow(graph, "combine", title)


def _fill_extension(graph: Graph, folder: Path, values: Values) -> None:
    """What extending and bridging have in common."""
    fill_all(graph, DIRECTION, {**_of(values, _WORDS), "loop": False})
    graph.fill(graph.one(EXTENSION), _of(values, _ADDED))
    if values["family"] == "5b":
        use_one_model(graph, load_bundled(folder, ONE_MODEL))
    elif values["quality"] == "fast":
        add_loras(graph, load_bundled(folder, A14B_FAST))
    _fill_models(graph, values)
    _add_preset(graph, folder, values)


def _fill_models(graph: Graph, values: Values) -> None:
    """Names the files that were chosen; of the 5B, its one model and its own VAE."""
    files = dict(values["models"])
    if values["family"] == "5b":
        encoder = files.get("text_encoder", "")
        files = {
            "high_noise": files.get("one_model", ""),
            "vae": files.get("vae_5b", ""),
            "text_encoder": encoder,
        }
    fill_models(graph, files)


def _add_preset(graph: Graph, folder: Path, values: Values) -> None:
    if values["preset"]:
        source = load_bundled(folder, _WITH_PRESET)
        add_preset(graph, source, values["preset"], values["intensity"])


def _of(values: Values, names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _title(file: str, values: Values) -> str:
    """What a job is called: its file, and what was asked for."""
    camera = "" if values["camera"] in ("from preset", "none") else values["camera"]
    words = values["direction"].strip().split("\n")[0]
    asked = words or values["preset"].split("/", 1)[-1] or camera
    if not asked:
        return _clipped(_stem(file))
    return f"{_clipped(_stem(file), _LONGEST // 2)}: {_clipped(asked)}"


def _stem(file: str) -> str:
    """The name of an annotated file, without folders and ending."""
    name = re.sub(r" \[(?:input|output|temp)\]$", "", file).rsplit("/", 1)[-1]
    return re.sub(r"\.[^.]+$", "", name)


def _clipped(text: str, most: int = _LONGEST) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
