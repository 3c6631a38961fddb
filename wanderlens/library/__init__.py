"""The clips in the output folder: list, posters, generation data and trash."""

from .clips import Clip, ClipIndex
from .posters import PosterError, poster
from .trash import Bin, Removed

__all__ = ["Bin", "Clip", "ClipIndex", "PosterError", "Removed", "poster"]
