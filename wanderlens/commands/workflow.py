"""The command's options in an API workflow: the bundled one, or one of the user's own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .direction import brief_of, timing_of
from .shot import resolution_of, sampling_of

if TYPE_CHECKING:
    from ..shot import Family

CLIP = "Wan22ImageToVideo"
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

Prompt = dict[str, Any]


def workflow_of(arguments: argparse.Namespace) -> Prompt:
    """The API workflow that the options ask for.

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
        fast = model == "A14B" and arguments.quality == "fast"
        title = f"Image to video {model}{' 4 steps' if fast else ''}.json"
        file = next(folder / title for folder in _FOLDERS if (folder / title).is_file())
    try:
        prompt = _read(file)
    except (ValueError, RecursionError) as error:
        raise InputError(
            "workflow must be a workflow in API format",
            str(file),
            "Save it by ComfyUI's menu, File, Export (API).",
            "workflow",
        ) from error
    if not ids_of(prompt, CLIP):
        raise InputError(
            "workflow must have a Wan 2.2 Image to Video node",
            str(file),
            "Add ours to it.",
            "workflow",
        )
    return prompt


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


def set_options(prompt: Prompt, arguments: argparse.Namespace) -> None:
    """Sets the widgets of a prompt's nodes to the command's options.

    In a workflow of the user's own, options that were not given leave the widgets as they are.

    Args:
        prompt: In API format; changed in place.
        arguments: Parsed options.

    Raises:
        InputError: an option is refused, or has no place in the workflow.
    """
    family = _family(prompt)
    for inputs in _inputs_of(prompt, CLIP):
        inputs.update(_clip_widgets(arguments, family))
    shot = _shot_widgets(arguments)
    if arguments.preset:
        intensity = 1.0 if arguments.intensity is None else arguments.intensity
        prompt["wanderlens-preset"] = {
            "class_type": "PresetSelector",
            "inputs": {"preset": arguments.preset, "intensity": intensity},
        }
        shot["preset"] = ["wanderlens-preset", 0]
    nodes = _inputs_of(prompt, "CinematicDirection")
    if not nodes and (given := next((name for name in shot if _given(arguments, name)), "")):
        raise _no_place(given, "a Cinematic Direction node")
    for inputs in nodes:
        inputs.update(shot)
    _set_models(prompt, arguments)


def _given(arguments: argparse.Namespace, widget: str) -> bool:
    option = widget.removeprefix("include_")
    return getattr(arguments, option, None) is not None


def _family(prompt: Prompt) -> Family:
    """The family that a clip's node is wired for."""
    from ..shot import I2V_A14B, TI2V_5B

    two = any("low_noise" in inputs for inputs in _inputs_of(prompt, CLIP))
    return I2V_A14B if two else TI2V_5B


def _clip_widgets(arguments: argparse.Namespace, family: Family) -> dict[str, Any]:
    brief, preset = brief_of(arguments)
    fps, duration = timing_of(arguments, preset, family)
    ends = bool(arguments.end_image) or brief.loop
    widgets: dict[str, Any] = {"seed": arguments.seed}
    own = arguments.workflow is not None
    if not own or preset or arguments.fps is not None:
        widgets["fps"] = fps
    if not own or preset or arguments.duration is not None:
        widgets["duration"] = duration
    if not own or preset or arguments.loop is not None:
        widgets["loop"] = brief.loop
    if arguments.resolution:
        widgets |= resolution_of(arguments.resolution, family)
    sampling = sampling_of(arguments, family, ends_on_a_picture=ends)
    if not own or arguments.quality or sampling["quality"] == "custom":
        widgets |= sampling
    return widgets


def _shot_widgets(arguments: argparse.Namespace) -> dict[str, Any]:
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


def _set_models(prompt: Prompt, arguments: argparse.Namespace) -> None:
    """Sets the loaders that the clip's node and the prompts lead to."""
    for option, widget in (
        ("high_noise", "unet_name"),
        ("low_noise", "unet_name"),
        ("vae", "vae_name"),
    ):
        name = getattr(arguments, option)
        for inputs in _inputs_of(prompt, CLIP) if name else []:
            loader = _upstream(prompt, inputs.get(option), widget, ("model",))
            if loader is None:
                raise _no_place(option, f"a loader with {widget}")
            loader[widget] = name
    if arguments.text_encoder:
        loaders = _inputs_of(prompt, "CLIPLoader")
        if not loaders:
            raise _no_place("text_encoder", "a Load CLIP node")
        for inputs in loaders:
            inputs["clip_name"] = arguments.text_encoder


def set_picture(prompt: Prompt, link: str, name: str) -> None:
    """Sets the picture that a link of the clip's node leads to.

    The Load Image node is looked for through whatever stands in between, such as Image Style
    Carryover or a scaler. Where there is none, one is added.

    Args:
        prompt: In API format; changed in place.
        link: "image" or "end_image".
        name: The picture's name on the server.
    """
    for inputs in _inputs_of(prompt, CLIP):
        loader = _upstream(
            prompt, inputs.get(link), "image", ("image", "images", "pixels"), kind="LoadImage"
        )
        if loader is not None:
            loader["image"] = name
        else:
            node_id = f"wanderlens-{link}"
            prompt[node_id] = {"class_type": "LoadImage", "inputs": {"image": name}}
            inputs[link] = [node_id, 0]


def _upstream(
    prompt: Prompt, link: Any, widget: str, through: tuple[str, ...], kind: str = ""
) -> dict[str, Any] | None:
    """The inputs of the node that a link leads to and that has a widget (and is of a class)."""
    for _ in range(50):
        node = prompt.get(str(link[0])) if isinstance(link, list) and link else None
        if node is None:
            return None
        inputs = node["inputs"]
        if widget in inputs and (node["class_type"] == kind or not kind):
            return inputs
        link = next((inputs[name] for name in through if isinstance(inputs.get(name), list)), None)
    return None


def _no_place(option: str, what: str) -> InputError:
    return InputError(
        f"{option.removeprefix('include_')} needs {what} in the workflow",
        None,
        "Leave it out, or add one to the workflow.",
        option.removeprefix("include_"),
    )


def ids_of(prompt: Prompt, kind: str) -> list[str]:
    """The nodes of a class."""
    return [node_id for node_id, node in prompt.items() if node["class_type"] == kind]


def _inputs_of(prompt: Prompt, kind: str) -> list[dict[str, Any]]:
    return [prompt[node_id]["inputs"] for node_id in ids_of(prompt, kind)]


def show_shot(prompt: Prompt) -> None:
    """Adds nodes that give back the first shot's prompt and report."""
    for shot in ids_of(prompt, "CinematicDirection")[:1]:
        for node_id, output in zip(SHOWN, (0, 3), strict=True):
            prompt[node_id] = {"class_type": "PreviewAny", "inputs": {"source": [shot, output]}}
