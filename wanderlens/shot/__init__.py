"""The plan of a shot: frames, size, noise levels, masks and segments, before any model runs.

`plan_shot` turns a `ShotRequest` into a `ShotPlan`; the other names are its parts. Nothing here
needs a model, torch or ComfyUI.
"""

from ..errors import InputError
from .conditioning import (
    KnownFrames,
    check_known,
    known_latents,
    latent_frames,
    mask_channels,
    pixel_known,
)
from .extension import LAYOUTS, SVI_ANCHOR, ExtensionPlan, ExtensionRequest, PaddedSize
from .family import I2V_A14B, NANO, TI2V_5B, TIME_STRIDE, Family
from .plan import ShotPlan, ShotRequest, plan_shot
from .plan_extension import plan_extension
from .quality import QUALITIES, CustomSettings, QualitySettings, quality_settings
from .schedule import (
    ExpertSplit,
    SplitRule,
    sampler_sigmas,
    simple_sigmas,
    split_by_noise,
    split_experts,
)
from .segments import CONTEXT_FRAMES, Segment, plan_segments
from .size import RESOLUTIONS, FrameSize, fit_size
from .span import check_fps
from .timing import MAX_SECONDS, OUTPUT_FPS, Timing, plan_timing

__all__ = [
    "CONTEXT_FRAMES",
    "I2V_A14B",
    "LAYOUTS",
    "MAX_SECONDS",
    "NANO",
    "OUTPUT_FPS",
    "QUALITIES",
    "RESOLUTIONS",
    "SVI_ANCHOR",
    "TI2V_5B",
    "TIME_STRIDE",
    "CustomSettings",
    "ExpertSplit",
    "ExtensionPlan",
    "ExtensionRequest",
    "Family",
    "FrameSize",
    "InputError",
    "KnownFrames",
    "PaddedSize",
    "QualitySettings",
    "Segment",
    "ShotPlan",
    "ShotRequest",
    "SplitRule",
    "Timing",
    "check_fps",
    "check_known",
    "fit_size",
    "known_latents",
    "latent_frames",
    "mask_channels",
    "pixel_known",
    "plan_extension",
    "plan_segments",
    "plan_shot",
    "plan_timing",
    "quality_settings",
    "sampler_sigmas",
    "simple_sigmas",
    "split_by_noise",
    "split_experts",
]
