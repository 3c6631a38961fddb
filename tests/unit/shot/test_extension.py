"""What is added to a clip, counted in frames."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.shot import (
    I2V_A14B,
    NANO,
    TI2V_5B,
    CustomSettings,
    ExtensionRequest,
    InputError,
    KnownFrames,
    check_fps,
    plan_extension,
)

CLIP = ExtensionRequest(clip_frames=81, clip_width=832, clip_height=480)
SECONDS = st.floats(0.01, 60)
RATES = st.sampled_from([8, 12, 16, 23.976, 24, 25, 29.97, 30, 32, 48, 60])
CONTEXTS = st.sampled_from([1, 5, 9, 13])


def plan(family=I2V_A14B, **changes):
    return plan_extension(replace(CLIP, **changes), family)


@pytest.mark.parametrize(
    ("fps", "seconds", "added", "sampled"),
    [
        (16, 5.0, 80, [85]),
        (24, 5.0, 120, [85]),
        (32, 5.0, 160, [85]),
        (16, 10.0, 160, [85, 85]),
        (16, 30.0, 480, [85] * 6),
        (16, 0.01, 1, [9]),
        (29.97, 5.0, 149, [85]),
        (30, 1.0, 30, [21]),
    ],
)
def test_seconds_become_frames(fps, seconds, added, sampled):
    made = plan(clip_fps=fps, duration=seconds)
    assert made.new_frames == added
    assert [segment.sampled_frames for segment in made.segments] == sampled
    assert made.segments[0].context == 5
    assert sum(segment.new_frames for segment in made.segments) == made.span


def test_the_5b_counts_in_its_own_frames():
    made = plan(TI2V_5B, clip_fps=24, duration=5.0)
    assert (made.new_frames, made.segments[0].sampled_frames) == (120, 125)
    made = plan(TI2V_5B, clip_fps=16, duration=5.0)
    assert (made.new_frames, made.span) == (80, 120)


@given(SECONDS, RATES, CONTEXTS)
def test_open_ends(seconds, fps, context):
    made = plan(clip_fps=fps, duration=seconds, context_frames=context)
    assert made.tail == 0
    assert abs(made.new_frames - seconds * fps) <= 1.5
    assert all(0 < place <= made.span for place in made.places)
    steps = {after - before for before, after in zip(made.places, made.places[1:], strict=False)}
    assert steps <= {1 / made.ratio}
    assert made.places[0] == 1 / made.ratio
    assert made.span - made.places[-1] < 4, "no latent is made in vain"
    assert made.seconds == made.new_frames / made.clip_fps


@given(SECONDS, RATES, CONTEXTS, st.integers(1, 200))
def test_bridges_meet_the_next_clip_on_its_own_time(seconds, fps, context, following):
    made = plan(clip_fps=fps, duration=seconds, context_frames=context, next_frames=following)
    last = made.segments[-1]
    assert last.known.tail == made.tail
    assert made.tail == 1 or made.tail % 4 == 0
    assert made.tail <= max(1, context - 1)
    # The first frame of what follows lies one frame after the last that is added.
    start = made.span - made.tail_start
    assert 0 <= made.tail_start < 1
    step = made.places[0]
    assert made.places[-1] + step == start
    if made.ratio >= 1 and (made.tail > 1 or made.tail_start):
        assert step == 1 / made.ratio
    assert (made.tail_start + made.tail - 1) * made.ratio <= following - 1
    made_up = sum(segment.new_frames for segment in made.segments) - made.tail
    assert made_up == made.span - 1


@given(SECONDS, RATES)
def test_a_picture_is_the_last_frame(seconds, fps):
    made = plan(clip_fps=fps, duration=seconds, has_end_image=True)
    assert (made.tail, made.tail_start) == (1, 0)
    assert made.places[-1] == made.span
    assert made.segments[-1].known.tail == 1


def test_a_loop_leads_back_to_its_own_start():
    made = plan(close_loop=True, duration=2.0, clip_fps=24)
    assert (made.ending, made.new_frames, made.tail) == ("clip", 48, 4)
    assert made.tail_start == Fraction(1, 3)
    assert made.segments[0].known == KnownFrames(5, 4)
    assert made.settings.shift == 8, "a known end has settings of its own"


@pytest.mark.parametrize(
    ("frames", "fps", "wanted", "context"),
    [(81, 16, 13, 13), (5, 16, 13, 5), (4, 16, 5, 1), (1, 16, 5, 1), (9, 32, 9, 5), (7, 24, 5, 5)],
)
def test_short_clips_give_fewer_context_frames(frames, fps, wanted, context):
    made = plan(clip_frames=frames, clip_fps=fps, context_frames=wanted)
    assert made.context == context
    assert any("too short" in note for note in made.notes) == (context < wanted)


def test_odd_sizes_get_margins():
    made = plan(clip_width=1000, clip_height=479)
    assert (made.size.width, made.size.height) == (1008, 480)
    assert (made.size.left, made.size.right, made.size.top, made.size.bottom) == (4, 4, 0, 1)
    assert "no frame is scaled" in made.summary()
    assert not plan().size.padded
    assert plan(TI2V_5B, clip_width=848).size.width == 864


def test_what_is_too_large_is_told():
    assert "720p" in plan(clip_width=1920, clip_height=1088).summary()
    assert "720p" not in plan(clip_width=1280, clip_height=720).summary()


def test_the_summary():
    assert plan(duration=12.0, seed=7).summary().splitlines() == [
        "Model: i2v-A14B",
        "Added: 192 frames at 16 fps, 12.000 s, from 5 native frames of the clip's end",
        "Sampling: 20 steps, cfg 3.5, shift 5, euler / simple, seed 7",
        "Experts: 8 steps high-noise, 12 low-noise (hand-over below noise level 0.9)",
        "Segments: 3, adding 64 + 64 + 64 frames",
        "Note: The model makes at most 80 new frames in one segment, so 3 segments follow each "
        "other.",
    ]
    assert "(SVI)" in plan(layout="SVI anchor").summary()
    assert "to the picture" in plan(has_end_image=True).summary()
    assert "to the first 4 of what follows" in plan(next_frames=81).summary()


def test_custom_settings_and_seeds():
    made = plan(quality="custom", custom=CustomSettings(steps=3, cfg=1.0), seed=2**64 - 1,
                duration=10.0)  # fmt: skip
    assert (made.settings.steps, made.settings.cfg) == (3, 1.0)
    assert [made.segment_seed(segment) for segment in made.segments] == [2**64 - 1, 0]


@pytest.mark.parametrize(
    ("changes", "widget"),
    [
        ({"duration": 0}, "duration"),
        ({"duration": float("nan")}, "duration"),
        ({"duration": 121}, "duration"),
        ({"clip_fps": 0.5}, "clip_fps"),
        ({"clip_fps": float("nan")}, "clip_fps"),
        ({"clip_fps": "16"}, "clip_fps"),
        ({"clip_fps": 1000}, "clip_fps"),
        ({"context_frames": 4}, "context_frames"),
        ({"color_match": 1.5}, "color_match"),
        ({"color_match": float("nan")}, "color_match"),
        ({"close_loop": 1}, "close_loop"),
        ({"quality": "good"}, "quality"),
        ({"seed": -1}, "seed"),
        ({"layout": "SVI"}, "continue_from"),
        ({"layout": "SVI anchor", "close_loop": True}, "continue_from"),
        ({"layout": "SVI anchor", "context_frames": 1}, "context_frames"),
        ({"close_loop": True, "next_frames": 5}, "close_loop"),
        ({"has_end_image": True, "next_frames": 5}, "end_image"),
    ],
)
def test_refuses(changes, widget):
    with pytest.raises(InputError) as caught:
        plan(**changes)
    assert caught.value.widget == widget


@pytest.mark.parametrize(
    "changes",
    [{"close_loop": True}, {"next_frames": 9}, {"has_end_image": True}, {"layout": "SVI anchor"}],
)
def test_the_5b_is_refused_what_it_cannot_do(changes):
    with pytest.raises(InputError, match="ti2v-5B"):
        plan(TI2V_5B, **changes)


def test_the_nano_has_its_own_window():
    made = plan(NANO, duration=10.0)
    assert [segment.sampled_frames for segment in made.segments] == [37] * 5


@pytest.mark.parametrize(
    ("number", "fps"),
    [
        (16.0, Fraction(16)), (29.97, Fraction(30000, 1001)), (23.976, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)), (12.5, Fraction(25, 2)), (24, Fraction(24)),
        (29.970029970029970, Fraction(30000, 1001)), (Fraction(50, 3), Fraction(50, 3)),
    ],
)  # fmt: skip
def test_frame_rates_are_what_was_meant(number, fps):
    assert check_fps(number, "clip_fps") == fps
