"""Seam measures, on clips whose seams are known."""

import dataclasses
import math

import pytest
import torch
from scenes import circle, pan, scene

from wanderlens.errors import InputError
from wanderlens.motion import TensorFrames, measure_seam, seam_report
from wanderlens.motion.seam_measures import REPEATED, SeamMeasures


def measured(frames: torch.Tensor, at: int | None = None, **options) -> SeamMeasures:
    return measure_seam(TensorFrames(frames), at, **options)


def sway(count: int, reach: float = 12) -> torch.Tensor:
    """To and fro once, on an even sine."""
    return torch.stack([scene(reach * math.sin(math.tau * i / count), 0) for i in range(count)])


def test_a_true_loop_is_perfect():
    measures = measured(circle(range(32), 32))
    assert measures.closure == pytest.approx(1, abs=0.1)
    assert measures.peak < 1.3
    assert measures.flow_ratio == pytest.approx(1, abs=0.1)
    assert measures.flow_turn < 5
    assert measures.jolt < 0.4
    assert measures.colour_step < 0.5
    assert measures.sharpness > 0.95
    assert measures.end_motion == pytest.approx(1, abs=0.15)
    assert not measures.faults
    assert measures.visibility < 1


def test_a_jump_is_found_and_counted():
    measures = measured(pan(range(24)))
    assert measures.closure > 3
    assert measures.faults[0].startswith("the picture jumps")
    assert measures.visibility > 1


def test_a_frame_shown_twice_is_found():
    loop = circle(range(33), 32)
    measures = measured(loop)
    assert measures.closure < REPEATED
    assert "a frame is shown twice" in measures.faults
    assert measures.visibility > 1


def test_turning_back_is_told_from_a_smooth_turn():
    there = pan(range(20))
    bounce = torch.cat([there, there.flip(0)[1:-1]])
    assert "the motion turns back abruptly" in measured(bounce).faults
    smooth = sway(40).roll(-10, 0)  # the wrap lies where it turns
    assert not measured(smooth).faults


def test_a_change_of_direction_or_speed_at_a_joint():
    right = pan(range(16))
    down = torch.stack([scene(2.3 * 16, 6.4 + 2.3 * i) for i in range(16)])
    turned = measured(torch.cat([right, down]), 16)
    assert turned.flow_turn > 20 or turned.jolt > 0.6
    steady = measured(pan(range(32)), 16)
    assert steady.flow_turn < 5
    assert steady.flow_ratio == pytest.approx(1, abs=0.1)
    assert not steady.faults


def test_a_step_of_exposure_is_measured_in_delta_e():
    level = torch.full((8, 64, 80, 3), 0.5)
    measures = measured(torch.cat([level, level * 1.1]), 8)
    assert measures.colour_step == pytest.approx(5.0, abs=0.5)  # L* of 0.55 less L* of 0.5
    assert any("colour steps" in fault for fault in measures.faults)
    drift = torch.cat([level[:1] * (1 + 0.01 * i) for i in range(16)])
    assert measured(drift, 8).colour_step < 0.7, "an even drift is no step"


def test_flicker_is_measured_in_lightness():
    flickering = torch.stack([scene(0, 0) * (1 - 0.1 * (i % 2)) for i in range(16)])
    assert measured(flickering).flicker > 2
    assert measured(circle(range(16), 16)).flicker < 0.3


def test_a_blend_of_two_pictures_is_soft():
    loop = circle(range(32), 32)
    ghost = loop.clone()
    ghost[-2:] = (loop[-2:] + loop[12:14]) / 2
    assert measured(ghost).sharpness < 0.85
    assert measured(loop).sharpness > 0.95


def test_a_clip_that_freezes_says_so():
    loop = torch.cat([circle(range(24), 40), circle([24], 40).expand(16, -1, -1, -1)])
    measures = measured(loop, fps=16)
    assert measures.end_motion < 0.25
    assert any("stands still" in line for line in seam_report(measures))


def test_a_still_clip_has_no_seam_and_noise_below_a_step_counts_nothing():
    still = scene(0, 0).expand(12, -1, -1, -1)
    measures = measured(still)
    assert measures.closure == 1
    assert not measures.faults
    assert any("hardly anything moves" in line for line in seam_report(measures))
    noisy = still.clone()
    noisy[-1] += 0.001
    assert measured(noisy).closure == 1


def test_a_loop_on_twos_is_no_worse_than_on_ones():
    twos = circle(range(16), 16).repeat_interleave(2, 0)
    assert measured(twos).closure == pytest.approx(1, abs=0.1)


def test_black_frames_have_no_fault():
    measures = measured(torch.zeros(10, 48, 64, 3))
    assert measures.sharpness == 1
    assert not measures.faults
    assert measures.visibility <= 1


def test_two_frames_are_a_loop_of_two_equal_steps():
    assert measured(pan([0, 1])).closure == pytest.approx(1)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (9, 40), (33, 18)])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_any_size_and_channels(count, size, channels):
    frames = torch.stack([scene(i, 0, size) for i in range(count)])
    frames = torch.cat([frames, frames[..., :1]], 3)[..., :channels]
    for at in (None, 1):
        values = dataclasses.astuple(measured(frames, at))
        assert all(math.isfinite(value) for value in values)


def test_one_frame_has_no_seam():
    with pytest.raises(InputError, match="at least 2 frames"):
        measured(scene(0, 0)[None])
    with pytest.raises(IndexError):
        measured(pan(range(4)), 4)


def test_progress_counts_frames_and_can_stop_it():
    seen = []
    measured(pan(range(4)), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured(pan(range(4)), progress=stop)


def test_bytes_and_floats_measure_alike():
    loop = circle(range(16), 16)
    whole = (loop * 255).round().to(torch.uint8)
    assert measured(whole).closure == pytest.approx(measured(loop).closure, abs=0.02)
