import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.shot import (
    ExpertSplit,
    InputError,
    sampler_sigmas,
    simple_sigmas,
    split_by_noise,
    split_experts,
)

STEPS = st.integers(1, 200)
SHIFTS = st.floats(0.01, 100)
DESCENDING = st.lists(st.floats(1e-6, 1), min_size=1, max_size=60).map(
    lambda levels: (*sorted(levels, reverse=True), 0.0)
)


def as_float32(values):
    return [struct.unpack("f", struct.pack("f", value))[0] for value in values]


@pytest.mark.parametrize(
    ("steps", "shift", "expected"),
    [
        (4, 5, (1.0, 0.9375, 5 / 6, 0.625, 0.0)),
        (4, 1, (1.0, 0.75, 0.5, 0.25, 0.0)),
        (4, 8, (1.0, 0.96, 8 / 9, 8 / 11, 0.0)),
        (1, 5, (1.0, 0.0)),
        # 333 and 666 of the table's 1000 entries are passed over: t = 1, 0.667, 0.334.
        (3, 1, (1.0, 0.667, 0.334, 0.0)),
    ],
)
def test_simple_sigmas(steps, shift, expected):
    assert simple_sigmas(steps, shift) == pytest.approx(expected, abs=1e-12)


def test_uni_pc_takes_one_step_more_and_leaves_out_the_last_level():
    expected = (1.0, 4 / 4.2, 3 / 3.4, 2 / 2.6, 0.0)  # t = 1, 0.8, 0.6, 0.4 at shift 5
    assert sampler_sigmas(4, 5, "uni_pc") == pytest.approx(expected, abs=1e-12)
    assert sampler_sigmas(4, 5, "euler") == simple_sigmas(4, 5)


@given(STEPS, SHIFTS, st.sampled_from(["euler", "uni_pc", "dpm_2"]))
def test_sigmas_fall_from_one_to_zero(steps, shift, sampler_name):
    sigmas = sampler_sigmas(steps, shift, sampler_name)
    assert len(sigmas) == steps + 1
    assert sigmas[0] == pytest.approx(1)
    assert sigmas[-1] == 0
    assert all(later < earlier for earlier, later in pairwise(sigmas))


@pytest.mark.parametrize(
    ("shift", "steps", "high"),
    [(5, 4, 2), (5, 20, 8), (5, 40, 15), (8, 4, 2), (8, 20, 10), (8, 40, 19)],
)
def test_steps_above_the_boundary(shift, steps, high):
    sigmas = simple_sigmas(steps, shift)
    assert split_by_noise(sigmas) == high
    assert split_by_noise(as_float32(sigmas)) == high


def test_a_level_on_the_boundary_is_high_noise_in_float32_too():
    sigmas = simple_sigmas(2, 9)  # 9·0.5 / (1 + 8·0.5) = 0.9
    assert sigmas[1] == pytest.approx(0.9, abs=1e-15)
    assert split_by_noise(sigmas) == 2
    assert as_float32(sigmas)[1] < 0.9
    assert split_by_noise(as_float32(sigmas)) == 2
    assert split_by_noise((1.0, 0.89999, 0.0)) == 1


@pytest.mark.parametrize("shift", [1, 2, 3, 5, 8, 12, 16])
def test_float32_splits_as_float64(shift):
    for steps in range(1, 201):
        sigmas = simple_sigmas(steps, shift)
        assert split_by_noise(as_float32(sigmas)) == split_by_noise(sigmas)


@given(DESCENDING, st.floats(0, 1))
def test_split_parts_any_falling_levels(sigmas, boundary):
    split = split_experts(sigmas, "noise", boundary)
    assert split is not None
    assert split.high_steps + split.low_steps == len(sigmas) - 1
    assert split.handover_sigma == sigmas[split.high_steps]
    high, low = sigmas[: split.high_steps], sigmas[split.high_steps : -1]
    assert all(sigma >= boundary - 2e-6 for sigma in high)
    assert all(sigma < boundary for sigma in low)


@given(DESCENDING, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_boundary_never_adds_high_noise_steps(sigmas, one, other):
    low, high = sorted((one, other))
    assert split_by_noise(sigmas, high) <= split_by_noise(sigmas, low)


@pytest.mark.parametrize(
    ("shift", "rule", "boundary", "high", "low", "handover"),
    [
        (5, "noise", 0.9, 2, 2, 5 / 6),
        (5, "noise", 0.95, 1, 3, 0.9375),
        (5, "fixed", 0.9, 2, 2, 5 / 6),
        # At LightX2V's shift of 16 three levels lie above the boundary, the hand-over stays at 2.
        (16, "noise", 0.9, 3, 1, 4 / 4.75),
        (16, "fixed", 0.9, 2, 2, 8 / 8.5),
    ],
)
def test_split_rules(shift, rule, boundary, high, low, handover):
    split = split_experts(simple_sigmas(4, shift), rule, boundary)
    assert split is not None
    assert (split.high_steps, split.low_steps) == (high, low)
    assert split.handover_sigma == pytest.approx(handover)


def test_one_model_has_no_split():
    assert split_experts(simple_sigmas(4, 5), "none", None) is None


def test_an_expert_may_have_no_steps():
    assert split_experts((1.0, 0.5, 0.0), "noise", 0.0) == ExpertSplit(2, 0, 0.0)
    assert split_experts((0.5, 0.25, 0.0), "noise", 0.9) == ExpertSplit(0, 2, 0.5)


@pytest.mark.parametrize(
    "sigmas",
    [
        (),
        (0.0,),
        (1.0, 0.5),
        (1.0, 0.5, 0.7, 0.0),
        (1.0, float("nan"), 0.0),
        (float("inf"), 0.5, 0.0),
        (0.0, 0.0),
        (-0.5, -1.0, 0.0),
        (1.0, -0.1),
    ],
)
def test_refuses_noise_levels(sigmas):
    with pytest.raises(InputError, match="noise levels must be finite") as caught:
        split_by_noise(sigmas)
    assert caught.value.widget == "scheduler"
    with pytest.raises(InputError, match="noise levels must be finite"):
        split_experts(sigmas, "fixed", None)


@pytest.mark.parametrize("steps", [0, -1, 201, 2.5, True, "20", None, float("nan")])
def test_refuses_steps(steps):
    for sigmas in (lambda: simple_sigmas(steps, 5), lambda: sampler_sigmas(steps, 5, "uni_pc")):
        with pytest.raises(
            InputError, match="steps must be a whole number from 1 to 200"
        ) as caught:
            sigmas()
        assert caught.value.widget == "steps"
        assert repr(steps) in str(caught.value)


@pytest.mark.parametrize("shift", [0, 0.009, 100.1, -5, float("inf"), float("nan"), "5", True])
def test_refuses_shifts(shift):
    with pytest.raises(InputError, match="shift must be a number") as caught:
        simple_sigmas(20, shift)
    assert caught.value.widget == "shift"
    assert repr(shift) in str(caught.value)


@pytest.mark.parametrize("boundary", [-0.1, 1.1, float("nan"), "0.9", True])
def test_refuses_boundaries(boundary):
    with pytest.raises(InputError, match="boundary must be a number from 0 to 1") as caught:
        split_by_noise(simple_sigmas(4, 5), boundary)
    assert caught.value.widget == "boundary"
    assert repr(boundary) in str(caught.value)


def test_refuses_what_a_rule_cannot_do():
    with pytest.raises(InputError, match="after step 2 needs more steps") as caught:
        split_experts(simple_sigmas(2, 5), "fixed", 0.9)
    assert caught.value.widget == "steps"
    with pytest.raises(InputError, match="needs a boundary") as caught:
        split_experts(simple_sigmas(4, 5), "noise", None)
    assert caught.value.widget == "boundary"
