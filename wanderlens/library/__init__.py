"""The clips in the output folder: list, posters, generation data and trash."""

from .clips import Clip, ClipIndex
from .posters import PosterError, poster
from .trash import Trash

__all__ = ["Clip", "ClipIndex", "PosterError", "Trash", "poster"]
