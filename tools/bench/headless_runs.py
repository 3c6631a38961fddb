"""One clip without ComfyUI, by our engine or by diffusers' pipeline; for `headless.py`.

Prints a JSON object: seconds by stage, the peak of resident memory beyond what was there when the
models were loaded, and the number of frames.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d
from measuring import peak, reset_peak, resident

from wanderlens.engines.base import Expert
from wanderlens.engines.diffusers.cpu_conv3d import StackedCausalConv3d
from wanderlens.engines.diffusers.engine import DiffusersEngine
from wanderlens.engines.diffusers.load_models import Files
from wanderlens.engines.diffusers.models import TEXT_TOKENS, Placement, WanModels
from wanderlens.engines.short_encode import TOLERANCE
from wanderlens.pipeline.image_to_video import animate_to
from wanderlens.pipeline.input_image import Picture, checked_picture
from wanderlens.shot import CustomSettings, ShotRequest, simple_sigmas
from wanderlens.video import write_video

FPS, STEPS, SHIFT, SEED = 16, 4, 5.0, 42
STAGES = ("encode", "sampling", "decode", "save", "other")
METHODS = ("ours", "diffusers", "diffusers, our convolution")


@dataclass
class Watch:
    """Seconds by stage; whatever is in none is "other"."""

    stage: str = "other"
    since: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    def enter(self, stage: str) -> str:
        """Ends a stage and begins another; gives the one that ended."""
        now, ended = time.perf_counter(), self.stage
        self.seconds[ended] += now - self.since
        self.since, self.stage = now, stage if stage in STAGES else "other"
        return ended

    @contextlib.contextmanager
    def within(self, stage: str) -> Iterator[None]:
        """Counts the block under a stage."""
        outer = self.enter(stage)
        try:
            yield
        finally:
            self.enter(outer)

    def on(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """A function whose calls count under a stage."""

        def timed(*arguments: Any, **options: Any) -> Any:
            with self.within(stage):
                return function(*arguments, **options)

        return timed


def picture(width: int, height: int) -> Picture:
    """A still of smooth colours."""
    coarse = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(7))
    large = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")
    return checked_picture(large.permute(0, 2, 3, 1).contiguous(), "image")


def texts() -> tuple[torch.Tensor, torch.Tensor]:
    """Two encoded prompts."""
    encoded = torch.zeros(2, TEXT_TOKENS, 4096)
    encoded[:, :20] = 0.1 * torch.randn(2, 20, 4096, generator=torch.Generator().manual_seed(5))
    return encoded[:1], encoded[1:]


def watched(models: WanModels, decoder: Any, method: str) -> Watch:
    """What counts the models' work by stage, the decoding where it is done."""
    watch = Watch()
    models.vae.encode = watch.on(models.vae.encode, "encode")
    setattr(decoder, method, watch.on(getattr(decoder, method), "decode"))
    for expert in models.experts.values():
        expert.forward = watch.on(expert.forward, "sampling")
    return watch


def rounded(frames: Iterable[Any], output: Path) -> Iterator[Any]:
    """8-bit frames, which are also kept beside the output as they are before H.264."""
    with output.with_suffix(".rgb").open("wb") as raw:
        for frame in frames:
            pixels = np.rint(frame * 255).astype(np.uint8)
            raw.write(pixels.tobytes())
            yield pixels


def ours(models: WanModels, size: tuple[int, int], seconds: float, output: Path) -> Watch:
    """By `wanderlens animate`'s engine, frame by frame into the file."""
    width, height = size
    request = ShotRequest(
        picture_width=width, picture_height=height, fps=FPS, duration=seconds, seed=SEED,
        resolution="custom", width=width, height=height, quality="custom",
        custom=CustomSettings(steps=STEPS, cfg=1.0, shift=SHIFT, sampler_name="euler"),
    )  # fmt: skip
    engine = DiffusersEngine(models, *texts(), tolerance=TOLERANCE)
    watch = watched(models, models.vae.decoder, "forward")  # a latent at a time

    def save(frames: Iterator[Any]) -> None:
        with watch.within("save"):
            write_video(output, rounded(frames, output), FPS)

    animate_to(save, engine, request, picture(width, height))
    watch.enter("other")
    return watch


def theirs(models: WanModels, size: tuple[int, int], seconds: float, output: Path) -> Watch:
    """By diffusers' `WanImageToVideoPipeline`, on our noise levels; written by our writer."""
    sigmas = simple_sigmas(STEPS, SHIFT)
    scheduler: Any = diffusers.FlowMatchEulerDiscreteScheduler()

    def set_timesteps(count: int, device: Any = None) -> None:
        del count
        type(scheduler).set_timesteps(scheduler, sigmas=list(sigmas[:-1]), device=device)

    scheduler.set_timesteps = set_timesteps
    pipeline: Any = diffusers.WanImageToVideoPipeline
    pipe = pipeline(
        tokenizer=None, text_encoder=None, vae=models.vae, scheduler=scheduler,
        transformer=models.experts["high_noise"], transformer_2=models.experts["low_noise"],
        boundary_ratio=0.9,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    width, height = size
    frames = round(seconds * FPS) // 4 * 4 + 1
    shape = (1, 16, (frames - 1) // 4 + 1, height // 8, width // 8)
    positive, negative = texts()
    watch = watched(models, models.vae, "decode")
    made = pipe(
        image=picture(width, height).pixels.permute(0, 3, 1, 2),
        prompt_embeds=positive, negative_prompt_embeds=negative,
        height=height, width=width, num_frames=frames, num_inference_steps=STEPS,
        guidance_scale=1.0, output_type="np",
        latents=torch.randn(shape, generator=torch.Generator().manual_seed(SEED)),
    ).frames[0]  # fmt: skip
    with watch.within("save"):
        write_video(output, rounded(made, output), FPS)
    watch.enter("other")
    return watch


def load_models(files: Mapping[str, Path], stacked: bool) -> WanModels:
    """The models as we load them; without our convolution as diffusers has them."""
    experts: dict[Expert, Path] = {"high_noise": files["high"], "low_noise": files["low"]}
    models = Files(experts, files["vae"]).load(Placement.on(torch.device("cpu")))
    if not stacked:
        for module in models.vae.modules():
            if type(module) is StackedCausalConv3d:
                object.__setattr__(module, "__class__", WanCausalConv3d)
    return models


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("seconds", type=float)
    parser.add_argument("output", type=Path)
    parser.add_argument("--size", type=int, nargs=2, required=True)
    for name in ("high", "low", "vae"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    files = {name: getattr(options, name) for name in ("high", "low", "vae")}
    models = load_models(files, stacked=options.method != "diffusers")
    _ = diffusers.WanImageToVideoPipeline  # what it loads must not count
    reset_peak()
    before = resident()
    make = ours if options.method == "ours" else theirs
    watch = make(models, tuple(options.size), options.seconds, options.output)
    most = peak()
    print(json.dumps({"seconds": watch.seconds, "beyond": most - before, "peak": most}))


if __name__ == "__main__":
    main()
