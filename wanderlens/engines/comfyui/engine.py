"""The engine on ComfyUI's MODEL, CONDITIONING and VAE; imported only where ComfyUI runs.

Sampling runs through ComfyUI's own samplers, once per expert, so that progress, preview, cancel,
hooks and every patch of the MODEL work. With the same picture, seed and split the latents equal
those of ComfyUI's own nodes bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import comfy.model_management  # pyright: ignore[reportMissingImports]
import comfy.samplers  # pyright: ignore[reportMissingImports]
import node_helpers  # pyright: ignore[reportMissingImports]
import torch

from ...checks import one_of
from ...shot import Family, QualitySettings, known_latents, mask_channels
from ..base import Anchor, Expert, KnownClip, lora_notes
from ..short_encode import encode_short
from .host import EngineOptions, check_cancelled, progress_bar
from .model_checks import check_conditioning, check_low_noise, check_vae, model_family
from .sampler import ComfySampler, ComfySegment, shift_notes, with_shift

_OFTEN = 2  # stills with which a VAE does not settle, until its settling is not measured any more


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
        options: EngineOptions,
    ) -> None:
        """Checks that everything goes together.

        Args:
            high_noise: MODEL; the only one for the 5B.
            low_noise: MODEL, or None for the 5B.
            positive: CONDITIONING.
            negative: CONDITIONING.
            vae: VAE.
            options: Notes, tolerance of the encode, and the cache of encoded pictures.

        Raises:
            InputError: a model, conditioning or VAE is not what it should be.
        """
        self.family: Family = model_family(high_noise, "high_noise")
        check_low_noise(low_noise, self.family)
        check_vae(vae, self.family)
        check_conditioning(positive, high_noise, "positive")
        check_conditioning(negative, high_noise, "negative")
        self.notes = options.notes
        self._models: dict[Expert, Any] = {"high_noise": high_noise}
        if low_noise is not None:
            self._models["low_noise"] = low_noise
        self._positive = positive
        self._negative = negative
        self._vae = vae
        self._tolerance = options.encode_tolerance
        self._cache = options.image_cache

    def prepare(self, settings: QualitySettings) -> ComfySampler:
        """Sets clones of the models to a shift, and works out the noise levels.

        Raises:
            InputError: this ComfyUI has no such sampler or scheduler.
        """
        known = comfy.samplers.KSampler
        one_of(settings.sampler_name, "sampler_name", known.SAMPLERS)
        one_of(settings.scheduler, "scheduler", known.SCHEDULERS)
        models: dict[Expert, Any] = {
            expert: with_shift(model, settings.shift) for expert, model in self._models.items()
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
        notes = (*shift_notes(self._models, settings.shift), *self._lora_notes(settings))
        return ComfySampler(models, settings, tuple(sigmas.tolist()), notes)

    def encode(self, clip: KnownClip) -> ComfySegment:
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

    def _encode_concat(self, clip: KnownClip) -> ComfySegment:
        """Known frames as further channels: four of mask, 0 where known, and the encoded clip."""
        note = ""
        if clip.anchor is None:
            image_latents, note = self._encode_with_grey(clip)
        else:
            image_latents = self._anchored(clip, clip.anchor)
        known = torch.tensor(mask_channels(clip.frames, clip.masked), dtype=torch.float32)
        mask = 1.0 - known.t().reshape(1, 4, -1, 1, 1)  # [1, 4, latent frames, 1, 1]
        values = {
            "concat_latent_image": image_latents,
            "concat_mask": mask.expand(-1, -1, -1, *image_latents.shape[-2:]),
        }
        return ComfySegment(
            positive=node_helpers.conditioning_set_values(self._positive, values),
            negative=node_helpers.conditioning_set_values(self._negative, values),
            latents=self._empty(clip),
            noise_mask=None,
            note=note,
        )

    def _encode_with_grey(self, clip: KnownClip) -> tuple[torch.Tensor, str]:
        """The latents of a segment, its unknown frames grey, and a note on how they were made.

        Cached ones spare the VAE where only the seed or the sampling changes, as ComfyUI's cache
        does for its own node.
        """
        key, known = "", clip.known
        parts = (self._tolerance, clip.frames, known.head, known.tail, clip.head, clip.tail)
        if self._cache is not None:
            key = self._cache.key("encoded", *parts)
            latents = self._cache.folder.get(key)
            if latents is not None:
                note = "Kept: the picture as it was encoded before was used."
                return latents.to(comfy.model_management.intermediate_device()), note
        short = encode_short(self.encode_frames, clip, self._tolerance_for(parts[:4]))
        if self._cache is not None:
            self._cache.folder.put(key, short.latents)
            if not short.settles:
                self._note_unsettled(parts[:4])
        return short.latents, short.note

    def _tolerance_for(self, shape: tuple[Any, ...]) -> float:
        """0 for shapes with which the VAE did not settle twice: measuring it costs time in vain."""
        if self._cache is None:
            return self._tolerance
        count = self._cache.folder.get(self._cache.key("does not settle", *shape))
        return 0.0 if count is not None and count >= _OFTEN else self._tolerance

    def _note_unsettled(self, shape: tuple[Any, ...]) -> None:
        assert self._cache is not None, "notes need a cache"
        key = self._cache.key("does not settle", *shape)
        count = self._cache.folder.get(key)
        self._cache.folder.put(key, torch.ones(1) if count is None else count + 1)

    def _anchored(self, clip: KnownClip, anchor: Anchor) -> torch.Tensor:
        """The SVI layout: the anchor, the last latents of the clip so far, zeros of the model."""
        latents = self._empty(clip)
        format_ = self._models["high_noise"].get_model_object("latent_format")
        latents = format_.process_out(latents)
        latents[:, :, :1] = self._vae.encode(anchor.frame)
        motion = anchor.motion(clip.known.head)
        latents[:, :, 1 : 1 + motion.shape[2]] = motion
        return latents

    def _encode_masked(self, clip: KnownClip) -> ComfySegment:
        """Known frames as latents that sampling leaves alone, 0 in the noise mask."""
        latents = self._empty(clip)
        known = torch.tensor(known_latents(clip.frames, clip.known), device=latents.device)
        mask = (~known).float().reshape(1, 1, -1, 1, 1)  # [1, 1, latent frames, 1, 1]
        mask = mask.repeat(1, 1, 1, *latents.shape[-2:])
        latents[:, :, : int(known.sum())] = self._vae.encode(clip.head)
        # What is not known is 0 for the model, after it has scaled the latents its way.
        format_ = self._models["high_noise"].get_model_object("latent_format")
        latents = format_.process_out(latents) * mask + latents * (1.0 - mask)
        return ComfySegment(self._positive, self._negative, latents, mask)

    def _empty(self, clip: KnownClip) -> torch.Tensor:
        """Latents of zeros for a segment."""
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
