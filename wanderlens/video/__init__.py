"""Reading and writing video files with PyAV."""

from .writer import write_video

__all__ = ["write_video"]
