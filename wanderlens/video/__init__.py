"""Reading and writing video files with PyAV."""

from .writer import ENDINGS, check_output, write_video

__all__ = ["ENDINGS", "check_output", "write_video"]
