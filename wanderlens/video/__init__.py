"""Reading and writing video files with PyAV."""

from .writer import check_output, write_video

__all__ = ["check_output", "write_video"]
