"""Finds the loop in a clip: the two frames that match best in picture and motion.

A loop of the frames s..e-1 is seamless if frame e looks like frame s and moves like it: then
frame s follows frame e-1 as frame e did (Schödl et al. 2000, "Video Textures", match a window of
frames for the same reason). All pairs within a range of lengths are searched: each frame becomes a
feature vector of its thumbnail and the change around it, projected on the clip's principal
components, and nearest neighbours are found in k-d trees over blocks of 2^k frames. That is
O(T log² T) for T frames; the best pairs are then compared frame by frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .frame_difference import DIFFERENCE_FLOOR, difference
from .frames import Frames
from .lab import lab_of, reduced

if TYPE_CHECKING:
    from .flow import Floats

SIDE = 16
"""Longer side of the thumbnails, in pixels."""

COMPONENTS = 12
"""Principal components that are searched; the others separate frames too little."""

MOTION_WEIGHT = 2.0
"""Weight of the change around a frame against its thumbnail."""

NEIGHBOURS = 4
"""Candidates looked up for each start in each block."""

COMPARED = 48
"""Candidates that are compared frame by frame, and one frame to either side of them."""

_MAX_HELD = 20_000  # candidates; beyond that the nearest quarter is kept

LEAF = 16
"""Frames of the smallest block."""

WINDOW = (-2, -1, 0, 1, 2)
"""Frames around start and end that are compared."""

LENGTH_BONUS = 0.15
"""A cut may mismatch by this share more for each doubling of its length."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A loop cut out of a clip.

    Attributes:
        start: Its first frame.
        stop: The frame after its last one, which looks like the first.
        mismatch: Mean d between the frames around `start` and those around `stop`, 0..1.
    """

    start: int
    stop: int
    mismatch: float


def best_cut(frames: Frames, shortest: int, longest: int) -> Cut | None:
    """Find the loop whose ends match best.

    Args:
        frames: A clip of T frames, compared at the size given; 320 pixels are enough.
        shortest: Least frames of the loop, at least 2.
        longest: Most frames of the loop; more than T-1 counts as T-1.

    Returns:
        The cut; None if no length in the range fits into the clip.
    """
    count = len(frames)
    longest = min(longest, count - 1)
    if not 2 <= shortest <= longest:
        return None
    pairs = [(0.0, 0, longest), *_candidates(_features(frames), shortest, longest)]
    near = {
        (start + by, stop + on)
        for _, start, stop in pairs
        for by in (-1, 0, 1)
        for on in (-1, 0, 1)
        if start + by >= 0 and stop + on < count and shortest <= stop + on - start - by <= longest
    }
    cuts = [Cut(start, stop, _mismatch(frames, start, stop)) for start, stop in sorted(near)]
    return min(cuts, key=_cost)


def _cost(cut: Cut) -> float:
    length = math.log2(cut.stop - cut.start)
    return max(cut.mismatch, DIFFERENCE_FLOOR) * (1 + LENGTH_BONUS) ** -length


def _mismatch(frames: Frames, start: int, stop: int) -> float:
    """Mean d over the frames of the window that both sides have, the middle one twice."""
    differences = [
        difference(frames[start + by], frames[stop + by])
        for by in (0, *WINDOW)
        if start + by >= 0 and stop + by < len(frames)
    ]
    return sum(differences) / len(differences)


def _features(frames: Frames) -> Floats:
    """[T, D]: each frame's thumbnail and the change around it, in principal components."""
    import numpy as np

    count = len(frames)
    thumbnails = np.stack([lab_of(reduced(frames[index], SIDE)).ravel() for index in range(count)])
    change = np.gradient(thumbnails, axis=0) * MOTION_WEIGHT
    features = np.hstack([thumbnails, change])
    features -= features.mean(0)
    _, axes = np.linalg.eigh(features.T @ features)
    return np.ascontiguousarray(features @ axes[:, -COMPONENTS:], np.float32)


def _candidates(features: Floats, shortest: int, longest: int) -> list[tuple[float, int, int]]:
    """Pairs (distance, start, stop) with similar features, nearest first."""
    import numpy as np
    from scipy.spatial import KDTree

    count = len(features)
    starts_by_block: dict[tuple[int, int], list[int]] = {}
    for start in range(count - shortest):
        for block in _blocks(start + shortest, min(start + longest, count - 1) + 1):
            starts_by_block.setdefault(block, []).append(start)
    candidates: list[tuple[float, int, int]] = []
    for (low, high), starts in starts_by_block.items():
        near = min(NEIGHBOURS, high - low)
        distances, stops = KDTree(features[low:high]).query(features[starts], k=near)
        rows = zip(np.repeat(starts, near), np.ravel(distances), np.ravel(stops), strict=True)
        candidates.extend((float(far), int(start), low + int(at)) for start, far, at in rows)
        if len(candidates) > _MAX_HELD:
            candidates = sorted(candidates)[: _MAX_HELD // 4]
    return _without_neighbours(sorted(candidates))


def _blocks(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Divides the frames low..high-1 into O(log) blocks, whole ones of 2^k frames in between."""
    while low < high:
        size = LEAF
        while low % (2 * size) == 0 and low + 2 * size <= high:
            size *= 2
        stop = min(low - low % LEAF + size, high)
        yield low, stop
        low = stop


def _without_neighbours(candidates: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Leaves out pairs next to a better one, so that other parts of the clip are compared too."""
    kept: list[tuple[float, int, int]] = []
    taken: set[tuple[int, int]] = set()
    for distance, start, stop in candidates:
        if (start, stop) in taken:
            continue
        kept.append((distance, start, stop))
        taken.update((start + by, stop + on) for by in range(-1, 2) for on in range(-1, 2))
        if len(kept) == COMPARED:
            break
    return kept
