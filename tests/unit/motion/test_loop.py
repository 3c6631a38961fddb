"""Clips closed into loops: counts, frames, and the quality of each method."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import circle, pan, scene

from wanderlens.errors import InputError
from wanderlens.motion import LOOP_METHODS, LoopPlan, TensorFrames, close_loop, loop_of_tensor

CUTS = ("trim", "best cut")


def numbered(count: int) -> torch.Tensor:
    """Frames too small for flow; frame i is grey of level i / 64."""
    return (torch.arange(count) / 64).view(-1, 1, 1, 1).expand(-1, 2, 2, 3).contiguous()


def numbers(frames: torch.Tensor) -> list[float]:
    return [round(value, 3) for value in (frames[:, 0, 0, 0] * 64).tolist()]


def closed(frames: torch.Tensor, method: str, blend: int = 8, match: bool = False):
    return loop_of_tensor(frames, method, blend, match)


# -- which frames ---------------------------------------------------------------------------


def test_crossfade_blends_the_end_into_the_start_and_is_shorter_by_the_blend():
    loop, _ = closed(numbered(20), "crossfade", 3)
    head = [float(i) for i in range(3, 17)]
    mixed = [17 + (0 - 17) * 0.25, 18 + (1 - 18) * 0.5, 19 + (2 - 19) * 0.75]
    assert numbers(loop) == pytest.approx([*head, *mixed], abs=1e-2)


def test_ping_pong_repeats_no_end():
    loop, _ = closed(numbered(5), "ping-pong")
    assert numbers(loop) == [0, 1, 2, 3, 4, 3, 2, 1]


def test_trim_drops_what_repeats_the_start_and_what_stands_still():
    once = circle(range(24), 24)
    held = torch.cat([once, once[-1:].expand(3, -1, -1, -1)])
    repeated = torch.cat([once, once[:1]])
    for clip in (once, held, repeated):
        loop, result = closed(clip, "trim")
        assert torch.equal(loop, once)
        assert result.measures.closure == pytest.approx(1, abs=0.2)


def test_trim_leaves_a_still_clip():
    still = scene(0, 0).expand(10, -1, -1, -1)
    assert len(closed(still, "trim")[0]) == 10


def test_a_cut_gives_the_frames_themselves():
    clip = circle(range(40), 24)
    loop, result = closed(clip, "best cut")
    plan = result.frames.plan
    assert torch.equal(loop, clip[plan.start : plan.stop])
    assert (plan.stop - plan.start) % 24 == 0


@settings(max_examples=40)
@given(
    count=st.integers(2, 30),
    method=st.sampled_from(LOOP_METHODS),
    blend=st.integers(1, 40),
    match=st.booleans(),
)
def test_any_clip_closes_or_says_why(count, method, blend, match):
    clip = numbered(count)
    before = clip.clone()
    if method == "best cut" and count < 3:
        with pytest.raises(InputError, match="longer clip"):
            loop_of_tensor(clip, method, blend, match)
        return
    loop, result = loop_of_tensor(clip, method, blend, match)
    assert len(loop) == len(result.frames) == result.frames.plan.frames >= 1
    assert loop.shape[1:] == clip.shape[1:]
    assert loop.dtype == clip.dtype
    assert loop.min() >= 0
    assert torch.equal(clip, before)


@pytest.mark.parametrize("method", LOOP_METHODS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_dtypes_and_channels(method, dtype, channels):
    clip = circle(range(26), 24).to(dtype)
    clip = torch.cat([clip, clip[..., :1]], 3)[..., :channels]
    loop, _ = loop_of_tensor(clip, method)
    assert loop.dtype == dtype
    assert loop.shape[1:] == clip.shape[1:]
    assert loop.isfinite().all()


# -- how well -------------------------------------------------------------------------------


def swaying(count: int, turns: float = 1.0) -> torch.Tensor:
    """To and fro, too little to have the wrap unseen by itself unless turns is whole."""
    steps = [math.tau * turns * i / count for i in range(count)]
    return torch.stack([scene(14 * math.sin(a), 5 * math.sin(a), (96, 128)) for a in steps])


def test_motion_crossfade_closes_without_a_ghost():
    clip = swaying(40, turns=1.12)
    _, along = closed(clip, "motion crossfade", 8)
    _, across = closed(clip, "crossfade", 8)
    assert along.measures.sharpness > 0.9
    assert along.measures.sharpness > across.measures.sharpness + 0.1
    assert along.measures.peak < 2


def test_colours_are_matched_over_the_whole_turn():
    clip = swaying(33)[:32] * torch.linspace(1, 0.8, 32).view(-1, 1, 1, 1)
    _, plain = closed(clip, "trim", match=False)
    loop, matched = closed(clip, "trim", match=True)
    assert plain.measures.colour_step > 4
    assert matched.measures.colour_step < 0.35 * plain.measures.colour_step
    assert torch.equal(loop[0], clip[0]), "the first frame is the still"
    steps = (loop.mean((1, 2, 3)) - clip.mean((1, 2, 3))).diff()
    assert steps.abs().max() < 3 * steps.abs().mean(), "no frame takes more than its part"
    assert "matched over the whole loop" in matched.report


def test_a_loop_without_drift_keeps_its_colours_bit_for_bit():
    clip = circle(range(32), 32)
    loop, result = closed(clip, "trim", match=True)
    assert result.frames.plan.colour is None
    assert torch.equal(loop, clip)


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        pytest.param(circle(range(32), 32), "trim", id="a loop already"),
        pytest.param(circle(range(44), 40), "best cut", id="a bit more than a turn"),
        pytest.param(scene(0, 0).expand(12, -1, -1, -1), "trim", id="still"),
    ],
)
def test_auto_takes_what_changes_least(clip, expected):
    loop, result = closed(clip, "auto", match=True)
    assert result.frames.plan.method == expected
    assert not result.measures.faults
    assert "auto chose it" in result.report
    assert len(loop) <= len(clip)


def test_auto_is_never_worse_than_each_method_it_tried():
    clip = pan(range(40), speed=0.8)
    best = closed(clip, "auto")[1].measures.visibility
    others = [closed(clip, method)[1].measures.visibility for method in LOOP_METHODS[1:]]
    assert best <= min(others) + 0.5


# -- inputs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "widget"),
    [
        (("spin", 8, True), "method"),
        (("trim", 0, True), "blend_frames"),
        (("trim", 257, True), "blend_frames"),
        (("trim", float("nan"), True), "blend_frames"),
        (("trim", 8, 1), "match_exposure"),
    ],
)
def test_values_out_of_range_are_named(values, widget):
    with pytest.raises(InputError) as caught:
        loop_of_tensor(numbered(8), *values)
    assert caught.value.widget == widget


@pytest.mark.parametrize(
    "frames",
    [
        None,
        "clip",
        torch.zeros(3, 4, 4),
        torch.zeros(1, 4, 4, 3),
        torch.zeros(0, 4, 4, 3),
        torch.zeros(4, 4, 4, 2),
        torch.zeros(4, 4, 4, 3, dtype=torch.uint8),
        torch.full((4, 4, 4, 3), float("nan")),
    ],
)
def test_frames_that_are_none_are_named(frames):
    with pytest.raises(InputError) as caught:
        loop_of_tensor(frames)
    assert caught.value.widget == "frames"


@pytest.mark.parametrize("lengths", [(1, None), (20, None), (9, 8), (6, 4)])
def test_lengths_that_do_not_fit_are_named(lengths):
    with pytest.raises(InputError) as caught:
        close_loop(TensorFrames(numbered(12)), "best cut", shortest=lengths[0], longest=lengths[1])
    assert caught.value.widget == "shortest"


def test_a_longest_length_alone_is_enough():
    clip = circle(range(60), 12)
    result = close_loop(TensorFrames(clip), "best cut", longest=13)
    assert result.frames.plan.frames == 12


def test_too_many_frames_to_blend_are_fewer_and_said():
    loop, result = closed(numbered(9), "crossfade", 40)
    assert len(loop) == 5
    assert "40 frames to blend are too many for 9 frames; 4 were" in result.report


def test_progress_rises_to_the_end_and_can_stop_it():
    seen = []
    loop_of_tensor(circle(range(20), 24), "crossfade", progress=lambda *at: seen.append(at))
    assert seen == sorted(seen)
    assert seen[-1] == (60, 60)

    def stop(done: int, _: int) -> None:
        if done > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop_of_tensor(circle(range(20), 24), "crossfade", progress=stop)


def test_frames_of_a_loop_are_made_when_they_are_asked_for():
    """A long clip is closed without ever being held: each frame is read when it is needed."""

    class Film:
        def __init__(self) -> None:
            self.held = 0

        def __len__(self) -> int:
            return 400

        def __getitem__(self, index: int):
            return numbered(401)[index].numpy()

    result = close_loop(Film(), "crossfade", 8)
    assert len(result.frames) == 392
    assert result.frames[0].shape == (2, 2, 3)
    with pytest.raises(IndexError):
        result.frames[392]
    plan = LoopPlan("ping-pong", 0, 2)
    assert plan.frames == 2
    assert TensorFrames(numbered(3))[2][0, 0, 0] == pytest.approx(2 / 64)
