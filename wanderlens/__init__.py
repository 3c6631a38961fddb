"""Wanderlens: a still image becomes a directed short video with Wan 2.2.

Everything in this package works without ComfyUI. Importing it is free: no submodule, no torch and
no file is loaded until it is asked for.
"""

__version__ = "0.1.0"
