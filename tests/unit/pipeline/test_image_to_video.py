"""The part that all engines share, on a small engine that really encodes and decodes."""

import copy
import weakref
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from pool_engine import CancelledError, PoolEngine
from shots import shot_request

from wanderlens.engines.base import KnownClip, sampling_passes
from wanderlens.errors import InputError
from wanderlens.latents.cache import LatentCache, LatentFolder
from wanderlens.latents.recovery import Recovery
from wanderlens.pipeline import disk_buffer
from wanderlens.pipeline.image_to_video import animate, animate_to
from wanderlens.pipeline.input_image import checked_picture
from wanderlens.pipeline.run_context import RunContext
from wanderlens.shot import (
    TI2V_5B,
    ExpertSplit,
    KnownFrames,
)


def still(seed=0, height=64, width=96):
    generator = torch.Generator().manual_seed(seed)
    return checked_picture(torch.rand(1, height, width, 3, generator=generator), "image")


def request(**changes):
    settings = {"duration": 0.5, "resolution": "custom", "width": 96, "height": 64}
    return shot_request(96, 64, **{**settings, **changes})


def make(engine=None, ending=None, picture=None, *, cache=None, recovery=None, **changes):
    asked = request(has_end_image=ending is not None, **changes)
    return animate(
        engine or PoolEngine(),
        asked,
        picture or still(),
        ending,
        context=RunContext(latent_cache=cache, recovery=recovery),
    )


def test_a_clip_starts_with_the_still():
    engine = PoolEngine()
    clip = make(engine)
    assert clip.frames.shape == (9, 64, 96, 3)
    assert torch.equal(clip.frames[:1], still().pixels)
    assert (clip.frames[1:] == 0.5).all()
    assert clip.fps == 16.0
    assert clip.latents.shape == (1, 12, 3, 64, 96)
    assert [(run.expert, run.first_step, run.last_step) for run, _ in engine.passes] == [
        ("high_noise", 0, 8), ("low_noise", 8, 20),
    ]  # fmt: skip


def test_an_end_image_is_brought_to_the_frames():
    ending = checked_picture(torch.rand(1, 100, 100, 3), "end_image")
    clip = make(ending=ending)
    assert clip.frames.shape == (9, 64, 96, 3)
    assert (clip.frames[1:-1] == 0.5).all()
    assert clip.frames[-1].std() > 0.05
    assert "end_image is cropped" in clip.report


def test_an_end_image_that_cannot_be_used_is_named():
    with pytest.raises(InputError) as caught:
        make(ending=checked_picture(torch.rand(1, 16, 200, 3), "end_image"))
    assert caught.value.widget == "end_image"


def test_a_loop_is_made_to_end_on_its_first_frame_which_is_dropped():
    engine = PoolEngine()
    clip = make(engine, loop=True)
    assert clip.frames.shape[0] == 8
    assert torch.equal(engine.clips[0].tail, still().pixels)
    assert clip.latents.shape[2] == 3
    assert "period 8" in clip.report
    assert "Seam: closure" in clip.report
    assert torch.equal(clip.frames[:1], still().pixels), "it starts with the still"
    assert (clip.frames[1:] == 0.5).all()


def test_a_loop_is_decoded_with_its_end_in_front():
    class Causal(PoolEngine):
        """What is decoded first is darker, as with a decoder that knows nothing before it."""

        def frames_of(self, latents):
            frames = super().frames_of(latents)
            frames[:9] *= 0.5
            return frames

    opened, loop = make(Causal(), duration=2.0), make(Causal(), duration=2.0, loop=True)
    assert opened.frames[1].mean() == pytest.approx(0.25, abs=0.01)
    assert loop.frames.mean((1, 2, 3)).tolist() == pytest.approx([0.5] * 32, abs=0.01)


def test_a_long_loop_of_several_shots_closes_too():
    engine = PoolEngine()
    clip = make(engine, duration=8.0, steps=2, quality="custom", loop=True)
    assert clip.frames.shape[0] == 128
    assert len(engine.clips) == 2
    assert torch.equal(clip.frames[:1], still().pixels)
    assert "Seam: closure" in clip.report


def test_a_long_loop_is_matched_over_its_turn_only_once():
    """The model is off by the same everywhere; nothing may pulse."""

    class Off(PoolEngine):
        def frames_of(self, latents):
            frames = super().frames_of(latents)
            known = (frames - 0.5).abs().amax((1, 2, 3)) >= 1e-3
            made = smooth.expand_as(frames) * 0.9
            return torch.where(known[:, None, None, None], smooth, made)

    generator = torch.Generator().manual_seed(2)
    smooth = torch.nn.functional.interpolate(
        torch.rand(1, 3, 8, 12, generator=generator), (64, 96), mode="bicubic"
    ).clamp(0, 1).permute(0, 2, 3, 1)  # fmt: skip
    picture = checked_picture(smooth, "image")
    clip = make(Off(), picture=picture, duration=8.0, steps=2, quality="custom", loop=True)
    light = clip.frames.mean((1, 2, 3))
    assert clip.frames.shape[0] == 128
    assert float(light.max() - light.min()) < 0.025


def test_the_colours_of_a_loop_are_brought_to_the_still():
    class Fading(PoolEngine):
        def frames_of(self, latents):
            known = super().frames_of(latents).std((1, 2, 3), keepdim=True) > 0.01
            return torch.where(known, smooth, smooth * 0.8)

    smooth = torch.nn.functional.interpolate(
        torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(2)), (64, 96),
        mode="bicubic",
    )[0].permute(1, 2, 0).clamp(0.1, 0.9)  # fmt: skip
    loop = make(Fading(), picture=checked_picture(smooth[None], "image"), duration=2.0, loop=True)
    assert "Colour: the new frames next to the still were" in loop.report
    steps = (loop.frames.roll(-1, 0) - loop.frames).abs().mean((1, 2, 3))
    assert steps.max() < 0.02


@pytest.mark.parametrize("duration", [0.1, 0.3, 0.5, 5.0])
def test_short_loops_of_the_5b_have_their_period_too(duration):
    clip = make(PoolEngine(TI2V_5B), loop=True, fps=24, duration=duration)
    assert f"period {len(clip.frames)} " in clip.report


def test_a_loop_that_ends_off_in_colour_is_brought_to_the_still():
    class Dark(PoolEngine):
        """What ends the loop comes out too dark."""

        def frames_of(self, latents):
            frames = super().frames_of(latents)
            frames[1:] = (
                torch.where(frames[1:].std((1, 2, 3), keepdim=True) > 0.01, 0.92, 1) * smooth
            )
            return frames

    smooth = torch.nn.functional.interpolate(
        torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(2)), (64, 96),
        mode="bicubic",
    )[0].permute(1, 2, 0).clamp(0.1, 0.9)  # fmt: skip
    loop = make(Dark(), picture=checked_picture(smooth[None], "image"), duration=2.0, loop=True)
    assert (loop.frames - smooth).abs().mean((1, 2, 3)).max() < 0.01


def test_the_5b_has_one_pass_and_its_loops_are_blended():
    engine = PoolEngine(TI2V_5B)
    clip = make(engine, loop=True, fps=24)
    assert len(engine.passes) == 1
    assert engine.clips[0].tail.shape[0] == 0
    assert engine.clips[0].frames == 21
    assert clip.frames.shape[0] == 12
    assert clip.fps == 24.0
    assert "blended into the first" in clip.report
    assert "Seam: closure" in clip.report
    assert "sampling" in clip.report.splitlines()[-1]


@pytest.mark.parametrize(
    ("fps", "loop", "frames"), [(32, False, 17), (32, True, 16), (24, False, 13)]
)
def test_frame_rates(fps, loop, frames):
    clip = make(fps=fps, loop=loop)
    assert clip.frames.shape[0] == frames
    assert clip.fps == fps
    assert "interpolate" in clip.report


def test_without_opencv_what_needs_it_is_refused_before_sampling(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    engine = PoolEngine()
    for changes in ({"fps": 32}, {"loop": True}):
        with pytest.raises(InputError, match="opencv-python-headless"):
            make(engine, **changes)
    assert not engine.passes
    assert make(fps=16).frames.shape[0] == 9


def test_long_clips_are_joined_without_a_gap():
    engine = PoolEngine()
    clip = make(engine, duration=8.0, steps=2, quality="custom", seed=2**64 - 1)
    assert clip.frames.shape[0] == 129
    assert len(engine.clips) == 2
    assert engine.clips[1].head.shape[0] == 5
    assert [seed for _, seed in engine.passes] == [2**64 - 1] * 2 + [0] * 2
    assert [run.done for run, _ in engine.passes] == [0, 1, 2, 3]
    assert {run.total for run, _ in engine.passes} == {4}
    assert torch.equal(clip.frames[:1], still().pixels)


def test_the_report_tells_notes_and_times():
    engine = PoolEngine(notes=("A note of the engine.",))
    batch = checked_picture(torch.rand(2, 64, 96, 3), "image")
    report = make(engine, picture=batch).report
    assert "Note: image holds 2 pictures; the first is used." in report
    assert "Note: A note of the engine." in report
    assert report.splitlines()[-1].startswith("Time: encode ")
    for stage in ("encode", "high noise", "low noise", "decode"):
        assert stage in report


@pytest.fixture
def cache(tmp_path):
    return LatentCache(LatentFolder(tmp_path / "kept"), "origin")


def sampled(cache, **changes):
    engine = PoolEngine()
    return make(engine, cache=cache, **changes), len(engine.passes)


def test_kept_latents_are_not_sampled_again(cache):
    first, passes = sampled(cache)
    assert passes == 2
    assert "Kept" not in first.report
    again, passes = sampled(cache, fps=32)
    assert passes == 0
    assert torch.equal(first.latents, again.latents)
    assert "0 steps were sampled" in again.report
    _, passes = sampled(LatentCache(cache.folder, "another origin"))
    assert passes == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1}, {"duration": 1.0}, {"width": 64}, {"quality": "best"}, {"loop": True},
        {"picture": still(1)}, {"ending": still(2)},
        {"quality": "custom", "shift": 5.1}, {"quality": "custom", "cfg": 3.4},
        {"quality": "custom", "sampler_name": "heun"}, {"quality": "custom", "boundary": 0.5},
    ],
    ids=str,
)  # fmt: skip
def test_anything_that_matters_is_sampled_again(cache, changes):
    sampled(cache)
    assert sampled(cache, **changes)[1] > 0
    assert sampled(cache)[1] == 0


def test_a_long_clip_resumes_after_its_last_kept_shot(cache):
    whole, passes = sampled(cache, duration=12.0)
    assert passes == 6
    files = sorted(cache.folder.path.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    for file in files[-2:]:  # the last shot, and what its experts handed over
        file.unlink()
    again, passes = sampled(cache, duration=12.0)
    assert passes == 2
    assert "used for segment 1, 2." in again.report
    assert torch.equal(whole.frames, again.frames)


def test_a_failure_between_the_experts_loses_no_step(cache):
    with pytest.raises(MemoryError):
        make(PoolEngine(fail_pass="low_noise"), cache=cache)
    again, passes = sampled(cache)
    assert passes == 1
    assert "8 steps of an earlier run were used" in again.report
    assert torch.equal(again.frames, make().frames)


def test_latents_that_are_no_numbers_are_told_before_anything_else_runs(tmp_path, cache):
    engine = PoolEngine(poison=True)
    with pytest.raises(RuntimeError, match="too low a precision"):
        make(engine, cache=cache, recovery=Recovery(tmp_path / "rescued", "s"))
    assert len(engine.passes) == 1
    assert not (tmp_path / "rescued").exists()


def test_what_was_sampled_is_rescued(tmp_path):
    engine = PoolEngine(fail_decode=ValueError("the decoder broke"))
    with pytest.raises(RuntimeError, match="the decoder broke"):
        make(engine, recovery=Recovery(tmp_path, "s"))
    assert len(list(tmp_path.glob("*.latent"))) == 1


def test_a_cancel_after_sampling_is_rescued_and_passes(tmp_path):
    with pytest.raises(CancelledError):
        make(PoolEngine(cancelled=True), recovery=Recovery(tmp_path, "s"))
    assert len(list(tmp_path.glob("*.latent"))) == 1


def test_a_failing_interpolator_is_rescued(tmp_path):
    def interpolator(_frames, _multiplier):
        raise ValueError("no interpolation")

    with pytest.raises(RuntimeError, match="no interpolation"):
        animate(
            PoolEngine(), request(fps=32), still(),
            context=RunContext(interpolator=interpolator, recovery=Recovery(tmp_path, "s")),
        )  # fmt: skip
    assert len(list(tmp_path.glob("*.latent"))) == 1


def test_a_vae_that_gives_another_size_is_told_off():
    class OddEngine(PoolEngine):
        def frames_of(self, latents):
            return super().frames_of(latents)[:, :32]

    with pytest.raises(RuntimeError, match=r"instead of \(9, 64, 96, 3\)"):
        make(OddEngine())


def test_inputs_stay_as_they_were(cache):
    picture = still()
    before = copy.deepcopy(picture.pixels)
    make(picture=picture, cache=cache, loop=True, fps=32)
    assert torch.equal(picture.pixels, before)


def test_a_padded_clip_is_grey_where_it_is_not_known():
    head, tail = torch.zeros(5, 8, 8, 3), torch.ones(4, 8, 8, 3)
    canvas = KnownClip(17, KnownFrames(5, 4), head, tail).padded()
    assert canvas[:, 0, 0, 0].tolist() == [0.0] * 5 + [0.5] * 8 + [1.0] * 4


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        (None, [("high_noise", 0, 6, 10)]),
        (ExpertSplit(2, 4, 0.8), [("high_noise", 0, 2, 10), ("low_noise", 2, 6, 12)]),
        (ExpertSplit(6, 0, 0.0), [("high_noise", 0, 6, 10)]),
        (ExpertSplit(0, 6, 1.0), [("low_noise", 0, 6, 10)]),
    ],
)
def test_an_expert_without_steps_has_no_pass(split, expected):
    passes = sampling_passes(split, 6, 10, 20)
    assert [(run.expert, run.first_step, run.last_step, run.done) for run in passes] == expected
    assert sum(run.steps for run in passes) == 6


class Moving(PoolEngine):
    """A scene that glides on, decoded in pieces of a few frames."""

    piece = 3

    def decode(self, latents):
        (frames,) = super().decode(latents)
        for index in range(len(frames)):
            if (frames[index] == 0.5).all():
                x = torch.linspace(0, 6, 96)[None, :, None] + index / 4
                frames[index] = 0.5 + 0.4 * torch.sin(x)
        yield from frames.split(self.piece)


STREAMED = {
    "one segment": {},
    "32 fps": {"fps": 32},
    "24 fps": {"fps": 24, "duration": 1.0},
    "end image": {"has_end_image": True},
    "several segments": {"duration": 8.0},
    "several segments, 32 fps": {"duration": 6.0, "fps": 32},
    "loop": {"loop": True},
    "loop, 32 fps": {"loop": True, "fps": 32},
    "loop of several segments": {"loop": True, "duration": 6.0},
}


@pytest.mark.parametrize("name", STREAMED)
@pytest.mark.parametrize("on_disk", [False, True], ids=["in memory", "on disk"])
def test_a_clip_is_the_same_frame_by_frame(name, on_disk, monkeypatch):
    if on_disk:
        monkeypatch.setattr(disk_buffer, "IN_MEMORY", 0)
    asked = request(steps=2, quality="custom", **STREAMED[name])
    ending = checked_picture(still(1).pixels, "end_image") if asked.has_end_image else None
    whole = animate(Moving(), asked, still(), ending)
    saved = []
    made = animate_to(saved.extend, Moving(), asked, still(), ending)
    assert (made.frames, made.height, made.width) == whole.frames.shape[:3]
    assert made.fps == whole.fps
    assert len(saved) == len(whole.frames)
    for one, other in zip(saved, whole.frames, strict=True):
        assert np.array_equal(one, other.numpy())
    told = [line for line in made.report.splitlines() if not line.startswith("Time:")]
    assert told == [line for line in whole.report.splitlines() if not line.startswith("Time:")]
    assert "save" in made.report


def test_an_open_clip_is_saved_while_it_is_decoded():
    """What was saved may go: no frame waits for the ones after the next."""

    class Watched(Moving):
        decoded = 0
        piece = 1

        def decode(self, latents):
            for frames in super().decode(latents):
                self.decoded += len(frames)
                yield frames

    engine, ahead = Watched(), []

    def save(frames):
        ahead.extend(engine.decoded - (index + 1) // 2 for index, _ in enumerate(frames))

    animate_to(save, engine, request(duration=4.0, fps=32), still())
    assert len(ahead) == 129
    assert max(ahead) <= 3


def test_what_was_sampled_is_rescued_when_saving_ends_early(tmp_path):
    def save(frames):
        next(frames)
        raise OSError("No space left on device")

    recovery = Recovery(tmp_path, "seed7")
    with pytest.raises(RuntimeError, match="No space left on device"):
        animate_to(save, Moving(), request(), still(), context=RunContext(recovery=recovery))
    assert len(list(tmp_path.glob("*.latent"))) == 1


@pytest.mark.parametrize("count", [8, 10])
def test_a_vae_that_gives_other_counts_of_frames_is_told(count):
    class Miscounting(PoolEngine):
        def decode(self, latents):
            (frames,) = super().decode(latents)
            yield frames[:4]
            yield frames[:1].expand(count - 4, -1, -1, -1)

    with pytest.raises(RuntimeError, match="the VAE gave"):
        make(Miscounting())


def test_what_the_encode_tells_is_in_the_report():
    class Telling(PoolEngine):
        def encode(self, clip):
            return replace(super().encode(clip), note="Encode: 33 of 81 frames")

    assert make(Telling(), duration=8.0).report.count("Encode: 33 of 81 frames") == 1


MAKERS = {"in memory": animate, "saved": partial(animate_to, list)}


@pytest.mark.parametrize("way", MAKERS)
def test_frames_that_are_no_numbers_are_refused_and_the_latents_rescued(tmp_path, way):
    class Broken(PoolEngine):
        def frames_of(self, latents):
            frames = super().frames_of(latents)
            frames[3, 5, 5, 1] = float("nan")
            return frames

    saving = RunContext(recovery=Recovery(tmp_path, "s"))
    with pytest.raises(RuntimeError, match="not numbers"):
        MAKERS[way](Broken(), request(), still(), context=saving)
    assert len(list(tmp_path.glob("*.latent"))) == 1


def test_no_shot_is_held_while_the_next_one_is_made():
    class Watched(PoolEngine):
        made: weakref.ref | None = None
        held = False

        def decode(self, latents):
            self.held = self.held or (self.made is not None and self.made() is not None)
            (frames,) = super().decode(latents)
            self.made = weakref.ref(frames)
            yield frames
            del frames

    engine, frames = Watched(), []
    animate_to(lambda made: frames.extend(each.mean() for each in made), engine,
               request(duration=12.0, steps=2, quality="custom"), still())  # fmt: skip
    assert len(engine.clips) == 3
    assert len(frames) == 193
    assert not engine.held
