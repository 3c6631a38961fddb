from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.shot import I2V_A14B, TI2V_5B, InputError, KnownFrames, plan_segments

CLIPS = st.integers(1, 720).map(lambda count: 4 * count + 1)
CONTEXTS = st.sampled_from([1, 5, 9, 13])


def lengths(segments):
    return [segment.sampled_frames for segment in segments]


def test_one_shot():
    (only,) = plan_segments(81, I2V_A14B)
    assert (only.start, only.sampled_frames, only.context, only.new_frames) == (0, 81, 1, 81)
    assert only.known == KnownFrames(1, 0)


@pytest.mark.parametrize(
    ("frames", "family", "context", "sampled", "starts"),
    [
        (85, I2V_A14B, 5, [45, 45], [0, 45]),
        (85, I2V_A14B, 1, [45, 41], [0, 45]),
        (157, I2V_A14B, 5, [81, 81], [0, 81]),
        (161, I2V_A14B, 5, [57, 57, 57], [0, 57, 109]),
        (161, I2V_A14B, 1, [81, 81], [0, 81]),
        (193, I2V_A14B, 5, [69, 69, 65], [0, 69, 133]),
        (241, TI2V_5B, 1, [121, 121], [0, 121]),
        (241, TI2V_5B, 5, [85, 85, 81], [0, 85, 165]),
    ],
)
def test_long_clips(frames, family, context, sampled, starts):
    segments = plan_segments(frames, family, context)
    assert lengths(segments) == sampled
    assert [segment.start for segment in segments] == starts
    assert [segment.context for segment in segments] == [1] + [context] * (len(sampled) - 1)


@given(CLIPS, st.sampled_from([(I2V_A14B, 0), (I2V_A14B, 1), (TI2V_5B, 0)]), CONTEXTS)
def test_segments_make_up_the_clip(frames, family_and_tail, context):
    family, tail = family_and_tail
    segments = plan_segments(frames, family, context, tail)
    assert sum(segment.new_frames for segment in segments) == frames
    assert max(lengths(segments)) <= family.native_window
    assert max(lengths(segments)) - min(lengths(segments)) <= 4

    so_far = 0
    for index, segment in enumerate(segments):
        assert segment.index == segment.seed_offset == index
        assert segment.start == so_far
        assert segment.sampled_frames % 4 == 1
        assert segment.known.head == segment.context == (context if index else 1)
        assert segment.known.tail == (tail if segment is segments[-1] else 0)
        if index:
            assert segment.new_frames == segment.sampled_frames - context
            assert segment.new_frames % 4 == 0
            assert segment.new_frames > 0
            assert so_far >= context
        else:
            assert segment.new_frames == segment.sampled_frames
        so_far += segment.new_frames


@given(CLIPS, st.sampled_from([I2V_A14B, TI2V_5B]), CONTEXTS)
def test_fewer_segments_could_not_hold_the_clip(frames, family, context):
    count = len(plan_segments(frames, family, context))
    window = family.native_window
    assert count == 1 or frames > window + (count - 2) * (window - context)
    assert frames <= window + (count - 1) * (window - context)


def test_several_end_frames_go_to_the_last_shot():
    segments = plan_segments(161, I2V_A14B, 5, tail=8)
    assert [segment.known.tail for segment in segments] == [0, 0, 8]


@pytest.mark.parametrize("context", [0, 2, 4, 17, -1, 5.5, True, "5", None, float("nan")])
def test_refuses_contexts(context):
    with pytest.raises(InputError, match="context_frames must be 1, 5, 9 or 13") as caught:
        plan_segments(81, I2V_A14B, context)
    assert caught.value.widget == "context_frames"
    assert repr(context) in str(caught.value)


def test_refuses_a_context_that_fills_the_window():
    small = replace(I2V_A14B, native_window=9)
    assert len(plan_segments(9, small, 9)) == 1
    assert lengths(plan_segments(17, small, 5)) == [9, 9, 9]
    with pytest.raises(InputError, match="fewer than the 9 frames") as caught:
        plan_segments(17, small, 9)
    assert caught.value.widget == "context_frames"


@pytest.mark.parametrize("frames", [0, 1, 80, 82, 81.0])
def test_refuses_clips(frames):
    with pytest.raises(InputError) as caught:
        plan_segments(frames, I2V_A14B)
    assert caught.value.widget == "duration"


def test_the_5b_takes_no_end_frames():
    with pytest.raises(InputError, match="takes no end frames"):
        plan_segments(121, TI2V_5B, 5, tail=1)
