"""Puts the command's options into an API workflow: the bundled one, or the user's own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..workflows.build import bundled_name
from ..workflows.fill import CLIP, DIRECTION, PRESET, fill_all, fill_models
from ..workflows.graph import Graph, Prompt
from .direction import brief_of, timing_of
from .shot import resolution_of, sampling_of

if TYPE_CHECKING:
    from ..shot import Family

#: A workflow larger than this is not read, in bytes.
_LARGEST = 32 * 1024 * 1024
#: Nodes that are added to show the composed prompt and what the composer says of it.
SHOWN = ("wanderlens-prompt", "wanderlens-report")
#: In an installed package, and in the repository.
_FOLDERS = (
    Path(__file__).parents[2] / "wanderlens_workflows",
    Path(__file__).parents[2] / "workflows" / "api",
)
_MODELS = ("A14B", "5B")
_MODEL_OPTIONS = ("high_noise", "low_noise", "vae", "text_encoder")


def workflow_of(arguments: argparse.Namespace) -> Graph:
    """The workflow that the options ask for, in API form.

    Raises:
        InputError: it is none of ours, or has no clip in it.
    """
    file = arguments.workflow
    if file is None:
        model = arguments.model or _MODELS[0]
        if model not in _MODELS:
            raise InputError(
                f"model must be one of {', '.join(_MODELS)} with server",
                model,
                "Give file names that the server has by --high-noise, --low-noise and so on.",
                "model",
            )
        name = f"{bundled_name(model.lower(), arguments.quality or '')}.json"
        file = next(folder / name for folder in _FOLDERS if (folder / name).is_file())
    try:
        graph = Graph(_read(file))
    except (ValueError, RecursionError) as error:
        raise InputError(
            "workflow must be a workflow in API format",
            str(file),
            "Save it by ComfyUI's menu, File, Export (API).",
            "workflow",
        ) from error
    if not graph.ids(CLIP):
        raise InputError(
            "workflow must have a Wan 2.2 Image to Video node",
            str(file),
            "Add ours to it.",
            "workflow",
        )
    return graph


def _read(file: Path) -> Prompt:
    """A workflow's nodes, each with a class and inputs.

    Raises:
        ValueError: it is too large, no JSON, or another object.
    """
    with file.open("rb") as content:
        raw = content.read(_LARGEST + 1)
    prompt = json.loads(raw.decode("utf-8")) if len(raw) <= _LARGEST else None
    if not isinstance(prompt, dict) or not all(
        isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), dict)
        for node in prompt.values()
    ):
        raise ValueError("it is no workflow in API format")
    return prompt


def set_options(graph: Graph, arguments: argparse.Namespace) -> None:
    """Sets the widgets of a workflow's nodes to the command's options.

    In a workflow of the user's own, options that were not given leave the widgets as they are.

    Args:
        graph: In API form; changed in place.
        arguments: Parsed options.

    Raises:
        InputError: an option is refused, or has no place in the workflow.
    """
    fill_all(graph, CLIP, _clip_widgets(arguments, _family(graph)))
    words = _direction_widgets(arguments)
    if arguments.preset:
        intensity = 1.0 if arguments.intensity is None else arguments.intensity
        values = {"preset": arguments.preset, "intensity": intensity}
        words["preset"] = [graph.add("wanderlens-preset", PRESET, values), 0]
    if not fill_all(graph, DIRECTION, words):
        for name in words:
            if _given(arguments, name):
                raise _no_place(name.removeprefix("include_"), "a Cinematic Direction node")
    files = {option: getattr(arguments, option) or "" for option in _MODEL_OPTIONS}
    for part in fill_models(graph, files):
        node = "a Load CLIP node" if part == "text_encoder" else f"a loader of {files[part]}"
        raise _no_place(part, node)


def _given(arguments: argparse.Namespace, widget: str) -> bool:
    return getattr(arguments, widget.removeprefix("include_"), None) is not None


def _family(graph: Graph) -> Family:
    """The family that a clip's node is wired for."""
    from ..shot import I2V_A14B, TI2V_5B

    two = any("low_noise" in graph.prompt[node_id]["inputs"] for node_id in graph.ids(CLIP))
    return I2V_A14B if two else TI2V_5B


def _clip_widgets(arguments: argparse.Namespace, family: Family) -> dict[str, Any]:
    brief, preset = brief_of(arguments)
    fps, duration = timing_of(arguments, preset, family)
    ends = bool(arguments.end_image) or brief.loop
    widgets: dict[str, Any] = {"seed": arguments.seed}
    own = arguments.workflow is not None
    for name, value in (("fps", fps), ("duration", duration), ("loop", brief.loop)):
        if not own or preset or getattr(arguments, name) is not None:
            widgets[name] = value
    if arguments.resolution:
        widgets |= resolution_of(arguments.resolution, family)
    sampling = sampling_of(arguments, family, ends_on_a_picture=ends)
    if not own or arguments.quality or sampling["quality"] == "custom":
        widgets |= sampling
    return widgets


def _direction_widgets(arguments: argparse.Namespace) -> dict[str, Any]:
    brief, preset = brief_of(arguments)
    widgets: dict[str, Any] = {
        "direction": brief.text,
        "camera": brief.camera,
        "pacing": brief.pacing,
        "look": brief.look,
        "negative": brief.negative,
        "include_image_prompt": brief.include_image_prompt,
        "include_image_style": brief.include_image_style,
        "loop": brief.loop,
    }
    if arguments.workflow is None:
        return widgets
    return {
        name: value
        for name, value in widgets.items()
        if _given(arguments, name) or (name == "loop" and preset)
    }


def _no_place(option: str, what: str) -> InputError:
    return InputError(
        f"{option} needs {what} in the workflow",
        None,
        "Leave it out, or add one to the workflow.",
        option,
    )


def show_direction(graph: Graph) -> None:
    """Adds nodes that give back the first direction's prompt and report."""
    for direction in graph.ids(DIRECTION)[:1]:
        for node_id, output in zip(SHOWN, (0, 3), strict=True):
            graph.add(node_id, "PreviewAny", {"source": [direction, output]})
