"""What the engine needs of ComfyUI around it: folders, settings, caches, other nodes.

Imported only where ComfyUI runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comfy.model_management  # pyright: ignore[reportMissingImports]
import comfy.utils  # pyright: ignore[reportMissingImports]
import folder_paths  # pyright: ignore[reportMissingImports]
from comfy.cli_args import args  # pyright: ignore[reportMissingImports]

from ... import __version__
from ...latents.cache import LatentCache, LatentFolder, digest
from ...latents.prompt_hash import ancestry_key
from ...latents.recovery import Recovery
from ...motion import Interpolator, interpolator_from_model
from ..short_encode import TOLERANCE
from .settings import settings_switch

log = logging.getLogger(__name__)

KEEP_SETTING = "Wanderlens.KeepLatents"
KEEP_VARIABLE = "WANDERLENS_KEEP_LATENTS"

SHORT_ENCODE_SETTING = "Wanderlens.ShortEncode"
SHORT_ENCODE_VARIABLE = "WANDERLENS_SHORT_ENCODE"

# Of a node's inputs, those whose origin decides what is sampled. Its own widgets count by value.
# The pictures count by their content, which the segments' keys hold.
_SAMPLED_FROM = ("high_noise", "low_noise", "positive", "negative", "vae")

# Longer texts are prompts, not names of files: no file system takes a longer name, in bytes.
_LONGEST_NAME = 255


def check_cancelled() -> None:
    """Raises ComfyUI's InterruptProcessingException if the user has cancelled."""
    comfy.model_management.throw_exception_if_processing_interrupted()


def progress_bar() -> Callable[[int, int], None]:
    """A new progress bar on the node that runs; see `base.Engine.progress_bar`."""
    bar: Any = None

    def show(done: int, total: int) -> None:
        nonlocal bar
        check_cancelled()
        if bar is None:
            bar = comfy.utils.ProgressBar(total)
        bar.update_absolute(done, total)

    return show


def recovery_folder() -> Path:
    """Where latents go when something fails after the sampling."""
    return Path(folder_paths.get_output_directory()) / "wanderlens" / "recovered"


def cache_folder() -> Path:
    """Where sampled latents are cached.

    It lies beside the users' folders. ComfyUI's server gives nothing out of it, because names that
    start with two underscores are no users.
    """
    return Path(folder_paths.get_user_directory()) / "__wanderlens" / "latents"


def recovery(prompt: Mapping[str, Any] | None, label: str) -> Recovery:
    """A recovery into ComfyUI's output folder.

    Args:
        prompt: The executing prompt; laid into the files unless ComfyUI was told not to.
        label: What the files' names hold beside the time.
    """
    return Recovery(recovery_folder(), label, None if args.disable_metadata else prompt)


def latent_cache(
    prompt: Mapping[str, Any] | None, node_id: str | None, positive: Any, negative: Any
) -> LatentCache | None:
    """The cached latents of a node's models and prompts.

    Args:
        prompt: The executing prompt, from the hidden input PROMPT.
        node_id: The node, from the hidden input UNIQUE_ID.
        positive: CONDITIONING; counts by content beside its origin.
        negative: CONDITIONING; the same.

    Returns:
        None if the user has switched it off, or if the origin of an input is not known.
    """
    return _cache(prompt, node_id, _SAMPLED_FROM, positive, negative)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Settings of the engine that are no part of a shot.

    Attributes:
        notes: What to tell the user about the ComfyUI that runs.
        encode_tolerance: How far the encoded pictures may be from ComfyUI's own, see
            `short_encode`; 0 for the same bit for bit.
        image_cache: Cached encoded pictures of a node's VAE, whatever its models and prompts; None
            to cache nothing.
    """

    notes: tuple[str, ...] = ()
    encode_tolerance: float = 0.0
    image_cache: LatentCache | None = None


def engine_options(prompt: Mapping[str, Any] | None, node_id: str | None) -> EngineOptions:
    """The options for a node, as the user has set them.

    Args:
        prompt: The executing prompt, from the hidden input PROMPT.
        node_id: The node, from the hidden input UNIQUE_ID.
    """
    return EngineOptions(host_notes(), encode_tolerance(), _cache(prompt, node_id, ("vae",)))


def _cache(
    prompt: Mapping[str, Any] | None, node_id: str | None, inputs: tuple[str, ...], *beside: Any
) -> LatentCache | None:
    """The cache for the origin of some inputs of a node, and for values beside them."""
    if not _switch(KEEP_SETTING, KEEP_VARIABLE):
        return None
    try:
        origin = ancestry_key(
            prompt, node_id, inputs, files_named=files_named, is_volatile=is_volatile
        )
    except (OSError, TypeError, ValueError, LookupError, AttributeError) as problem:
        # Folders and nodes of other packs may hold anything; a clip never fails for it.
        log.warning("Latents are not cached, their origin cannot be told: %s", problem)
        return None
    if origin is None:
        return None
    versions = (__version__, host_version(), encode_tolerance())
    return LatentCache(LatentFolder(cache_folder()), digest(origin, versions, *beside))


def encode_tolerance() -> float:
    """How far encoded pictures may be from ComfyUI's own; 0 if the user wants the same bits."""
    return TOLERANCE if _switch(SHORT_ENCODE_SETTING, SHORT_ENCODE_VARIABLE) else 0.0


def host_version() -> str:
    """ComfyUI's version, empty if it does not tell."""
    return str(getattr(sys.modules.get("comfyui_version"), "__version__", ""))


def host_notes() -> tuple[str, ...]:
    """Known faults of the ComfyUI that runs."""
    if host_version().split(".")[:2] in (["0", "17"], ["0", "18"]):
        return (
            "ComfyUI 0.17 and 0.18 decode Wan's frames with a change of light after the first "
            "five; update ComfyUI.",
        )
    return ()


def interpolator(interp_model: Any) -> Interpolator | None:
    """Turns an INTERP_MODEL into a function, by ComfyUI's own FrameInterpolate node.

    Raises:
        InputError: this ComfyUI has no such node.
    """
    if interp_model is None:
        return None
    return interpolator_from_model(interp_model, _node_classes())


def files_named(text: str) -> Iterator[Path]:
    """The files in ComfyUI's folders that a text names, as its loaders would look them up."""
    if not text or "\n" in text or "\0" in text:
        return
    if any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in text.split("/")):
        return
    name, folder = folder_paths.annotated_filepath(text)
    base = os.path.abspath(folder or folder_paths.get_input_directory())
    file = Path(os.path.abspath(os.path.join(base, name)))
    if file.is_relative_to(base) and os.path.isfile(file):  # which never raises
        yield file
    for kind in list(folder_paths.folder_names_and_paths):
        with contextlib.suppress(ValueError):  # on Windows, a text that names another drive
            path = folder_paths.get_full_path(kind, text)
            if path is not None:
                yield Path(path)


def is_volatile(class_type: str, noted: bool) -> bool:
    """Whether a node class may give something else each time.

    Args:
        class_type: The node's id.
        noted: Whether ComfyUI has noted the node's IS_CHANGED in the prompt.
    """
    node = _node_classes().get(class_type)
    if node is None or getattr(node, "NOT_IDEMPOTENT", False):
        return True
    # Of a list, ComfyUI runs what follows once per item, under the same prompt.
    if any(getattr(node, "OUTPUT_IS_LIST", None) or ()):
        return True
    # ComfyUI's base class of newer nodes has both names; what counts is whether the node does.
    return not noted and any(
        {"IS_CHANGED", "fingerprint_inputs"} & set(vars(parent))
        for parent in node.__mro__
        if not parent.__module__.startswith("comfy_api")
    )


def _node_classes() -> Mapping[str, Any]:
    # By its name in ComfyUI: `nodes` is a folder of this repository too.
    return getattr(sys.modules.get("nodes"), "NODE_CLASS_MAPPINGS", {})


def _switch(setting: str, variable: str) -> bool:
    """Whether something is on: as the environment says, or else the user's settings; on if not."""
    chosen = os.environ.get(variable, "").strip()
    if chosen:
        return chosen != "0"
    settings = Path(folder_paths.get_user_directory()) / "default" / "comfy.settings.json"
    return settings_switch(settings, setting, default=True)
