"""The nano family: the A14B's rules at its own sizes."""

from __future__ import annotations

import pytest

from wanderlens.shot import (
    I2V_A14B,
    NANO,
    CustomSettings,
    InputError,
    ShotRequest,
    fit_size,
    plan_shot,
    quality_settings,
)


@pytest.mark.parametrize(
    ("picture", "frame"),
    [
        ((1280, 720), (160, 96)),
        ((4000, 3000), (128, 96)),
        ((3000, 4000), (96, 128)),
        ((1000, 1000), (128, 128)),
        ((1080, 1920), (96, 160)),
    ],
)
def test_its_frames_are_small_and_keep_the_pictures_shape(picture, frame):
    size = fit_size(picture[0], picture[1], "nano", NANO)
    assert (size.width, size.height) == frame
    assert size.crop_fraction < 0.07


@pytest.mark.parametrize("width", range(40, 320, 8))
def test_every_shape_has_a_size(width):
    size = fit_size(width, 40, "nano", NANO)
    assert 0.75 * 160 * 96 <= size.width * size.height <= 1.1 * 160 * 96
    assert size.crop_fraction < 0.2


def test_resolutions_are_its_own():
    with pytest.raises(InputError, match=r"resolution must be one of nano.*'480p'"):
        fit_size(1280, 720, "480p", NANO)
    with pytest.raises(InputError, match=r"resolution must be one of 480p.*'nano'"):
        fit_size(1280, 720, "nano", I2V_A14B)


def test_its_plan_is_the_a14bs():
    plan = plan_shot(ShotRequest(1280, 720, duration=2.0, resolution="nano"), NANO)
    assert plan.timing.sampled_frames == 33
    assert len(plan.segments) == 1
    assert plan.split is not None
    assert (plan.split.high_steps, plan.split.low_steps) == (3, 5)
    assert "Model: nano" in plan.summary()
    longer = plan_shot(ShotRequest(1280, 720, duration=5.0, resolution="nano"), NANO)
    assert longer.timing.sampled_frames == 81
    assert max(segment.sampled_frames for segment in longer.segments) <= 33


def test_there_is_no_4_step_setting():
    with pytest.raises(InputError, match="standard, best or custom for nano"):
        quality_settings("fast", NANO, False, CustomSettings())
    assert quality_settings("best", NANO, True, CustomSettings()).boundary == 0.9
