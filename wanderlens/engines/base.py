"""The protocol of an engine: it encodes, denoises and decodes, and decides nothing.

Axes: pictures and frames are [frames, height, width, 3], float32, 0..1, RGB. Latents are
[1, channels, latent frames, height / stride, width / stride] in the layout of the engine's VAE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch

from ..shot import (
    TIME_STRIDE,
    ExpertSplit,
    ExtensionPlan,
    Family,
    KnownFrames,
    QualitySettings,
    ShotPlan,
)

Expert = Literal["high_noise", "low_noise"]

GREY = 0.5
"""What stands for a frame that is not known."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the LoRAs of Stable Video Infinity 2.0 Pro take instead of known frames (SVI layout).

    The first latent is the anchor's, and the only one that counts as known; the last latents of
    the clip so far follow it, and zeros of the model's own space the rest. What is made starts with
    the frames of those latents again, and one before them.

    Attributes:
        frame: A frame of the first segment, [1, height, width, 3], float32, 0..1.
        latents: Of the clip so far, [1, C, t, h, w], in the layout of the VAE; as many of the last
            ones are taken as the segment has context.
    """

    frame: torch.Tensor
    latents: torch.Tensor

    def motion(self, context: int) -> torch.Tensor:
        """The latents that hold the last `context` - 1 frames, [1, C, (context - 1) / 4, h, w]."""
        count = (context - 1) // TIME_STRIDE
        return self.latents[:, :, self.latents.shape[2] - count :]


@dataclass(frozen=True, slots=True)
class KnownClip:
    """A segment with the frames that are known of it.

    Attributes:
        frames: Frames of the segment, 4n+1.
        known: How many frames are known at either end.
        head: The known frames at the start, [known.head, height, width, 3], float32, 0..1.
        tail: The known frames at the end, [known.tail, height, width, 3], float32, 0..1.
        anchor: For the SVI layout, which is given these instead of the frames; else None.
    """

    frames: int
    known: KnownFrames
    head: torch.Tensor
    tail: torch.Tensor
    anchor: Anchor | None = None

    @property
    def masked(self) -> KnownFrames:
        """What the mask says is known: of the SVI layout, the anchor alone."""
        return self.known if self.anchor is None else KnownFrames(1)

    @property
    def height(self) -> int:
        """Pixels."""
        return self.head.shape[1]

    @property
    def width(self) -> int:
        """Pixels."""
        return self.head.shape[2]

    def padded(self) -> torch.Tensor:
        """The whole segment, grey where it is not known: [frames, height, width, 3], float32."""
        canvas = torch.full((self.frames, self.height, self.width, 3), GREY)
        canvas[: self.known.head] = self.head
        if self.known.tail:
            canvas[-self.known.tail :] = self.tail
        return canvas


@dataclass(frozen=True, slots=True)
class SamplingPass:
    """The steps that one expert does of one segment.

    Attributes:
        expert: Which model does them; "high_noise" where there is only one.
        first_step: The first step, from 0.
        last_step: The step after the last one.
        done: Steps of the whole clip that were done before this pass.
        total: Steps of the whole clip.
    """

    expert: Expert
    first_step: int
    last_step: int
    done: int
    total: int

    @property
    def steps(self) -> int:
        """How many steps the pass has, at least 1."""
        return self.last_step - self.first_step


def sampling_passes(
    split: ExpertSplit | None, steps: int, done: int, total: int
) -> tuple[SamplingPass, ...]:
    """The passes of one segment in order; an expert without steps has none.

    Args:
        split: Steps of each expert, None for one model.
        steps: Steps of the segment.
        done: Steps of the whole clip that were done before.
        total: Steps of the whole clip.
    """
    high = steps if split is None else split.high_steps
    passes = []
    if high:
        passes.append(SamplingPass("high_noise", 0, high, done, total))
    if high < steps:
        passes.append(SamplingPass("low_noise", high, steps, done + high, total))
    return tuple(passes)


def lora_notes(settings: QualitySettings, bare: Sequence[str]) -> tuple[str, ...]:
    """What to tell of 4-step settings without their LoRAs.

    Args:
        settings: How to sample.
        bare: The experts without any LoRA.
    """
    if settings.split_rule != "fixed" or not bare:
        return ()
    return (
        f"Quality fast is made for the 4-step LoRAs, and there is no LoRA on "
        f"{' and '.join(bare)}; a merged checkpoint needs none.",
    )


class Observer(Protocol):
    """Whoever wants to know how the making of a clip goes on. It must not raise."""

    def stage(self, name: str, segment: int, segments: int) -> None:
        """A stage begins.

        Args:
            name: Such as "high noise" or "decode".
            segment: Which segment, from 1.
            segments: How many there are.
        """
        ...

    def finished(self, plan: ShotPlan | ExtensionPlan, seconds: Mapping[str, float]) -> None:
        """A clip is finished, of which every step was sampled now.

        Args:
            plan: What was made.
            seconds: Spent, by stage.
        """
        ...


class EncodedSegment(Protocol):
    """A segment as an engine's sampler takes it."""

    @property
    def note(self) -> str:
        """How it was encoded, for the report; empty where there is nothing to tell."""
        ...


class Sampler(Protocol):
    """An engine set to the settings of one clip.

    Attributes:
        sigmas: Noise levels, one per step, and a closing 0.
        notes: What the user should know about these settings.
    """

    @property
    def sigmas(self) -> tuple[float, ...]:
        """Noise levels."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        ...

    def denoise(
        self, encoded: Any, latents: torch.Tensor | None, run: SamplingPass, seed: int
    ) -> torch.Tensor:
        """Does the steps of one pass.

        Args:
            encoded: What the engine's `encode` gave for the segment.
            latents: What the pass before gave; None to start from noise.
            run: Which steps, and by which expert.
            seed: 0 to 2**64 - 1.

        Returns:
            Latents, float32; with noise left in them if more steps follow.
        """
        ...


class Engine(Protocol):
    """Carries out the parts of a plan that need a model.

    Attributes:
        family: The model family it was given.
        notes: What the user should know about this engine and its models.
    """

    @property
    def family(self) -> Family:
        """The model family."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        ...

    def prepare(self, settings: QualitySettings) -> Sampler:
        """Sets the engine to the settings of a clip; nothing heavy runs.

        Raises:
            InputError: a sampler or scheduler is unknown.
        """
        ...

    def encode(self, clip: KnownClip) -> EncodedSegment:
        """Turns the known frames of a segment into what its sampler takes."""
        ...

    def encode_frames(self, frames: torch.Tensor) -> torch.Tensor:
        """Turns frames [4n+1, height, width, 3], float32, 0..1, into latents as `decode` takes."""
        ...

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """Turns latents into frames, all at once or in pieces as they come out of the VAE.

        Yields:
            [n, height, width, 3], float32, 0..1, in time order.
        """
        ...

    def progress_bar(self, stage: str) -> Callable[[int, int], None]:
        """A new progress bar for a stage, to be called with what is done and the total.

        The call raises the engine's own exception if the user has cancelled.
        """
        ...

    def check_cancelled(self) -> None:
        """Raises the engine's own exception if the user has cancelled."""
        ...

    def is_cancellation(self, error: BaseException) -> bool:
        """Whether an exception means that the user has cancelled."""
        ...
