"""What the page asks of the server beside ComfyUI's own routes. Needs aiohttp, and no ComfyUI."""

from .host import Host
from .register import register

__all__ = ["Host", "register"]
