"""Samples the latents of segments, or takes them from the latent cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import torch

from ..engines.base import Engine, KnownClip, Sampler, SamplingPass, sampling_passes
from ..latents.cache import LatentCache, digest
from ..shot import ExtensionPlan, Segment, ShotPlan, split_experts
from .stopwatch import Stopwatch

_ONE_MODEL = "sampling"
_EXPERTS = {"high_noise": "high noise", "low_noise": "low noise"}


SegmentedPlan = ShotPlan | ExtensionPlan
"""A plan that has segments."""

_AnyPlan = TypeVar("_AnyPlan", ShotPlan, ExtensionPlan)


def with_schedule(plan: _AnyPlan, sampler: Sampler) -> _AnyPlan:
    """A plan with the noise levels of a sampler, and with what each expert takes of them."""
    settings = plan.settings
    split = split_experts(sampler.sigmas, settings.split_rule, settings.boundary)
    return replace(plan, sigmas=sampler.sigmas, split=split)


class SegmentSampler:
    """Samples the segments of a plan."""

    def __init__(
        self,
        engine: Engine,
        sampler: Sampler,
        plan: SegmentedPlan,
        cache: LatentCache | None,
        watch: Stopwatch,
        *,
        given: object,
        matched: object,
    ) -> None:
        """Nothing is sampled yet.

        Args:
            engine: What encodes.
            sampler: The engine, set to the plan's settings.
            plan: The segments.
            cache: Where latents are looked up and stored; None for nowhere.
            watch: Told how long each stage takes.
            given: What the first and the last segment are made from, see `latents.cache.digest`.
            matched: What else the frames that later segments continue depend on, likewise.
        """
        self._engine = engine
        self._sampler = sampler
        self._plan = plan
        self._cache = cache
        self._watch = watch
        self._cached: list[int] = []
        self._resumed: list[int] = []
        self._notes: list[str] = []
        self._steps = 0
        self._key = self._matched = ""
        if cache is not None:
            settings, split = plan.settings, plan.split
            self._matched = digest(matched)
            self._key = cache.key(
                plan.family.id,
                given,
                sampler.sigmas,
                None if split is None else split.high_steps,
                settings.cfg,
                settings.shift,
                settings.sampler_name,
                settings.scheduler,
            )

    def of(self, segment: Segment, known: KnownClip, *, follows: bool = False) -> torch.Tensor:
        """The latents of a segment, cached or sampled; asked for in the order of the segments.

        Args:
            segment: The segment.
            known: Its frames that are known.
            follows: Whether these come from segments that were made before.
        """
        seed = self._plan.segment_seed(segment)
        key = ""
        self._watch.segment = segment.index + 1
        if self._cache is not None:
            # Each key holds the one before: a segment continues what was made until then.
            parts = (segment.sampled_frames, known.known.head, known.known.tail, seed)
            if follows:
                parts = (*parts, self._matched)
            key = self._cache.key(self._key, *parts)
            latents = self._cache.folder.get(key)
            if latents is not None:
                self._key = key
                self._cached.append(segment.index)
                return latents
        self._key = key
        with self._watch.stage("encode"):
            encoded = self._engine.encode(known)
        if encoded.note and encoded.note not in self._notes:
            self._notes.append(encoded.note)
        latents = None
        steps = len(self._sampler.sigmas) - 1
        total = steps * len(self._plan.segments)
        for run in sampling_passes(self._plan.split, steps, steps * segment.index, total):
            latents = self._passed(encoded, latents, run, seed)
        assert latents is not None, "a segment has at least one step"
        if self._cache is not None:
            self._cache.folder.put(self._key, latents)
        return latents

    def _passed(
        self, encoded: Any, latents: torch.Tensor | None, run: SamplingPass, seed: int
    ) -> torch.Tensor:
        """The latents after one pass; those that one expert hands to the other are cached too."""
        key = ""
        if self._cache is not None and run.last_step < len(self._sampler.sigmas) - 1:
            key = self._cache.key(self._key, "handed over", run.last_step)
            handed_over = self._cache.folder.get(key)
            if handed_over is not None:
                self._resumed.append(run.steps)
                return handed_over
        stage = _ONE_MODEL if self._plan.split is None else _EXPERTS[run.expert]
        with self._watch.stage(stage):
            latents = self._sampler.denoise(encoded, latents, run, seed)
        self._steps += run.steps
        if not torch.isfinite(latents).all():
            raise RuntimeError(
                f"The {stage} steps gave latents that are not numbers (NaN or infinity), so there "
                "is nothing to decode. This happens when a model runs in too low a precision: "
                "switch off fp16 accumulation or SageAttention, or load the model in another dtype."
            )
        if self._cache is not None and key:
            self._cache.folder.put(key, latents)
        return latents

    @property
    def fresh(self) -> bool:
        """Whether nothing of an earlier run was used."""
        return not self._cached and not self._resumed

    def report(self) -> list[str]:
        """Lines on what did not have to be encoded or sampled."""
        lines = list(self._notes)
        if self._cached and not self._steps:
            lines.append("Kept: the latents of an earlier run were used; 0 steps were sampled.")
        elif self._cached:
            numbers = ", ".join(str(index + 1) for index in dict.fromkeys(self._cached))
            lines.append(f"Kept: the latents of an earlier run were used for segment {numbers}.")
        if self._resumed:
            steps = sum(self._resumed)
            lines.append(
                f"Kept: {steps} step{'s' if steps > 1 else ''} of an earlier run "
                f"{'were' if steps > 1 else 'was'} used."
            )
        return lines
