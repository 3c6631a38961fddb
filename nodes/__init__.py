"""The nodes; each in a file of its own."""

from .cinematic_direction import CinematicDirection
from .preset_selector import PresetSelector

NODES = {
    "PresetSelector": (PresetSelector, "Preset Selector"),
    "CinematicDirection": (CinematicDirection, "Cinematic Direction"),
}
