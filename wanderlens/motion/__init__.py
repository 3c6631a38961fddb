"""Motion between frames: optical flow, frame rates, loops and seams.

`convert_frame_rate` brings a clip to another frame rate; `interpolator_from_model` lets it use
ComfyUI's RIFE and FILM models. `close_loop` makes any clip repeat, `join_clips` joins two, and
`measure_seam` says how well a loop closes or two clips join. torch, NumPy, OpenCV and SciPy are
imported when a function needs them.
"""

from .blend import MAX_BLEND, check_blend
from .continuity import Continuation, continue_segment
from .fit import fit_frames
from .frame_rate import (
    REACH,
    Interpolator,
    convert_frame_rate,
    frames_at,
    frames_at_rate,
    output_frames,
)
from .frames import Frames, Progress, StreamedFrames, TensorFrames, check_finite, check_frames
from .interp_model import interpolator_from_model
from .join import JOIN_METHODS, JoinedClip, check_join, join_clips, join_of_tensors
from .joined import Joined
from .loop import (
    LOOP_METHODS,
    ClosedLoop,
    Loop,
    LoopPlan,
    close_loop,
    loop_of_tensor,
    match_turn,
)
from .seam import SeamMeasures, measure_seam, seam_report

__all__ = [
    "JOIN_METHODS",
    "LOOP_METHODS",
    "MAX_BLEND",
    "REACH",
    "ClosedLoop",
    "Continuation",
    "Frames",
    "Interpolator",
    "Joined",
    "JoinedClip",
    "Loop",
    "LoopPlan",
    "Progress",
    "SeamMeasures",
    "StreamedFrames",
    "TensorFrames",
    "check_blend",
    "check_finite",
    "check_frames",
    "check_join",
    "close_loop",
    "continue_segment",
    "convert_frame_rate",
    "fit_frames",
    "frames_at",
    "frames_at_rate",
    "interpolator_from_model",
    "join_clips",
    "join_of_tensors",
    "loop_of_tensor",
    "match_turn",
    "measure_seam",
    "output_frames",
    "seam_report",
]
