"""Prompts in API format for the tests: our node, and the stock graph that does the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEST_NODES = Path(__file__).resolve().parent.parent / "packs" / "test_nodes"

Prompt = dict[str, dict[str, Any]]

# The files that weights.py writes.
HIGH, LOW = "wan_i2v_high.safetensors", "wan_i2v_low.safetensors"
TI2V, T2V = "wan_ti2v_5b.safetensors", "wan_t2v.safetensors"
WAN21_I2V = "wan21_i2v.safetensors"
VAE, LORA = "wan_2.1_vae.safetensors", "wan_lora.safetensors"

WIDTH, HEIGHT = 96, 64
SECONDS = 1.0  # 17 frames at 16 fps
FRAMES = 17


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """One node of a prompt."""
    return {"class_type": class_type, "inputs": inputs}


def sources(lora: bool = False, count: str = "", pause: float = 0.0) -> Prompt:
    """Models, prompts, VAE and pictures under fixed ids.

    The ids are high, low, positive, negative, vae, still, ending, clip and next-clip.

    Args:
        lora: Whether a LoRA is on both models.
        count: File in the output folder that counts the calls of both models, if any.
        pause: Seconds that each counted call waits.
    """
    prompt = {
        "high": node("UNETLoader", unet_name=HIGH, weight_dtype="default"),
        "low": node("UNETLoader", unet_name=LOW, weight_dtype="default"),
        "vae": node("VAELoader", vae_name=VAE),
        "positive": node("TestConditioning", text="a slow push-in, leaves move", width=4096),
        "negative": node("TestConditioning", text="blurry", width=4096),
        "still": node("TestPicture", width=WIDTH, height=HEIGHT, kind="plain", seed=1),
        "ending": node("TestPicture", width=WIDTH, height=HEIGHT, kind="plain", seed=2),
        "clip": node("TestClip", width=64, height=64, frames=9, speed=1.0, start=0.0),
        "next-clip": node("TestClip", width=64, height=64, frames=13, speed=1.0, start=40.0),
    }
    for expert, strength in (("high", 0.8), ("low", 0.6)):
        if lora:
            wrap(
                prompt, expert, "LoraLoaderModelOnly",
                lora_name=LORA, strength_model=strength,
            )  # fmt: skip
        if count:
            wrap(prompt, expert, "TestCountSteps", name=count, pause=pause)
    return prompt


def wrap(prompt: Prompt, expert: str, class_type: str, **inputs: Any) -> None:
    """Puts a node between a model and what uses it."""
    inner = f"{expert}-{class_type}"
    prompt[inner] = prompt[expert]
    prompt[expert] = node(class_type, model=[inner, 0], **inputs)


def ours(**inputs: Any) -> dict[str, Any]:
    """Our node on `sources`, made small and quick; any input may be changed, None leaves it out."""
    settings: dict[str, Any] = {
        "image": ["still", 0],
        "high_noise": ["high", 0],
        "positive": ["positive", 0],
        "negative": ["negative", 0],
        "vae": ["vae", 0],
        "fps": 16,
        "duration": SECONDS,
        "loop": False,
        "resolution": "custom",
        "quality": "custom",
        "seed": 42,
        "low_noise": ["low", 0],
        "width": WIDTH,
        "height": HEIGHT,
        "steps": 2,
        "cfg": 3.5,
        "shift": 5.0,
        "sampler_name": "euler",
        "scheduler": "simple",
        "boundary": 0.9,
    }
    return _changed("Wan22ImageToVideo", settings, inputs)


def extended(**inputs: Any) -> dict[str, Any]:
    """FrameContinuityExtend on `sources`, likewise: half a second more."""
    settings: dict[str, Any] = {
        "frames": ["clip", 0],
        "clip_fps": 16.0,
        "join": "generate",
        "duration": 0.5,
        "context_frames": 5,
        "color_match": 1.0,
        "close_loop": False,
        "quality": "custom",
        "seed": 42,
        "high_noise": ["high", 0],
        "low_noise": ["low", 0],
        "positive": ["positive", 0],
        "negative": ["negative", 0],
        "vae": ["vae", 0],
        "steps": 2,
        "cfg": 1.0,
        "shift": 5.0,
        "sampler_name": "euler",
        "scheduler": "simple",
        "boundary": 0.9,
    }
    return _changed("FrameContinuityExtend", settings, inputs)


def _changed(class_type: str, settings: Any, inputs: Any) -> dict[str, Any]:
    """A node with some settings changed; those that are None are left out."""
    given = {name: value for name, value in {**settings, **inputs}.items() if value is not None}
    return node(class_type, **given)


def stock(
    *,
    high_steps: int,
    steps: int = 20,
    shift: float = 5.0,
    cfg: float = 3.5,
    sampler: str = "euler",
    scheduler: str = "simple",
    seed: int = 42,
    ending: bool = False,
) -> Prompt:
    """ComfyUI's own graph on `sources`; its latents are the first output of node "second"."""
    size = {"width": WIDTH, "height": HEIGHT, "length": FRAMES, "batch_size": 1}
    texts = {"positive": ["positive", 0], "negative": ["negative", 0], "vae": ["vae", 0]}
    common = {
        "noise_seed": seed, "steps": steps, "cfg": cfg, "sampler_name": sampler,
        "scheduler": scheduler, "positive": ["known", 0], "negative": ["known", 1],
    }  # fmt: skip
    pictures: dict[str, Any] = {"start_image": ["still", 0]}
    if ending:
        pictures["end_image"] = ["ending", 0]
    return {
        "known": node(
            "WanFirstLastFrameToVideo" if ending else "WanImageToVideo",
            **texts, **size, **pictures,
        ),
        "high-shifted": node("ModelSamplingSD3", model=["high", 0], shift=shift),
        "low-shifted": node("ModelSamplingSD3", model=["low", 0], shift=shift),
        "first": node(
            "KSamplerAdvanced", model=["high-shifted", 0], add_noise="enable",
            latent_image=["known", 2], start_at_step=0, end_at_step=high_steps,
            return_with_leftover_noise="enable", **common,
        ),
        "second": node(
            "KSamplerAdvanced", model=["low-shifted", 0], add_noise="disable",
            latent_image=["first", 0], start_at_step=high_steps, end_at_step=steps,
            return_with_leftover_noise="disable", **common,
        ),
    }  # fmt: skip


def sources_5b() -> Prompt:
    """`sources` with the 5B model and its VAE, under the same ids."""
    prompt = sources()
    prompt["high"] = node("UNETLoader", unet_name=TI2V, weight_dtype="default")
    prompt["any-vae"] = prompt["vae"]
    prompt["vae"] = node("TestVAE22", vae=["any-vae", 0])
    return prompt


def stock_5b(*, frames: int, steps: int, sampler: str) -> Prompt:
    """ComfyUI's own graph for the 5B; its latents are the first output of node "second"."""
    return {
        "shifted": node("ModelSamplingSD3", model=["high", 0], shift=5.0),
        "known": node(
            "Wan22ImageToVideoLatent", vae=["vae", 0], width=WIDTH, height=HEIGHT, length=frames,
            batch_size=1, start_image=["still", 0],
        ),
        "second": node(
            "KSampler", model=["shifted", 0], seed=42, steps=steps, cfg=3.5, sampler_name=sampler,
            scheduler="simple", positive=["positive", 0], negative=["negative", 0],
            latent_image=["known", 0], denoise=1.0,
        ),
    }  # fmt: skip


def save_latent(source: str, output: int, name: str) -> dict[str, Any]:
    """A node that saves a latent as ``latents/<name>``."""
    return node("SaveLatent", samples=[source, output], filename_prefix=f"latents/{name}")
