"""What the page asks of the server beside ComfyUI's own routes. Needs aiohttp, and no ComfyUI."""

from .host import Surroundings
from .register import register

__all__ = ["Surroundings", "register"]
