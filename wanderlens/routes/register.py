"""Which route is answered by what."""

from __future__ import annotations

from aiohttp import web

from .answers import answering
from .clips import ClipRoutes
from .direction import DirectionRoutes
from .planning import PlanningRoutes
from .surroundings import Surroundings


def register(table: web.RouteTableDef, here: Surroundings) -> None:
    """Adds our routes, all below ``/wanderlens``.

    Args:
        table: ComfyUI's; it serves each of them below ``/api`` too.
        here: The server around the routes.
    """
    direction, planning, clips = DirectionRoutes(here), PlanningRoutes(here), ClipRoutes(here)
    for path, handler in (
        ("presets", direction.presets),
        ("models", planning.models),
        ("activity", planning.activity),
        ("clips", clips.clips),
        ("poster", clips.poster),
    ):
        table.get(f"/wanderlens/{path}")(answering(handler))
    for path, handler in (
        ("compose", direction.compose),
        ("plan", planning.plan),
        ("clips/delete", clips.delete),
        ("clips/restore", clips.restore),
    ):
        table.post(f"/wanderlens/{path}")(answering(handler))
