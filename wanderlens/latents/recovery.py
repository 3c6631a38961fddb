"""Saves sampled latents into files when something fails after the sampling."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..disk import remove_leftovers
from .files import UNWRITABLE, save_latent

log = logging.getLogger(__name__)

_LONGEST_LABEL = 100  # bytes: file systems take names of 255, and more is put around it


@dataclass(frozen=True, slots=True)
class Recovery:
    """Saves sampled latents when something after the sampling fails.

    Attributes:
        folder: Where the files go.
        label: What their names hold beside the time, such as "seed7".
        prompt: The prompt in API format, to be laid into the files.
        cached: The latents are in the latent cache as well: the same prompt resumes from them.
        context: Most frames that a segment repeats of what came before it; 0 for none.
        continues: Whether the first segment repeats some too, of the clip that it continues.
    """

    folder: Path
    label: str
    prompt: Mapping[str, Any] | None = None
    cached: bool = False
    context: int = 0
    continues: bool = False

    def save(self, segments: Sequence[torch.Tensor]) -> RecoveredLatents:
        """Write the latents of each segment into a file of its own; nothing is raised.

        What the folder does not take goes to a new one among the system's temporary files.
        """
        label = self.label.encode()[:_LONGEST_LABEL].decode(errors="ignore")
        stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{label}"
        count = len(segments)
        names = [stem] if count == 1 else [f"{stem}-shot{i + 1}" for i in range(count)]
        left = dict(zip(names, segments, strict=True))
        files, problem = self._write(left, self.folder)
        if left:
            with contextlib.suppress(OSError):
                elsewhere = Path(tempfile.mkdtemp(prefix="wanderlens-recovered-"))
                files += self._write(left, elsewhere)[0]
        remove_leftovers(self.folder)
        return RecoveredLatents(tuple(files), len(left), problem)

    def _write(self, left: dict[str, torch.Tensor], folder: Path) -> tuple[list[Path], str]:
        """The files that a folder takes, and why it takes no more; they are taken out of `left`."""
        files = []
        for name in list(left):
            try:
                file = _free(folder / f"{name}.latent")
                save_latent(left[name], file, self.prompt)
            except UNWRITABLE as problem:
                log.error("The sampled latents could not be saved in %s: %s", folder, problem)
                return files, getattr(problem, "strerror", None) or str(problem)
            files.append(file)
            del left[name]
        return files, ""


@dataclass(frozen=True, slots=True)
class RecoveredLatents:
    """The outcome of a recovery.

    Attributes:
        files: Those that were written.
        lost: How many segments' latents could not be written anywhere.
        problem: Why the folder did not take all of them; empty if it did.
    """

    files: tuple[Path, ...]
    lost: int = 0
    problem: str = ""


@contextlib.contextmanager
def recover_on_failure(
    recovery: Recovery | None,
    segments: Sequence[torch.Tensor],
    is_cancellation: Callable[[BaseException], bool],
) -> Iterator[None]:
    """Save the latents in `segments` when the block ends with an exception.

    Nothing is done while `segments` is empty: then no work is lost.

    Args:
        recovery: Where to save to; None saves nothing.
        segments: Latents that were sampled; the block adds to it.
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
        if recovery is None or not segments:
            raise
        advice = _advice(recovery.save(segments), recovery)
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


def _advice(saved: RecoveredLatents, recovery: Recovery) -> str:
    """Where the latents are and what to do, for the user."""
    advice = []
    if saved.lost:
        what = f"of {saved.lost} segments " if saved.files or saved.lost > 1 else ""
        advice.append(
            f"The sampled latents {what}could not be saved in {recovery.folder}: {saved.problem}. "
            "Make room there, or choose a folder that may be written to."
        )
    if saved.files:
        advice.append(_places(saved, recovery))
    if recovery.cached:
        advice.append(
            "Queue the same prompt again: what was kept of it is not sampled a second time."
        )
    if saved.files:
        advice.append(_by_hand(saved.files, recovery))
    return " ".join(advice)


def _places(saved: RecoveredLatents, recovery: Recovery) -> str:
    what = "latents lie" if len(saved.files) == 1 else "segments lie"
    where = f"the sampled {what} in {', '.join(str(file) for file in saved.files)}."
    if saved.lost:
        return f"Of the others {where}"
    if saved.problem:
        where += f" {recovery.folder} did not take them all: {saved.problem}."
    return f"Nothing sampled is lost: {where}"


def _by_hand(files: Sequence[Path], recovery: Recovery) -> str:
    them = "the file" if len(files) == 1 else "the files"
    repeated = ""
    if recovery.context and (recovery.continues or len(files) > 1):
        segments = "Each segment" if recovery.continues else "Each segment but the first"
        repeated = (
            f" {segments} begins with {recovery.context} frames of what came before (fewer, where "
            "the report says so); drop them."
        )
    return (
        f"To decode by hand, move {them} into ComfyUI's input folder, and link Load Latent into "
        "VAE Decode (or VAE Decode (Tiled), which needs less memory), with the same VAE."
        f"{repeated}"
    )


def _free(file: Path) -> Path:
    """The path itself, or with a number if the file exists."""
    candidate, number = file, 2
    while os.path.exists(candidate):  # which never raises
        candidate = file.with_stem(f"{file.stem}-{number}")
        number += 1
    return candidate
