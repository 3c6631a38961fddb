"""Plans, models and the stage that runs, as the page asks for them."""

import json

import pytest
from PIL import Image

from wanderlens.activity import Run, StageEvent, work_of
from wanderlens.shot import (
    I2V_A14B,
    TI2V_5B,
    ExtensionRequest,
    ShotRequest,
    plan_extension,
    plan_shot,
)

SHOT = {"width": 1600, "height": 900}


def test_the_plan_is_the_nodes_plan(client):
    body = client.post("plan", {**SHOT, "fps": 32, "loop": True, "quality": "best"}).json
    plan = plan_shot(ShotRequest(1600, 900, fps=32, loop=True, quality="best"), I2V_A14B)
    assert (body["width"], body["height"]) == (plan.size.width, plan.size.height)
    assert body["frames"] == plan.timing.output_frames == 160
    assert body["seconds"] == 5.0
    assert body["sampled_frames"] == 81
    assert (body["steps"], body["shots"], body["native_fps"]) == (40, 1, 16)
    assert body["estimate"] is None


def test_the_other_family_and_several_shots(client):
    body = client.post("plan", {**SHOT, "family": "5b", "fps": 24, "duration": 10.0}).json
    plan = plan_shot(ShotRequest(1600, 900, fps=24, duration=10.0), TI2V_5B)
    assert body["shots"] == len(plan.segments) == 2
    assert body["frames"] == plan.timing.output_frames


def test_an_extension_and_a_bridge(client):
    clip = {"frames": 81, "fps": 16}
    body = client.post("plan", {"width": 832, "height": 480, "extend": clip, "duration": 2}).json
    plan = plan_extension(ExtensionRequest(81, 832, 480, 16.0, duration=2), I2V_A14B)
    assert body["frames"] == plan.new_frames
    assert body["seconds"] == 2.0
    clip["next_frames"] = 33
    bridge = {"width": 832, "height": 480, "extend": clip, "duration": 2}
    assert client.post("plan", bridge).status == 200


def test_the_pictures_size_is_read_from_its_file(client, here):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", (640, 360)).save(here.folders()["input"] / "turned.jpg", exif=exif)
    body = client.post("plan", {"image": "turned.jpg"}).json
    assert body["height"] > body["width"]
    (here.folders()["input"] / "words.txt").write_text("no picture")
    assert client.post("plan", {"image": "words.txt"}).status == 404
    assert client.post("plan", {"image": "../../etc/passwd"}).status == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"width": 0}, "width must be a whole number"),
        ({"width": "wide"}, "width must be a whole number"),
        ({"fps": 25}, "fps"),
        ({"duration": -1}, "duration"),
        ({"family": "14b"}, "family must be one of a14b, 5b"),
        ({"quality": "finest"}, "quality"),
        ({"extend": 5}, "extend must be an object"),
        ({"extend": {"frames": 0}}, "frames must be a whole number"),
        ({"extend": {"frames": 9, "fps": "fast"}}, "fps"),
    ],
)
def test_a_bad_field_is_refused_by_name(client, fields, words):
    answer = client.post("plan", {**SHOT, **fields})
    assert answer.status == 400
    assert words in answer.json["error"]


def test_past_runs_tell_what_it_takes(client, here):
    plan = plan_shot(ShotRequest(1600, 900), I2V_A14B)
    stages = {"encode": 10.0, "high noise": 80.0, "low noise": 120.0, "decode": 20.0}
    here.run_log().add(Run(work_of(plan), "another machine", {"decode": 1.0}))
    assert client.post("plan", SHOT).json["estimate"] is None
    here.run_log().add(Run(work_of(plan), "a small machine", stages, 20 * 2**30))
    found = client.post("plan", SHOT).json["estimate"]
    assert found == {
        "seconds": 230.0,
        "stages": stages,
        "memory_bytes": 20 * 2**30,
        "runs": 1,
        "exact": True,
    }


def test_models_are_found_by_their_names(client, here):
    here.models = {
        "diffusion_models": [
            "Wan2_2-I2V-A14B-HIGH_fp8_e4m3fn_scaled_KJ.safetensors",
            "flux1-dev.safetensors",
            "wan/wan2.2_i2v_low_noise_14B_fp16.safetensors",
            "wan2.1_i2v_480p_14B_fp16.safetensors",
            "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
            "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
            "wan2.2_ti2v_5B_fp16.safetensors",
        ],
        "vae": ["ae.safetensors", "wan2.2_vae.safetensors", "wan_2.1_vae.safetensors"],
        "text_encoders": ["t5xxl_fp16.safetensors", "umt5-xxl-enc-bf16.safetensors"],
    }
    models = client.get("models").json["models"]
    assert models["high_noise"]["files"] == [
        "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "Wan2_2-I2V-A14B-HIGH_fp8_e4m3fn_scaled_KJ.safetensors",
    ]
    assert models["low_noise"]["files"] == ["wan/wan2.2_i2v_low_noise_14B_fp16.safetensors"]
    assert models["one_model"]["files"] == ["wan2.2_ti2v_5B_fp16.safetensors"]
    assert models["vae"]["files"] == ["wan_2.1_vae.safetensors"]
    assert models["vae_5b"]["files"] == ["wan2.2_vae.safetensors"]
    assert models["text_encoder"]["files"] == ["umt5-xxl-enc-bf16.safetensors"]
    assert models["lora_high"]["files"] == []
    assert len(models["high_noise"]["all"]) == 7


def test_what_is_asked_for_is_what_the_bundled_workflows_load(client, here):
    text = "".join(
        file.read_text(encoding="utf-8") for file in (here.workflows / "api").glob("*.json")
    )
    models = client.get("models").json["models"]
    for part in models.values():
        assert json.dumps(part["wanted"]["name"]) in text
        assert part["wanted"]["url"].startswith("https://huggingface.co/")
        assert part["wanted"]["url"].endswith(part["wanted"]["name"])
    assert len({part["wanted"]["name"] for part in models.values()}) == len(models)


def test_the_stage_of_the_prompt_that_runs(client, here):
    assert client.get("activity").json == {"running": []}
    event = StageEvent("a", "11", "decode", 1, 2, 5, 3)
    here.latest_stage.set(event)
    assert client.get("activity").json == {"running": []}
    here.prompts = {"a"}
    assert client.get("activity").json == {"running": [event.as_json()]}
    here.prompts = {"b"}
    assert client.get("activity").json == {"running": []}
