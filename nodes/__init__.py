"""The node classes, one per file, and their display names."""

from .cinematic_direction import CinematicDirection
from .frame_continuity_extend import FrameContinuityExtend
from .image_style_carryover import ImageStyleCarryover
from .loop_blend import LoopBlend
from .preset_selector import PresetSelector
from .wan22_image_to_video import Wan22ImageToVideo

NODES = {
    "PresetSelector": (PresetSelector, "Preset Selector"),
    "CinematicDirection": (CinematicDirection, "Cinematic Direction"),
    "ImageStyleCarryover": (ImageStyleCarryover, "Image Style Carryover"),
    "Wan22ImageToVideo": (Wan22ImageToVideo, "Wan 2.2 Image to Video"),
    "LoopBlend": (LoopBlend, "Loop Blend"),
    "FrameContinuityExtend": (FrameContinuityExtend, "Frame Continuity Extend"),
}
