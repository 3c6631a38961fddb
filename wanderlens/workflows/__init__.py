"""Fills workflows: the bundled ones in both of their forms, and API prompts of users."""

from .build import BuiltWorkflow, bridge, combine, convert, extend, loop
from .graph import Graph, WorkflowError, load_bundled

__all__ = [
    "BuiltWorkflow",
    "Graph",
    "WorkflowError",
    "bridge",
    "combine",
    "convert",
    "extend",
    "load_bundled",
    "loop",
]
