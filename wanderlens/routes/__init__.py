"""The page's routes on the server, as aiohttp handlers. Needs no ComfyUI."""

from .host import Host
from .register import register

__all__ = ["Host", "register"]
