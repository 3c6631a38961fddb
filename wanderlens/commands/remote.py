"""`wanderlens animate --server`: queues a workflow on a ComfyUI and fetches its clip."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..text import tidy
from ..workflows.fill import CLIP, fill_picture
from .workflow import SHOWN, set_options, show_direction, workflow_of

if TYPE_CHECKING:
    from .console import Console
    from .job import Job

#: Options that say how this machine renders.
_HERE_ONLY = (
    "lora", "lora_high", "lora_low", "device", "dtype", "offload", "vae_tiling", "presets_folder",
)  # fmt: skip


def render_on_server(job: Job, arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Makes the clip of one photo on a ComfyUI.

    Raises:
        InputError: an option is refused.
        ServerError: the server is not there, refuses the prompt, or fails at it.
        OSError: a file cannot be read or written.
    """
    from ..client.client import ComfyServer, ServerError

    _check_options(job, arguments)
    graph = workflow_of(arguments)
    set_options(graph, arguments)
    show_direction(graph)
    with ComfyServer(arguments.server) as server:
        fill_picture(graph, "image", server.upload(job.photo))
        if arguments.end_image:
            fill_picture(graph, "end_image", server.upload(arguments.end_image))
        outputs = server.run(graph.prompt, console.progress)
        entry = next(_files(outputs, job.output.suffix.lower()), None)
        if entry is None:
            raise ServerError(
                f"The workflow saved no {job.output.suffix} file; it needs a Save Video node."
            )
        server.fetch(entry, job.output)
    composed, shot_report, report = (
        _text(outputs, node_id) for node_id in (*SHOWN, *graph.ids(CLIP)[:1])
    )
    console.say("\n\n".join(text for text in (composed, shot_report, report) if text))
    console.say(f"{job.output}: rendered by {server.shown}")
    return {
        "file": str(job.output),
        "photo": str(job.photo),
        "server": server.shown,
        "seed": arguments.seed,
        "prompt": composed,
        "report": report,
    }


def _check_options(job: Job, arguments: argparse.Namespace) -> None:
    """Refuses what a server would never hear of."""
    for option in _HERE_ONLY:
        if value := getattr(arguments, option):
            raise InputError(
                f"{option} must be left out with server, which has its own",
                value,
                "Set it up in a workflow, and give that by --workflow.",
                option,
            )
    if arguments.intensity is not None and not arguments.preset:
        raise InputError(
            "intensity goes with preset on a server", arguments.intensity, "Give one.", "intensity"
        )
    if job.output.suffix.lower() != ".mp4":
        raise InputError(
            "output must end in .mp4 with server, which makes the file",
            str(job.output),
            "Name it clip.mp4.",
            "output",
        )


def _files(outputs: dict[str, Any], ending: str) -> Iterator[dict[str, Any]]:
    """The saved clips of an ending among a prompt's outputs, previews left out."""
    for node in outputs.values():
        for entries in node.values():
            for entry in entries if isinstance(entries, list) else []:
                if not isinstance(entry, dict) or entry.get("type") != "output":
                    continue
                if str(entry.get("filename", "")).lower().endswith(ending):
                    yield entry


def _text(outputs: dict[str, Any], node_id: str) -> str:
    """What a node has shown; empty for nothing."""
    texts = outputs.get(node_id, {}).get("text")
    texts = texts if isinstance(texts, list) else []
    # It is shown in a terminal, which obeys control characters.
    return tidy("\n".join(text for text in texts if isinstance(text, str)))
