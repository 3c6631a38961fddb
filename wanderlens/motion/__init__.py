"""Motion between frames: optical flow, frame rates, loops, joins and seams.

`convert_frame_rate` brings a clip to another frame rate; `interpolator_from_model` lets it use
ComfyUI's RIFE and FILM models. `close_loop` turns a clip into a loop, `join_clips` joins two clips,
`continue_segment` makes a generated segment continue a clip, and `measure_seam` tells how well a
loop closes or two clips join. torch, NumPy, OpenCV and SciPy are imported inside the functions that
need them.
"""

from .blend import MAX_BLEND, check_blend
from .continuity import Continuation, continue_segment
from .fit import fit_frames
from .frame_rate import (
    REACH,
    convert_frame_rate,
    frames_at,
    frames_at_rate,
    output_frames,
)
from .frame_views import JoinedFrames
from .frames import Frames, Progress, StreamedFrames, TensorFrames, check_finite, check_frames
from .interp_model import interpolator_from_model
from .join import JOIN_METHODS, JoinedClip, check_join, join_clips, join_of_tensors
from .loop import ClosedLoop, close_loop, loop_of_tensor
from .loop_colour import match_loop_to_still
from .loop_frames import LOOP_METHODS, LoopFrames, LoopPlan
from .model_interpolation import Interpolator
from .seam import measure_seam
from .seam_measures import SeamMeasures, seam_report

__all__ = [
    "JOIN_METHODS",
    "LOOP_METHODS",
    "MAX_BLEND",
    "REACH",
    "ClosedLoop",
    "Continuation",
    "Frames",
    "Interpolator",
    "JoinedClip",
    "JoinedFrames",
    "LoopFrames",
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
    "match_loop_to_still",
    "measure_seam",
    "output_frames",
    "seam_report",
]
