"""The nano model: a Wan 2.2 I2V in shape and rules, small enough to run on a CPU.

Its weights are the `.safetensors` files in this folder, where they are bundled.
"""

from .text import HashTextEncoder

__all__ = ["HashTextEncoder"]
