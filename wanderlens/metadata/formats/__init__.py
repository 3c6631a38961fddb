"""What each generator writes into its files, and the order in which the records are trusted."""

from .trust import read_file

__all__ = ["read_file"]
