"""Grey frames whose latents have settled are not encoded; what is encoded is kept."""

from __future__ import annotations

import itertools
import json

import pytest

SETTING = "Wanderlens.ShortEncode"
FRAMES, WIDTH, HEIGHT = 49, 320, 256
COPY = 45  # frames of the small copy, which has one known latent and eleven grey ones
_runs = itertools.count()


@pytest.fixture
def shoot(wan, graphs, latents_of):
    """Runs our node, or the stock graph; gives frames of each encode, report and latents.

    All runs of one test count into the same file: its name is part of what is kept.
    """
    name = f"encodes-{next(_runs)}"

    def run(change=None, *, stock=False, keeps=0.3, picture=1, **inputs):
        prompt = graphs.sources()
        prompt["itself"] = prompt["vae"]
        prompt["vae"] = graphs.node("TestFadingVAE", vae=["itself", 0], keeps=keeps, name=name)
        prompt["still"]["inputs"].update(width=WIDTH, height=HEIGHT, seed=picture)
        settings = {"duration": 3.0, "width": WIDTH, "height": HEIGHT, "steps": 2, "cfg": 1.0}
        source = ("ours", 2)
        if stock:
            prompt.update(graphs.stock(high_steps=1, steps=2, cfg=1.0))
            prompt["known"]["inputs"].update(width=WIDTH, height=HEIGHT, length=FRAMES)
            source = ("second", 0)
        else:
            prompt["ours"] = graphs.ours(**{**settings, **inputs})
            prompt["shown"] = graphs.node("PreviewAny", source=["ours", 3])
        prompt["save"] = graphs.save_latent(*source, name)
        if change is not None:
            change(prompt)
        encodes = wan.output_dir / name
        before = encodes.stat().st_size if encodes.exists() else 0
        entry = wan.run(prompt)
        made = encodes.read_bytes()[before:] if encodes.exists() else b""
        report = "" if stock else entry["outputs"]["ours"]["text"][0]
        return list(made), report, latents_of(entry, "save")

    return run


@pytest.fixture
def whole_encode(wan):
    """The setting is off while a test runs."""
    file = wan.user_dir / "comfy.settings.json"
    before = file.read_text(encoding="utf-8") if file.exists() else "{}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**json.loads(before), SETTING: False}), encoding="utf-8")
    yield
    file.write_text(before, encoding="utf-8")


def test_settled_grey_is_left_out_and_the_clip_is_the_same(shoot):
    encoded, report, latents = shoot()
    assert encoded[0] == COPY
    assert len(encoded) == 2
    assert encoded[1] < FRAMES
    assert f"Encode: {encoded[1]} of {FRAMES} frames" in report
    stock = shoot(stock=True)[2]
    error = (latents - stock).square().mean() / stock.square().mean()
    assert 0 < error < 1e-4


@pytest.mark.usefixtures("whole_encode")
def test_switched_off_it_is_the_stock_graph_bit_for_bit(shoot):
    encoded, report, latents = shoot()
    assert encoded == [FRAMES]
    assert "Encode:" not in report
    assert latents.equal(shoot(stock=True)[2])


def test_the_same_still_is_encoded_once(shoot, graphs):
    assert shoot()[0]

    def other_prompt(prompt):
        prompt["positive"]["inputs"]["text"] = "a fast pull-back"

    def other_model(prompt):
        graphs.wrap(prompt, "low", "LoraLoaderModelOnly", lora_name=graphs.LORA, strength_model=0.5)

    for change, seed in ((None, 43), (other_prompt, 42), (other_model, 42)):
        encoded, report, _ = shoot(change, seed=seed)
        assert encoded == []
        assert "Kept: the picture as it was encoded before" in report
    assert shoot(picture=7)[0]
    assert shoot(end_image=["ending", 0])[0]


def test_a_vae_that_does_not_settle_is_looked_at_twice(shoot):
    encoded, report, _ = shoot(keeps=0.99)
    assert encoded == [COPY, FRAMES], "the small copy, and the whole"
    assert "Encode:" not in report
    assert shoot(keeps=0.99, picture=12)[0] == [COPY, FRAMES]
    assert shoot(keeps=0.99, picture=13)[0] == [FRAMES]
