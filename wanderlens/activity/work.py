"""The amount of work in a plan: the numbers that time and memory scale with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..checks import as_number
from ..shot import ExtensionPlan, ShotPlan

#: Stages whose time scales with the transformer's work; all others scale with the pixels.
SAMPLING = frozenset({"high noise", "low noise", "sampling"})

# Width of the transformers, `dim` in the Wan2.2 repository's wan/configs.
_DIM: Mapping[str, int] = {"i2v-A14B": 5120, "ti2v-5B": 3072}
_OTHER_DIM = 5120

#: The range of numbers taken from the log; outside it an estimate could overflow a float.
_MIN, _MAX = 1.0, 1e18


@dataclass(frozen=True, slots=True)
class Work:
    """The amount of work in a plan.

    Attributes:
        family: The model family's id.
        sampling: Tokens through the transformer, summed over segments, steps and passes, with the
            cost of attention as a factor (see `work_of`).
        pixels: Pixels of all sampled frames.
        largest: Pixels of the largest segment, which determines the memory.
        guided: Whether each step takes two passes (cfg above 1).
        steps: Steps of one segment.
    """

    family: str
    sampling: float
    pixels: float
    largest: float
    guided: bool
    steps: int

    def as_json(self) -> dict[str, Any]:
        """As a JSON object for the log."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Work | None:
        """Reads work from the log; None for anything else."""
        if not isinstance(data, dict) or not isinstance(data.get("family"), str):
            return None
        numbers = {name: as_number(data.get(name)) for name in _NUMBERS}
        if any(value is None or not _MIN <= value <= _MAX for value in numbers.values()):
            return None
        return cls(
            data["family"],
            float(numbers["sampling"] or 0),
            float(numbers["pixels"] or 0),
            float(numbers["largest"] or 0),
            data.get("guided") is True,
            int(numbers["steps"] or 0),
        )


_NUMBERS = ("sampling", "pixels", "largest", "steps")


def work_of(plan: ShotPlan | ExtensionPlan) -> Work:
    """Computes the work of a plan.

    A transformer layer of width d does about 24 d² T + 4 d T² multiplications for T tokens (Kaplan
    et al. 2020, with cross-attention's share left out), which is 24 d² T (1 + T / 6d).
    """
    family, size, settings = plan.family, plan.size, plan.settings
    area = size.width * size.height
    per_latent = area / family.size_multiple**2
    dim = _DIM.get(family.id, _OTHER_DIM)
    sampling, pixels, largest = 0.0, 0, 0
    for segment in plan.segments:
        frames = segment.sampled_frames
        tokens = per_latent * (1 + (frames - 1) / family.time_stride)
        sampling += tokens * (1 + tokens / (6 * dim))
        pixels += area * frames
        largest = max(largest, area * frames)
    guided = settings.cfg > 1
    passes = settings.steps * (2 if guided else 1)
    return Work(family.id, sampling * passes, pixels, largest, guided, settings.steps)
