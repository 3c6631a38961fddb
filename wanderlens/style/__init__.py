"""The prompt and style of a still, prepared for its clip."""

from .image_style import MEDIA, ImageStyle

__all__ = ["MEDIA", "ImageStyle"]
