"""Wanderlens for ComfyUI: a still image becomes a directed short video with Wan 2.2."""

from .nodes import NODES
from .nodes._host import warn_of_taken_ids
from .nodes._server import add_routes

NODE_CLASS_MAPPINGS = {node_id: node for node_id, (node, _) in NODES.items()}
NODE_DISPLAY_NAME_MAPPINGS = {node_id: name for node_id, (_, name) in NODES.items()}
WEB_DIRECTORY = "./web"

warn_of_taken_ids()
add_routes()

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "WEB_DIRECTORY"]
