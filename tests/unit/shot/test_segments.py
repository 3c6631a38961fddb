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
        (85, I2V_A14B, 5, [41, 49], [0, 41]),
        (85, I2V_A14B, 1, [41, 45], [0, 41]),
        (157, I2V_A14B, 5, [77, 85], [0, 77]),
        (161, I2V_A14B, 5, [81, 85], [0, 81]),
        (161, I2V_A14B, 13, [81, 93], [0, 81]),
        (165, I2V_A14B, 5, [53, 61, 61], [0, 53, 109]),
        (481, I2V_A14B, 5, [81] + [85] * 5, [0, 81, 161, 241, 321, 401]),
        (241, TI2V_5B, 1, [121, 121], [0, 121]),
        (241, TI2V_5B, 5, [121, 125], [0, 121]),
    ],
)
def test_long_clips(frames, family, context, sampled, starts):
    segments = plan_segments(frames, family, context)
    assert lengths(segments) == sampled
    assert [segment.start for segment in segments] == starts
    assert [segment.context for segment in segments] == [1] + [context] * (len(sampled) - 1)


def made_of(segment):
    """Frames that the model has to make up, those of known ends of whole latents left out."""
    tail = segment.known.tail if segment.known.tail > 1 else 0
    return segment.sampled_frames - segment.context - tail


@given(CLIPS, st.sampled_from([(I2V_A14B, 0), (I2V_A14B, 1), (TI2V_5B, 0)]), CONTEXTS)
def test_segments_make_up_the_clip(frames, family_and_tail, context):
    family, tail = family_and_tail
    segments = plan_segments(frames, family, context, tail=tail)
    assert sum(segment.new_frames for segment in segments) == frames
    made = [made_of(segment) for segment in segments]
    assert max(made) < family.native_window
    assert max(made) - min(made) <= 4

    so_far = 0
    for index, segment in enumerate(segments):
        assert segment.index == segment.seed_offset == index
        assert segment.start == so_far
        assert segment.sampled_frames % 4 == 1
        assert segment.known.head == segment.context == (context if index else 1)
        assert segment.known.tail == (tail if segment is segments[-1] else 0)
        assert segment.new_frames == segment.sampled_frames - (context if index else 0)
        so_far += segment.new_frames


@given(CLIPS, CONTEXTS, CONTEXTS, st.sampled_from([0, 1, 4, 8, 12]))
def test_segments_go_on_from_another_clip(frames, head, context, tail):
    whole = frames + head - 1 + (tail if tail > 1 else 0)
    segments = plan_segments(whole, I2V_A14B, context, head=head, tail=tail)
    assert [segment.context for segment in segments] == [head] + [context] * (len(segments) - 1)
    assert all(
        segment.new_frames == segment.sampled_frames - segment.context for segment in segments
    )
    assert sum(segment.new_frames for segment in segments) == whole - head
    assert max(map(made_of, segments)) <= 80
    assert len(segments) == -(-(frames - 1) // 80)


def test_from_fewer_context_frames_the_new_ones_stay():
    last = plan_segments(165, I2V_A14B, 9, tail=1)[-1]
    fewer = last.from_fewer(1)
    assert (fewer.new_frames, fewer.start) == (last.new_frames, last.start)
    assert fewer.sampled_frames == last.new_frames + 1
    assert fewer.known == KnownFrames(1, 1)


def test_several_end_frames_go_to_the_last_shot():
    segments = plan_segments(173, I2V_A14B, 5, tail=8)
    assert [segment.known.tail for segment in segments] == [0, 0, 8]


@pytest.mark.parametrize("context", [0, 2, 4, 17, -1, 5.5, True, "5", None, float("nan")])
def test_refuses_contexts(context):
    with pytest.raises(InputError, match="context_frames must be 1, 5, 9 or 13") as caught:
        plan_segments(81, I2V_A14B, context)
    assert caught.value.widget == "context_frames"
    assert repr(context) in str(caught.value)


@pytest.mark.parametrize("frames", [0, 1, 80, 82, 81.0])
def test_refuses_clips(frames):
    with pytest.raises(InputError) as caught:
        plan_segments(frames, I2V_A14B)
    assert caught.value.widget == "duration"


def test_the_5b_takes_no_end_frames():
    with pytest.raises(InputError, match="takes no end frames"):
        plan_segments(121, TI2V_5B, 5, tail=1)
