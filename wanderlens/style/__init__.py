"""What a still brings along: the prompt and the style it was made with."""

from .image_style import MEDIA, ImageStyle

__all__ = ["MEDIA", "ImageStyle"]
