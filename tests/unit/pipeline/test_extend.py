"""Longer clips, on a small engine: what it is told to go on from and to, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest
import torch
from pool_engine import CancelledError, PoolEngine
from scenes import scene

from wanderlens.errors import InputError
from wanderlens.latents.cache import LatentCache, LatentFolder
from wanderlens.latents.recovery import Recovery
from wanderlens.motion import TensorFrames
from wanderlens.pipeline.extend import extend, extend_to
from wanderlens.pipeline.input_video import fitted_ending, prepared_clips
from wanderlens.pipeline.run_context import RunContext
from wanderlens.shot import I2V_A14B, NANO, TI2V_5B, CustomSettings, ExtensionRequest

HEIGHT, WIDTH = 64, 96
SPEED = 0.5


def scenes(times, height=HEIGHT, width=WIDTH):
    """A slow pan, at native frames' times."""
    return torch.stack([scene(SPEED * float(time), 0, (height, width)) for time in times])


@dataclass
class Camera(PoolEngine):
    """Goes on with the pan where the known frames end; later frames come out as `change` says."""

    family = I2V_A14B
    now: float = 0.0
    change: Callable[[torch.Tensor, float], torch.Tensor] | None = None
    anchors: list = field(default_factory=list)

    def encode(self, clip):
        if clip.anchor is not None:
            self.anchors.append(clip.anchor)
        return super().encode(clip)

    def frames_of(self, latents):
        frames = super().frames_of(latents)
        unknown = ((frames - 0.5).abs().amax((1, 2, 3)) < 1e-3).nonzero()[:, 0].tolist()
        for index in unknown:
            self.now += 1
            frames[index] = scene(SPEED * self.now, 0, tuple(frames.shape[1:3]))
            if self.change is not None:
                frames[index] = self.change(frames[index], self.now)
        return frames


def request(clip, **changes):
    return ExtensionRequest(
        **{
            "clip_frames": len(clip), "clip_width": clip.shape[2], "clip_height": clip.shape[1],
            "duration": 1.0, "quality": "custom",
            "custom": CustomSettings(steps=2),
            **changes,
        }
    )  # fmt: skip


def test_a_clip_goes_on():
    clip = scenes(range(24))
    engine = Camera(now=23)
    made = extend(engine, request(clip), clip)
    assert made.frames.shape == (40, HEIGHT, WIDTH, 3)
    assert torch.equal(made.frames[:24], clip), "what was there stays, bit for bit"
    assert made.new_frames.data_ptr() == made.frames[24:].data_ptr(), "no second copy"
    assert (made.new_frames - scenes(range(24, 40))).abs().mean() < 0.003
    assert torch.equal(engine.clips[0].head, clip[-5:])
    assert engine.clips[0].frames == 21
    assert made.fps == 16
    assert "Joint at the start of segment 1" in made.report
    assert "closure 1.0" in made.report


@pytest.mark.parametrize("fps", [8, 24, 25, 32])
def test_clips_of_other_rates_go_on_at_their_own(fps):
    step = Fraction(16, fps)
    clip = scenes(step * index for index in range(-60, 1))
    engine = Camera(now=0.0)
    made = extend(engine, request(clip, clip_fps=fps), clip)
    assert made.fps == fps
    added = len(made.new_frames)
    assert added == fps
    assert torch.equal(made.frames[:61], clip)
    true = scenes(step * index for index in range(1, added + 1))
    assert (made.new_frames - true).abs().mean() < 0.01
    # What the model is given has its own rate.
    assert (engine.clips[0].head - scenes(range(-4, 1))).abs().mean() < 0.01


def test_several_shots_take_over_from_one_another():
    clip = scenes(range(24))
    engine = Camera(now=23)
    made = extend(engine, request(clip, duration=12.0), clip)
    assert [(known.frames, known.known.head) for known in engine.clips] == [(69, 5)] * 3
    assert len(made.new_frames) == 192
    assert torch.equal(engine.clips[1].head, made.new_frames[59:64])
    assert [seed for _, seed in engine.passes] == [0, 0, 1, 1, 2, 2]
    assert made.report.count("Joint at the start of segment") == 3
    assert (made.new_frames - scenes(range(24, 216))).abs().mean() < 0.005


def test_colours_do_not_wander_from_shot_to_shot():
    """Every segment is a little brighter than what it goes on from; the eye sees it after five."""

    def brighter(frame, now):
        return (frame + 0.02 * ((now - 24) // 32 + 1)).clamp(0, 1)

    clip, long = scenes(range(24)), {"duration": 10.0}
    made, left = (
        extend(Camera(family=NANO, now=23, change=brighter), request(clip, **long, **other), clip)
        for other in ({}, {"color_match": 0.0})
    )
    true = scenes([183])[0]
    assert (left.new_frames[-1] - true).mean() > 0.08
    assert abs(float((made.new_frames[-1] - true).mean())) < 0.01


def test_a_bridge_leads_from_one_clip_to_the_next():
    clip, following = scenes(range(24)), scenes(range(56, 80))
    engine = Camera(now=23)
    made = extend(engine, request(clip, duration=2.0, next_frames=24), clip, following)
    assert made.frames.shape[0] == 24 + 32 + 24
    assert torch.equal(made.frames[:24], clip)
    assert torch.equal(made.frames[-24:], following)
    assert torch.equal(engine.clips[0].tail, following[:4])
    assert (engine.clips[0].known.head, engine.clips[0].known.tail) == (5, 4)
    assert (made.new_frames - scenes(range(24, 56))).abs().mean() < 0.003
    assert "Joint at the end of segment 1" in made.report


def test_a_bridge_at_a_rate_that_native_frames_do_not_fall_on():
    step = Fraction(2, 3)
    clip = scenes(step * index for index in range(-35, 1))
    following = scenes(step * index for index in range(49, 85))
    engine = Camera(now=0.0)
    made = extend(engine, request(clip, clip_fps=24, duration=2.0, next_frames=36), clip, following)
    assert len(made.new_frames) == 48
    assert (made.new_frames - scenes(step * index for index in range(1, 49))).abs().mean() < 0.01
    assert (engine.clips[0].tail - scenes(range(33, 37))).abs().mean() < 0.01


def test_a_loop_leads_back_to_its_start():
    clip = scenes(range(24))
    made = extend(Camera(now=23), request(clip, close_loop=True), clip)
    assert made.frames.shape[0] == 40, "the start is not repeated"
    assert torch.equal(made.frames[:24], clip)


def test_a_picture_is_the_last_frame_itself():
    clip, picture = scenes(range(24)), scenes([39])
    engine = Camera(now=23)
    made = extend(engine, request(clip, has_end_image=True), clip, ending=picture)
    assert torch.equal(made.frames[-1:], picture)
    assert torch.equal(engine.clips[0].tail, picture)
    assert len(made.new_frames) == 16


def test_odd_sizes_come_back_as_they_were():
    clip = scenes(range(24), 61, 90)
    engine = Camera(now=23)
    made = extend(engine, request(clip), clip)
    assert made.frames.shape[1:3] == (61, 90)
    assert engine.clips[0].head.shape[1:3] == (64, 96)
    assert torch.equal(engine.clips[0].head[:, 1:62, 3:93], clip[-5:])


class Flashing(Camera):
    """Flashes after several known frames; `fail` ends the second try."""

    fail: Exception | None = None

    def encode(self, clip):
        self.flash, self.now = clip.known.head > 1, 23
        return super().encode(clip)

    def denoise(self, encoded, latents, run, seed):
        if self.fail is not None and not self.flash:
            raise self.fail
        return super().denoise(encoded, latents, run, seed)

    def frames_of(self, latents):
        frames = super().frames_of(latents)
        if self.flash:
            frames[5:9] = (frames[5:9] + 0.25).clamp(0, 1)
            # And the picture jumps aside, which no change of colour undoes.
            frames[5:] = frames[5:].roll(9, 2)
        return frames


def test_a_flash_that_is_too_bright_is_made_again_from_fewer_frames():
    clip = scenes(range(24))
    engine = Flashing()
    made = extend(engine, request(clip), clip)
    assert [known.known.head for known in engine.clips] == [5, 1]
    assert [known.frames for known in engine.clips] == [21, 17]
    assert len(engine.passes) == 4
    assert "made again from 1 context frame; that was kept" in made.report
    assert (made.new_frames - scenes(range(24, 40))).abs().mean() < 0.01


def test_the_anchor_is_the_clips_first_frame():
    clip = scenes(range(24))
    engine = Camera(now=23)
    made = extend(engine, request(clip, layout="SVI anchor", duration=6.0), clip)
    assert all(torch.equal(anchor.frame, clip[:1]) for anchor in engine.anchors)
    first, second = (anchor.motion(5) for anchor in engine.anchors)
    assert first.shape[2] == second.shape[2] == 1
    assert torch.equal(first, engine.encode_frames(clip[-5:])[:, :, -1:])
    assert len(made.new_frames) == 96


def test_what_was_sampled_is_not_sampled_again(tmp_path):
    cache = LatentCache(LatentFolder(tmp_path), "origin")
    cached = RunContext(latent_cache=cache)
    clip = scenes(range(24))

    class Dying(Camera):
        def denoise(self, encoded, latents, run, seed):
            if len(self.passes) == 5:
                raise MemoryError("out of memory in the third segment")
            return super().denoise(encoded, latents, run, seed)

    long = request(clip, duration=12.0)
    recovery = Recovery(tmp_path / "rescued", "clip")
    with pytest.raises(RuntimeError, match="in the third segment") as caught:
        extend(Dying(now=23), long, clip, context=RunContext(latent_cache=cache, recovery=recovery))
    assert "Queue the same prompt again" in str(caught.value)
    assert len(list((tmp_path / "rescued").glob("*.latent"))) == 2
    engine = Camera(now=23)
    made = extend(engine, long, clip, context=cached)
    assert len(engine.passes) == 1, "one pass of the third segment was done"
    assert "earlier run were used for segment 1, 2" in made.report
    whole = extend(Camera(now=23), long, clip)
    assert torch.equal(made.frames, whole.frames)
    # What the first shot is made from does not depend on how it is matched.
    for change, passes in (({"seed": 5}, 6), ({"color_match": 0.5}, 4), ({"context_frames": 9}, 6)):
        other = Camera(now=23)
        extend(
            other,
            request(clip, duration=12.0, **change),
            clip,
            context=cached,
        )
        assert len(other.passes) == passes, change
    other = Camera(now=23)
    extend(other, long, scenes(range(1, 25)), context=cached)
    assert len(other.passes) == 6


def test_cancelling_goes_through():
    clip = scenes(range(24))
    with pytest.raises(CancelledError):
        extend(Camera(now=23, cancelled=True), request(clip), clip)


def test_the_5b_goes_on_and_leads_nowhere():
    clip = scenes(range(24))
    made = extend(Camera(family=TI2V_5B, now=23), request(clip, clip_fps=24), clip)
    assert len(made.new_frames) == 24
    with pytest.raises(InputError, match="ti2v-5B cannot be told how a clip ends"):
        extend(Camera(family=TI2V_5B), request(clip, next_frames=24), clip, clip)


def test_a_single_frame_is_a_clip_too():
    clip = scenes([0])
    made = extend(Camera(), request(clip), clip)
    assert len(made.frames) == 17
    assert "1 is used" in made.report


def test_clips_are_brought_together():
    given = prepared_clips(scenes(range(9)), 16.0, torch.rand(10, 100, 100, 4), 32.0)
    assert given.following is not None
    assert given.following.shape == (6, HEIGHT, WIDTH, 3)
    assert given.fps == 16
    text = " ".join(given.notes)
    assert "32 fps were brought to 16" in text
    assert "cropped" in text
    clip = scenes(range(9))
    assert prepared_clips(clip, 16.0).clip.data_ptr() == clip.data_ptr()


@pytest.mark.parametrize(
    ("values", "widget"),
    [
        ((torch.zeros(4, 8, 8), 16.0), "frames"),
        ((torch.full((4, 8, 8, 3), float("nan")), 16.0), "frames"),
        ((torch.zeros(4, 8, 8, 3), float("nan")), "clip_fps"),
        ((torch.zeros(4, 8, 8, 3), 16.0, torch.zeros(0, 8, 8, 3)), "next_frames"),
        ((torch.zeros(4, 8, 8, 3), 16.0, torch.zeros(4, 8, 8, 3), 0.0), "next_fps"),
    ],
)
def test_refuses_clips(values, widget):
    with pytest.raises(InputError) as caught:
        prepared_clips(*values)
    assert caught.value.widget == widget


def test_an_end_picture_takes_on_the_clips_size():
    assert fitted_ending(None, HEIGHT, WIDTH) == (None, ())
    picture, notes = fitted_ending(torch.rand(2, 50, 100, 3), HEIGHT, WIDTH)
    assert picture is not None
    assert picture.shape == (1, HEIGHT, WIDTH, 3)
    assert any("cropped" in note for note in notes)
    with pytest.raises(InputError, match="end_image"):
        fitted_ending("no picture", HEIGHT, WIDTH)


class Copying(Camera):
    """Gives known frames back in other colours than it was told, as a VAE does."""

    def frames_of(self, latents):
        known = (super(Camera, self).frames_of(latents) - 0.5).abs().amax((1, 2, 3)) >= 1e-3
        frames = super().frames_of(latents)
        frames[known] = (frames[known] * 0.8 + 0.1).clamp(0, 1)
        return frames


@pytest.mark.parametrize("fps", [16, 32, 60])
def test_the_last_frames_lead_to_the_picture_itself(fps):
    """Not to the model's copy of it, and then with a jump to the picture."""
    step = Fraction(16, fps)
    clip = scenes(step * index for index in range(-60, 1))
    made = extend(
        Copying(), request(clip, clip_fps=fps, has_end_image=True), clip, ending=scenes([16])
    )
    true = scenes(step * index for index in range(1, fps + 1))
    assert len(made.new_frames) == fps
    error = (made.new_frames - true).abs().mean((1, 2, 3))
    # The joint is met little by little; nothing grows towards the end and then jumps back.
    assert error[-2] <= error[-5] + 0.003
    assert torch.equal(made.new_frames[-1:], scenes([16]))
    assert "Joint at the end" in made.report
    assert "colour step" in made.report.split("Joint at the end")[1].splitlines()[0]
    assert "speed across" not in made.report.split("Joint at the end")[1].splitlines()[0]


def test_a_first_try_is_not_lost_when_the_second_fails(tmp_path):
    clip, engine = scenes(range(24)), Flashing()
    engine.fail = MemoryError("no room for the second try")
    with pytest.raises(RuntimeError, match="no room") as caught:
        extend(engine, request(clip), clip, context=RunContext(recovery=Recovery(tmp_path, "clip")))
    assert len(list(tmp_path.glob("*.latent"))) == 1
    assert "Each segment begins with 5 frames" in str(caught.value)


def test_cancelling_in_a_later_shot_keeps_the_first(tmp_path):
    clip = scenes(range(24))

    class Stopped(Camera):
        def denoise(self, encoded, latents, run, seed):
            self.cancelled = len(self.passes) >= 2
            self.check_cancelled()
            return super().denoise(encoded, latents, run, seed)

    with pytest.raises(CancelledError):
        extend(
            Stopped(now=23),
            request(clip, duration=12.0),
            clip,
            context=RunContext(recovery=Recovery(tmp_path, "clip")),
        )
    assert len(list(tmp_path.glob("*.latent"))) == 1


def test_an_anchor_of_a_clip_that_is_too_short_is_refused():
    clip = scenes(range(4))
    with pytest.raises(InputError, match="longer clip"):
        extend(Camera(), request(clip, layout="SVI anchor"), clip)


@pytest.mark.parametrize(
    "changes",
    [{}, {"clip_fps": 32}, {"clip_fps": 25, "duration": 6.0}, {"close_loop": True}],
    ids=["16 fps", "32 fps", "25 fps, several segments", "loop"],
)
def test_a_longer_clip_is_the_same_frame_by_frame(changes):
    clip = scenes(range(30))
    asked = request(clip, **changes)
    whole = extend(Camera(now=29), asked, clip)
    saved = []
    made = extend_to(saved.extend, Camera(now=29), asked, TensorFrames(clip))
    assert made.frames == len(saved) == len(whole.frames)
    assert made.new_frames == len(whole.new_frames)
    assert made.joints == whole.joints
    for one, other in zip(saved, whole.frames, strict=True):
        assert np.array_equal(one, other.numpy())


def test_a_bridge_is_the_same_frame_by_frame():
    clip, following = scenes(range(24)), scenes(range(40, 60))
    asked = request(clip, next_frames=20)
    whole = extend(Camera(now=23), asked, clip, following)
    saved = []
    extend_to(saved.extend, Camera(now=23), asked, TensorFrames(clip), TensorFrames(following))
    assert np.array_equal(np.stack(saved), whole.frames.numpy())
