"""What the page asks of the server beside ComfyUI's own routes. Needs aiohttp, and no ComfyUI."""

from .register import register
from .surroundings import Surroundings

__all__ = ["Surroundings", "register"]
