"""Motion between frames: optical flow and frame rates.

`convert_frame_rate` brings a clip to another frame rate; `interpolator_from_model` lets it use
ComfyUI's RIFE and FILM models. torch, NumPy and OpenCV are imported when a function needs them.
"""

from .frame_rate import Interpolator, Progress, convert_frame_rate, output_frames
from .interp_model import interpolator_from_model

__all__ = [
    "Interpolator",
    "Progress",
    "convert_frame_rate",
    "interpolator_from_model",
    "output_frames",
]
