"""Access to the ComfyUI that runs the nodes: folders, presets, engine and run context.

Here and in the nodes, our own parts are imported where they are used: ComfyUI starts the sooner.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..wanderlens.activity import LatestStage, RunLog
    from ..wanderlens.direction import PresetLibrary
    from ..wanderlens.engines.comfyui.engine import ComfyEngine
    from ..wanderlens.pipeline.run_context import RunContext

log = logging.getLogger(__name__)

#: Where the user's own presets lie, below ComfyUI's user folder.
USER_PRESETS = Path("default", "wanderlens", "presets")


def user_presets_folder() -> Path | None:
    """The folder of the user's own presets; None outside ComfyUI."""
    try:
        import folder_paths  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    return Path(folder_paths.get_user_directory()) / USER_PRESETS


def picture_folders() -> dict[str, Path]:
    """The folders that pictures may be read from, by ComfyUI's names; none outside ComfyUI."""
    try:
        import folder_paths  # pyright: ignore[reportMissingImports]
    except ImportError:
        return {}
    return {
        "input": Path(folder_paths.get_input_directory()),
        "output": Path(folder_paths.get_output_directory()),
        "temp": Path(folder_paths.get_temp_directory()),
    }


def preset_library() -> PresetLibrary:
    """All presets, as the files are now; read again only when one of them has changed."""
    folder = user_presets_folder()
    return _library(folder, _fingerprint(folder))


@lru_cache(maxsize=1)
def _library(folder: Path | None, _files: tuple[tuple[str, int, int], ...]) -> PresetLibrary:
    from ..wanderlens.direction import PresetLibrary

    return PresetLibrary(folder)


def _fingerprint(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of change of each preset file."""
    if folder is None:
        return ()
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            status = file.stat()
        except OSError:
            continue
        found.append((file.name, status.st_size, status.st_mtime_ns))
    return tuple(found)


@cache
def latest_stage() -> LatestStage:
    """Where the stage that a clip has come to is held, one for the server."""
    from ..wanderlens.activity import LatestStage

    return LatestStage()


def run_log() -> RunLog:
    """The log of the clips that this ComfyUI has made.

    It lies beside the users' folders, out of which ComfyUI's server gives nothing.
    """
    import folder_paths  # pyright: ignore[reportMissingImports]

    from ..wanderlens.activity import RunLog

    return RunLog(Path(folder_paths.get_user_directory()) / "__wanderlens" / "runs.jsonl")


def engine_and_context(
    models: tuple[Any, Any],
    conditioning: tuple[Any, Any],
    vae: Any,
    *,
    interp_model: Any,
    label: str,
    prompt: Any,
    unique_id: Any,
) -> tuple[ComfyEngine, RunContext]:
    """The engine on a node's inputs, and the context of its run; only in ComfyUI.

    Args:
        models: The MODEL of high noise, and that of low noise or None.
        conditioning: Positive and negative.
        vae: VAE.
        interp_model: INTERP_MODEL or None.
        label: What the names of recovered latents hold, such as "seed7".
        prompt: The executing prompt.
        unique_id: The node.

    Raises:
        InputError: An input is refused; the error names it.
    """
    from ..wanderlens.engines.comfyui import host
    from ..wanderlens.engines.comfyui.engine import ComfyEngine
    from ..wanderlens.engines.comfyui.observer import ComfyObserver
    from ..wanderlens.pipeline.run_context import RunContext

    context = RunContext(
        latent_cache=host.latent_cache(prompt, unique_id, *conditioning),
        recovery=host.recovery(prompt, label),
        observer=ComfyObserver(latest_stage(), run_log()),
        interpolator=host.interpolator(interp_model),
    )
    options = host.engine_options(prompt, unique_id)
    return ComfyEngine(*models, *conditioning, vae, options), context


def interpolator(interp_model: Any) -> Any:
    """An INTERP_MODEL as a function; ComfyUI is asked for it only if there is one."""
    if interp_model is None:
        return None
    from ..wanderlens.engines.comfyui import host

    return host.interpolator(interp_model)


def progress_bar() -> Callable[[int, int], None] | None:
    """A progress bar on the node that runs; its call ends the work when the user has cancelled.

    None outside ComfyUI.
    """
    try:
        import folder_paths  # pyright: ignore[reportMissingImports]  # noqa: F401
    except ImportError:
        return None
    from ..wanderlens.engines.comfyui import host

    return host.progress_bar()


def warn_of_taken_ids() -> None:
    """Warns, once each, of node ids of ours that another pack uses too.

    ComfyUI keeps the pack that is loaded last. One that came before us is seen when we are
    imported, one that came after us when ComfyUI asks for our inputs.
    """
    # Looked up, not imported: the package imports the nodes, which import this module.
    ours = sys.modules[__package__ or "nodes"].NODES
    host = sys.modules.get("nodes")
    registered = getattr(host, "NODE_CLASS_MAPPINGS", {})
    for node_id, (node, _) in ours.items():
        other = registered.get(node_id)
        if other is not None and other is not node:
            _warn_of_taken_id(node_id, other)


@cache
def _warn_of_taken_id(node_id: str, other: type) -> None:
    log.warning(
        "Wanderlens: the node id %r is also used by %s. ComfyUI keeps only the one loaded last; "
        "rename or remove the other pack if Wanderlens' node is missing.",
        node_id,
        getattr(other, "RELATIVE_PYTHON_MODULE", None) or other.__module__,
    )
