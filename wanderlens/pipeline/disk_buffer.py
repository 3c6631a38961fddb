"""Tensors for whole clips, kept in a temporary file when they exceed 256 MB."""

from __future__ import annotations

import logging
import math
import os
import tempfile
from pathlib import Path

import numpy as np
import torch

log = logging.getLogger(__name__)

_ZEROS = bytes(1024**2)

IN_MEMORY = 256 * 1024**2
"""Bytes up to which a clip lies in memory: 5 seconds of 16 frames per second at about 640 x 360."""


def allocate_on_disk(shape: tuple[int, ...], folder: Path | None = None) -> torch.Tensor:
    """A tensor to be filled; a large one is mapped to a temporary file instead of memory.

    The file has no name, where the system allows that, and goes with the tensor; its pages come
    and go as the system has memory for them.

    Args:
        shape: Such as [T, H, W, 3].
        folder: Where the file goes; None for the system's, which can be memory itself.

    Returns:
        float32, on the CPU; its content is not set. In memory if the file cannot be made.
    """
    size = 4 * math.prod(shape)
    if size <= IN_MEMORY:
        return torch.empty(shape)
    try:
        with tempfile.TemporaryFile(prefix=".wanderlens-", dir=folder) as file:
            # Writing to a mapped file ends the program when the disk is full: claim it all first.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                for start in range(0, size, len(_ZEROS)):
                    file.write(_ZEROS[: size - start])
                file.flush()
            return torch.from_numpy(np.memmap(file, np.float32, "w+", shape=shape))
    except OSError as problem:
        log.warning(
            "No temporary file could be made, so the frames are held in memory: %s", problem
        )
        return torch.empty(shape)
