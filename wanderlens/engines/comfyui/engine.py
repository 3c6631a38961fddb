"""The engine on ComfyUI's MODEL, CONDITIONING and VAE; imported only where ComfyUI runs.

Sampling runs through ComfyUI's own samplers, once per expert, so that progress, preview, cancel,
hooks and every patch of the MODEL work. With the same picture, seed and split the latents equal
those of ComfyUI's own nodes bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import comfy.model_management  # pyright: ignore[reportMissingImports]
import comfy.model_sampling  # pyright: ignore[reportMissingImports]
import comfy.sample  # pyright: ignore[reportMissingImports]
import comfy.samplers  # pyright: ignore[reportMissingImports]
import comfy.utils  # pyright: ignore[reportMissingImports]
import latent_preview  # pyright: ignore[reportMissingImports]
import node_helpers  # pyright: ignore[reportMissingImports]
import torch

from ...checks import one_of
from ...latents.cache import KeptLatents
from ...shot import Family, QualitySettings, known_latents, mask_channels
from ..base import Anchor, Expert, KnownClip, SamplingPass, lora_notes
from ..short_encode import encode_settled
from .host import check_cancelled, progress_bar
from .model_checks import check_conditioning, check_low_noise, check_vae, model_family

_OFTEN = 2  # stills with which a VAE does not settle, until it is looked for no more


class ComfyEngine:
    """Wan 2.2 in ComfyUI.

    Attributes:
        family: Read from the MODEL.
        notes: About the ComfyUI that runs.
    """

    def __init__(
        self,
        high_noise: Any,
        low_noise: Any,
        positive: Any,
        negative: Any,
        vae: Any,
        *,
        notes: tuple[str, ...] = (),
        tolerance: float = 0.0,
        kept_pictures: KeptLatents | None = None,
    ) -> None:
        """Checks that everything goes together.

        Args:
            high_noise: MODEL; the only one for the 5B.
            low_noise: MODEL, or None for the 5B.
            positive: CONDITIONING.
            negative: CONDITIONING.
            vae: VAE.
            notes: What to tell the user about the ComfyUI that runs.
            tolerance: How far the encoded pictures may be from ComfyUI's own, see `settled`; 0 for
                the same bit for bit.
            kept_pictures: Where encoded pictures are kept and looked up; None keeps nothing.

        Raises:
            InputError: a model, conditioning or VAE is not what it should be.
        """
        self.family: Family = model_family(high_noise, "high_noise")
        check_low_noise(low_noise, self.family)
        check_vae(vae, self.family)
        check_conditioning(positive, high_noise, "positive")
        check_conditioning(negative, high_noise, "negative")
        self.notes = notes
        self._models: dict[Expert, Any] = {"high_noise": high_noise}
        if low_noise is not None:
            self._models["low_noise"] = low_noise
        self._positive = positive
        self._negative = negative
        self._vae = vae
        self._tolerance = tolerance
        self._kept = kept_pictures

    def prepare(self, settings: QualitySettings) -> ComfySampler:
        """Sets clones of the models to a shift, and works out the noise levels.

        Raises:
            InputError: this ComfyUI has no such sampler or scheduler.
        """
        known = comfy.samplers.KSampler
        one_of(settings.sampler_name, "sampler_name", known.SAMPLERS)
        one_of(settings.scheduler, "scheduler", known.SCHEDULERS)
        models: dict[Expert, Any] = {
            expert: _shifted(model, settings.shift) for expert, model in self._models.items()
        }
        model = models["high_noise"]
        sigmas = known(
            model,
            steps=settings.steps,
            device=model.load_device,
            sampler=settings.sampler_name,
            scheduler=settings.scheduler,
            denoise=1.0,
            model_options=model.model_options,
        ).sigmas
        notes = (*_shift_notes(self._models, settings.shift), *self._lora_notes(settings))
        return ComfySampler(models, settings, tuple(sigmas.tolist()), notes)

    def encode(self, clip: KnownClip) -> Encoded:
        """Conditioning and empty latents for the A14B, part-filled latents for the 5B."""
        self.check_cancelled()
        if self.family.two_experts:
            return self._encode_concat(clip)
        return self._encode_masked(clip)

    def encode_frames(self, frames: torch.Tensor) -> torch.Tensor:
        """Latents as the VAE gives them."""
        self.check_cancelled()
        return self._vae.encode(frames)

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """All frames at once; ComfyUI decodes in tiles if memory runs out."""
        self.check_cancelled()
        frames = self._vae.decode(latents)
        yield frames.reshape(-1, *frames.shape[-3:])

    def progress_bar(self, stage: str) -> Callable[[int, int], None]:
        """ComfyUI's progress bar on the node, which names no stage."""
        del stage
        return progress_bar()

    def check_cancelled(self) -> None:
        """Raises ComfyUI's InterruptProcessingException if the user has cancelled."""
        check_cancelled()

    def is_cancellation(self, error: BaseException) -> bool:
        """Whether the error is ComfyUI's InterruptProcessingException."""
        return isinstance(error, comfy.model_management.InterruptProcessingException)

    def _lora_notes(self, settings: QualitySettings) -> tuple[str, ...]:
        bare = [name for name, model in self._models.items() if not model.patches]
        return lora_notes(settings, bare)

    def _encode_concat(self, clip: KnownClip) -> Encoded:
        """Known frames as further channels: four of mask, 0 where known, and the encoded clip."""
        note = ""
        if clip.anchor is None:
            image_latents, note = self._settled(clip)
        else:
            image_latents = self._anchored(clip, clip.anchor)
        known = torch.tensor(mask_channels(clip.frames, clip.masked), dtype=torch.float32)
        mask = 1.0 - known.t().reshape(1, 4, -1, 1, 1)  # [1, 4, latent frames, 1, 1]
        values = {
            "concat_latent_image": image_latents,
            "concat_mask": mask.expand(-1, -1, -1, *image_latents.shape[-2:]),
        }
        return Encoded(
            positive=node_helpers.conditioning_set_values(self._positive, values),
            negative=node_helpers.conditioning_set_values(self._negative, values),
            latents=self._empty(clip),
            noise_mask=None,
            note=note,
        )

    def _settled(self, clip: KnownClip) -> tuple[torch.Tensor, str]:
        """The latents of a shot, its unknown frames grey, and how they were had.

        Kept ones spare the VAE where only the seed or the sampling changes, as ComfyUI's cache does
        for its own node.
        """
        key, known = "", clip.known
        parts = (self._tolerance, clip.frames, known.head, known.tail, clip.head, clip.tail)
        if self._kept is not None:
            key = self._kept.key("encoded", *parts)
            found = self._kept.store.get(key)
            if found is not None:
                note = "Kept: the picture as it was encoded before was used."
                return found.to(comfy.model_management.intermediate_device()), note
        made = encode_settled(self.encode_frames, clip, self._tolerance_for(parts[:4]))
        if self._kept is not None:
            self._kept.store.put(key, made.latents)
            if not made.settles:
                self._note_unsettled(parts[:4])
        return made.latents, made.note

    def _tolerance_for(self, shape: tuple[Any, ...]) -> float:
        """0 for shots with which the VAE did not settle twice: a look costs time for nothing."""
        if self._kept is None:
            return self._tolerance
        found = self._kept.store.get(self._kept.key("does not settle", *shape))
        return 0.0 if found is not None and found >= _OFTEN else self._tolerance

    def _note_unsettled(self, shape: tuple[Any, ...]) -> None:
        assert self._kept is not None, "what is noted is kept"
        key = self._kept.key("does not settle", *shape)
        found = self._kept.store.get(key)
        self._kept.store.put(key, torch.ones(1) if found is None else found + 1)

    def _anchored(self, clip: KnownClip, anchor: Anchor) -> torch.Tensor:
        """The SVI layout: the anchor, the last latents of the clip so far, zeros of the model."""
        latents = self._empty(clip)
        format_ = self._models["high_noise"].get_model_object("latent_format")
        latents = format_.process_out(latents)
        latents[:, :, :1] = self._vae.encode(anchor.frame)
        motion = anchor.motion(clip.known.head)
        latents[:, :, 1 : 1 + motion.shape[2]] = motion
        return latents

    def _encode_masked(self, clip: KnownClip) -> Encoded:
        """Known frames as latents that sampling leaves alone, 0 in the noise mask."""
        latents = self._empty(clip)
        known = torch.tensor(known_latents(clip.frames, clip.known), device=latents.device)
        mask = (~known).float().reshape(1, 1, -1, 1, 1)  # [1, 1, latent frames, 1, 1]
        mask = mask.repeat(1, 1, 1, *latents.shape[-2:])
        latents[:, :, : int(known.sum())] = self._vae.encode(clip.head)
        # What is not known is 0 for the model, after it has scaled the latents its way.
        format_ = self._models["high_noise"].get_model_object("latent_format")
        latents = format_.process_out(latents) * mask + latents * (1.0 - mask)
        return Encoded(self._positive, self._negative, latents, mask)

    def _empty(self, clip: KnownClip) -> torch.Tensor:
        """Latents of zeros for a shot."""
        stride = self.family.spatial_stride
        frames = (clip.frames - 1) // self.family.time_stride + 1
        shape = (
            1,
            self.family.latent_channels,
            frames,
            clip.height // stride,
            clip.width // stride,
        )
        return torch.zeros(shape, device=comfy.model_management.intermediate_device())


@dataclass(frozen=True, slots=True)
class Encoded:
    """A shot as ComfyUI's samplers take it.

    Attributes:
        positive: CONDITIONING.
        negative: CONDITIONING.
        latents: [1, channels, latent frames, height, width], what sampling starts from.
        noise_mask: [1, 1, latent frames, height, width], 0 where the latents stay; or None.
        note: How the pictures were encoded, for the report.
    """

    positive: Any
    negative: Any
    latents: torch.Tensor
    noise_mask: torch.Tensor | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ComfySampler:
    """Models set to the shift of a clip; see `base.Sampler`.

    Attributes:
        models: MODEL by expert, clones of the user's.
        settings: How to sample.
        sigmas: Noise levels, one per step, and a closing 0.
        notes: On shifts that the clip's own replaces.
    """

    models: dict[Expert, Any]
    settings: QualitySettings
    sigmas: tuple[float, ...]
    notes: tuple[str, ...]

    def denoise(
        self, encoded: Encoded, latents: torch.Tensor | None, run: SamplingPass, seed: int
    ) -> torch.Tensor:
        """Does the steps of one pass, as KSamplerAdvanced would.

        The first pass adds noise and, if it is not the only one, leaves what is left of it in;
        the next adds none.
        """
        model = self.models[run.expert]
        start = encoded.latents if latents is None else latents
        if latents is None:
            noise = comfy.sample.prepare_noise(start, seed)
        else:
            noise = torch.zeros(start.size(), dtype=start.dtype, layout=start.layout, device="cpu")
        return comfy.sample.sample(
            model,
            noise,
            self.settings.steps,
            self.settings.cfg,
            self.settings.sampler_name,
            self.settings.scheduler,
            encoded.positive,
            encoded.negative,
            start,
            denoise=1.0,
            disable_noise=latents is not None,
            start_step=run.first_step,
            last_step=run.last_step,
            force_full_denoise=run.last_step == len(self.sigmas) - 1,
            noise_mask=encoded.noise_mask,
            callback=_progress(model, run),
            disable_pbar=not comfy.utils.PROGRESS_BAR_ENABLED,
            seed=seed,
        )


def _progress(model: Any, run: SamplingPass) -> Any:
    """ComfyUI's progress and preview, counting over the whole clip instead of one pass."""
    show = latent_preview.prepare_callback(model, run.total)

    def callback(step: int, x0: torch.Tensor, x: torch.Tensor, _: int) -> None:
        show(min(run.done + step, run.total - 1), x0, x, run.total)

    return callback


class _ShiftedFlow(comfy.model_sampling.ModelSamplingDiscreteFlow, comfy.model_sampling.CONST):
    """Wan's model sampling, to be given a shift; what ComfyUI's ModelSamplingSD3 sets too."""


def _shifted(model: Any, shift: float) -> Any:
    """A clone of a MODEL with a shift of its own."""
    clone = model.clone()
    sampling = _ShiftedFlow(model.model.model_config)
    sampling.set_parameters(shift=shift, multiplier=1000)
    clone.add_object_patch("model_sampling", sampling)
    return clone


def _shift_notes(models: dict[Expert, Any], shift: float) -> tuple[str, ...]:
    notes = []
    for expert, model in models.items():
        own = getattr(model.get_model_object("model_sampling"), "shift", None)
        if "model_sampling" in model.object_patches and own not in (None, shift):
            notes.append(f"The shift {own:g} set on {expert} is replaced by {shift:g}.")
    return tuple(notes)
