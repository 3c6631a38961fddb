"""Directing a shot: vocabulary, presets, and the composer of the prompt."""

from ..camera.path import CameraPath, CameraPose
from .compose import FROM_PRESET, MAX_WORDS, NONE, Brief, Composition, check_intensity, compose
from .direction import Direction
from .load_vocabulary import vocabulary
from .preset import Preset
from .presets import PresetLibrary

__all__ = [
    "FROM_PRESET",
    "MAX_WORDS",
    "NONE",
    "Brief",
    "CameraPath",
    "CameraPose",
    "Composition",
    "Direction",
    "Preset",
    "PresetLibrary",
    "check_intensity",
    "compose",
    "vocabulary",
]
