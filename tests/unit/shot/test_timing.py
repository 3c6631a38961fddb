from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wanderlens.shot import I2V_A14B, TI2V_5B, InputError, plan_timing

FAMILIES = st.sampled_from([I2V_A14B, TI2V_5B])
FPS = st.sampled_from([16, 24, 32])
SECONDS = st.floats(0, 120, exclude_min=True)


@pytest.mark.parametrize(
    ("family", "seconds", "fps", "loop", "sampled", "kept", "output"),
    [
        (I2V_A14B, 5, 16, False, 81, 81, 81),
        (I2V_A14B, 5, 24, False, 81, 81, 121),
        (I2V_A14B, 5, 32, False, 81, 81, 161),
        (I2V_A14B, 1, 16, False, 17, 17, 17),
        (I2V_A14B, 5, 16, True, 81, 80, 80),
        (I2V_A14B, 5, 24, True, 81, 80, 120),
        (I2V_A14B, 5, 32, True, 81, 80, 160),
        (I2V_A14B, 120, 32, False, 1921, 1921, 3841),
        (TI2V_5B, 5, 24, False, 121, 121, 121),
        (TI2V_5B, 5, 24, True, 129, 120, 120),
        (TI2V_5B, 5, 16, False, 121, 121, 81),
        (TI2V_5B, 5, 32, True, 129, 120, 160),
        (TI2V_5B, 5.3, 24, False, 129, 129, 129),  # 127.2 is nearest to 128
        (TI2V_5B, 5.3, 16, False, 133, 133, 89),  # 127.2 is nearest to 132 among twelves
    ],
)
def test_frame_counts(family, seconds, fps, loop, sampled, kept, output):
    timing = plan_timing(seconds, fps, loop, family)
    assert timing.sampled_frames == sampled
    assert timing.native_frames == kept
    assert timing.output_frames == output
    assert timing.period == (kept if loop else 0)
    assert timing.loop is loop


@pytest.mark.parametrize(
    ("seconds", "sampled"),
    [(1e-300, 5), (0.25, 5), (0.37, 5), (0.375, 9), (0.38, 9), (0.625, 13), (5.12, 81)],
)
def test_nearest_span_ties_up_and_at_least_one(seconds, sampled):
    assert plan_timing(seconds, 16, False, I2V_A14B).sampled_frames == sampled


def test_rounding_is_there_for_the_report():
    exact = plan_timing(5.0, 16, False, I2V_A14B)
    assert (exact.requested_seconds, exact.seconds, exact.rounded) == (5.0, 5, False)
    moved = plan_timing(5.1, 16, True, I2V_A14B)
    assert (moved.requested_seconds, moved.seconds, moved.rounded) == (5.1, 5, True)
    assert plan_timing(1 / 6, 24, False, TI2V_5B).seconds == Fraction(1, 6)
    assert not plan_timing(1 / 6, 24, False, TI2V_5B).rounded


@given(FAMILIES, SECONDS, FPS, st.booleans())
@example(TI2V_5B, 0.25, 32, True)
def test_counts_hold_together(family, seconds, fps, loop):
    timing = plan_timing(seconds, fps, loop, family)
    assert timing.sampled_frames % 4 == 1
    assert timing.sampled_frames >= 5
    # What an interpolator makes of the kept frames; a loop's first frame is appended and the
    # result's last one dropped.
    intervals = timing.native_frames - (0 if loop else 1)
    made = intervals * timing.multiplier
    kept, left = divmod(made, timing.ratio.denominator)
    assert left == 0
    assert timing.output_frames == kept + (0 if loop else 1)
    assert timing.ratio == Fraction(fps, family.native_fps)
    if timing.blended:
        assert (timing.period + timing.blended - 1) // 2 >= timing.blended
        assert timing.sampled_frames == timing.period + timing.blended
    assert timing.seconds * fps == timing.output_frames - (0 if loop else 1)


@given(FAMILIES, SECONDS, FPS, st.booleans())
def test_no_other_span_is_nearer(family, seconds, fps, loop):
    timing = plan_timing(seconds, fps, loop, family)
    quantum = 12 if family is TI2V_5B and fps != 24 else 4
    step = Fraction(quantum, family.native_fps)
    off = timing.seconds - Fraction(seconds)
    assert off <= step / 2 or timing.seconds == step
    assert off > -step / 2


@pytest.mark.parametrize(
    "seconds", [0, -1.0, 120.01, float("nan"), float("inf"), True, "5", None, 10**400, [5.0]]
)
def test_refuses_durations(seconds):
    with pytest.raises(InputError, match="duration must be more than 0 s") as caught:
        plan_timing(seconds, 16, False, I2V_A14B)
    assert caught.value.widget == "duration"
    assert repr(seconds)[:40] in str(caught.value)


@pytest.mark.parametrize("fps", [0, 8, 25, 30, 16.5, True, "16", None, float("nan")])
def test_refuses_frame_rates(fps):
    with pytest.raises(InputError, match="fps must be 16, 24 or 32") as caught:
        plan_timing(5.0, fps, False, I2V_A14B)
    assert caught.value.widget == "fps"
    assert repr(fps) in str(caught.value)


def test_takes_a_whole_float_for_fps():
    timing = plan_timing(5, 32.0, False, I2V_A14B)
    assert timing.output_fps == 32
    assert isinstance(timing.output_fps, int)
