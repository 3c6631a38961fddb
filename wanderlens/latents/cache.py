"""A cache of sampled latents on disk, so that the same segment is never sampled twice."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from ..disk import evict_oldest, remove_leftovers
from .files import UNWRITABLE, save_atomically

log = logging.getLogger(__name__)

DEFAULT_LIMIT = 2 * 1024**3
"""Most bytes that a cache takes on disk."""

_SUFFIX = ".safetensors"
_NAME = "latents"


def digest(*parts: object) -> str:
    """A hash of texts, bytes, numbers, tensors, and lists, tuples and dictionaries of them.

    Tensors count by dtype, shape and content, whatever their device. Any other object counts by
    its class alone.

    Returns:
        64 hexadecimal digits.
    """
    whole = hashlib.sha256()
    for chunk in _chunks(parts):
        whole.update(len(chunk).to_bytes(8, "little"))
        whole.update(chunk)
    return whole.hexdigest()


def _chunks(value: object) -> Iterable[bytes]:
    if isinstance(value, torch.Tensor):
        yield f"tensor {value.dtype} {tuple(value.shape)}".encode()
        plain = value.detach().to("cpu").contiguous().reshape(-1)
        yield plain.view(torch.uint8).numpy().tobytes()
    elif isinstance(value, Mapping):
        yield f"mapping {len(value)}".encode()
        for key in sorted(value, key=str):
            yield str(key).encode(errors="surrogatepass")
            yield from _chunks(value[key])
    elif isinstance(value, (list, tuple)):
        yield f"list {len(value)}".encode()
        for item in value:
            yield from _chunks(item)
    elif isinstance(value, bytes):
        yield b"bytes"
        yield value
    elif value is None or isinstance(value, (bool, int, float, str)):
        yield f"{type(value).__name__} {value!r}".encode(errors="surrogatepass")
    else:
        yield f"object {type(value).__module__}.{type(value).__qualname__}".encode()


@dataclass(frozen=True, slots=True)
class LatentFolder:
    """A folder of latents by key, bounded in size; the least recently used are removed first.

    A file that cannot be read, or whose content has changed, is removed and counts as missing.
    Problems with the disk, and too little memory to write, are logged and never fail a render.

    Attributes:
        path: Where the files lie; made when it is first needed.
        limit: Most bytes of all files together.
    """

    path: Path
    limit: int = DEFAULT_LIMIT

    def get(self, key: str) -> torch.Tensor | None:
        """The latents of a key, float32 on the CPU; None if there are none.

        Args:
            key: Hexadecimal digits, see `digest`.
        """
        file = self._file(key)
        if not file.is_file():
            return None
        try:
            with safe_open(file, framework="pt", device="cpu") as content:
                # A copy: the file itself must not stay mapped, or Windows could not remove it.
                latents = content.get_tensor(_NAME).clone()
                expected = (content.metadata() or {}).get("digest")
        except (OSError, SafetensorError) as problem:
            log.warning("A kept latent file is unreadable and was removed: %s", problem)
            self._remove(file)
            return None
        if digest(latents) != expected:
            log.warning("A kept latent file had changed and was removed: %s", file.name)
            self._remove(file)
            return None
        with contextlib.suppress(OSError):
            os.utime(file)
        return latents

    def put(self, key: str, latents: torch.Tensor) -> None:
        """Keep latents under a key, and make room for them.

        Latents with NaN or infinity, and those larger than the limit, are not kept.

        Args:
            key: Hexadecimal digits, see `digest`.
            latents: Any shape and dtype.
        """
        file = self._file(key)
        if latents.numel() * latents.element_size() > self.limit:
            return
        try:
            if not torch.isfinite(latents).all():
                return
            save_atomically({_NAME: latents}, file, {"digest": digest(latents)})
            remove_leftovers(self.path)
            evict_oldest(self.path, _SUFFIX, file, most_bytes=self.limit)
        except UNWRITABLE as problem:
            log.warning("Sampled latents could not be kept in %s: %s", self.path, problem)

    def _file(self, key: str) -> Path:
        if not key or set(key) - set("0123456789abcdef"):
            raise ValueError(f"a key must be hexadecimal digits, got {key!r}")
        return self.path / f"{key}{_SUFFIX}"

    @staticmethod
    def _remove(file: Path) -> None:
        with contextlib.suppress(OSError):
            file.unlink()


@dataclass(frozen=True, slots=True)
class LatentCache:
    """The part of a folder of latents that belongs to one set of models and prompts.

    Attributes:
        folder: Where the latents are.
        origin: A hash of everything that the latents come from but the plan and the pictures.
    """

    folder: LatentFolder
    origin: str

    def key(self, *parts: Any) -> str:
        """The key of one segment: a hash of `parts` and the origin."""
        return digest(self.origin, *parts)
