"""Readers of what each generator writes, and the order in which they are trusted."""

from .trust import read_file

__all__ = ["read_file"]
