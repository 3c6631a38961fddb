"""Walks a ComfyUI graph from a picture back to the prompt it was made from.

A graph is only read, never run. It may be the one that a still carries, or the one that is
executing now; the walk is the same.
"""

from .graph import Graph, Link, Node, as_link
from .picture import FileRef, Origin, find_origin
from .reader import found_at, read_api_graph, read_ui_graph

__all__ = [
    "FileRef",
    "Graph",
    "Link",
    "Node",
    "Origin",
    "as_link",
    "find_origin",
    "found_at",
    "read_api_graph",
    "read_ui_graph",
]
