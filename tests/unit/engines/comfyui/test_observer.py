"""What whoever watches the making of a clip is told."""

from dataclasses import dataclass, field

import pytest
import torch
from pool_engine import PoolEngine
from scenes import scene
from shots import shot_request

from wanderlens.latents.cache import LatentCache, LatentFolder
from wanderlens.pipeline.extend import extend
from wanderlens.pipeline.image_to_video import animate
from wanderlens.pipeline.input_image import Picture
from wanderlens.pipeline.run_context import RunContext
from wanderlens.shot import CustomSettings, ExtensionRequest


@dataclass
class Witness:
    """An observer that writes everything down."""

    told: list = field(default_factory=list)
    finishes: list = field(default_factory=list)

    def stage(self, name, segment, segments):
        self.told.append((name, segment, segments))

    def finished(self, plan, seconds):
        self.finishes.append((plan, dict(seconds)))


def make(engine=None, cache=None, **changes):
    witness = Witness()
    asked = shot_request(
        64, 64, resolution="custom", width=64, height=64, quality="custom", steps=4,
        **{"duration": 1.0, **changes},
    )  # fmt: skip
    picture = Picture(scene(0, 0, (64, 64))[None], ())
    animate(
        engine or PoolEngine(),
        asked,
        picture,
        context=RunContext(latent_cache=cache, observer=witness),
    )
    return witness


def test_the_stages_of_one_shot_in_their_order():
    witness = make()
    assert witness.told == [
        (name, 1, 1) for name in ("encode", "high noise", "low noise", "decode")
    ]
    ((plan, seconds),) = witness.finishes
    assert plan.timing.output_frames == 17
    assert list(seconds) == ["encode", "high noise", "low noise", "decode"]


def test_what_follows_the_decoding_is_told_too():
    names = [name for name, _, _ in make(fps=32, loop=True).told]
    assert names[-2:] == ["loop", "interpolate"]


def test_every_shot_is_told_by_its_number():
    told = make(duration=6.0).told
    assert [shot for name, shot, shots in told if name == "high noise" and shots == 2] == [1, 2]


def test_a_clip_of_kept_latents_tells_nothing_of_the_time_it_takes(tmp_path):
    cache = LatentCache(LatentFolder(tmp_path / "kept"), "origin")
    assert len(make(cache=cache).finishes) == 1
    again = make(cache=cache, fps=32)
    assert not again.finishes
    assert [name for name, _, _ in again.told] == ["decode", "interpolate"]


def test_a_clip_that_fails_is_not_finished():
    with pytest.raises(MemoryError):
        make(PoolEngine(fail_pass="low_noise"))


def test_an_extension_tells_as_well():
    witness = Witness()
    clip = torch.stack([scene(time / 2, 0, (64, 64)) for time in range(17)])
    asked = ExtensionRequest(
        17, 64, 64, duration=0.5, quality="custom", custom=CustomSettings(steps=2)
    )
    extend(PoolEngine(), asked, clip, context=RunContext(observer=witness))
    assert [name for name, _, _ in witness.told][:3] == ["encode", "high noise", "low noise"]
    assert {shot for _, shot, _ in witness.told} == {1}
    assert len(witness.finishes) == 1
