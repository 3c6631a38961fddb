"""Faults at the joint of a clip and a generated segment: each is put in, and has to be undone."""

import cv2
import numpy as np
import pytest
import torch
from scenes import pan

from wanderlens.motion import TensorFrames, continue_segment, measure_seam
from wanderlens.motion.colour import NOTICED, colour_shift
from wanderlens.motion.continuity import INTENDED_CHANGE, Continuation
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
    done = continue_segment(shot, before, CONTEXT)
    assert (shot - true).abs().max() < 1e-5
    assert (done.start, done.end, done.flash, done.intended) == (0, 0, 0, False)
    assert done.joints[0].measures.closure == pytest.approx(1, abs=0.1)


def test_what_the_round_trip_shifts_is_undone():
    before, shot, true = clip_and_shot(lambda frame, _: tinted(frame, 5.0, 4.0))
    was = off(shot[CONTEXT], true[CONTEXT])
    done = continue_segment(shot, before, CONTEXT)
    assert was > 5
    for index in (CONTEXT, CONTEXT + 10, -1):
        assert off(shot[index], true[index]) < 2 * NOTICED
    assert done.start == pytest.approx(was, abs=0.7)
    assert done.joints[0].measures.colour_step < 2 * NOTICED


def test_half_of_it_is_undone_by_half():
    before, shot, true = clip_and_shot(lambda frame, _: tinted(frame, 6.0))
    continue_segment(shot, before, CONTEXT, amount=0.5)
    assert off(shot[-1], true[-1]) == pytest.approx(3, abs=0.7)


def test_colours_are_not_touched_with_nothing_to_match():
    before, shot, _ = clip_and_shot(lambda frame, _: tinted(frame, 6.0))
    last = shot[-1].clone()
    done = continue_segment(shot, before, CONTEXT, amount=0.0)
    assert torch.equal(shot[-1], last)
    assert (done.start, done.end, done.flash) == (0, 0, 0)
    assert done.joints[0].warped, "the joint is met all the same, little by little"


def test_a_flash_on_the_first_new_frames_is_taken_out():
    before, shot, true = clip_and_shot(
        lambda frame, index: tinted(frame, 8.0) if 0 <= index < 4 else frame.clone()
    )
    done = continue_segment(shot, before, CONTEXT)
    assert done.flash == pytest.approx(8, abs=2)
    for index in range(CONTEXT, CONTEXT + 6):
        assert off(shot[index], true[index]) < 1.0, index


def test_drift_within_a_shot_is_undone():
    before, shot, true = clip_and_shot(lambda frame, index: tinted(frame, max(0, index) * 0.2))
    assert off(shot[-1], true[-1]) > 5
    done = continue_segment(shot, before, CONTEXT)
    assert max(off(one, other) for one, other in zip(shot, true, strict=True)) < 1.2
    assert not done.flash
    assert done.end > 4.5


def test_a_light_that_goes_on_is_meant():
    before, shot, true = clip_and_shot(lambda frame, index: tinted(frame, max(0, index) * 0.9))
    off_before = off(shot[-1], true[-1])
    done = continue_segment(shot, before, CONTEXT)
    assert off_before > INTENDED_CHANGE
    assert done.intended
    assert off(shot[-1], true[-1]) == pytest.approx(off_before, abs=0.5)
    assert off(shot[CONTEXT], true[CONTEXT]) < 1.5


def test_the_anchor_has_the_last_word_where_it_is_seen():
    """The clip has drifted already; the shot is led back to what it began with."""
    first = scenes([23 + NEW - 12])[0]  # the camera comes by it again
    before = torch.stack([tinted(frame, 4.0) for frame in scenes(range(24))])
    true = scenes(range(24 - CONTEXT, 24 + NEW))
    shot = torch.stack([tinted(frame, 4.0) for frame in true])
    continue_segment(shot, before, CONTEXT, anchors=(first,))
    assert off(shot[CONTEXT], before[-1]) < 1.0, "it starts where the clip is"
    assert off(shot[-1], true[-1]) < 1.0, "and ends where it began"


def test_an_anchor_that_shows_something_else_is_not_believed():
    before, shot, true = clip_and_shot(lambda frame, _: frame.clone())
    other = torch.rand(*SIZE, 3, generator=torch.Generator().manual_seed(1)) * 0.2
    continue_segment(shot, before, CONTEXT, anchors=(other,))
    assert off(shot[-1], true[-1]) < NOTICED


def seam_of(before, shot, known=CONTEXT):
    joined = torch.cat([before[-16:], shot[known : known + 16]])
    return measure_seam(TensorFrames(joined), 16)


def test_a_picture_that_was_put_elsewhere_is_met():
    """The model gives the known frames back a pixel to the right, and goes on from there."""
    before = pan(range(24), speed=0.6)
    shot = pan([time - 1.5 for time in range(24 - CONTEXT, 24 + NEW)], speed=0.6)
    raw = seam_of(before, shot)
    done = continue_segment(shot, before, CONTEXT)
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
    continue_segment(shot, before, CONTEXT)
    assert (shot[CONTEXT] - true[CONTEXT]).abs().mean() < raw / 2
    assert (shot[CONTEXT + 7] - true[CONTEXT + 7]).abs().mean() > raw / 2


def test_a_known_end_is_met_too():
    before = scenes(range(24))
    true = scenes(range(24 - CONTEXT, 24 + NEW + 8))
    shot = torch.stack([tinted(frame, 6.0 * index / 45) for index, frame in enumerate(true)])[:-4]
    after = true[CONTEXT + NEW :]
    done = continue_segment(shot, before, CONTEXT, after=after, ends_with=4)
    assert len(done.joints) == 2
    assert off(shot[CONTEXT + NEW - 1], true[CONTEXT + NEW - 1]) < 1.0
    assert all(joint.measures.visibility <= 1 for joint in done.joints)
    assert isinstance(done, Continuation)
    assert done.visibility == max(joint.measures.visibility for joint in done.joints)


@pytest.mark.parametrize("new", [1, 4])
def test_the_shortest_shots(new):
    before = scenes(range(3))
    shot = scenes(range(2, 3 + new))
    done = continue_segment(shot, before, 1)
    assert torch.isfinite(shot).all()
    assert len(done.joints) == 1


def test_inputs_are_not_changed():
    before, shot, _ = clip_and_shot(lambda frame, _: tinted(frame, 5.0))
    after, anchor = scenes(range(24 + NEW - 4, 24 + NEW + 4)), scenes([0])[0]
    copies = before.clone(), after.clone(), anchor.clone()
    continue_segment(shot, before, CONTEXT, after=after, ends_with=4, anchors=(anchor,))
    for own, copy in zip((before, after, anchor), copies, strict=True):
        assert torch.equal(own, copy)


def panorama():
    """A sky over ground that goes from green to straw as the camera pans, and its clip and shot."""
    height, width, step = 96, 160, 3
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((height, 3 * width)).astype(np.float32)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.arange(3 * width, dtype=np.float32)[None]
    straw = np.clip((columns - width * 0.9) / (width * 0.6), 0, 1)
    lab = np.zeros((height, 3 * width, 3), np.float32)
    lab[..., 0] = np.where(rows < 0.45, 80, 45) + cv2.GaussianBlur(noise, (0, 0), 2) * 18
    lab[..., 1] = np.where(rows < 0.45, -3, -14 + 14 * straw)
    lab[..., 2] = np.where(rows < 0.45, -15, 25 + 8 * straw)
    whole = torch.from_numpy(rgb_of(lab, np.zeros_like(lab)))
    views = [whole[:, step * at : step * at + width].clone() for at in range(80)]
    return torch.stack(views[:16]), torch.stack(views[11:])


def test_a_new_view_is_no_drift():
    before, true = panorama()
    shot = true.clone()
    done = continue_segment(shot, before, CONTEXT, anchors=(before[0], before[-1]))
    assert done.end < 0.5
    assert (shot - true).abs().max() < 0.01


def test_what_walks_into_the_picture_is_no_drift():
    """A model that is exact; someone in a red coat comes in and covers a third of the picture."""
    still = scenes([0])[0] * 0.5 + 0.25
    coat = torch.tensor([0.8, 0.1, 0.12])
    frames = []
    for index in range(CONTEXT + NEW):
        frame = still.clone()
        into = max(0, index - CONTEXT) * 2
        frame[20:, SIZE[1] - into :] = coat
        frames.append(frame)
    true = torch.stack(frames)
    shot = true.clone()
    continue_segment(shot, true[:CONTEXT], CONTEXT, anchors=(still,))
    assert (shot[:, :, : SIZE[1] // 3] - true[:, :, : SIZE[1] // 3]).abs().max() < 0.02


def test_a_view_that_stays_is_held_to_the_anchor_whatever_became_of_its_detail():
    """Detail goes, the shapes stay, and light drifts: flow finds little, the view is enough."""
    rows = torch.linspace(0.2, 0.8, SIZE[0])[:, None, None]
    still = rows.expand(*SIZE, 3).contiguous() * 0.7 + scenes([0])[0] * 0.3
    generator = torch.Generator().manual_seed(3)

    def worn(index):
        noise = torch.rand(*SIZE, 3, generator=generator) * 0.25 - 0.125
        share = min(1.0, index / 20)
        frame = rows.expand(*SIZE, 3) * 0.7 + scenes([0])[0] * 0.3 * (1 - share)
        return (frame + 0.15 * share + noise * share + 0.002 * index).clamp(0, 1)

    true = torch.stack([worn(index) for index in range(NEW)])
    shot = torch.cat([still[None].repeat(CONTEXT, 1, 1, 1), true])
    before = still[None].repeat(16, 1, 1, 1)
    raw = lab_of(shot[-1].numpy())[..., 0].mean() - lab_of(still.numpy())[..., 0].mean()
    continue_segment(shot, before, CONTEXT, anchors=(still,))
    held = lab_of(shot[-1].numpy())[..., 0].mean() - lab_of(still.numpy())[..., 0].mean()
    assert raw > 4
    assert abs(held) < raw / 2


def test_changes_fade_where_that_is_asked_for():
    before, shot, _ = clip_and_shot(lambda frame, _: tinted(frame, 6.0))
    last, first = shot[-1].clone(), shot[CONTEXT].clone()
    continue_segment(shot, before, CONTEXT, fades=True)
    assert (shot[-1] - last).abs().max() < 0.01, "the end stays as the model made it"
    assert (shot[CONTEXT] - first).abs().mean() > 0.03
