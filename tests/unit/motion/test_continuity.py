"""What betrays the joint of a clip and a shot that a model has added is put in, and undone."""

import pytest
import torch
from scenes import pan

from wanderlens.motion import TensorFrames, continue_shot, measure_seam
from wanderlens.motion.colour import NOTICED, colour_shift
from wanderlens.motion.continuity import MEANT, Continuation
from wanderlens.motion.lab import lab_of, rgb_of

SIZE = (96, 128)
CONTEXT, NEW = 5, 32


def scenes(times):
    from scenes import scene

    return torch.stack([scene(1.1 * time, 0.3 * time, SIZE) for time in times])


def tinted(frame, lightness=0.0, red=0.0, contrast=1.0):
    """A frame with other colours, in L*a*b*."""
    lab = lab_of(frame.numpy())
    lab[..., 0] = (lab[..., 0] - 50) * contrast + 50 + lightness
    lab[..., 1] += red
    return torch.from_numpy(rgb_of(lab, frame.numpy()))


def clip_and_shot(change):
    """A pan of 24 frames, and what a model makes of its last ones and of what follows."""
    before = scenes(range(24))
    true = scenes(range(24 - CONTEXT, 24 + NEW))
    shot = torch.stack([change(frame, index - CONTEXT) for index, frame in enumerate(true)])
    return before, shot, true


def off(frame, true):
    """ΔE of the mean colours of two frames that show the same."""
    change = colour_shift([(frame.numpy(), true.numpy())])
    assert change is not None
    return change.size


def test_a_shot_that_goes_on_by_itself_is_left_alone():
    before, shot, true = clip_and_shot(lambda frame, _: frame.clone())
    done = continue_shot(shot, before, CONTEXT)
    assert (shot - true).abs().max() < 1e-5
    assert (done.start, done.end, done.flash, done.meant) == (0, 0, 0, False)
    assert done.joints[0].measures.closure == pytest.approx(1, abs=0.1)


def test_what_the_round_trip_shifts_is_undone():
    before, shot, true = clip_and_shot(lambda frame, _: tinted(frame, 5.0, 4.0))
    was = off(shot[CONTEXT], true[CONTEXT])
    done = continue_shot(shot, before, CONTEXT)
    assert was > 5
    for index in (CONTEXT, CONTEXT + 10, -1):
        assert off(shot[index], true[index]) < 2 * NOTICED
    assert done.start == pytest.approx(was, abs=0.7)
    assert done.joints[0].measures.colour_step < 2 * NOTICED


def test_half_of_it_is_undone_by_half():
    before, shot, true = clip_and_shot(lambda frame, _: tinted(frame, 6.0))
    continue_shot(shot, before, CONTEXT, amount=0.5)
    assert off(shot[-1], true[-1]) == pytest.approx(3, abs=0.7)


def test_colours_are_not_touched_with_nothing_to_match():
    before, shot, _ = clip_and_shot(lambda frame, _: tinted(frame, 6.0))
    last = shot[-1].clone()
    done = continue_shot(shot, before, CONTEXT, amount=0.0)
    assert torch.equal(shot[-1], last)
    assert (done.start, done.end, done.flash) == (0, 0, 0)
    assert done.joints[0].warped, "the joint is met all the same, little by little"


def test_a_flash_on_the_first_new_frames_is_taken_out():
    before, shot, true = clip_and_shot(
        lambda frame, index: tinted(frame, 8.0) if 0 <= index < 4 else frame.clone()
    )
    done = continue_shot(shot, before, CONTEXT)
    assert done.flash == pytest.approx(8, abs=2)
    for index in range(CONTEXT, CONTEXT + 6):
        assert off(shot[index], true[index]) < 1.0, index


def test_drift_within_a_shot_is_undone():
    before, shot, true = clip_and_shot(lambda frame, index: tinted(frame, max(0, index) * 0.2))
    assert off(shot[-1], true[-1]) > 5
    done = continue_shot(shot, before, CONTEXT)
    assert max(off(one, other) for one, other in zip(shot, true, strict=True)) < 1.0
    assert not done.flash
    assert done.end > 4.5


def test_a_light_that_goes_on_is_meant():
    before, shot, true = clip_and_shot(lambda frame, index: tinted(frame, max(0, index) * 0.9))
    off_before = off(shot[-1], true[-1])
    done = continue_shot(shot, before, CONTEXT)
    assert off_before > MEANT
    assert done.meant
    assert off(shot[-1], true[-1]) == pytest.approx(off_before, abs=0.5)
    assert off(shot[CONTEXT], true[CONTEXT]) < 1.5


def test_the_anchor_has_the_last_word_where_it_is_seen():
    """The clip has drifted already; the shot is led back to what it began with."""
    first = scenes([23 + NEW - 12])[0]  # the camera comes by it again
    before = torch.stack([tinted(frame, 4.0) for frame in scenes(range(24))])
    true = scenes(range(24 - CONTEXT, 24 + NEW))
    shot = torch.stack([tinted(frame, 4.0) for frame in true])
    continue_shot(shot, before, CONTEXT, anchors=(first,))
    assert off(shot[CONTEXT], before[-1]) < 1.0, "it starts where the clip is"
    assert off(shot[-1], true[-1]) < 1.0, "and ends where it began"


def test_an_anchor_that_shows_something_else_is_not_believed():
    before, shot, true = clip_and_shot(lambda frame, _: frame.clone())
    other = torch.rand(*SIZE, 3, generator=torch.Generator().manual_seed(1)) * 0.2
    continue_shot(shot, before, CONTEXT, anchors=(other,))
    assert off(shot[-1], true[-1]) < NOTICED


def seam_of(before, shot, known=CONTEXT):
    joined = torch.cat([before[-16:], shot[known : known + 16]])
    return measure_seam(TensorFrames(joined), 16)


def test_a_picture_that_was_put_elsewhere_is_met():
    """The model gives the known frames back a pixel to the right, and goes on from there."""
    before = pan(range(24), speed=0.6)
    shot = pan([time - 1.5 for time in range(24 - CONTEXT, 24 + NEW)], speed=0.6)
    raw = seam_of(before, shot)
    done = continue_shot(shot, before, CONTEXT)
    assert raw.closure < 0.7 or raw.closure > 1.4
    assert done.joints[0].warped
    assert abs(done.joints[0].measures.closure - 1) < abs(raw.closure - 1) / 2
    assert done.joints[0].measures.sharpness > 0.9


def test_detail_that_the_model_lost_fades_instead_of_jumping():
    def soft(frame, _):
        small = torch.nn.functional.avg_pool2d(frame.permute(2, 0, 1)[None], 3, 1, 1)
        return small[0].permute(1, 2, 0).contiguous()

    before, shot, true = clip_and_shot(soft)
    raw = (shot[CONTEXT] - true[CONTEXT]).abs().mean()
    continue_shot(shot, before, CONTEXT)
    assert (shot[CONTEXT] - true[CONTEXT]).abs().mean() < raw / 2
    assert (shot[CONTEXT + 7] - true[CONTEXT + 7]).abs().mean() > raw / 2


def test_a_known_end_is_met_too():
    before = scenes(range(24))
    true = scenes(range(24 - CONTEXT, 24 + NEW + 8))
    shot = torch.stack([tinted(frame, 6.0 * index / 45) for index, frame in enumerate(true)])[:-4]
    after = true[CONTEXT + NEW :]
    done = continue_shot(shot, before, CONTEXT, after=after, ends_with=4)
    assert len(done.joints) == 2
    assert off(shot[CONTEXT + NEW - 1], true[CONTEXT + NEW - 1]) < 1.0
    assert all(joint.measures.visibility <= 1 for joint in done.joints)
    assert isinstance(done, Continuation)
    assert done.visibility == max(joint.measures.visibility for joint in done.joints)


@pytest.mark.parametrize("new", [1, 4])
def test_the_shortest_shots(new):
    before = scenes(range(3))
    shot = scenes(range(2, 3 + new))
    done = continue_shot(shot, before, 1)
    assert torch.isfinite(shot).all()
    assert len(done.joints) == 1


def test_inputs_are_not_changed():
    before, shot, _ = clip_and_shot(lambda frame, _: tinted(frame, 5.0))
    after, anchor = scenes(range(24 + NEW - 4, 24 + NEW + 4)), scenes([0])[0]
    copies = before.clone(), after.clone(), anchor.clone()
    continue_shot(shot, before, CONTEXT, after=after, ends_with=4, anchors=(anchor,))
    for own, copy in zip((before, after, anchor), copies, strict=True):
        assert torch.equal(own, copy)
