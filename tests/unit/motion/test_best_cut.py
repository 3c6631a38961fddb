"""The best cut finds loops hidden in longer clips."""

import math
import random

import pytest
import torch
from scenes import scene

from wanderlens.motion import TensorFrames
from wanderlens.motion.best_cut import LEAF, _blocks, best_cut


def hidden_loop(seed: int) -> tuple[torch.Tensor, int, int]:
    """A clip with one perfect loop in it; its first frame and the frame that repeats it.

    The camera comes on a curve, goes once round a figure of eight, which crosses its own way, and
    leaves on another curve. Only start and end of the eight agree in place and speed.
    """
    rng = random.Random(seed)
    period, lead, trail = rng.randint(20, 48), rng.randint(8, 36), rng.randint(8, 36)
    reach, height, turn = rng.uniform(8, 20), rng.uniform(8, 20), rng.uniform(0, math.tau)

    def eight(time: float) -> tuple[float, float]:
        angle = math.tau * time / period
        return reach * math.cos(angle + turn), height * math.sin(2 * (angle + turn))

    (x, y), before, after = eight(0), eight(-0.01), eight(0.01)
    speed = ((after[0] - before[0]) / 0.02, (after[1] - before[1]) / 0.02)

    def away(time: float) -> tuple[float, float]:
        bend = 0.02 * time * abs(time)
        return x + speed[0] * time - speed[1] * bend, y + speed[1] * time + speed[0] * bend

    path = [away(time - lead) for time in range(lead)]
    path += [eight(time) for time in range(period)]
    path += [away(time) for time in range(trail)]
    return torch.stack([scene(*at) for at in path]), lead, lead + period


@pytest.mark.parametrize("seed", range(20))
def test_a_hidden_loop_is_found(seed):
    clip, start, stop = hidden_loop(seed)
    cut = best_cut(TensorFrames(clip), 16, len(clip))
    assert cut is not None
    assert abs(cut.start - start) <= 1
    assert abs(cut.stop - stop) <= 1


def test_lengths_stay_in_the_range():
    clip, *_ = hidden_loop(3)
    for shortest, longest in ((8, 12), (30, 34), (50, 500)):
        cut = best_cut(TensorFrames(clip), shortest, longest)
        assert cut is not None
        assert shortest <= cut.stop - cut.start <= longest
    assert best_cut(TensorFrames(clip), len(clip), len(clip)) is None


def test_of_a_still_clip_the_longest_is_kept():
    cut = best_cut(TensorFrames(scene(0, 0).expand(40, -1, -1, -1)), 8, 40)
    assert cut is not None
    assert cut.stop - cut.start == 39


@pytest.mark.parametrize(("low", "high"), [(0, 1), (5, 9), (0, 1000), (37, 777), (16, 48)])
def test_blocks_cover_a_range_once_with_few_pieces(low, high):
    blocks = list(_blocks(low, high))
    assert [i for block in blocks for i in range(*block)] == list(range(low, high))
    assert len(blocks) <= 2 * math.log2(high - low + 2) + 2
    for start, stop in blocks:
        whole = start % LEAF == 0 and (stop - start) % LEAF == 0
        assert whole or stop - start < LEAF
