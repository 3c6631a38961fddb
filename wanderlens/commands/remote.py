"""`wanderlens animate --server`: the bundled workflow with the command's options, queued there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .direction import brief_of, timing_of

if TYPE_CHECKING:
    from .animate import Job
    from .console import Console

#: In an installed package, and in the repository.
_FOLDERS = (
    Path(__file__).parents[1] / "workflows",
    Path(__file__).parents[2] / "workflows" / "api",
)
_MODELS = ("A14B", "5B")
_CLIP_ENDINGS = (".mp4", ".webm")

Prompt = dict[str, Any]


def render_on_server(job: Job, arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Makes the clip of one photo on a ComfyUI.

    Raises:
        InputError: an option is refused.
        ServerError: the server is not there, refuses the prompt, or fails at it.
        OSError: a file cannot be read or written.
    """
    from ..server import ComfyServer, ServerError

    if job.output.suffix.lower() != ".mp4":
        raise InputError(
            "output must end in .mp4 with server, which makes the file",
            str(job.output),
            "Name it clip.mp4.",
            "output",
        )
    prompt = _workflow(arguments)
    with ComfyServer(arguments.server) as server:
        _set_pictures(prompt, server.upload(job.photo), "")
        if arguments.end_image:
            _set_pictures(prompt, "", server.upload(arguments.end_image))
        set_options(prompt, arguments)
        outputs = server.run(prompt, console.progress)
        entry = next(_files(outputs), None)
        if entry is None:
            raise ServerError("The workflow saved no video; it needs a Save Video node.")
        server.fetch(entry, job.output)
    report = "\n\n".join(_texts(prompt, outputs))
    if report:
        console.say(report)
    console.say(f"{job.output}: rendered by {server.url}")
    return {
        "file": str(job.output),
        "photo": str(job.photo),
        "server": server.url,
        "seed": arguments.seed,
        "report": report,
    }


def _workflow(arguments: argparse.Namespace) -> Prompt:
    """The API workflow that the options ask for."""
    file = arguments.workflow
    if file is None:
        model = "A14B" if arguments.model in ("nano", "A14B") else arguments.model
        if model not in _MODELS:
            raise InputError(
                f"model must be one of {', '.join(_MODELS)} with server",
                arguments.model,
                "Give file names that the server has by --high-noise, --low-noise and so on.",
                "model",
            )
        fast = model == "A14B" and arguments.quality == "fast"
        title = f"Image to video {model}{' 4 steps' if fast else ''}.json"
        file = next(folder / title for folder in _FOLDERS if (folder / title).is_file())
    try:
        prompt = json.loads(file.read_text(encoding="utf-8"))
        kinds = {node["class_type"] for node in prompt.values()}
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise InputError(
            "workflow must be a workflow in API format",
            str(file),
            "Save it by ComfyUI's menu, File, Export (API).",
            "workflow",
        ) from error
    if "Wan22ImageToVideo" not in kinds:
        raise InputError(
            "workflow must have a Wan 2.2 Image to Video node",
            str(file),
            "Add ours to it.",
            "workflow",
        )
    return prompt


def set_options(prompt: Prompt, arguments: argparse.Namespace) -> None:
    """Sets the widgets of a prompt's nodes to the command's options.

    Args:
        prompt: In API format; changed in place.
        arguments: Parsed options.

    Raises:
        InputError: an option is refused, or has no place in the workflow.
    """
    from .animate import _SAMPLING, resolution_of

    brief, preset = brief_of(arguments)
    fps, duration = timing_of(arguments, preset)
    resolution, width, height = resolution_of(arguments.resolution)
    clip: dict[str, Any] = {
        "fps": fps,
        "duration": duration,
        "loop": brief.loop,
        "quality": arguments.quality,
        "seed": arguments.seed,
    }
    if resolution:
        clip["resolution"] = resolution
    if resolution == "custom":
        clip |= {"width": width, "height": height}
    chosen = {
        name: value
        for option, name in _SAMPLING.items()
        if (value := getattr(arguments, option)) is not None
    }
    if chosen:
        clip |= {"quality": "custom", **chosen}
    for inputs in _inputs_of(prompt, "Wan22ImageToVideo"):
        inputs.update(clip)
    shot: dict[str, Any] = {
        "direction": arguments.direction,
        "camera": arguments.camera,
        "pacing": arguments.pacing,
        "look": arguments.look,
        "negative": arguments.negative,
        "include_image_prompt": arguments.image_prompt,
        "include_image_style": arguments.image_style,
        "loop": brief.loop,
    }
    if preset is not None:
        prompt["wanderlens-preset"] = {
            "class_type": "PresetSelector",
            "inputs": {"preset": arguments.preset, "intensity": arguments.intensity},
        }
        shot["preset"] = ["wanderlens-preset", 0]
    for inputs in _inputs_of(prompt, "CinematicDirection"):
        inputs.update(shot)
    _set_models(prompt, arguments)


def _set_models(prompt: Prompt, arguments: argparse.Namespace) -> None:
    """Sets the loaders that the clip's node and the prompts lead to."""
    for option, link in (("high_noise", "high_noise"), ("low_noise", "low_noise"), ("vae", "vae")):
        name = getattr(arguments, option)
        if not name:
            continue
        for inputs in _inputs_of(prompt, "Wan22ImageToVideo"):
            widget = "vae_name" if option == "vae" else "unet_name"
            _loader(prompt, inputs.get(link), widget, option)[widget] = name
    if arguments.text_encoder:
        for inputs in _inputs_of(prompt, "CLIPLoader"):
            inputs["clip_name"] = arguments.text_encoder


def _loader(prompt: Prompt, link: Any, widget: str, option: str) -> dict[str, Any]:
    """The inputs of the loader that a link leads to, through LoRAs and patches."""
    for _ in range(50):
        node = prompt.get(str(link[0])) if isinstance(link, list) and link else None
        if node is None:
            break
        if widget in node["inputs"]:
            return node["inputs"]
        link = node["inputs"].get("model")
    raise InputError(
        f"{option} needs a loader in the workflow",
        None,
        "Leave it out, or add a loader to the workflow.",
        option,
    )


def _set_pictures(prompt: Prompt, photo: str, ending: str) -> None:
    """Sets the still that the clip's node leads to, and the picture it ends on."""
    for inputs in _inputs_of(prompt, "Wan22ImageToVideo"):
        for link, name in (("image", photo), ("end_image", ending)):
            if not name:
                continue
            source = inputs.get(link)
            node = prompt.get(str(source[0])) if isinstance(source, list) and source else None
            if node is not None and node["class_type"] == "LoadImage":
                node["inputs"]["image"] = name
            else:
                node_id = f"wanderlens-{link}"
                prompt[node_id] = {"class_type": "LoadImage", "inputs": {"image": name}}
                inputs[link] = [node_id, 0]


def _inputs_of(prompt: Prompt, kind: str) -> list[dict[str, Any]]:
    return [node["inputs"] for node in list(prompt.values()) if node["class_type"] == kind]


def _files(outputs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The saved clips among a prompt's outputs, previews left out."""
    for node in outputs.values():
        for entries in node.values():
            for entry in entries if isinstance(entries, list) else []:
                if not isinstance(entry, dict) or entry.get("type") != "output":
                    continue
                if str(entry.get("filename", "")).lower().endswith(_CLIP_ENDINGS):
                    yield entry


def _texts(prompt: Prompt, outputs: dict[str, Any]) -> Iterator[str]:
    """The reports of our nodes."""
    for kind in ("CinematicDirection", "Wan22ImageToVideo"):
        for node_id, node in prompt.items():
            if node["class_type"] == kind:
                for text in outputs.get(node_id, {}).get("text", []):
                    yield str(text)
