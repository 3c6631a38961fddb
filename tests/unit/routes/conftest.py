"""A client of our routes, over real HTTP to a server in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from surroundings import SmallSurroundings

aiohttp = pytest.importorskip("aiohttp")


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Runs it in a thread of its own: Playwright leaves a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass
class Answer:
    status: int
    body: bytes
    headers: Any

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Each call starts the server, asks and ends it; what it holds in between is kept."""

    def __init__(self, here: SmallSurroundings) -> None:
        from aiohttp import web

        from wanderlens.routes import register

        self.here = here
        self._table = web.RouteTableDef()
        register(self._table, here)

    def get(self, path: str, **query: Any) -> Answer:
        return _run(self._ask("GET", path, params=query))

    def post(self, path: str, body: Any) -> Answer:
        return _run(self._ask("POST", path, json=body))

    def post_raw(self, path: str, data: bytes, content_type: str) -> Answer:
        headers = {"Content-Type": content_type}
        return _run(self._ask("POST", path, data=data, headers=headers))

    async def _ask(self, method: str, path: str, **options: Any) -> Answer:
        from aiohttp import web
        from aiohttp.test_utils import TestClient, TestServer

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self._table)
        async with TestClient(TestServer(app)) as client:
            answer = await client.request(method, f"/wanderlens/{path}", **options)
            return Answer(answer.status, await answer.read(), answer.headers)


@pytest.fixture
def here(tmp_path: Path) -> SmallSurroundings:
    return SmallSurroundings(tmp_path)


@pytest.fixture
def client(here: SmallSurroundings) -> Client:
    return Client(here)
