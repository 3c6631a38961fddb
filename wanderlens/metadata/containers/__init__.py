"""Readers of the texts in picture and video files, one per container format.

A reader walks the file's structure and skips pixel data; it never decodes a picture. All readers
share one budget (see ``limits``), and stop quietly where a file is cut short or damaged: what was
found until then counts.
"""

from .carrier import Carrier, Text
from .read import read_carrier

__all__ = ["Carrier", "Text", "read_carrier"]
