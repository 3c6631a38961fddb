"""Registers all routes; their modules are imported by their first request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from aiohttp import web

from .host import Host
from .http import Handler, answering


def register(table: web.RouteTableDef, here: Host) -> None:
    """Adds our routes, all below ``/wanderlens``.

    Args:
        table: ComfyUI's; it serves each of them below ``/api`` too.
        here: The server around the routes.
    """

    @cache
    def direction() -> Any:
        from .direction import DirectionRoutes

        return DirectionRoutes(here)

    @cache
    def planning() -> Any:
        from .planning import PlanningRoutes

        return PlanningRoutes(here)

    @cache
    def clips() -> Any:
        from .clips import ClipRoutes

        return ClipRoutes(here)

    @cache
    def workflows() -> Any:
        from .workflows import WorkflowRoutes

        return WorkflowRoutes(here)

    for path, routes, name in (
        ("presets", direction, "presets"),
        ("models", planning, "models"),
        ("activity", planning, "activity"),
        ("clips", clips, "clips"),
        ("poster", clips, "poster"),
    ):
        table.get(f"/wanderlens/{path}")(answering(_asked_first(routes, name)))
    for path, routes, name in (
        ("compose", direction, "compose"),
        ("plan", planning, "plan"),
        ("workflow", workflows, "workflow"),
        ("clips/delete", clips, "delete"),
        ("clips/restore", clips, "restore"),
    ):
        table.post(f"/wanderlens/{path}")(answering(_asked_first(routes, name)))


def _asked_first(routes: Callable[[], Any], name: str) -> Handler:
    """A handler that is looked up when a request asks for it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return await getattr(routes(), name)(request)

    return handler
