import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest

from wanderlens.shot import (
    I2V_A14B,
    TI2V_5B,
    CustomSettings,
    ExpertSplit,
    InputError,
    KnownFrames,
    ShotRequest,
    plan_shot,
    simple_sigmas,
)

STILL = ShotRequest(832, 480)


def test_defaults_make_the_stock_clip():
    plan = plan_shot(STILL, I2V_A14B)
    assert (plan.size.width, plan.size.height, plan.size.untouched) == (832, 480, True)
    assert plan.timing.sampled_frames == plan.timing.output_frames == 81
    assert plan.sigmas == simple_sigmas(20, 5)
    assert plan.split is not None
    assert (plan.split.high_steps, plan.split.low_steps) == (8, 12)
    assert [segment.known for segment in plan.segments] == [KnownFrames(1, 0)]
    assert plan.seed == 0


def test_loop_of_the_a14b_ends_on_its_first_frame():
    plan = plan_shot(replace(STILL, loop=True, fps=32), I2V_A14B)
    assert (plan.timing.sampled_frames, plan.timing.period) == (81, 80)
    assert plan.timing.output_frames == 160
    assert plan.segments[-1].known == KnownFrames(1, 1)
    assert (plan.settings.cfg, plan.settings.shift) == (4, 8)
    assert plan.split is not None
    assert plan.split.high_steps == 10


def test_end_image_of_the_a14b():
    plan = plan_shot(replace(STILL, has_end_image=True, duration=12), I2V_A14B)
    assert plan.timing.native_frames == 193
    assert [segment.known.tail for segment in plan.segments] == [0, 0, 1]
    assert plan.settings.shift == 8


def test_a_loop_of_the_5b_is_longer_by_what_is_blended():
    plan = plan_shot(replace(STILL, loop=True, fps=24), TI2V_5B)
    assert plan.timing.loop
    assert (plan.timing.sampled_frames, plan.timing.native_frames) == (129, 120)
    assert plan.segments[-1].known == KnownFrames(1, 0)
    assert plan.split is None
    assert plan.sigmas is not None
    assert len(plan.sigmas) == 21
    assert len(plan.segments) == 1, "what is blended does not make it two segments"
    assert any("blended into the first" in note for note in plan.notes)


def test_fast_hands_over_after_two_steps():
    plan = plan_shot(replace(STILL, quality="fast"), I2V_A14B)
    assert plan.sigmas is not None
    assert plan.split == ExpertSplit(2, 2, plan.sigmas[2])
    assert plan.settings.split_rule == "fixed"


def test_other_schedulers_are_left_to_the_engine():
    plan = plan_shot(
        replace(STILL, quality="custom", custom=CustomSettings(scheduler="beta")), I2V_A14B
    )
    assert plan.sigmas is None
    assert plan.split is None
    assert (plan.settings.split_rule, plan.settings.boundary) == ("noise", 0.9)


def test_seeds_of_shots_wrap_around():
    plan = plan_shot(replace(STILL, duration=12, seed=2**64 - 2), I2V_A14B)
    seeds = [plan.segment_seed(segment) for segment in plan.segments]
    assert seeds == [2**64 - 2, 2**64 - 1, 0]


def test_a_plain_request_has_no_notes_but_the_advice_on_shift():
    (note,) = plan_shot(STILL, I2V_A14B).notes
    assert "480p is shift 3" in note
    assert (
        plan_shot(replace(STILL, quality="custom", custom=CustomSettings(shift=3)), I2V_A14B).notes
        == ()
    )
    (note,) = plan_shot(replace(STILL, quality="fast"), I2V_A14B).notes
    assert note == "cfg 1 works without the negative prompt."
    assert plan_shot(replace(STILL, fps=24), TI2V_5B).notes == ()
    assert plan_shot(replace(STILL, resolution="match image"), I2V_A14B).notes == ()


def test_notes_on_rounding_and_shots():
    request = ShotRequest(1920, 1080, duration=12.1, quality="best", loop=True)
    assert plan_shot(request, I2V_A14B).notes == (
        "The duration of 12.1 s became 12 s, the nearest that makes whole frames.",
        "The model makes at most 81 frames in one segment, so the clip is 3 segments, "
        "each continuing the last 5 frames of the one before.",
    )


@pytest.mark.parametrize(
    ("family", "fps", "words"),
    [
        (I2V_A14B, 16, None),
        (I2V_A14B, 32, None),
        (I2V_A14B, 24, "Of every 3 frames only one is the model's own, which makes 16 fps"),
        (TI2V_5B, 16, "Of every 2 frames only one is the model's own, which makes 24 fps"),
        (TI2V_5B, 32, "Of every 4 frames only one is the model's own, which makes 24 fps"),
    ],
)
def test_frames_that_are_mostly_interpolated_are_noted(family, fps, words):
    notes = plan_shot(replace(STILL, fps=fps, quality="best"), family).notes
    found = [note for note in notes if "interpolated" in note]
    assert bool(found) == (words is not None)
    assert all(note.startswith(words) for note in found)


def test_a_clip_that_fills_the_memory_is_noted():
    long = replace(STILL, duration=120, fps=32)
    assert any("18 GB of memory" in note for note in plan_shot(long, I2V_A14B).notes)


def test_a_large_crop_is_noted_and_what_rounding_costs_is_not():
    square = replace(STILL, resolution="custom", width=512, height=512, picture_width=1024)
    (note,) = plan_shot(replace(square, picture_height=512), I2V_A14B).notes
    assert note.startswith("50.0% of the picture is lost to the crop")
    assert plan_shot(replace(square, picture_height=1008), I2V_A14B).notes == ()


def test_summary_of_a_long_loop():
    request = ShotRequest(1920, 1080, duration=12, loop=True, fps=24, seed=7)
    assert plan_shot(request, I2V_A14B).summary().splitlines()[:6] == [
        "Model: i2v-A14B",
        "Size: 848×480 from a picture of 1920×1080, scaled by 0.444, "
        "cropped by 0.6% (left 2, top 0, right 3, bottom 0 px)",
        "Frames: loop of 12 s, period 192 at 16 fps (193 made, the repeated one dropped), "
        "288 at 24 fps after interpolation",
        "Sampling: 20 steps, cfg 4, shift 8, euler / simple, seed 7",
        "Experts: 10 steps high-noise, 10 low-noise (hand-over below noise level 0.9)",
        "Segments: 3, adding 65 + 64 + 64 frames",
    ]


def test_summary_of_an_untouched_picture():
    assert plan_shot(STILL, TI2V_5B).summary().splitlines()[:-1] == [
        "Model: ti2v-5B",
        "Size: 832×480, the picture as it is",
        "Frames: 5 s, 121 made at 24 fps, 81 at 16 fps after interpolation",
        "Sampling: 20 steps, cfg 5, shift 8, uni_pc / simple, seed 0",
    ]


def test_summary_closes_with_the_notes():
    plan = plan_shot(replace(STILL, duration=5.1), I2V_A14B)
    assert len(plan.notes) == 2
    assert plan.summary().splitlines()[-2:] == [f"Note: {note}" for note in plan.notes]


@pytest.mark.parametrize(
    ("family", "widget", "changes"),
    [
        (I2V_A14B, "image", {"picture_width": 8}),
        (I2V_A14B, "fps", {"fps": 30}),
        (I2V_A14B, "duration", {"duration": float("nan")}),
        (I2V_A14B, "loop", {"loop": 1}),
        (I2V_A14B, "loop", {"loop": True, "has_end_image": True}),
        (I2V_A14B, "end_image", {"has_end_image": None}),
        (TI2V_5B, "end_image", {"has_end_image": True}),
        (I2V_A14B, "resolution", {"resolution": "1080p"}),
        (I2V_A14B, "width", {"resolution": "custom", "width": 833}),
        (I2V_A14B, "height", {"resolution": "custom", "height": 481}),
        (I2V_A14B, "quality", {"quality": "ultra"}),
        (TI2V_5B, "quality", {"quality": "fast"}),
        (I2V_A14B, "seed", {"seed": -1}),
        (I2V_A14B, "seed", {"seed": 2**64}),
        (I2V_A14B, "seed", {"seed": 1.0}),
        (I2V_A14B, "seed", {"seed": True}),
        (I2V_A14B, "seed", {"seed": "7"}),
        (I2V_A14B, "steps", {"quality": "custom", "custom": {"steps": 0}}),
        (I2V_A14B, "cfg", {"quality": "custom", "custom": {"cfg": float("inf")}}),
        (I2V_A14B, "shift", {"quality": "custom", "custom": {"shift": 0}}),
        (I2V_A14B, "sampler_name", {"quality": "custom", "custom": {"sampler_name": ""}}),
        (I2V_A14B, "scheduler", {"quality": "custom", "custom": {"scheduler": ""}}),
        (I2V_A14B, "boundary", {"quality": "custom", "custom": {"boundary": 2}}),
        (I2V_A14B, "context_frames", {"context_frames": 4}),
    ],
)
def test_every_refusal_names_its_widget_and_value(family, widget, changes):
    custom = changes.get("custom", {})
    changes = {name: value for name, value in changes.items() if name != "custom"}
    with pytest.raises(InputError) as caught:
        plan_shot(replace(STILL, custom=CustomSettings(**custom), **changes), family)
    assert caught.value.widget == widget
    assert str(caught.value).endswith(f". (widget: {widget})")
    assert repr(list((changes | custom).values())[-1]) in str(caught.value)


def test_plans_cannot_be_changed():
    plan = plan_shot(STILL, I2V_A14B)
    with pytest.raises(FrozenInstanceError):
        plan.seed = 1  # type: ignore[misc]


def test_importing_the_plan_loads_nothing_heavy():
    code = (
        "import sys, wanderlens.shot; "
        "print(sorted({'torch', 'numpy', 'comfy', 'diffusers', 'PIL', 'av'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
