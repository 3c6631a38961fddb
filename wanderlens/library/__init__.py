"""The clips that lie in a folder: what they are, what they look like, and a bin for them."""

from .clips import Clip, ClipIndex
from .posters import PosterError, poster
from .trash import Bin, Removed

__all__ = ["Bin", "Clip", "ClipIndex", "PosterError", "Removed", "poster"]
