"""Our node's latents equal those of ComfyUI's own graph, bit for bit."""

from __future__ import annotations

import pytest


@pytest.fixture
def compare(wan, graphs, latents_of):
    """Runs both graphs in one prompt; gives our latents, the stock graph's and our report."""
    torch = pytest.importorskip("torch")

    def run(prompt, node, stock):
        prompt = {
            **prompt,
            **stock,
            "ours": node,
            "save-ours": graphs.save_latent("ours", 2, "ours"),
            "save-stock": graphs.save_latent("second", 0, "stock"),
        }
        entry = wan.run(prompt)
        ours, theirs = latents_of(entry, "save-ours"), latents_of(entry, "save-stock")
        assert ours.shape == theirs.shape
        assert ours.isfinite().all()
        assert ours.std() > 0.1, "there is something to compare"
        report = entry["outputs"]["ours"]["text"][0]
        return torch.equal(ours, theirs), (ours - theirs).abs().max().item(), report

    return run


def test_first_frame_only_at_8_of_20(compare, graphs):
    equal, distance, report = compare(
        graphs.sources(), graphs.ours(steps=20), graphs.stock(high_steps=8)
    )
    assert equal, distance
    assert "8 steps high-noise, 12 low-noise" in report


def test_first_and_last_frame(compare, graphs):
    node = graphs.ours(end_image=["ending", 0], steps=4)
    equal, distance, report = compare(
        graphs.sources(), node, graphs.stock(high_steps=2, steps=4, ending=True)
    )
    assert equal, distance
    assert "2 steps high-noise, 2 low-noise" in report


def test_with_a_lora(compare, graphs, wan, latents_of):
    stock = graphs.stock(high_steps=2, steps=4, cfg=1.0)
    equal, distance, _ = compare(graphs.sources(lora=True), graphs.ours(steps=4, cfg=1.0), stock)
    assert equal, distance
    plain = {**graphs.sources(), **stock, "save": graphs.save_latent("second", 0, "plain")}
    with_lora = {
        **graphs.sources(lora=True), "ours": graphs.ours(steps=4, cfg=1.0),
        "save": graphs.save_latent("ours", 2, "lora"),
    }  # fmt: skip
    without, changed = (latents_of(wan.run(prompt), "save") for prompt in (plain, with_lora))
    assert not without.equal(changed), "the LoRA does something"


@pytest.mark.parametrize(
    ("sampler", "scheduler", "high_steps"),
    [("uni_pc", "simple", 3), ("euler_ancestral", "beta", 2), ("dpmpp_2m", "sgm_uniform", 2)],
)
def test_other_samplers_and_schedulers(compare, graphs, sampler, scheduler, high_steps):
    node = graphs.ours(steps=5, sampler_name=sampler, scheduler=scheduler)
    stock = graphs.stock(high_steps=high_steps, steps=5, sampler=sampler, scheduler=scheduler)
    equal, distance, report = compare(graphs.sources(), node, stock)
    assert f"{high_steps} steps high-noise, {5 - high_steps} low-noise" in report
    assert equal, distance


def test_an_own_shift_on_the_model_gives_way(compare, graphs):
    prompt = graphs.sources()
    graphs.wrap(prompt, "high", "ModelSamplingSD3", shift=8.0)
    equal, distance, report = compare(
        prompt, graphs.ours(steps=4), graphs.stock(high_steps=2, steps=4)
    )
    assert equal, distance
    assert "The shift 8 set on high_noise is replaced by 5." in report


def test_the_5b_by_its_noise_mask(compare, graphs):
    prompt = graphs.sources_5b()
    node = graphs.ours(low_noise=None, fps=24, duration=0.5, steps=3, sampler_name="uni_pc")
    stock = graphs.stock_5b(frames=13, steps=3, sampler="uni_pc")
    equal, distance, report = compare(prompt, node, stock)
    assert equal, distance
    assert "Model: ti2v-5B" in report
