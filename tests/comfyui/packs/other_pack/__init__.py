"""A pack as careless as some: its own `nodes` and `wanderlens`, and a node id that is taken."""

from .nodes import WORDS as NODES_WORDS
from .wanderlens import WORDS as WANDERLENS_WORDS


class OtherPackNode:
    CATEGORY = "other"
    FUNCTION = "run"
    RETURN_TYPES = ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    def run(self):
        return (f"{NODES_WORDS} and {WANDERLENS_WORDS} of the other pack",)


NODE_CLASS_MAPPINGS = {"OtherPackNode": OtherPackNode, "CinematicDirection": OtherPackNode}
