"""Where to cut a loop out of a clip: the two moments that match best in picture and motion.

A loop of the frames s..e-1 is seamless where frame e would look like frame s and move like it: then
frame s follows frame e-1 as frame e did (Schödl et al. 2000, "Video Textures", match a window of
frames for the same reason). All pairs within a range of lengths are searched: each frame becomes a
point, its small picture and the change around it, in the principal components of the clip, and
nearest neighbours are found in k-d trees over blocks of 2^k frames. That is O(T log² T) for T
frames; the few best pairs are then compared picture by picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .frames import Frames
from .lab import lab_of, reduced
from .seam import DIFFERENCE_FLOOR, difference

if TYPE_CHECKING:
    from .flow import Floats

SIDE = 16
"""Longer side of the small pictures, in pixels."""

COMPONENTS = 12
"""Principal components that the trees search in; the rest tells pictures apart too little."""

MOTION_WEIGHT = 2.0
"""How much the change around a frame counts against its picture."""

NEIGHBOURS = 4
"""Candidates looked up for each start in each block."""

COMPARED = 48
"""Candidates that are compared picture by picture, and one frame to either side of them."""

_PRUNED_AT = 20_000  # candidates held at most; the nearest quarter is kept

LEAF = 16
"""Frames of the smallest block."""

WINDOW = (-2, -1, 0, 1, 2)
"""Frames around start and end that are compared."""

LENGTH_BONUS = 0.15
"""Of two cuts, the longer may differ by this share more for each doubling of its length."""


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
    """Find the loop that matches best.

    Args:
        frames: A clip of T frames, at the size that is to be compared; 320 pixels are plenty.
        shortest: Least frames of the loop, at least 2.
        longest: Most frames of the loop, T-1 at most (more is taken as that).

    Returns:
        The cut; None if no length in the range fits into the clip.
    """
    count = len(frames)
    longest = min(longest, count - 1)
    if not 2 <= shortest <= longest:
        return None
    pairs = [(0.0, 0, longest), *_candidates(_points(frames), shortest, longest)]
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
    found = [
        difference(frames[start + by], frames[stop + by])
        for by in (0, *WINDOW)
        if start + by >= 0 and stop + by < len(frames)
    ]
    return sum(found) / len(found)


def _points(frames: Frames) -> Floats:
    """[T, D]: each frame's small picture and the change around it, in principal components."""
    import numpy as np

    count = len(frames)
    pictures = np.stack([lab_of(reduced(frames[index], SIDE)).ravel() for index in range(count)])
    change = np.gradient(pictures, axis=0) * MOTION_WEIGHT
    features = np.hstack([pictures, change])
    features -= features.mean(0)
    _, axes = np.linalg.eigh(features.T @ features)
    return np.ascontiguousarray(features @ axes[:, -COMPONENTS:], np.float32)


def _candidates(points: Floats, shortest: int, longest: int) -> list[tuple[float, int, int]]:
    """Pairs (distance, start, stop) with near points, nearest first."""
    import numpy as np
    from scipy.spatial import KDTree

    count = len(points)
    wanted: dict[tuple[int, int], list[int]] = {}
    for start in range(count - shortest):
        for block in _blocks(start + shortest, min(start + longest, count - 1) + 1):
            wanted.setdefault(block, []).append(start)
    found: list[tuple[float, int, int]] = []
    for (low, high), starts in wanted.items():
        near = min(NEIGHBOURS, high - low)
        distances, stops = KDTree(points[low:high]).query(points[starts], k=near)
        rows = zip(np.repeat(starts, near), np.ravel(distances), np.ravel(stops), strict=True)
        found.extend((float(far), int(start), low + int(at)) for start, far, at in rows)
        if len(found) > _PRUNED_AT:
            found = sorted(found)[: _PRUNED_AT // 4]
    return _apart(sorted(found))


def _blocks(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Divides the frames low..high-1 into O(log) blocks, whole ones of 2^k frames in between."""
    while low < high:
        size = LEAF
        while low % (2 * size) == 0 and low + 2 * size <= high:
            size *= 2
        stop = min(low - low % LEAF + size, high)
        yield low, stop
        low = stop


def _apart(found: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Leaves out pairs next to a better one, which would crowd out other places."""
    kept: list[tuple[float, int, int]] = []
    taken: set[tuple[int, int]] = set()
    for distance, start, stop in found:
        if (start, stop) in taken:
            continue
        kept.append((distance, start, stop))
        taken.update((start + by, stop + on) for by in range(-1, 2) for on in range(-1, 2))
        if len(kept) == COMPARED:
            break
    return kept
