from dataclasses import replace

import pytest

from wanderlens.shot import I2V_A14B, TI2V_5B, CustomSettings, InputError, quality_settings

CUSTOM = CustomSettings()


@pytest.mark.parametrize(
    ("family", "quality", "end", "steps", "cfg", "shift", "sampler", "rule"),
    [
        (I2V_A14B, "standard", False, 20, 3.5, 5, "euler", "noise"),
        (I2V_A14B, "best", False, 40, 3.5, 5, "euler", "noise"),
        (I2V_A14B, "fast", False, 4, 1, 5, "euler", "fixed"),
        (I2V_A14B, "standard", True, 20, 4, 8, "euler", "noise"),
        (I2V_A14B, "best", True, 40, 4, 8, "euler", "noise"),
        (I2V_A14B, "fast", True, 4, 1, 5, "euler", "fixed"),
        (TI2V_5B, "standard", False, 20, 5, 8, "uni_pc", "none"),
        (TI2V_5B, "best", False, 50, 5, 5, "uni_pc", "none"),
    ],
)
def test_table(family, quality, end, steps, cfg, shift, sampler, rule):
    settings = quality_settings(quality, family, end, CUSTOM)
    assert (settings.steps, settings.cfg, settings.shift) == (steps, cfg, shift)
    assert (settings.sampler_name, settings.scheduler) == (sampler, "simple")
    assert settings.split_rule == rule
    assert settings.boundary == (0.9 if family is I2V_A14B else None)


def test_custom_is_passed_through():
    custom = CustomSettings(6, 1, 16, "dpmpp_2m", "beta", 0.875)
    settings = quality_settings("custom", I2V_A14B, True, custom)
    assert (settings.steps, settings.cfg, settings.shift) == (6, 1.0, 16.0)
    assert (settings.sampler_name, settings.scheduler) == ("dpmpp_2m", "beta")
    assert (settings.split_rule, settings.boundary) == ("noise", 0.875)
    settings = quality_settings("custom", TI2V_5B, False, custom)
    assert (settings.split_rule, settings.boundary) == ("none", None)


def test_custom_settings_are_read_for_custom_only():
    nonsense = CustomSettings(-1, float("nan"), -1, "", "", 7)
    assert quality_settings("standard", I2V_A14B, False, nonsense).steps == 20


@pytest.mark.parametrize(
    ("widget", "low", "high"),
    [("steps", 1, 200), ("cfg", 0, 30), ("shift", 0.01, 100), ("boundary", 0, 1)],
)
def test_custom_bounds_are_taken(widget, low, high):
    for value in (low, high):
        settings = quality_settings("custom", I2V_A14B, False, replace(CUSTOM, **{widget: value}))
        assert getattr(settings, widget) == value


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        ("steps", 0),
        ("steps", 201),
        ("steps", 20.5),
        ("steps", True),
        ("cfg", -0.1),
        ("cfg", 30.1),
        ("cfg", float("nan")),
        ("shift", 0),
        ("shift", float("inf")),
        ("shift", "5"),
        ("boundary", 1.01),
        ("boundary", None),
        ("sampler_name", ""),
        ("sampler_name", None),
        ("scheduler", "  "),
        ("scheduler", 3),
    ],
)
@pytest.mark.parametrize("family", [I2V_A14B, TI2V_5B])
def test_custom_refusals(family, widget, value):
    with pytest.raises(InputError, match=f"{widget} must be") as caught:
        quality_settings("custom", family, False, replace(CUSTOM, **{widget: value}))
    assert caught.value.widget == widget
    assert repr(value) in str(caught.value)


def test_the_5b_has_no_fast_setting():
    with pytest.raises(InputError, match="standard, best or custom") as caught:
        quality_settings("fast", TI2V_5B, False, CUSTOM)
    assert caught.value.widget == "quality"
    assert "4-step" in caught.value.remedy
    assert "'fast'" in str(caught.value)


@pytest.mark.parametrize("quality", ["ultra", "", None, 2])
def test_unknown_quality(quality):
    with pytest.raises(InputError, match="quality must be one of standard, fast, best") as caught:
        quality_settings(quality, I2V_A14B, False, CUSTOM)
    assert caught.value.widget == "quality"
    assert repr(quality) in str(caught.value)
