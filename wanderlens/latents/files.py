"""Latents on disk: safetensors files written whole or not at all, and ComfyUI's .latent files."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from ..disk import atomic_path

log = logging.getLogger(__name__)

LATENT_KEY = "latent_tensor"
# Says that the latents are not scaled; ComfyUI's LoadLatent looks for the name alone.
_FORMAT_KEY = "latent_format_version_0"

UNWRITABLE = (OSError, MemoryError, RuntimeError)
"""What stands in the way of writing tensors: the disk, or no memory left to copy them."""


def save_atomically(
    tensors: Mapping[str, torch.Tensor], file: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write a safetensors file so that its name never stands for half a file.

    Args:
        tensors: Tensors by name, of any device.
        file: Where to; an existing file is replaced, missing folders are made.
        metadata: Texts to lay beside them.

    Raises:
        OSError: The file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}
    with atomic_path(file) as partial:
        # Not by save_file, whose files only their owner may read.
        partial.write_bytes(save(whole, metadata=dict(metadata) if metadata else None))


def save_latent(latents: torch.Tensor, file: Path, prompt: Mapping[str, Any] | None = None) -> None:
    """Write latents as ComfyUI's .latent file, which its LoadLatent node reads.

    Args:
        latents: [1, channels, latent frames, height, width].
        file: Where to, ending in .latent.
        prompt: The prompt in API format that made them, to be laid into the file.

    Raises:
        OSError: The file cannot be written.
    """
    metadata = None
    if prompt is not None:
        try:
            metadata = {"prompt": json.dumps(without_state(prompt), default=str)}
        except (TypeError, ValueError, RecursionError) as problem:  # other packs' values
            log.warning("The prompt is not laid into %s: %s", file.name, problem)
    tensors = {LATENT_KEY: latents, _FORMAT_KEY: torch.tensor([])}
    save_atomically(tensors, file, metadata)


def without_state(prompt: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt without what ComfyUI notes in its nodes while it runs."""
    return {
        node_id: {key: value for key, value in node.items() if key != "is_changed"}
        for node_id, node in prompt.items()
    }
