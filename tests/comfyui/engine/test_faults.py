"""Bad inputs and failures: a clear error, a server that lives, and nothing sampled is lost."""

from __future__ import annotations

import shutil
import time

import pytest

NAN = float("nan")


def linked(kind: str, value):
    """A value that arrives by link, which ComfyUI does not check."""
    return {"class_type": kind, "inputs": {"value": value}}


def with_picture(**inputs):
    def change(_graphs, prompt):
        prompt["still"]["inputs"].update(inputs)

    return change


def with_model(id_: str, file: str):
    def change(graphs, prompt):
        prompt[id_]["inputs"]["unet_name"] = getattr(graphs, file)

    return change


def with_link(name: str, kind: str, value):
    def change(_graphs, prompt):
        prompt["value"] = linked(kind, value)
        prompt["ours"]["inputs"][name] = ["value", 0]

    return change


def with_widget(name: str, value):
    def change(_graphs, prompt):
        if value is None:
            del prompt["ours"]["inputs"][name]
        else:
            prompt["ours"]["inputs"][name] = value

    return change


def with_vae_of_the_5b(graphs, prompt):
    prompt["5b-vae"] = graphs.node("TestVAE22", vae=["vae", 0])
    prompt["ours"]["inputs"]["vae"] = ["5b-vae", 0]


def with_low_noise_beside_the_5b(graphs, prompt):
    prompt.update(graphs.sources_5b())


def with_narrow_prompt(_graphs, prompt):
    prompt["positive"]["inputs"]["width"] = 768


FAULTS = {
    "wrong VAE": (with_vae_of_the_5b, "vae", "wan_2.1_vae"),
    "text-to-video model": (with_model("high", "T2V"), "high_noise", "text-to-video"),
    "text-to-video as low": (with_model("low", "T2V"), "low_noise", "text-to-video"),
    "Wan 2.1 model": (with_model("high", "WAN21_I2V"), "high_noise", "Wan 2.1"),
    "5B as low": (with_model("low", "TI2V"), "low_noise", "same family"),
    "no low expert": (with_widget("low_noise", None), "low_noise", "merged checkpoint"),
    "low expert beside the 5B": (with_low_noise_beside_the_5b, "low_noise", "Disconnect"),
    "wrong text encoder": (with_narrow_prompt, "positive", "umt5_xxl"),
    "NaN in the picture": (with_picture(kind="nan"), "image", "finite"),
    "1×1": (with_picture(width=1, height=1), "image", "16 pixels"),
    "20,000×10": (with_picture(width=20_000, height=10), "image", "16 pixels"),
    "20,000×20": (with_picture(width=20_000, height=20), "image", "Crop the picture"),
    "duration 0": (with_widget("duration", 0), "duration", "min"),
    "duration 0 by link": (with_link("duration", "PrimitiveFloat", 0.0), "duration", "more than 0"),
    "duration 1e9": (with_widget("duration", 1e9), "duration", "max"),
    "duration 1e9 by link": (with_link("duration", "PrimitiveFloat", 1e9), "duration", "120"),
    "duration NaN": (with_widget("duration", NAN), "duration", "nan"),
    "fps 17": (with_widget("fps", 17), "fps", "16, 24 or 32"),
    "fps 17 by link": (with_link("fps", "PrimitiveInt", 17), "fps", "16, 24 or 32"),
    "seed -1": (with_widget("seed", -1), "seed", "min"),
    "seed -1 by link": (with_link("seed", "PrimitiveInt", -1), "seed", "from 0 to"),
    "unknown sampler by link": (
        with_link("sampler_name", "TestAny", "no such"), "sampler_name", "must be one of",
    ),
    "interp_model": (
        with_link("interp_model", "TestAny", "no model"), "interp_model", "FrameInterpolate",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_input_is_named_and_the_next_prompt_runs(wan, graphs, comfy_host, fault):
    change, widget, words = FAULTS[fault]
    if fault == "interp_model" and "FrameInterpolate" in wan.object_info():
        pytest.skip("this ComfyUI has the node")
    prompt = {**graphs.sources(), "ours": graphs.ours()}
    prompt["shown"] = graphs.node("PreviewAny", source=["ours", 3])
    change(graphs, prompt)
    with pytest.raises((comfy_host.PromptRejected, comfy_host.PromptFailed)) as caught:
        wan.run(prompt)
    told = str(caught.value)
    assert widget in told
    assert words in told
    if isinstance(caught.value, comfy_host.PromptFailed):
        assert caught.value.exception_type.endswith("InputError"), told
        assert f"(widget: {widget})" in caught.value.exception_message
    assert wan.is_running()


def test_the_next_prompt_runs(wan, graphs):
    prompt = {**graphs.sources(), "ours": graphs.ours()}
    prompt["shown"] = graphs.node("PreviewAny", source=["ours", 3])
    assert wan.run(prompt)["status"]["status_str"] == "success"


@pytest.mark.parametrize(
    ("kind", "note"),
    [("batch", "the first is used"), ("rgba", "laid on white"), ("grey", "")],
)
def test_odd_pictures_are_taken(wan, graphs, kind, note):
    prompt = {**graphs.sources(), "ours": graphs.ours(steps=1, duration=0.25)}
    prompt["still"]["inputs"].update(kind=kind, width=130, height=70)
    prompt["frames"] = graphs.node("TestShape", images=["ours", 0])
    entry = wan.run(prompt)
    assert note in entry["outputs"]["ours"]["text"][0]
    assert entry["outputs"]["frames"]["text"] == [str((5, 64, 96, 3))]


def recovered(wan) -> set:
    return set((wan.output_dir / "wanderlens" / "recovered").glob("*.latent"))


@pytest.mark.parametrize(
    ("kind", "type_", "words"),
    [("memory", "OutOfMemoryError", "out of memory"), ("error", "RuntimeError", "decoder broke")],
)
def test_what_was_sampled_survives_a_failing_decoder(
    wan, graphs, comfy_host, latents_of, kind, type_, words
):
    prompt = {**graphs.sources(), "ours": graphs.ours(seed=7)}
    prompt["save"] = graphs.save_latent("ours", 2, "whole")
    expected = latents_of(wan.run(prompt), "save")

    prompt["vae-broken"] = graphs.node("TestBrokenVAE", vae=["vae", 0], kind=kind)
    prompt["ours"]["inputs"]["vae"] = ["vae-broken", 0]
    before = recovered(wan)
    with pytest.raises(comfy_host.PromptFailed, match=words) as caught:
        wan.run(prompt)
    (file,) = recovered(wan) - before
    assert caught.value.exception_type.endswith(type_)
    message = caught.value.exception_message
    assert str(file) in message
    assert "Load Latent" in message
    assert "seed7" in file.name
    assert not list(file.parent.glob("*.tmp")), "nothing half written is left"

    shutil.copy(file, wan.input_dir / "again.latent")
    decode = {
        "vae": prompt["vae"],
        "latent": graphs.node("LoadLatent", latent="again.latent"),
        "save": graphs.save_latent("latent", 0, "again"),
        "decoded": graphs.node("VAEDecode", samples=["latent", 0], vae=["vae", 0]),
        "frames": graphs.node("TestShape", images=["decoded", 0]),
    }
    entry = wan.run(decode)
    assert latents_of(entry, "save").equal(expected)
    assert entry["outputs"]["frames"]["text"] == [str((17, 64, 96, 3))]


def test_what_was_sampled_survives_a_cancel(wan, graphs, comfy_host):
    prompt = {**graphs.sources(), "ours": graphs.ours(seed=8)}
    prompt["vae-broken"] = graphs.node("TestBrokenVAE", vae=["vae", 0], kind="cancel")
    prompt["ours"]["inputs"]["vae"] = ["vae-broken", 0]
    prompt["shown"] = graphs.node("PreviewAny", source=["ours", 3])
    before = recovered(wan)
    with pytest.raises(comfy_host.PromptFailed) as caught:
        wan.run(prompt)
    assert caught.value.exception_type == "interrupted", "ComfyUI saw its own exception"
    (file,) = recovered(wan) - before
    assert str(file) in wan.log_text()


def test_cancelling_while_it_samples_leaves_nothing_behind(wan, graphs):
    prompt = {**graphs.sources(), "ours": graphs.ours(seed=9, steps=200, cfg=5.0)}
    graphs.wrap(prompt, "high", "TestCountSteps", name="cancelled-calls")
    prompt["shown"] = graphs.node("PreviewAny", source=["ours", 3])
    before = recovered(wan)
    running = wan.queue(prompt)
    calls = wan.output_dir / "cancelled-calls"
    while not calls.exists() and running not in wan.get_json(f"/history/{running}"):
        time.sleep(0.01)
    wan.cancel(running)
    entry = wan.wait(running)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"
    assert calls.stat().st_size < 100
    assert recovered(wan) == before
