"""RunContext: latent cache, recovery, observer and interpolator of a run."""

from __future__ import annotations

from dataclasses import dataclass

from ..engines.base import Observer
from ..latents.cache import LatentCache
from ..latents.recovery import Recovery
from ..motion import Interpolator


@dataclass(frozen=True, slots=True)
class RunContext:
    """The services that a run may use; each of them may be absent.

    Attributes:
        latent_cache: Looks up and stores sampled latents; None samples everything.
        recovery: Saves sampled latents when something fails later; None lets them go.
        observer: Told of every stage and of the end; None for nobody.
        interpolator: Makes frames in between, where the frame rate asks for some; None for optical
            flow.
    """

    latent_cache: LatentCache | None = None
    recovery: Recovery | None = None
    observer: Observer | None = None
    interpolator: Interpolator | None = None
