"""Latents on disk: ComfyUI's .latent files, and the rescue of sampled latents into them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

log = logging.getLogger(__name__)

LATENT_KEY = "latent_tensor"
# Says that the latents are not scaled; ComfyUI's LoadLatent looks for the name alone.
_FORMAT_KEY = "latent_format_version_0"

TEMPORARY = ".tmp"
"""Suffix of files that are still being written."""


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
    # Not by tempfile, whose files only their owner may read.
    name = file.with_name(f".{file.name}-{os.getpid()}-{uuid.uuid4().hex}{TEMPORARY}")
    whole = {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}
    try:
        # Not by save_file, for the same reason.
        name.write_bytes(save(whole, metadata=dict(metadata) if metadata else None))
        name.replace(file)
    finally:
        name.unlink(missing_ok=True)


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
        metadata = {"prompt": json.dumps(without_state(prompt), default=str)}
    tensors = {LATENT_KEY: latents, _FORMAT_KEY: torch.tensor([])}
    save_atomically(tensors, file, metadata)


def without_state(prompt: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt without what ComfyUI notes in its nodes while it runs."""
    return {
        node_id: {key: value for key, value in node.items() if key != "is_changed"}
        for node_id, node in prompt.items()
    }


@dataclass(frozen=True, slots=True)
class Rescue:
    """Saves sampled latents when something after the sampling fails.

    Attributes:
        folder: Where the files go.
        label: What their names hold beside the time, such as "seed7".
        prompt: The prompt in API format, to be laid into the files.
        kept: The latents are in a store as well: the same prompt goes on from them.
        context: Most frames that a shot repeats of what came before it; 0 for none.
        continues: Whether the first shot repeats some too, of the clip that it goes on from.
    """

    folder: Path
    label: str
    prompt: Mapping[str, Any] | None = None
    kept: bool = False
    context: int = 0
    continues: bool = False

    def save(self, shots: Sequence[torch.Tensor]) -> list[Path]:
        """Write the latents of each shot into a file of its own.

        Raises:
            OSError: A file cannot be written.
        """
        stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{self.label}"
        files = []
        for number, latents in enumerate(shots, 1):
            name = stem if len(shots) == 1 else f"{stem}-shot{number}"
            file = _free(self.folder / f"{name}.latent")
            save_latent(latents, file, self.prompt)
            files.append(file)
        return files


@contextlib.contextmanager
def rescuing(
    rescue: Rescue | None,
    shots: Sequence[torch.Tensor],
    is_cancellation: Callable[[BaseException], bool],
) -> Iterator[None]:
    """Save the latents in `shots` when the block ends with an exception.

    Nothing is done while `shots` is empty: then no work is lost.

    Args:
        rescue: Where to save to; None saves nothing.
        shots: Latents that were sampled; the block adds to it.
        is_cancellation: Whether an exception means that the user has cancelled. Such exceptions,
            and those that end the program, pass through as they are; the log says where the
            latents are.

    Raises:
        RuntimeError: Something else went wrong; the message says what, where the latents are and
            how to decode them. A RuntimeError keeps its class, as out of memory does.
    """
    try:
        yield
    except BaseException as error:
        files = [] if rescue is None else _save(rescue, shots)
        if not files:
            raise
        advice = _advice(files, rescue)
        if is_cancellation(error) or not isinstance(error, Exception):
            log.warning("Cancelled. %s", advice)
            raise
        cause = str(error).strip() or type(error).__name__
        raise _same_kind(error, f"{cause}\n\n{advice}") from error


def _same_kind(error: Exception, message: str) -> RuntimeError:
    """A RuntimeError with a message; of the error's own class where it is one.

    ComfyUI frees its memory on torch's out-of-memory errors, whatever their class is called.
    """
    if isinstance(error, RuntimeError):
        with contextlib.suppress(TypeError):
            return type(error)(message)
    return RuntimeError(message)


def _save(rescue: Rescue, shots: Sequence[torch.Tensor]) -> list[Path]:
    """The files written; none if that fails too, which must not hide what went wrong first."""
    try:
        return rescue.save(shots)
    except OSError as problem:
        log.error("The sampled latents could not be saved in %s: %s", rescue.folder, problem)
        return []


def _advice(files: Sequence[Path], rescue: Rescue | None) -> str:
    names = ", ".join(str(file) for file in files)
    what, them = ("latents lie", "the file") if len(files) == 1 else ("shots lie", "the files")
    again = repeated = ""
    if rescue is not None and rescue.kept:
        again = "Queue the same prompt again, and no step is sampled a second time. "
    if rescue is not None and rescue.context and (rescue.continues or len(files) > 1):
        shots = "Each shot" if rescue.continues else "Each shot but the first"
        repeated = (
            f" {shots} begins with {rescue.context} frames of what came before (fewer, where the "
            "report says so); drop them."
        )
    return (
        f"Nothing sampled is lost: the sampled {what} in {names}. {again}To decode by hand, move "
        f"{them} into ComfyUI's input folder, and link Load Latent into VAE Decode (or VAE Decode "
        f"(Tiled), which needs less memory), with the same VAE.{repeated}"
    )


def _free(file: Path) -> Path:
    """The path itself, or with a number if the file exists."""
    candidate, number = file, 2
    while candidate.exists():
        candidate = file.with_stem(f"{file.stem}-{number}")
        number += 1
    return candidate
