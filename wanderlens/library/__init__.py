"""The clips that lie in a folder: what they are, what they look like, and a bin for them."""

from .bin import Bin, Removed
from .clips import Clip, ClipIndex
from .posters import PosterError, poster

__all__ = ["Bin", "Clip", "ClipIndex", "PosterError", "Removed", "poster"]
