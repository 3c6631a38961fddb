import pickle

import pytest

from wanderlens.checks import as_number, as_whole, on_or_off
from wanderlens.errors import InputError


def test_message_reads_as_sentences():
    error = InputError(
        "duration must be more than 0 s and at most 120 s",
        float("nan"),
        "Set a duration such as 5.0.",
        "duration",
    )
    assert str(error) == (
        "duration must be more than 0 s and at most 120 s, got nan. "
        "Set a duration such as 5.0. (widget: duration)"
    )


def test_message_without_a_widget_ends_with_the_remedy():
    assert str(InputError("x must be 1", 2, "Set 1.")) == "x must be 1, got 2. Set 1."


def test_long_values_are_cut():
    assert len(str(InputError("rule", [0] * 10_000, "Remedy."))) < 120


def test_survives_pickling():
    error = pickle.loads(pickle.dumps(InputError("rule", 3, "Remedy.", "steps")))
    assert (error.rule, error.value, error.remedy, error.widget) == ("rule", 3, "Remedy.", "steps")


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (3, 3.0, 3),
        (3.0, 3.0, 3),
        (3.5, 3.5, None),
        (2**60 + 1, float(2**60), 2**60 + 1),
        (10**400, None, 10**400),
        (True, None, None),
        ("3", None, None),
        (None, None, None),
        (3j, None, None),
        (float("nan"), None, None),
        (float("inf"), None, None),
    ],
)
def test_numbers_are_taken_as_they_are_or_not_at_all(value, number, whole):
    assert as_number(value) == number
    assert as_whole(value) == whole


@pytest.mark.parametrize("value", [0, 1, "true", None, 1.0])
def test_switches_take_booleans_only(value):
    with pytest.raises(InputError) as caught:
        on_or_off(value, "loop")
    assert caught.value.widget == "loop"
    assert repr(value) in str(caught.value)
