"""A small engine that really encodes and decodes; what it is not told stays grey."""

from dataclasses import dataclass, field

import torch

from wanderlens.engines.base import KnownClip
from wanderlens.shot import I2V_A14B, Family, QualitySettings, sampler_sigmas


class CancelledError(Exception):
    """The user has cancelled."""


@dataclass(frozen=True)
class Encoded:
    """The whole shot, grey where it is not known."""

    frames: torch.Tensor
    note: str = ""


@dataclass
class PoolEngine:
    """Latents hold four frames each, the first one alone, as Wan's; sampling changes nothing."""

    family: Family = I2V_A14B
    notes: tuple[str, ...] = ()
    passes: list = field(default_factory=list)
    clips: list[KnownClip] = field(default_factory=list)
    fail_decode: Exception | None = None
    fail_pass: str = ""
    poison: bool = False
    cancelled: bool = False
    settings: QualitySettings | None = None

    def prepare(self, settings):
        self.settings = settings
        return self

    @property
    def sigmas(self):
        assert self.settings is not None
        return sampler_sigmas(self.settings.steps, self.settings.shift, self.settings.sampler_name)

    def encode(self, clip):
        self.clips.append(clip)
        return Encoded(clip.padded())

    def encode_frames(self, frames):
        """Latents as `decode` takes them."""
        padded = torch.cat([frames[:1]] * 3 + [frames])
        return padded.unflatten(0, (-1, 4)).permute(1, 4, 0, 2, 3).flatten(0, 1)[None]

    def denoise(self, encoded, latents, run, seed):
        if run.expert == self.fail_pass:
            raise MemoryError("the second model does not fit")
        self.passes.append((run, seed))
        if self.poison:
            return torch.full((1, 12, 3, *encoded.frames.shape[1:3]), float("nan"))
        if latents is None:
            latents = self.encode_frames(encoded.frames)
        return latents + 0.0

    def decode(self, latents):
        yield self.frames_of(latents)

    def frames_of(self, latents):
        """All frames of latents; what other engines override."""
        if self.fail_decode is not None:
            raise self.fail_decode
        frames = latents[0].unflatten(0, (4, 3)).permute(2, 0, 3, 4, 1).flatten(0, 1)
        return frames[3:].clone()

    def check_cancelled(self):
        if self.cancelled:
            raise CancelledError

    def progress_bar(self, stage):
        assert stage in ("loop", "match", "interpolate")
        return lambda _done, _total: self.check_cancelled()

    def is_cancellation(self, error):
        return isinstance(error, CancelledError)
