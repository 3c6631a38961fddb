"""Clips joined and closed into loops: counts, frames, colours and seam measures."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import circle, pan, scene

from wanderlens.errors import InputError
from wanderlens.motion import (
    JOIN_METHODS,
    JoinedFrames,
    TensorFrames,
    join_clips,
    join_of_tensors,
    loop_of_tensor,
)
from wanderlens.motion.colour import ColourShift
from wanderlens.motion.frame_views import RecolouredFrames
from wanderlens.motion.lab import lab_of

TINT = torch.tensor([0.9, 0.82, 0.86])


def numbered(count: int, start: int = 0) -> torch.Tensor:
    """Frames too small for flow; frame i is grey of level (start + i) / 64."""
    return ((start + torch.arange(count)) / 64).view(-1, 1, 1, 1).expand(-1, 2, 2, 3).contiguous()


def numbers(frames: torch.Tensor) -> list[float]:
    return [round(value, 3) for value in (frames[:, 0, 0, 0] * 64).tolist()]


def joined(first: torch.Tensor, second: torch.Tensor | None, method: str, blend=8, **options):
    """Joined without a change of colours, unless `color` is given."""
    color = options.pop("color", 0.0)
    return join_of_tensors(first, second, method, blend, color, **options)


def of_frames(first: torch.Tensor, second: torch.Tensor, *values: Any, **options: Any):
    """Clips joined frame by frame."""
    return join_clips(TensorFrames(first), TensorFrames(second), *values, **options)


WAYS: tuple[Callable[..., Any], ...] = (join_of_tensors, of_frames)


def off(frames: torch.Tensor, truth: torch.Tensor) -> float:
    """The largest ΔE between the mean colours of two clips' frames."""
    means = [
        np.stack([lab_of(frame.numpy()).mean((0, 1)) for frame in clip]) for clip in (frames, truth)
    ]
    return float(np.linalg.norm(means[0] - means[1], axis=1).max())


# -- which frames ---------------------------------------------------------------------------


def test_a_cut_is_one_clip_after_the_other_bit_for_bit():
    first, second = pan(range(9)), circle(range(7), 7)
    clip, new, result = joined(first, second, "cut")
    assert torch.equal(clip, torch.cat([first, second]))
    assert new == (9, 7)
    assert result.joint == 9


def test_a_crossfade_goes_over_evenly():
    clip, new, result = joined(numbered(10), numbered(8, 20), "crossfade", 3)
    mixed = [7 + (20 - 7) * 0.25, 8 + (21 - 8) * 0.5, 9 + (22 - 9) * 0.75]
    assert numbers(clip) == pytest.approx([*range(7), *mixed, *range(23, 28)], abs=1e-2)
    assert new == (7, 8)
    assert result.report.startswith("Joined: 10 + 8 frames by crossfade, 3 blended: 15 frames\n")


@pytest.mark.parametrize(("blend", "joint"), [(1, 10), (2, 9), (3, 9), (4, 8)])
def test_the_joint_is_the_frame_after_the_middle_of_the_blend(blend, joint):
    clip, _, result = joined(torch.zeros(10, 2, 2, 3), torch.ones(10, 2, 2, 3), "crossfade", blend)
    assert result.joint == joint
    assert clip[joint - 1].mean() <= 0.5 < clip[joint].mean()


@settings(max_examples=80, deadline=None)
@given(
    counts=st.tuples(st.integers(1, 24), st.none() | st.integers(1, 24)),
    method=st.sampled_from(JOIN_METHODS),
    blend=st.integers(1, 20),
    color=st.sampled_from([0.0, 0.4, 1.0]),
    close=st.booleans(),
)
def test_any_clips_join_or_say_why(counts, method, blend, color, close):
    first = numbered(counts[0])
    second = None if counts[1] is None else numbered(counts[1], 30)
    clips = [clip for clip in (first, second) if clip is not None]
    before = [clip.clone() for clip in clips]
    if second is None and (not close or len(first) < 2):
        with pytest.raises(InputError):
            join_of_tensors(first, second, method, blend, color, close_loop=close)
        return
    clip, (start, count), result = join_of_tensors(
        first, second, method, blend, color, close_loop=close
    )
    assert all(map(torch.equal, clips, before))
    assert start + count == len(clip) == len(result.frames)
    assert torch.equal(clip[:start], first[result.wrap : result.wrap + start])
    assert len(result.measures) == (second is not None) + close
    assert all(np.array_equal(clip[i].numpy(), result.frames[i]) for i in range(len(clip)))
    shorter = min(map(len, clips))
    blended = 0 if method == "cut" else min(blend, (shorter - (second is None)) // 2)
    assert len(clip) == sum(map(len, clips)) - blended * len(result.measures)
    assert ("too many" in result.report) == (method != "cut" and blended < blend)
    if second is not None:
        assert start == len(first) - blended - result.wrap
        assert result.joint is not None
        assert 0 < result.joint < len(clip)
        if not color and not close:
            assert torch.equal(clip[start + blended :], second[blended:])


@pytest.mark.parametrize("method", ["motion crossfade", "cut"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_second_clip_is_made_like_the_first(method, dtype, channels):
    first = pan(range(12))
    first = torch.cat([first, first[..., :1]], 3)[..., :channels].to(dtype)
    second = circle(range(12), 24, size=(48, 90)).to(torch.float32)
    clip, (start, _), result = joined(first, second, method, color=1.0)
    assert clip.dtype == dtype
    assert clip.shape[1:] == first.shape[1:]
    assert torch.equal(clip[:start], first[:start])
    assert "Frames of 90x48 are cropped by 33.3%" in result.report
    assert "scaled by 1.33" in result.report
    assert ("made grey" in result.report) == (channels == 1)
    assert ("made opaque" in result.report) == (channels == 4)


# -- closing --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", JOIN_METHODS[:2])
@pytest.mark.parametrize("blend", [4, 40])
def test_closing_alone_is_the_loop_of_that_method(method, blend):
    clip = circle(range(27), 24)
    loop, (start, count), result = joined(clip, None, method, blend, close_loop=True)
    assert torch.equal(loop, loop_of_tensor(clip, method, blend, False)[0])
    blend = min(blend, 13)
    assert (start, count, result.wrap, result.joint) == (27 - 2 * blend, blend, blend, None)
    assert f"the last {blend} blended into the first {blend}" in result.report


def test_a_cut_that_closes_is_only_measured():
    clip = circle(range(24), 24)
    loop, (_, count), result = joined(clip, None, "cut", color=1.0, close_loop=True)
    assert torch.equal(loop, clip)
    assert count == 0
    assert result.measures[0].closure == pytest.approx(1, abs=0.1)
    jump = joined(pan(range(24)), None, "cut", close_loop=True)[2]
    assert "Note: at the wrap the picture jumps" in jump.report


def test_two_clips_become_a_loop():
    """Two halves of a circle, each with a few frames of the other."""
    first, second = circle(range(0, 20), 32), circle(range(16, 36), 32)
    clip, new, result = joined(first, second, "motion crossfade", 4, close_loop=True)
    assert len(clip) == 32
    assert torch.equal(clip[: new[0]], first[4:16])
    assert torch.equal(clip[16:28], second[4:16])
    assert result.joint == 14
    for seam in result.measures:
        assert not seam.faults
    assert "Joint: closure" in result.report
    assert "Wrap: closure" in result.report


def test_what_the_end_is_off_by_goes_after_the_joint():
    first, second = circle(range(0, 20), 32), circle(range(16, 36), 32)
    fading = 1 + (TINT - 1) * torch.linspace(0, 1, 20).view(-1, 1, 1, 1)
    clip, new, result = joined(first, second * fading, "crossfade", 4, color=1.0, close_loop=True)
    plain = joined(first, second * fading, "crossfade", 4, close_loop=True)[0]
    truth = joined(first, second, "crossfade", 4, close_loop=True)[0]
    assert torch.equal(clip[: new[0]], first[4:16])
    assert off(plain[24:], truth[24:]) > 4
    assert off(clip, truth) < 0.4 * off(plain, truth)
    assert "matched, little by little" in result.report


def test_colours_come_back_between_two_frames_and_stay():
    clip = TensorFrames(pan(range(8)))
    change = ColourShift((50.0, 0.0, 0.0), (8.0, 2.0, -4.0), (1.1, 1.0, 0.9))
    recoloured = RecolouredFrames(clip, change, 0.5, 2, 6)
    for index, share in enumerate((0, 0, 0, 0.25, 0.5, 0.75, 1, 1)):
        assert np.array_equal(recoloured[index], change.apply(clip[index], 0.5 * share))


# -- how well -------------------------------------------------------------------------------


def test_along_the_motion_nothing_is_seen_twice():
    size = (96, 128)
    first = torch.stack([scene(2 * i, 0, size) for i in range(24)])
    second = torch.stack([scene(2 * i + 5, 3, size) for i in range(16, 40)])
    _, _, along = joined(first, second, "motion crossfade")
    _, _, across = joined(first, second, "crossfade")
    assert along.measures[0].sharpness > 0.9
    assert along.measures[0].sharpness > across.measures[0].sharpness + 0.1
    assert "softer" in across.report
    assert "softer" not in along.report


def test_clips_that_show_something_else_are_dissolved():
    first, second = torch.zeros(10, 32, 32, 3), scene(0, 0, (32, 32)).expand(10, -1, -1, -1)
    along = joined(first, second, "motion crossfade")[0]
    assert torch.equal(along, joined(first, second, "crossfade")[0])


@pytest.mark.parametrize("method", JOIN_METHODS)
def test_colours_are_those_of_the_first_clip(method):
    first, second = pan(range(16)), pan(range(16 if method == "cut" else 8, 36))
    tinted = second * TINT + 0.02
    clip, new, result = joined(first, tinted, method, color=1.0)
    plain = joined(first, tinted, method)
    truth = joined(first, second, method)[0]
    assert torch.equal(clip[: new[0]], first[: new[0]])
    assert off(plain[0], truth) > 6
    assert off(clip, truth) < 1
    assert "Colour: the next clip was ΔE" in result.report
    if method == "cut":
        assert plain[2].measures[0].colour_step > 6
        assert "the colour steps" in plain[2].report
    assert result.measures[0].colour_step < 0.7
    assert "colour steps" not in result.report


def test_half_of_the_colour_is_half_of_the_change():
    first, second = pan(range(16)), pan(range(16, 24))
    tinted = second * TINT
    some, none = (joined(first, tinted, "cut", color=color)[0] for color in (0.5, 0.0))
    assert torch.equal(none[16:], tinted)
    assert off(some, torch.cat([first, second])) == pytest.approx(
        off(none, torch.cat([first, second])) / 2, rel=0.2
    )


def test_colours_that_fit_stay_bit_for_bit():
    first, second = pan(range(16)), pan(range(8, 24))
    clip, _, result = joined(first, second, "crossfade", color=1.0)
    assert torch.equal(clip[16:], second[8:])
    assert "olour:" not in result.report


@pytest.mark.parametrize(
    ("last", "following"),
    [
        pytest.param(scene(0, 0), scene(900, 400), id="another scene"),
        pytest.param(scene(0, 0), scene(62, 24.8), id="too far away"),
        pytest.param(torch.zeros(64, 80, 3), torch.ones(64, 80, 3), id="black and white"),
    ],
)
def test_what_is_not_alike_keeps_its_colours_and_that_is_said(last, following):
    first, second = (frame.expand(6, -1, -1, -1) for frame in (last, following))
    clip, _, result = joined(first, second, "cut", color=1.0)
    assert torch.equal(clip, torch.cat([first, second]))
    assert result.report.count("to match colours") == 1
    assert "to match colours" not in joined(first, second, "cut")[2].report


# -- long clips -----------------------------------------------------------------------------


class Film:
    """A long clip that counts what is read of it."""

    def __init__(self, count: int, start: int = 0) -> None:
        self.count, self.start = count, start
        self.read: list[int] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int, /):
        self.read.append(index)
        return scene(0.5 * (self.start + index), 0, (24, 32)).numpy()


@pytest.mark.parametrize("method", JOIN_METHODS)
def test_only_what_lies_around_the_seams_is_read(method):
    first, second = Film(30_000), Film(20_000, 29_992)
    result = join_clips(first, second, method, 8, 1.0, close_loop=True, fps=6)
    near = 3 * 6 + 16
    for film in (first, second):
        assert all(min(index, len(film) - 1 - index) <= near for index in film.read)
        assert len(film.read) < 6 * near
    assert len(result.frames) == 50_000 - (0 if method == "cut" else 16)


def test_a_joined_clip_can_be_joined_again():
    """The clip in the middle keeps half of its frames for each joint."""
    clips = [numbered(20), numbered(6, 20), numbered(20, 40)]
    one = join_clips(TensorFrames(clips[0]), TensorFrames(clips[1]), "crossfade", 8, 0.0)
    assert isinstance(one.frames, JoinedFrames)
    two = join_clips(one.frames, TensorFrames(clips[2]), "crossfade", 8, 0.0, close_loop=True)
    assert [len(one.frames), len(two.frames), two.wrap] == [23, 32, 8]
    levels = [round(float(two.frames[i][0, 0, 0]) * 64, 3) for i in range(32)]
    assert levels[:9] == list(range(8, 17))
    mixed = [17 + 3 * 0.25, 18 + 3 * 0.5, 19 + 3 * 0.75, 23 + 17 * 0.25, 24 + 17 * 0.5]
    assert levels[9:14] == pytest.approx(mixed, abs=1e-2)
    assert "8 frames to blend are too many for clips of 6 and 20 frames; 3 were." in two.report
    with pytest.raises(IndexError):
        one.frames[23]


# -- inputs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "widget"),
    [
        (("generate", 8, 1.0, False), "join"),
        ((None, 8, 1.0, False), "join"),
        (("cut", 0, 1.0, False), "blend_frames"),
        (("cut", 257, 1.0, False), "blend_frames"),
        (("cut", 2.5, 1.0, False), "blend_frames"),
        (("cut", 8, 1.1, False), "color_match"),
        (("cut", 8, math.nan, False), "color_match"),
        (("cut", 8, True, False), "color_match"),
        (("cut", 8, 1.0, 1), "close_loop"),
    ],
)
def test_values_out_of_range_are_named(values, widget):
    method, blend, color, close = values
    for join in WAYS:
        with pytest.raises(InputError) as caught:
            join(numbered(8), numbered(8), method, blend, color, close_loop=close)
        assert caught.value.widget == widget


@pytest.mark.parametrize(
    "frames",
    [
        "clip",
        torch.zeros(3, 4, 4),
        torch.zeros(0, 4, 4, 3),
        torch.zeros(4, 4, 4, 2),
        torch.zeros(4, 4, 4, 3, dtype=torch.uint8),
        torch.full((4, 4, 4, 3), math.inf),
    ],
)
def test_clips_that_are_none_are_named(frames):
    for clips, widget in (
        ((frames, numbered(4)), "frames"),
        ((numbered(4), frames), "next_frames"),
    ):
        with pytest.raises(InputError, match=f"^{widget} must") as caught:
            join_of_tensors(*clips, "cut")
        assert caught.value.widget == widget


def test_clips_that_are_not_there_are_named():
    clip, none = TensorFrames(numbered(4)), TensorFrames(numbered(0))
    for first, second, close, widget in (
        (none, clip, False, "frames"),
        (clip, none, False, "next_frames"),
        (clip, None, False, "next_frames"),
        (TensorFrames(numbered(1)), None, True, "frames"),
    ):
        with pytest.raises(InputError) as caught:
            join_clips(first, second, "cut", close_loop=close)
        assert caught.value.widget == widget


@pytest.mark.parametrize("method", JOIN_METHODS)
@pytest.mark.parametrize("color", [0.0, 1.0])
@pytest.mark.parametrize("close", [False, True])
def test_progress_rises_to_its_end_and_can_stop_it(method, color, close):
    clips = pan(range(12)), pan(range(6, 18))
    for join in WAYS:
        seen: list[tuple[int, int]] = []
        join(*clips, method, 4, color, close_loop=close, progress=lambda *at, s=seen: s.append(at))
        assert seen == sorted(seen)
        assert seen[-1][0] == seen[-1][1]
        assert len({total for _, total in seen}) == 1

        def stop(done: int, _: int) -> None:
            if done > 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            join(*clips, method, 4, color, close_loop=close, progress=stop)
