import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wanderlens.shot import (
    I2V_A14B,
    TI2V_5B,
    InputError,
    KnownFrames,
    check_known,
    known_latents,
    latent_frames,
    mask_channels,
    pixel_known,
)

HEADS = st.one_of(st.just(0), st.integers(0, 5).map(lambda count: 4 * count + 1))
TAILS = st.one_of(st.just(1), st.integers(0, 5).map(lambda count: 4 * count))


@st.composite
def shots(draw):
    frames = 4 * draw(st.integers(1, 40)) + 1
    known = KnownFrames(draw(HEADS), draw(TAILS))
    assume(known.head + known.tail < frames)
    return frames, known


ALL, NONE = (1, 1, 1, 1), (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("frames", "head", "tail", "channels"),
    [
        (9, 0, 0, (NONE, NONE, NONE)),
        (9, 1, 0, (ALL, NONE, NONE)),
        (9, 5, 0, (ALL, ALL, NONE)),
        (9, 1, 1, (ALL, NONE, (0, 0, 0, 1))),
        (13, 5, 4, (ALL, ALL, NONE, ALL)),
        (17, 1, 8, (ALL, NONE, NONE, ALL, ALL)),
    ],
)
def test_mask_channels(frames, head, tail, channels):
    assert mask_channels(frames, KnownFrames(head, tail)) == channels


def test_known_latents_are_known_in_full():
    assert known_latents(9, KnownFrames(5, 0)) == (True, True, False)
    assert known_latents(9, KnownFrames(1, 1)) == (True, False, False)
    assert known_latents(13, KnownFrames(1, 4)) == (True, False, False, True)


@pytest.mark.parametrize(("frames", "latents"), [(1, 1), (5, 2), (17, 5), (81, 21), (121, 31)])
def test_latent_frames(frames, latents):
    assert latent_frames(frames) == latents


@given(shots())
def test_every_frame_has_its_channel(shot):
    frames, known = shot
    channels = mask_channels(frames, known)
    flags = pixel_known(frames, known)
    assert len(channels) == latent_frames(frames)
    assert len(flags) == frames
    assert sum(flags) == known.head + known.tail
    assert channels[0] == ((1,) * 4 if known.head else (0,) * 4)
    for latent in range(1, len(channels)):
        for channel in range(4):
            assert channels[latent][channel] == flags[4 * latent - 3 + channel]


@given(shots())
def test_only_a_single_end_frame_leaves_a_latent_half_known(shot):
    frames, known = shot
    mixed = [channels for channels in mask_channels(frames, known) if len(set(channels)) > 1]
    assert mixed == ([(0, 0, 0, 1)] if known.tail == 1 else [])
    head_latents, tail_latents = -(-known.head // 4), known.tail // 4
    assert sum(known_latents(frames, known)) == head_latents + tail_latents


@pytest.mark.parametrize("head", [-3, 2, 3, 4, 6, 8, 5.0, True, "5", None])
def test_refuses_heads(head):
    with pytest.raises(InputError, match="known frames at the start") as caught:
        KnownFrames(head)
    assert caught.value.widget == "context_frames"
    assert repr(head) in str(caught.value)


@pytest.mark.parametrize("tail", [-4, 2, 3, 5, 9, 4.0, True, "1", None])
def test_refuses_tails(tail):
    with pytest.raises(InputError, match="known frames at the end") as caught:
        KnownFrames(1, tail)
    assert caught.value.widget == "end_image"
    assert repr(tail) in str(caught.value)


@pytest.mark.parametrize("frames", [0, -3, 2, 80, 82, 81.0, True, "81", None])
def test_refuses_frame_counts(frames):
    with pytest.raises(InputError, match="must number 4n") as caught:
        mask_channels(frames, KnownFrames(0))
    assert caught.value.widget == "duration"
    assert repr(frames) in str(caught.value)


@pytest.mark.parametrize(("frames", "head", "tail"), [(5, 5, 0), (5, 1, 4), (9, 5, 4), (1, 0, 1)])
def test_something_must_be_left_to_make(frames, head, tail):
    with pytest.raises(InputError, match="fewer than the") as caught:
        pixel_known(frames, KnownFrames(head, tail))
    assert caught.value.widget == "duration"
    assert f"got {head + tail}." in str(caught.value)


def test_the_5b_takes_no_end_frames():
    check_known(81, KnownFrames(5, 1), I2V_A14B)
    check_known(81, KnownFrames(5, 0), TI2V_5B)
    with pytest.raises(InputError, match="takes no end frames") as caught:
        check_known(81, KnownFrames(1, 1), TI2V_5B)
    assert caught.value.widget == "end_image"
