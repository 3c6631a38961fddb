"""Clips converted to other frame rates, against frames known from formulas."""

import itertools
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scenes import circle, pan, scene

from wanderlens.errors import InputError
from wanderlens.motion import (
    REACH,
    StreamedFrames,
    TensorFrames,
    convert_frame_rate,
    frames_at_rate,
    output_frames,
)


def psnr(image: torch.Tensor, truth: torch.Tensor) -> float:
    """Peak signal-to-noise ratio in dB, for values in 0..1."""
    return -10 * math.log10(float((image.double() - truth.double()).square().mean()) + 1e-12)


def linear(images: torch.Tensor, multiplier: int) -> torch.Tensor:
    """The simplest interpolator there is: (N-1)·m + 1 cross-dissolved frames."""
    steps = torch.arange((len(images) - 1) * multiplier + 1)
    left = (steps // multiplier).clamp(max=max(0, len(images) - 2))
    share = ((steps - left * multiplier) / multiplier).view(-1, 1, 1, 1)
    return images[left] * (1 - share) + images[(left + 1).clamp(max=len(images) - 1)] * share


def ramp(length: int) -> torch.Tensor:
    """Frames too small for flow; each holds its own number (as a share of 64)."""
    return (torch.arange(length) / 64).view(-1, 1, 1, 1).expand(-1, 1, 2, 3).contiguous()


def convert(frames, native_fps, output_fps, loop=False, **options):
    return convert_frame_rate(
        frames, native_fps=native_fps, output_fps=output_fps, loop=loop, **options
    )


RATES = list(itertools.product([16, 24, 32], repeat=2))


# -- counts and native frames ---------------------------------------------------------------


@pytest.mark.parametrize("interpolator", [None, linear], ids=["flow", "interpolator"])
@pytest.mark.parametrize("loop", [False, True], ids=["open", "loop"])
@pytest.mark.parametrize(("native", "output"), RATES)
def test_usual_rates_give_exact_counts_and_keep_native_frames(native, output, loop, interpolator):
    frames = ramp(12 if loop else 13)
    converted = convert(frames, native, output, loop, interpolator=interpolator)
    ratio = Fraction(output, native)
    assert len(converted) == 12 * ratio + (not loop)
    for index, frame in enumerate(converted):
        place = index / ratio
        if place.denominator == 1:
            assert torch.equal(frame, frames[int(place)])
        elif place < 11:
            assert frame.mean().item() * 64 == pytest.approx(float(place), abs=1e-4)
        elif loop:  # from frame 11 back to frame 0
            assert frame.mean().item() * 64 == pytest.approx(float(11 * (12 - place)), abs=1e-4)


@given(
    length=st.integers(1, 9),
    native=st.integers(1, 61),
    output=st.integers(1, 61),
    loop=st.booleans(),
    interpolator=st.sampled_from([None, linear]),
)
def test_any_rate_to_any_rate(length, native, output, loop, interpolator):
    frames = ramp(length)
    before = frames.clone()
    converted = convert(frames, native, output, loop, interpolator=interpolator)
    ratio = Fraction(output, native)
    exact = length * ratio if loop else (length - 1) * ratio + 1
    nearest = math.floor(exact + Fraction(1, 2))
    assert len(converted) == max(1, nearest) == output_frames(length, native, output, loop)
    assert torch.equal(frames, before)
    assert torch.equal(converted[0], frames[0])
    assert converted.shape[1:] == frames.shape[1:]
    if exact.denominator == 1:
        for index in range(len(converted)):
            place = index / ratio
            if place.denominator == 1:
                assert torch.equal(converted[index], frames[int(place)])
    if not loop:
        assert (converted.diff(dim=0) > 0).all(), "a frame repeats or runs back"
        if len(converted) > 1:
            assert torch.equal(converted[-1], frames[-1])


def test_a_loop_of_no_whole_count_keeps_even_steps():
    converted = convert(ramp(5), 16, 24, loop=True)
    places = converted[:, 0, 0, 0] * 64
    assert len(converted) == 8
    assert places[:7].diff().tolist() == pytest.approx([5 / 8] * 6, abs=1e-4)
    by_model = convert(ramp(5), 16, 24, loop=True, interpolator=linear)[:, 0, 0, 0] * 64
    assert (by_model[:7] - places[:7]).abs().max() <= 1 / 6 + 1e-4


def test_fractions_and_high_rates():
    frames = pan(range(13))
    converted = convert(frames, Fraction(30000, 1001), 60)
    assert len(converted) == 25
    assert torch.equal(converted[-1], frames[-1])
    loop = convert(ramp(3), 1, 200, loop=True, interpolator=linear)
    assert len(loop) == 600


def test_same_rate_returns_the_clip():
    frames = pan([0, 1, 2])
    assert convert(frames, 16, 16) is frames
    assert convert(frames, 16.0, 16, loop=True) is frames


def test_halving_picks_native_frames():
    frames = pan(list(range(5)))
    assert torch.equal(convert(frames, 32, 16), frames[::2])
    assert torch.equal(convert(frames[:4], 32, 16, loop=True), frames[:4:2])


# -- quality --------------------------------------------------------------------------------


@pytest.mark.parametrize("output", [24, 32])
def test_a_pan_is_far_nearer_to_the_truth_than_a_blend(output):
    frames = pan(list(range(7)))
    before = frames.clone()
    converted = convert(frames, 16, output)
    blended = convert(frames, 16, output, interpolator=linear)
    truth = pan([index * 16 / output for index in range(len(converted))])
    between = [index for index in range(len(converted)) if index * 16 % output]
    ours = [psnr(converted[index], truth[index]) for index in between]
    theirs = [psnr(blended[index], truth[index]) for index in between]
    assert min(ours) > 35
    assert min(a - b for a, b in zip(ours, theirs, strict=True)) > 10
    assert torch.equal(frames, before)


def test_the_step_across_the_wrap_is_as_good_as_the_others():
    converted = convert(circle(list(range(12)), 12), 16, 32, loop=True)
    truth = circle([index / 2 for index in range(24)], 12)
    quality = [psnr(converted[index], truth[index]) for index in range(1, 24, 2)]
    assert len(converted) == 24
    assert quality[-1] > 35
    assert quality[-1] > min(quality[:-1]) - 2
    steps = [(converted[index] - converted[index - 1]).abs().mean().item() for index in range(24)]
    assert min(steps) > 0.7 * max(steps), "a frame repeats"


def test_curved_paths_are_followed():
    """On a circle, the neighbouring frames' motion shows how the path bends."""
    bent = convert(circle([0, 1, 2, 3], 8, radius=10), 16, 32)[3]
    straight = convert(circle([1, 2], 8, radius=10), 16, 32)[1]
    truth = circle([1.5], 8, radius=10)[0]
    assert psnr(bent, truth) > psnr(straight, truth) + 3


def test_what_is_covered_or_uncovered_does_not_ghost():
    """A square moves over a textured ground: near it, flow has no answer from one of the sides."""

    def frame(time):
        image, left = scene(0, 0, (128, 160)), 32 + 6 * time
        square = scene(300, 40, (48, 48)) * 0.3 + 0.7
        image[40:88, int(left) : int(left) + 48] = square
        return image

    frames = torch.stack([frame(time) for time in range(4)])
    converted, blended = convert(frames, 16, 32), convert(frames, 16, 32, interpolator=linear)
    for index in (1, 3, 5):
        truth = frame(index / 2)
        assert psnr(converted[index], truth) > psnr(blended[index], truth) + 5


@pytest.mark.parametrize("loop", [False, True])
def test_cuts_are_not_blended(loop):
    frames = torch.cat([pan([0, 1, 2]), 1 - pan([90, 91, 92]) * 0.8])
    converted = convert(frames, 16, 48, loop)
    assert torch.equal(converted[7], frames[2])
    assert torch.equal(converted[8], frames[3])
    assert psnr(converted[4], pan([4 / 3])[0]) > 35
    if loop:
        assert torch.equal(converted[16], frames[5])
        assert torch.equal(converted[17], frames[0])


def test_from_black_to_white_is_a_cut():
    frames = torch.stack([torch.zeros(32, 32, 3), torch.ones(32, 32, 3)])
    assert torch.equal(convert(frames, 16, 32)[1], frames[0])


def test_a_slow_fade_is_blended():
    frames = torch.stack([torch.full((32, 32, 3), level) for level in (0.2, 0.24, 0.28)])
    converted = convert(frames, 16, 32)
    assert converted[:, 0, 0, 0].tolist() == pytest.approx([0.2, 0.22, 0.24, 0.26, 0.28], abs=1e-5)


# -- unusual clips --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (15, 200), (16, 16), (17, 300), (33, 18)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_size_and_channels(size, channels):
    frames = torch.stack([scene(time, 0, size) for time in range(3)])
    frames = torch.cat([frames, frames[..., :1]], 3)[..., :channels]
    converted = convert(frames, 16, 24, loop=True)
    assert converted.shape == (5, *size, channels)
    assert converted.isfinite().all()
    assert converted.min() >= 0
    assert converted.max() <= 1


@pytest.mark.parametrize("interpolator", [None, linear])
def test_one_frame(interpolator):
    frames = pan([0])
    assert torch.equal(convert(frames, 16, 32, interpolator=interpolator), frames)
    turned = convert(frames, 16, 32, loop=True, interpolator=interpolator)
    assert torch.equal(turned, frames.expand(2, -1, -1, -1))
    assert torch.equal(convert(frames, 32, 16, loop=True, interpolator=interpolator), frames)


def test_still_frames_stay_as_they_are():
    frames = scene(0, 0).expand(3, -1, -1, -1)
    assert torch.equal(convert(frames, 16, 24), frames[:1].expand(4, -1, -1, -1))


def test_flat_frames_stay_flat():
    frames = torch.full((3, 40, 40, 1), 0.37)
    frames[1] += 1 / 512
    converted = convert(frames, 16, 32)
    assert converted.amax((1, 2, 3)).tolist() == pytest.approx(
        converted.amin((1, 2, 3)).tolist(), abs=1e-6
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floating_types_are_kept(dtype):
    frames = pan([0, 1, 2]).to(dtype)
    converted = convert(frames, 16, 32)
    assert converted.dtype == dtype
    assert torch.equal(converted[::2], frames)
    assert psnr(converted[1], pan([0.5])[0]) > 33


def test_views_of_other_tensors_are_not_written_to():
    whole = torch.rand(4, 40, 40, 6).requires_grad_()
    before = whole.detach().clone()
    converted = convert(whole[..., ::2], 16, 32, loop=True)
    assert not converted.requires_grad
    assert torch.equal(whole.detach(), before)


# -- progress, interpolators, errors --------------------------------------------------------


def test_progress_counts_pairs():
    for loop, pairs in ((False, 4), (True, 5)):
        seen = []
        convert(ramp(5), 16, 24, loop, progress=lambda *call, seen=seen: seen.append(call))
        assert seen == [(done, pairs) for done in range(1, pairs + 1)]


@pytest.mark.parametrize("interpolator", [None, linear])
@pytest.mark.parametrize(("native", "output"), [(16, 24), (24, 16), (32, 16)])
def test_progress_always_ends_at_the_total(native, output, interpolator):
    seen = []
    convert(
        ramp(101),
        native,
        output,
        interpolator=interpolator,
        progress=lambda *call: seen.append(call),
    )
    assert seen == sorted(set(seen))
    assert seen[-1] == (100, 100)


@pytest.mark.parametrize("interpolator", [None, linear])
def test_cancelling_ends_the_work(interpolator):
    class CancelledError(Exception):
        pass

    def cancel(done, total):
        raise CancelledError(f"{done} of {total}")

    with pytest.raises(CancelledError, match="of 99"):
        convert(ramp(100), 16, 24, progress=cancel, interpolator=interpolator)


def test_interpolators_are_called_in_small_groups_and_only_where_needed():
    calls = []

    def counted(images, multiplier):
        calls.append((len(images) - 1, multiplier))
        return linear(images, multiplier)

    convert(ramp(101), 16, 24, interpolator=counted)
    assert sum(pairs for pairs, _ in calls) == 100
    assert all(pairs * multiplier <= 64 and multiplier == 3 for pairs, multiplier in calls)
    calls.clear()
    convert(ramp(7), 24, 16, interpolator=counted)  # 0, 1.5, 3, 4.5, 6
    assert calls == [(1, 2), (1, 2)]
    calls.clear()
    convert(ramp(7), 32, 16, interpolator=counted)
    assert not calls


def test_native_frames_survive_an_interpolator_that_changes_them():
    frames = pan([0, 1, 2])
    converted = convert(
        frames, 16, 32, interpolator=lambda *call: linear(*call).half().float() - 0.2
    )
    assert torch.equal(converted[::2], frames)
    assert converted.min() >= 0


@pytest.mark.parametrize("returned", [None, torch.zeros(3, 64, 80, 3), torch.zeros(5, 64, 79, 3)])
def test_an_interpolator_of_another_shape_is_refused(returned):
    with pytest.raises(InputError, match="must return frames") as caught:
        convert(pan([0, 1, 2]), 16, 32, interpolator=lambda *_: returned)
    assert caught.value.widget == "interp_model"


@pytest.mark.parametrize("rate", [0, -16, 16.5, 1001, math.nan, None, "16", True])
def test_rates_that_are_no_rates_are_refused(rate):
    frames = pan([0, 1])
    with pytest.raises(InputError, match=r"^fps must be") as caught:
        convert(frames, 16, rate)
    assert caught.value.widget == "fps"
    with pytest.raises(InputError, match=r"^clip_fps must be") as caught:
        convert(frames, rate, 16)
    assert caught.value.widget == "clip_fps"


@pytest.mark.parametrize(
    "frames",
    [
        None,
        [[0.5]],
        torch.zeros(4, 4, 3),
        torch.zeros(1, 2, 4, 4, 3),
        torch.zeros(0, 4, 4, 3),
        torch.zeros(2, 0, 4, 3),
        torch.zeros(2, 4, 4, 2),
        torch.zeros(2, 4, 4, 3, dtype=torch.uint8),
        torch.zeros(2, 4, 4, 3, dtype=torch.complex64),
    ],
)
def test_what_is_no_clip_is_refused(frames):
    with pytest.raises(InputError, match=r"^frames must") as caught:
        convert(frames, 16, 16)
    assert caught.value.widget == "frames"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused(bad):
    frames = pan([0, 1, 2])
    frames[2, 5, 7, 1] = bad
    with pytest.raises(InputError, match="frame 2") as caught:
        convert(frames, 16, 32)
    assert caught.value.widget == "frames"


def test_importing_the_package_needs_nothing():
    root = str(Path(__file__).parents[3])
    code = f"import sys; sys.path.append({root!r}); import wanderlens.motion; print(*sys.modules)"
    bare = [sys.executable, "-I", "-S", "-c", code]
    loaded = subprocess.run(bare, capture_output=True, text=True, check=True).stdout.split()
    assert "wanderlens.motion.flow" in loaded
    assert not {"torch", "numpy", "cv2"} & set(loaded)


@pytest.mark.parametrize("rates", [(16, 32), (16, 24), (24, 16), (16, 16), (30, 24), (24, 60)])
def test_an_open_clip_is_the_same_read_once_in_pieces(rates):
    clip = pan(range(14))
    whole = convert_frame_rate(clip, native_fps=rates[0], output_fps=rates[1], loop=False)
    pieces = StreamedFrames(clip.split(3), len(clip), REACH)
    converted = frames_at_rate(pieces, native_fps=rates[0], output_fps=rates[1], loop=False)
    assert np.array_equal(np.stack(list(converted)), whole.numpy())


def test_a_loop_is_the_same_frame_by_frame():
    clip, seen = circle(range(12), 12), []
    whole = convert_frame_rate(clip, native_fps=16, output_fps=32, loop=True)
    converted = frames_at_rate(
        TensorFrames(clip), native_fps=16, output_fps=32, loop=True,
        progress=lambda *done: seen.append(done),
    )  # fmt: skip
    assert np.array_equal(np.stack(list(converted)), whole.numpy())
    assert seen == [(pair + 1, 12) for pair in range(12)]


def test_a_clip_in_pieces_holds_its_last_frames_only():
    clip = torch.rand(9, 4, 5, 3)
    frames = StreamedFrames(clip.split(4), 9, 2)
    assert len(frames) == 9
    assert np.array_equal(frames[5], clip[5].numpy())
    assert np.array_equal(frames[3], clip[3].numpy())
    for index in (2, -1, 9):
        with pytest.raises(IndexError):
            frames[index]
    assert np.array_equal(frames[8], clip[8].numpy())


def test_pieces_that_are_too_few_are_told():
    frames = StreamedFrames([torch.rand(3, 4, 5, 3)], 4, 2)
    with pytest.raises(RuntimeError, match="3 frames instead of 4"):
        frames[3]
