"""Reading and writing video files with PyAV."""

from .reader import VideoClip, read_video
from .writer import ENDINGS, check_output, write_video

__all__ = ["ENDINGS", "VideoClip", "check_output", "read_video", "write_video"]
