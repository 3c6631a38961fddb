"""The engine on diffusers' Wan classes: clips without ComfyUI, on any device torch knows.

Same plan, same noise and same noise levels as in ComfyUI: with the same weights in float32 and the
sampler euler the latents agree with ComfyUI's, and with `diffusers.WanImageToVideoPipeline` on
these noise levels, to 1e-3; uni_pc and dpmpp_2m are diffusers' own solvers of these names. Latents
go in and out as the VAE has them, as in ComfyUI, so that recovered files are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from ...errors import InputError
from ...shot import (
    Family,
    QualitySettings,
    known_latents,
    latent_frames,
    mask_channels,
    sampler_sigmas,
)
from ..base import Anchor, Expert, KnownClip, SamplingPass, lora_notes
from ..short_encode import encode_short
from .denoiser import Denoiser, DiffusersSegment
from .models import TEXT_TOKENS, WanModels
from .solvers import check_samplers, solver
from .vae_decode import decoded_by_latent

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, what is done of it and the total."""


_STAGES: dict[Expert, str] = {"high_noise": "high noise", "low_noise": "low noise"}


class Cancelled(Exception):
    """The caller's `cancelled` said so."""


class DiffusersEngine:
    """Wan 2.2, or the nano model, in diffusers' classes.

    Attributes:
        family: The family of the models.
        notes: None.
    """

    def __init__(
        self,
        models: WanModels,
        positive: torch.Tensor,
        negative: torch.Tensor,
        *,
        tolerance: float = 0.0,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Checks that the prompts go with the models.

        Args:
            models: Experts and VAE.
            positive: The encoded prompt, [1, 512, text width], any float dtype.
            negative: The encoded negative prompt, likewise.
            tolerance: How far the encoded pictures may be from diffusers' own, see `short_encode`;
                0 to encode all frames as its pipeline does.
            progress: Told of every stage and step; whatever it raises ends the work.
            cancelled: Asked before every step and stage; `Cancelled` is raised when it says so.

        Raises:
            InputError: a prompt has another shape.
        """
        expected = (1, TEXT_TOKENS, models.text_width)
        for name, text in (("positive", positive), ("negative", negative)):
            if tuple(text.shape) != expected:
                raise InputError(
                    f"{name} must have the shape {expected}",
                    tuple(text.shape),
                    "Encode the prompt with the text encoder of the model.",
                    name,
                )
        self.family: Family = models.family
        self.notes: tuple[str, ...] = ()
        self._models = models
        self._texts = (positive, negative)
        self._tolerance = tolerance
        self._progress = progress or (lambda *_: None)
        self._cancelled = cancelled

    def prepare(self, settings: QualitySettings) -> DiffusersSampler:
        """Works out the noise levels.

        Raises:
            InputError: the sampler or scheduler is not to be had without ComfyUI.
        """
        check_samplers(settings)
        sigmas = sampler_sigmas(settings.steps, settings.shift, settings.sampler_name)
        return DiffusersSampler(self, settings, sigmas, self._sampler_notes(settings))

    def _sampler_notes(self, settings: QualitySettings) -> tuple[str, ...]:
        notes = []
        if settings.sampler_name != "euler":
            notes.append(
                f"{settings.sampler_name} is diffusers' own; ComfyUI's of that name differs a bit."
            )
        bare = [name for name in self._models.experts if name not in self._models.with_lora]
        return (*notes, *lora_notes(settings, bare))

    def encode(self, clip: KnownClip) -> DiffusersSegment:
        """Mask and encoded frames for the A14B, known latents and their mask for the 5B."""
        self.report("encode", 0, 1)
        if self.family.two_experts:
            encoded = self._encode_concat(clip)
        else:
            encoded = self._encode_masked(clip)
        self.report("encode", 1, 1)
        return encoded

    def encode_frames(self, frames: torch.Tensor) -> torch.Tensor:
        """Latents as the VAE gives them, float32, on the CPU."""
        return self.denormalised(self._encoded(frames))

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """Frames on the CPU, those of one latent after the other; tiles give them all at once."""
        total = latents.shape[2]
        self.report("decode", 0, total)
        vae = self._models.vae
        latents = latents.to(self._models.place(vae), vae.dtype)
        if vae.use_tiling:
            with torch.inference_mode():
                yield _frames(vae.decode(latents, return_dict=False)[0])
            self.report("decode", total, total)
            return
        for done, video in enumerate(decoded_by_latent(vae, latents), 1):
            yield _frames(video)
            self.report("decode", done, total)

    def progress_bar(self, stage: str) -> Callable[[int, int], None]:
        """Progress of a stage that needs no model."""
        return lambda done, total: self.report(stage, done, total)

    def check_cancelled(self) -> None:
        """Raises `Cancelled` if the caller says so."""
        if self._cancelled():
            raise Cancelled

    def is_cancellation(self, error: BaseException) -> bool:
        """Whether the error is `Cancelled`, or Ctrl-C."""
        return isinstance(error, (Cancelled, KeyboardInterrupt))

    def report(self, stage: str, done: int, total: int) -> None:
        """Tells the caller of progress, unless it has cancelled.

        Raises:
            Cancelled: it has.
        """
        self.check_cancelled()
        self._progress(stage, done, total)

    def place(self, expert: Expert) -> torch.device:
        """Brings an expert to its device; see `WanModels.place`."""
        return self._models.place(self._models.experts[expert])

    def denoiser(self, encoded: DiffusersSegment, expert: Expert, cfg: float) -> Denoiser:
        """An expert's guided denoiser for a segment; to be used once the expert is placed."""
        texts = self._texts[: 1 if cfg == 1 else 2]
        return Denoiser(self._models.experts[expert], encoded, texts, cfg)

    def normalised(self, latents: torch.Tensor) -> torch.Tensor:
        """The VAE's latents as the diffusion model has them, mean 0 and deviation 1."""
        mean, std = self._statistics(latents)
        return (latents - mean) / std

    def denormalised(self, latents: torch.Tensor) -> torch.Tensor:
        """The reverse of `normalised`."""
        mean, std = self._statistics(latents)
        return latents * std + mean

    def _statistics(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        config = self._models.vae.config
        mean, std = (
            torch.tensor(values, dtype=latents.dtype, device=latents.device).view(1, -1, 1, 1, 1)
            for values in (config.latents_mean, config.latents_std)
        )
        return mean, std

    def _encoded(self, frames: torch.Tensor) -> torch.Tensor:
        """Frames [n, height, width, 3] to normalised latents, float32, on the CPU."""
        vae = self._models.vae
        video = (frames * 2 - 1).permute(3, 0, 1, 2)[None]  # [1, 3, frames, height, width]
        device = self._models.place(vae)
        with torch.inference_mode():
            latents = vae.encode(video.to(device, vae.dtype)).latent_dist.mode()
        return self.normalised(latents.to("cpu", torch.float32))

    def _encode_concat(self, clip: KnownClip) -> DiffusersSegment:
        note = ""
        if clip.anchor is None:
            short = encode_short(self._encoded, clip, self._tolerance)
            latents, note = short.latents, short.note
        else:
            latents = self._anchored(clip, clip.anchor)
        known = torch.tensor(mask_channels(clip.frames, clip.masked), dtype=torch.float32)
        mask = known.t()[None, :, :, None, None].expand(-1, -1, -1, *latents.shape[-2:])
        return DiffusersSegment(torch.cat([mask, latents], dim=1), None, tuple(latents.shape), note)

    def _anchored(self, clip: KnownClip, anchor: Anchor) -> torch.Tensor:
        """The SVI layout: the anchor, the last latents of the clip so far, and zeros."""
        first = self._encoded(anchor.frame)
        motion = self.normalised(anchor.motion(clip.known.head).to(first))
        latents = first.new_zeros((*first.shape[:2], latent_frames(clip.frames), *first.shape[3:]))
        latents[:, :, :1] = first
        latents[:, :, 1 : 1 + motion.shape[2]] = motion
        return latents

    def _encode_masked(self, clip: KnownClip) -> DiffusersSegment:
        """What is not known is 0 for the model."""
        head = self._encoded(clip.head)
        known = torch.tensor(known_latents(clip.frames, clip.known))
        shape = (1, head.shape[1], len(known), *head.shape[-2:])
        condition = torch.zeros(shape)
        condition[:, :, : int(known.sum())] = head
        mask = (~known).float()[None, None, :, None, None].expand(1, 1, -1, *shape[-2:])
        return DiffusersSegment(condition, mask.contiguous(), shape)


def _frames(video: torch.Tensor) -> torch.Tensor:
    """Video [1, 3, n, H, W], -1..1, to frames [n, H, W, 3], float32, 0..1, on the CPU."""
    frames = video[0].permute(1, 2, 3, 0).to("cpu", torch.float32)
    return ((frames + 1) / 2).clamp_(0, 1)


@dataclass(frozen=True, slots=True)
class DiffusersSampler:
    """An engine set to the settings of a clip; see `base.Sampler`.

    Attributes:
        engine: The engine.
        settings: How to sample.
        sigmas: Noise levels, one per step, and a closing 0.
        notes: On solvers, and on LoRAs that are missing.
    """

    engine: DiffusersEngine
    settings: QualitySettings
    sigmas: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def denoise(
        self, encoded: DiffusersSegment, latents: torch.Tensor | None, run: SamplingPass, seed: int
    ) -> torch.Tensor:
        """Does the steps of one pass; multistep samplers start anew, as in ComfyUI."""
        engine = self.engine
        if latents is None:
            # ComfyUI's noise: torch's generator of the CPU, whatever the device.
            x = torch.randn(encoded.shape, generator=torch.Generator().manual_seed(seed))
        else:
            x = engine.normalised(latents.to("cpu", torch.float32))
        scheduler = solver(self.settings.sampler_name, self.sigmas, run.first_step)
        stage = _STAGES[run.expert] if engine.family.two_experts else "sampling"
        device = engine.place(run.expert)
        with torch.inference_mode():
            x = x.to(device)
            denoiser = engine.denoiser(encoded.to(device), run.expert, self.settings.cfg)
            for step in range(run.first_step, run.last_step):
                engine.report(stage, step - run.first_step, run.steps)
                velocity = denoiser(x, self.sigmas[step])
                x = scheduler.step(velocity, scheduler.timesteps[step], x, return_dict=False)[0]
            engine.report(stage, run.steps, run.steps)
            x = x.to("cpu", torch.float32)
        if run.last_step == len(self.sigmas) - 1:
            x = encoded.with_known(x)
        return engine.denormalised(x)
