"""Motion between frames: optical flow, frame rates, loops and seams.

`convert_frame_rate` brings a clip to another frame rate; `interpolator_from_model` lets it use
ComfyUI's RIFE and FILM models. `close_loop` makes any clip repeat, and `measure_seam` says how well
a loop closes or two clips join. torch, NumPy, OpenCV and SciPy are imported when a function needs
them.
"""

from .frame_rate import Interpolator, convert_frame_rate, output_frames
from .frames import Frames, Progress, TensorFrames
from .interp_model import interpolator_from_model
from .loop import (
    LOOP_METHODS,
    MAX_BLEND,
    ClosedLoop,
    Loop,
    LoopPlan,
    check_blend,
    close_loop,
    loop_of_tensor,
    match_turn,
)
from .seam import SeamMeasures, measure_seam, seam_report

__all__ = [
    "LOOP_METHODS",
    "MAX_BLEND",
    "ClosedLoop",
    "Frames",
    "Interpolator",
    "Loop",
    "LoopPlan",
    "Progress",
    "SeamMeasures",
    "TensorFrames",
    "check_blend",
    "close_loop",
    "convert_frame_rate",
    "interpolator_from_model",
    "loop_of_tensor",
    "match_turn",
    "measure_seam",
    "output_frames",
    "seam_report",
]
