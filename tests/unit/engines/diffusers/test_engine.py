"""The engine on diffusers' classes, on tiny models; parity with diffusers' own pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
from shots import shot_request

torch = pytest.importorskip("torch", reason="needs torch")
diffusers = pytest.importorskip("diffusers", reason="needs the headless extra")

from wanderlens.engines.base import Expert, KnownClip, SamplingPass, sampling_passes  # noqa: E402
from wanderlens.engines.diffusers.engine import Cancelled, DiffusersEngine  # noqa: E402
from wanderlens.engines.diffusers.load_models import Files, Folder  # noqa: E402
from wanderlens.engines.diffusers.loras import Lora  # noqa: E402
from wanderlens.engines.diffusers.models import Placement, place  # noqa: E402
from wanderlens.errors import InputError  # noqa: E402
from wanderlens.latents.recovery import Recovery  # noqa: E402
from wanderlens.pipeline.image_to_video import animate, animate_to  # noqa: E402
from wanderlens.pipeline.input_image import Picture, checked_picture  # noqa: E402
from wanderlens.pipeline.run_context import RunContext  # noqa: E402
from wanderlens.shot import (  # noqa: E402
    CustomSettings,
    KnownFrames,
    quality_settings,
    simple_sigmas,
    split_by_noise,
)

Experts = dict[Expert, Path]
WIDTH, HEIGHT, FRAMES = 96, 64, 9
CPU = Placement(torch.device("cpu"), torch.float32, offload="none")
#: What is promised of the latents of two implementations on the same weights.
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def models(tiny_files):
    return Files(
        {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}, tiny_files["vae"]
    ).load(CPU)


@pytest.fixture(scope="module")
def model_5b(tiny_files):
    """The tiny 5B expert with a tiny VAE of Wan 2.2's kind."""
    from wanderlens.engines.diffusers.checkpoint_layouts import LATENT_MEAN_22, LATENT_STD_22
    from wanderlens.engines.diffusers.load_models import _expert
    from wanderlens.engines.diffusers.models import WanModels
    from wanderlens.shot import TI2V_5B

    torch.manual_seed(3)
    vae = diffusers.AutoencoderKLWan(
        base_dim=8, decoder_base_dim=8, z_dim=48, is_residual=True, in_channels=12,
        out_channels=12, patch_size=2, scale_factor_spatial=16,
        latents_mean=list(LATENT_MEAN_22), latents_std=list(LATENT_STD_22),
    ).eval()  # fmt: skip
    return WanModels(
        TI2V_5B,
        {"high_noise": _expert(tiny_files["ti2v"], "high_noise", torch.float32).eval()},
        vae,
        CPU,
    )


@pytest.fixture(scope="module")
def texts():
    generator = torch.Generator().manual_seed(5)
    encoded = torch.zeros(2, 512, 4096)
    encoded[0, :9] = torch.randn(9, 4096, generator=generator) * 0.1
    encoded[1, :4] = torch.randn(4, 4096, generator=generator) * 0.1
    return encoded[:1], encoded[1:]


def picture(seed: int) -> Picture:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 4, 4, generator=generator)
    large = torch.nn.functional.interpolate(coarse, (HEIGHT, WIDTH), mode="bilinear")
    return checked_picture(large.permute(0, 2, 3, 1).contiguous(), "image")


def request(**options):
    given = {
        "picture_width": WIDTH, "picture_height": HEIGHT, "duration": 0.5, "seed": 11,
        "resolution": "custom", "width": WIDTH, "height": HEIGHT, "quality": "custom",
        "steps": 6, "cfg": 3.0,
    }  # fmt: skip
    return shot_request(**(given | options))


def pipeline_latents(models, texts, sigmas, ending=None, cfg=3.0):
    """What diffusers' own pipeline makes on our noise levels and noise."""
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler()

    def set_timesteps(count, device=None):
        assert count == len(sigmas) - 1
        type(scheduler).set_timesteps(scheduler, sigmas=list(sigmas[:-1]), device=device)

    scheduler.set_timesteps = set_timesteps
    two = models.family.two_experts
    pipe = diffusers.WanImageToVideoPipeline(
        tokenizer=None, text_encoder=None, vae=models.vae, scheduler=scheduler,
        transformer=models.experts["high_noise"], transformer_2=models.experts.get("low_noise"),
        boundary_ratio=0.9 if two else None, expand_timesteps=not two,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    stride = models.family.spatial_stride
    shape = (
        1, models.family.latent_channels, (FRAMES - 1) // 4 + 1, HEIGHT // stride, WIDTH // stride,
    )  # fmt: skip
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(11))
    made = pipe(
        image=picture(1).pixels.permute(0, 3, 1, 2),
        last_image=None if ending is None else ending.pixels.permute(0, 3, 1, 2),
        prompt_embeds=texts[0],
        negative_prompt_embeds=texts[1],
        height=HEIGHT, width=WIDTH, num_frames=FRAMES, num_inference_steps=len(sigmas) - 1,
        guidance_scale=cfg, latents=noise, output_type="latent",
    ).frames  # fmt: skip
    config = models.vae.config
    mean, std = (
        torch.tensor(v).view(1, -1, 1, 1, 1) for v in (config.latents_mean, config.latents_std)
    )
    return made * std + mean


@pytest.mark.parametrize("end_image", [False, True])
@pytest.mark.parametrize("cfg", [1.0, 3.0])
def test_parity_with_diffusers_pipeline(models, texts, end_image, cfg):
    ending = picture(2) if end_image else None
    clip = animate(
        DiffusersEngine(models, *texts),
        request(has_end_image=end_image, cfg=cfg), picture(1), ending,
    )  # fmt: skip
    sigmas = simple_sigmas(6, 5.0)
    assert 0 < split_by_noise(sigmas, 0.9) < 6
    wanted = pipeline_latents(models, texts, sigmas, ending, cfg)
    assert wanted.abs().max() > 1
    assert (clip.latents - wanted).abs().max() <= TOLERANCE
    assert clip.frames.shape == (FRAMES, HEIGHT, WIDTH, 3)


def test_parity_of_the_5b(model_5b, texts):
    engine = DiffusersEngine(model_5b, *texts)
    clip = animate(engine, request(fps=24, duration=8 / 24), picture(1))
    wanted = pipeline_latents(model_5b, texts, simple_sigmas(6, 5.0))
    assert clip.latents.shape == (1, 48, 3, HEIGHT // 16, WIDTH // 16)
    assert (clip.latents - wanted).abs().max() <= TOLERANCE
    assert clip.frames.shape == (FRAMES, HEIGHT, WIDTH, 3)


def test_an_expert_without_steps_is_not_called(models, texts):
    told = []
    engine = DiffusersEngine(models, *texts, progress=lambda *each: told.append(each))
    animate(engine, request(boundary=0.0), picture(1))
    assert {stage for stage, _, _ in told} == {"encode", "high noise", "decode"}
    told.clear()
    animate(engine, request(boundary=1.0, steps=3), picture(1))
    stages = [stage for stage, _, _ in told]
    assert stages.index("high noise") < stages.index("low noise")
    assert ("low noise", 2, 2) in told  # at 1.0 the first step alone is the high-noise expert's


def test_same_seed_same_clip_other_seed_another(models, texts):
    engine = DiffusersEngine(models, *texts)
    first, again = (animate(engine, request(steps=2), picture(1)) for _ in range(2))
    other = animate(engine, request(steps=2, seed=12), picture(1))
    assert torch.equal(first.latents, again.latents)
    assert not torch.allclose(first.latents, other.latents, atol=1e-2)


@pytest.mark.parametrize("sampler", ["uni_pc", "dpmpp_2m"])
def test_other_solvers_come_to_the_same_clip(models, texts, sampler):
    """With many steps every solver of the same flow ends at the same place."""
    engine = DiffusersEngine(models, *texts)
    # The experts agree here, since a hand-over would break the flow.
    high = engine._models.experts["high_noise"]
    one = DiffusersEngine(
        type(models)(models.family, {"high_noise": high, "low_noise": high}, models.vae, CPU),
        *texts,
    )
    euler = animate(one, request(steps=100, cfg=1.0), picture(1)).latents
    made = animate(one, request(steps=60, cfg=1.0, sampler_name=sampler), picture(1)).latents
    rough = animate(one, request(steps=3, cfg=1.0), picture(1)).latents
    assert (made - euler).abs().mean() < 0.25 * (rough - euler).abs().mean()


def test_several_known_frames_reach_the_model(models, texts):
    engine = DiffusersEngine(models, *texts)
    head = torch.rand(5, HEIGHT, WIDTH, 3, generator=torch.Generator().manual_seed(1))
    encoded = engine.encode(KnownClip(FRAMES, KnownFrames(5, 1), head, head[:1]))
    mask = encoded.condition[0, :4, :, 0, 0]  # [4, latent frames]
    assert mask.T.tolist() == [[1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1]]
    assert encoded.shape == (1, 16, 3, HEIGHT // 8, WIDTH // 8)


def test_cancelling_ends_the_work_at_once(models, texts):
    told = []
    engine = DiffusersEngine(
        models, *texts, progress=lambda *each: told.append(each), cancelled=lambda: len(told) > 3
    )
    with pytest.raises(Cancelled):
        animate(engine, request(), picture(1))
    assert len(told) == 4
    assert engine.is_cancellation(Cancelled())
    assert engine.is_cancellation(KeyboardInterrupt())
    assert not engine.is_cancellation(RuntimeError())


def test_latents_are_rescued_when_decoding_fails(models, texts, tmp_path):
    def progress(stage, *_):
        if stage == "decode":
            raise MemoryError("no memory for the frames")

    engine = DiffusersEngine(models, *texts, progress=progress)
    context = RunContext(recovery=Recovery(tmp_path, "clip"))
    with pytest.raises(RuntimeError, match="no memory for the frames"):
        animate(engine, request(steps=2), picture(1), context=context)
    (file,) = tmp_path.glob("*.latent")
    from safetensors.torch import load_file

    whole = animate(DiffusersEngine(models, *texts), request(steps=2), picture(1))
    assert torch.equal(load_file(file)["latent_tensor"], whole.latents)


def test_latents_are_rescued_when_the_clip_cannot_be_saved(models, texts, tmp_path):
    def save(frames):
        assert next(frames).shape == (HEIGHT, WIDTH, 3)
        raise OSError("No space left on device")

    engine = DiffusersEngine(models, *texts)
    context = RunContext(recovery=Recovery(tmp_path, "clip"))
    with pytest.raises(RuntimeError, match="No space left on device"):
        animate_to(save, engine, request(steps=2), picture(1), context=context)
    assert len(list(tmp_path.glob("*.latent"))) == 1


@pytest.mark.parametrize("name", ["lora_te1_text_model.q", "blocks.9.attn.q"])
def test_a_lora_of_another_model_is_refused(tiny_files, tmp_path, name):
    from safetensors.torch import save_file

    tensors = {f"{name}.lora_A.weight": torch.ones(4, 8), f"{name}.lora_B.weight": torch.ones(8, 4)}
    save_file(tensors, tmp_path / "other.safetensors")
    files: Experts = {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}
    with pytest.raises(InputError, match=r"a LoRA must be one for this Wan 2\.2 model"):
        Files(files, tiny_files["vae"]).load(CPU, [Lora(tmp_path / "other.safetensors")])


def test_a_variant_with_further_tensors_is_refused(tiny_files, tmp_path):
    from safetensors.torch import load_file, save_file

    tensors = load_file(tiny_files["high"])
    tensors["control_adapter.conv.weight"] = torch.zeros(4)
    save_file(tensors, tmp_path / "camera.safetensors")
    experts: Experts = {
        "high_noise": tmp_path / "camera.safetensors",
        "low_noise": tiny_files["low"],
    }
    with pytest.raises(
        InputError,
        match=r"plain Wan 2\.2 model, got '1 tensors more or fewer, such as control_adapter",
    ):
        Files(experts, tiny_files["vae"]).load(CPU)


def test_what_wan_keeps_in_float32_stays_exact(tiny_files):
    experts: Experts = {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}
    whole, half = (
        Files(experts, tiny_files["vae"])
        .load(Placement(torch.device("cpu"), dtype, "none"))
        .experts["high_noise"]
        for dtype in (torch.float32, torch.bfloat16)
    )
    for name in ("scale_shift_table", "condition_embedder.time_embedder.linear_1.weight"):
        assert torch.equal(half.get_parameter(name), whole.get_parameter(name))
    assert torch.equal(half.rope.freqs_cos, whole.rope.freqs_cos)
    assert half.blocks[0].ffn.net[0].proj.weight.dtype == torch.bfloat16


def test_a_lora_changes_the_expert_it_is_for(tiny_files):
    files: Experts = {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}
    plain = Files(files, tiny_files["vae"]).load(CPU)
    loras = [Lora(tiny_files["lora"], "high_noise", 0.5)]
    changed = Files(files, tiny_files["vae"]).load(CPU, loras)
    from safetensors.torch import load_file

    lora = load_file(tiny_files["lora"])
    name = "diffusion_model.blocks.1.self_attn.q"
    product = lora[f"{name}.lora_B.weight"] @ lora[f"{name}.lora_A.weight"]
    before, after = (
        dict(m.experts["high_noise"].named_parameters())["blocks.1.attn1.to_q.weight"]
        for m in (plain, changed)
    )
    assert torch.allclose(after - before, 0.5 * product, atol=1e-5)
    low_before, low_after = (m.experts["low_noise"].state_dict() for m in (plain, changed))
    assert all(torch.equal(low_before[key], low_after[key]) for key in low_before)


def test_fast_without_loras_is_noted(models):
    generator = torch.zeros(1, 512, 4096)
    engine = DiffusersEngine(models, generator, generator)
    settings = quality_settings("fast", models.family, False, CustomSettings())
    assert "LoRA" in " ".join(engine.prepare(settings).notes)


def test_a_merged_checkpoint_serves_both_experts(tiny_files, texts):
    merged = Files(
        {"high_noise": tiny_files["high"], "low_noise": tiny_files["high"]}, tiny_files["vae"]
    ).load(CPU)
    assert merged.experts["high_noise"] is merged.experts["low_noise"]
    assert (
        animate(DiffusersEngine(merged, *texts), request(steps=2), picture(1))
        .frames.isfinite()
        .all()
    )


@pytest.mark.parametrize("offload", ["model", "group"])
def test_offloading_changes_nothing(tiny_files, models, texts, offload):
    files: Experts = {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}
    placement = Placement(torch.device("cpu"), torch.float32, offload=offload)
    moved = Files(files, tiny_files["vae"]).load(placement)
    wanted, made = (
        animate(DiffusersEngine(each, *texts), request(steps=3), picture(1))
        for each in (models, moved)
    )
    assert torch.allclose(made.latents, wanted.latents, atol=1e-5)
    assert torch.allclose(made.frames, wanted.frames, atol=1e-5)


def test_only_the_part_that_works_stays_on_the_device():
    placement = Placement(torch.device("meta"), torch.float32, offload="model")
    first, second = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    resident: list = []
    place(first, placement, resident)
    place(first, placement, resident)
    assert resident == [first]
    assert first.weight.device.type == "meta"
    second = second.to("meta")
    all_stay = Placement(torch.device("meta"), torch.float32, offload="none")
    place(second, all_stay, resident)
    assert resident == [first, second]


def test_half_precision_comes_close(tiny_files, models, texts):
    files: Experts = {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}
    half = Files(files, tiny_files["vae"]).load(
        Placement(torch.device("cpu"), torch.bfloat16, "none")
    )
    wanted, made = (
        animate(DiffusersEngine(each, *texts), request(steps=2, cfg=1.0), picture(1)).latents
        for each in (models, half)
    )
    assert half.experts["high_noise"].dtype == torch.bfloat16
    assert 0 < (made - wanted).abs().mean() < 0.05 * wanted.std()


def test_tiles_cover_the_whole_frame(tiny_files, texts):
    files: Experts = {"high_noise": tiny_files["high"], "low_noise": tiny_files["low"]}
    placement = Placement(torch.device("cpu"), torch.float32, "none", vae_tiling=True)
    tiled = Files(files, tiny_files["vae"]).load(placement)
    assert tiled.vae.use_tiling
    clip = animate(DiffusersEngine(tiled, *texts), request(steps=2), picture(1))
    assert clip.frames.shape == (FRAMES, HEIGHT, WIDTH, 3)


def test_a_diffusers_folder_gives_the_same_models(models, tmp_path):
    pipe = diffusers.WanImageToVideoPipeline(
        tokenizer=None, text_encoder=None, vae=models.vae,
        scheduler=diffusers.UniPCMultistepScheduler(),
        transformer=models.experts["high_noise"], transformer_2=models.experts["low_noise"],
        boundary_ratio=0.9,
    )  # fmt: skip
    pipe.save_pretrained(tmp_path)
    loaded = Folder(str(tmp_path)).load(CPU)
    assert loaded.family is models.family
    for expert, model in models.experts.items():
        for name, value in model.state_dict().items():
            assert torch.equal(loaded.experts[expert].state_dict()[name], value)


@pytest.mark.parametrize(
    ("high", "low", "message"),
    [
        ("t2v", "t2v", "16 input channels"),
        ("clip_vision", "clip_vision", "Wan 2.1"),
        ("high", None, "two experts"),
        ("vae", "low", "must hold a Wan diffusion model"),
    ],
)
def test_other_models_are_refused(tiny_files, high, low, message):
    experts: Experts = {"high_noise": tiny_files[high]}
    if low:
        experts["low_noise"] = tiny_files[low]
    with pytest.raises(InputError, match=message):
        Files(experts, tiny_files["vae"]).load(CPU)


def test_the_wrong_vae_is_refused(tiny_files):
    experts: Experts = {"high_noise": tiny_files["ti2v"]}
    with pytest.raises(InputError, match=r"48 input channels with a VAE of 16"):
        Files(experts, tiny_files["vae"]).load(CPU)
    with pytest.raises(InputError, match="must hold a Wan VAE"):
        Files(experts, tiny_files["high"]).load(CPU)


def test_a_prompt_of_another_width_is_refused(models, texts):
    with pytest.raises(InputError, match=r"positive must have the shape \(1, 512, 4096\)"):
        DiffusersEngine(models, torch.zeros(1, 77, 768), texts[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [({"sampler_name": "lcm"}, "sampler_name"), ({"scheduler": "karras"}, "scheduler")],
)
def test_what_only_comfyui_has_is_refused(models, texts, options, message):
    with pytest.raises(InputError, match=message):
        animate(DiffusersEngine(models, *texts), request(**options), picture(1))


def test_passes_count_over_the_clip():
    assert sampling_passes(None, 4, 4, 8) == (SamplingPass("high_noise", 0, 4, 4, 8),)
