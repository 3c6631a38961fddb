"""The same shot is never sampled twice; long clips go on from what is there."""

from __future__ import annotations

import itertools

import pytest

_runs = itertools.count()


@pytest.fixture
def shoot(wan, graphs, latents_of):
    """Runs our node with inputs of a test; gives steps sampled, shape of frames, report, latents.

    All runs of one test count into the same file: its name is part of what the models come from.
    """
    name = f"calls-{next(_runs)}"

    def run(change=None, **inputs):
        prompt = graphs.sources(count=name)
        settings = {"cfg": 1.0, "duration": 0.25, "width": 64, **inputs}
        prompt["ours"] = graphs.ours(**settings)
        prompt["frames"] = graphs.node("TestShape", images=["ours", 0])
        prompt["save"] = graphs.save_latent("ours", 2, name)
        if change is not None:
            change(prompt)
        calls = wan.output_dir / name
        before = calls.stat().st_size if calls.exists() else 0
        entry = wan.run(prompt)
        steps = (calls.stat().st_size if calls.exists() else 0) - before
        shape = entry["outputs"]["frames"]["text"][0]
        return steps, shape, entry["outputs"]["ours"]["text"][0], latents_of(entry, "save")

    return run


def test_other_frame_rates_sample_no_step(shoot):
    steps, shape, report, sampled = shoot(fps=16)
    assert (steps, shape) == (2, str((5, 64, 64, 3)))
    assert "Kept" not in report
    for fps, frames in ((32, 9), (24, 7)):
        steps, shape, report, kept = shoot(fps=fps)
        assert (steps, shape) == (0, str((frames, 64, 64, 3)))
        assert "0 steps were sampled" in report
        assert "interpolate" in report
        assert kept.equal(sampled)


def test_a_loop_keeps_its_period_at_every_frame_rate(shoot):
    steps, shape, report, _ = shoot(loop=True)
    assert (steps, shape) == (2, str((4, 64, 64, 3)))
    assert "period 4" in report
    steps, shape, _, _ = shoot(loop=True, fps=32)
    assert (steps, shape) == (0, str((8, 64, 64, 3)))


@pytest.mark.parametrize(
    "inputs",
    [{"seed": 43}, {"steps": 3}, {"shift": 8.0}, {"boundary": 0.5}, {"duration": 0.5},
     {"scheduler": "beta"}, {"end_image": ["ending", 0]}, {"width": 96}],
    ids=lambda inputs: next(iter(inputs)),
)  # fmt: skip
def test_what_matters_to_sampling_samples_again(shoot, inputs):
    assert shoot()[0] == 2
    assert shoot(**{"sampler_name": "euler", **inputs})[0] >= 2
    assert shoot(boundary=0.95)[0] == 0, "the hand-over stays where it was"


def test_what_the_inputs_come_from_counts(shoot, graphs, wan):
    assert shoot()[0] == 2

    def other_prompt(prompt):
        prompt["positive"]["inputs"]["text"] = "a fast pull-back"

    def other_lora(strength):
        def change(prompt):
            graphs.wrap(
                prompt, "low", "LoraLoaderModelOnly", lora_name=graphs.LORA, strength_model=strength
            )

        return change

    assert shoot(other_prompt)[0] == 2
    assert shoot(other_lora(0.5))[0] == 2
    assert shoot(other_lora(0.7))[0] == 2
    assert shoot(other_lora(0.5))[0] == 0
    (wan.models_dir / "loras" / graphs.LORA).touch()
    assert shoot(other_lora(0.5), fps=32)[0] == 2, "the file may have changed"
    assert shoot()[0] == 0, "other files do not matter"


def test_nodes_that_change_each_time_are_never_taken_from_the_store(shoot, graphs):
    def always_new(prompt):
        graphs.wrap(prompt, "low", "TestAlwaysNew")

    assert shoot(always_new)[0] == 2
    assert shoot(always_new)[0] == 2


LONG_PROMPTS = {
    "English": "the camera pushes in toward the cabin while mist rolls over the lake, " * 5,
    "Chinese": "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，"
    "最差质量，低质量，"
    "JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的",
    "path": "a/" * 2000,
}


@pytest.mark.parametrize("text", LONG_PROMPTS.values(), ids=LONG_PROMPTS)
def test_a_long_typed_prompt_is_no_file_name(shoot, text):
    def typed(prompt):
        prompt["positive"]["inputs"]["text"] = text

    assert shoot(typed)[0] == 2
    assert shoot(typed, fps=32)[0] == 0


def test_a_list_of_strengths_makes_a_clip_of_each(shoot, graphs):
    """ComfyUI runs the node once per item, under one and the same prompt."""

    def strengths(prompt):
        prompt["strengths"] = graphs.node("TestStrengths")
        graphs.wrap(
            prompt, "low", "LoraLoaderModelOnly",
            lora_name=graphs.LORA, strength_model=["strengths", 0],
        )  # fmt: skip

    assert shoot(strengths)[0] == 4


def kept_files(host) -> list:
    return list((host.base_dir / "user" / "__wanderlens" / "latents").glob("*.safetensors"))


def test_each_shot_of_a_long_clip_is_kept(wan, shoot):
    before = len(kept_files(wan))
    steps, shape, report, _ = shoot(steps=1, duration=5.25)
    assert (steps, shape) == (2, str((85, 64, 64, 3)))
    assert "Segments: 2" in report
    assert len(kept_files(wan)) == before + 4, "latents and encoded pictures"


def test_the_setting_switches_it_off(wan, shoot):
    settings = wan.user_dir / "comfy.settings.json"
    settings.write_text('{"Wanderlens.KeepLatents": false}')
    before = len(kept_files(wan))
    try:
        assert shoot()[0] == 2
        assert shoot(fps=32)[0] == 2
        assert len(kept_files(wan)) == before
    finally:
        settings.unlink()
    assert shoot(fps=24)[0] == 2
    # The clip, and what the experts handed over.
    assert len(kept_files(wan)) == before + 2


def test_the_variable_switches_it_off(wan, graphs, start_comfy, tmp_path):
    base_dir = tmp_path / "comfyui"
    base_dir.mkdir()
    (base_dir / "models").symlink_to(wan.models_dir, target_is_directory=True)
    own = start_comfy(
        packs={"test_nodes": graphs.TEST_NODES},
        env={"WANDERLENS_KEEP_LATENTS": "0"},
        base_dir=base_dir,
    )
    prompt = {**graphs.sources(), "ours": graphs.ours(steps=1, duration=0.25)}
    prompt["shown"] = graphs.node("PreviewAny", source=["ours", 3])
    own.run(prompt)
    assert not kept_files(own)


def test_the_web_gives_no_kept_latents_away(wan, shoot):
    shoot()
    kept = kept_files(wan)
    assert kept
    for address in (
        f"/userdata/__wanderlens%2Flatents%2F{kept[0].name}",
        f"/userdata/..%2F__wanderlens%2Flatents%2F{kept[0].name}",
        f"/view?filename={kept[0].name}&subfolder=..%2Fuser%2F__wanderlens%2Flatents&type=output",
    ):
        status, _ = wan.request("GET", address)
        assert status in (400, 403, 404), address
