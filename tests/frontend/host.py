"""A small stand-in for ComfyUI's server, for tests where no ComfyUI is to be had.

It serves the real front end, of the package ``comfyui-frontend-package``, with our extension, our
routes and our nodes' definitions, and acts prompts out: no model runs. What it answers for ComfyUI
is recorded from a real one, see ``record.py``. To look at it:

    python tests/frontend/host.py [FOLDER]

``WANDERLENS_FRONTEND`` names a folder with another version of the package: the target of
``pip install --target FOLDER comfyui-frontend-package==…``.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(TESTS / "support")]

from aiohttp import web  # noqa: E402
from loading import load  # noqa: E402
from surroundings import SmallSurroundings  # noqa: E402

from wanderlens.routes import register  # noqa: E402

definitions = load("frontend/definitions.py")
files = load("frontend/files.py")
jobs = load("frontend/jobs.py")
render = load("frontend/render.py")
sockets = load("frontend/sockets.py")

FRONT_END_VARIABLE = "WANDERLENS_FRONTEND"
MAX_UPLOAD = 100 * 1024 * 1024

#: What is asked for and empty here: the front end's own news, templates, subgraphs and logs.
EMPTY: Mapping[str, Any] = {
    "/embeddings": [],
    "/experiment/models": [],
    "/global_subgraphs": {},
    "/internal/folder_paths": {},
    "/internal/logs": "",
    "/internal/logs/raw": {"entries": [], "size": {"cols": 80, "rows": 24}},
    "/node_replacements": {},
    "/templates/index.json": [],
    "/templates/fuse_options.json": {},
}


def find_front_end() -> Path | None:
    """The front end's static files; None where the package is missing."""
    named = os.environ.get(FRONT_END_VARIABLE, "").strip()
    if named:
        inside = Path(named).expanduser() / "comfyui_frontend_package" / "static"
        static = inside if inside.is_dir() else Path(named).expanduser()
        if not (static / "index.html").is_file():
            raise FileNotFoundError(f"{FRONT_END_VARIABLE}={named} holds no front end")
        return static.resolve()
    spec = importlib.util.find_spec("comfyui_frontend_package")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().parent / "static"


class FrontendHost:
    """The server, in a thread of its own.

    Attributes:
        base_dir: Its folders, as ComfyUI's ``--base-directory``.
        surroundings: What our routes see: model files, the log of runs.
        renderer: How prompts are acted out: speed, failures, where to stop.
        queue: The queue and the history; looked at from tests, changed only by requests.
    """

    def __init__(self, base_dir: Path, *, front_end: Path | None = None) -> None:
        """Prepares the folders; nothing runs before `start`."""
        found = front_end or find_front_end()
        if found is None:
            raise FileNotFoundError("comfyui-frontend-package is not installed")
        self.base_dir = base_dir
        self.surroundings = SmallSurroundings(base_dir, models=definitions.wanted_models())
        self._files = files.FileRoutes(base_dir, found)
        self._front_end = found
        self._answers = definitions.recorded("answers.json")
        self._definitions = definitions.all_nodes()
        self._port = _free_port()
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._opener = build_opener(ProxyHandler({}))

    # -- life cycle ---------------------------------------------------------------------------

    def __enter__(self) -> FrontendHost:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Its address without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def output_dir(self) -> Path:
        """Where clips go."""
        return self.base_dir / "output"

    @property
    def input_dir(self) -> Path:
        """Where pictures are uploaded to."""
        return self.base_dir / "input"

    @property
    def user_dir(self) -> Path:
        """The folder of the only user."""
        return self._files.user

    def start(self) -> FrontendHost:
        """Starts to answer; after `stop` again, on the same port, with an empty queue."""
        started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise TimeoutError("the test host did not start")
        return self

    def stop(self) -> None:
        """Hangs up and ends; the files stay."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(10)
            self._thread = None

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run(started))
        self._loop.close()

    async def _run(self, started: threading.Event) -> None:
        self._ended = asyncio.Event()
        self.surroundings.prompts.clear()
        self.renderer = render.Renderer(
            self.base_dir, self.surroundings.latest_stage, self.surroundings.prompts
        )
        features = self._answers["/features"]
        self.sockets = sockets.Sockets(features, lambda: self.queue.info())
        self.renderer.sockets = self.sockets
        self.queue = jobs.Queue(self.renderer, self.sockets.status, self.object_info, self._exists)
        runner = web.AppRunner(self._app(), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port, reuse_address=True).start()
        worker = asyncio.create_task(self.queue.work())
        started.set()
        await self._ended.wait()
        worker.cancel()
        await self.sockets.close()
        await runner.cleanup()

    # -- routes -------------------------------------------------------------------------------

    def _app(self) -> web.Application:
        table = web.RouteTableDef()
        table.get("/ws")(self.sockets.connect)
        table.get("/object_info")(self._object_info)
        table.get("/object_info/{name}")(self._object_info)
        table.get("/models/{folder}")(self._model_files)
        table.get("/experiment/models/{folder}")(self._model_entries)
        for path in ("/features", "/models", "/system_stats", "/users"):
            table.get(path)(_constant(self._answers[path]))
        for path, answer in EMPTY.items():
            table.get(path)(_constant(answer))
        self._files.register(table)
        self.queue.register(table)
        register(table, self.surroundings)
        app = web.Application(client_max_size=MAX_UPLOAD)
        for prefix in ("/api", ""):
            app.router.add_static(f"{prefix}/workflow_templates/wanderlens", ROOT / "workflows")
            for route in table:
                assert isinstance(route, web.RouteDef)
                app.router.add_route(route.method, prefix + route.path, route.handler)
        app.router.add_static("/extensions/wanderlens", files.WEB, follow_symlinks=True)
        app.router.add_get("/", self._index)
        app.router.add_static("/", self._front_end)
        return app

    async def _index(self, _: web.Request) -> web.FileResponse:
        headers = {"Cache-Control": "no-cache"}
        return web.FileResponse(self._front_end / "index.html", headers=headers)

    async def _object_info(self, request: web.Request) -> web.Response:
        info, name = self.object_info(), request.match_info.get("name")
        return web.json_response(info if name is None else {name: info[name]})

    def object_info(self) -> dict[str, Any]:
        """The nodes' definitions, with the files that there are."""
        return definitions.with_files(
            self._definitions, self.surroundings.model_files, self._files.names
        )

    def _exists(self, name: str) -> bool:
        path, _, kind = str(name).partition(" [")
        return (self.base_dir / (kind.rstrip("]") or "input") / path).is_file()

    async def _model_files(self, request: web.Request) -> web.Response:
        return web.json_response(self.surroundings.model_files(request.match_info["folder"]))

    async def _model_entries(self, request: web.Request) -> web.Response:
        names = self.surroundings.model_files(request.match_info["folder"])
        return web.json_response([{"name": name, "pathIndex": 0} for name in names])

    # -- for tests ----------------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Sends a request, with JSON if there is a body; gives status and content."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        request = Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=30) as response:
                return response.status, response.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()

    def get_json(self, path: str) -> Any:
        """The JSON behind an address."""
        status, body = self.request("GET", path)
        assert status == 200, (path, status, body[:500])
        return json.loads(body)

    def wait_for_history(self, prompt_id: str, timeout: float = 20.0) -> dict[str, Any]:
        """A prompt's entry in the history, once it is there."""
        deadline = time.monotonic() + timeout
        while not (entry := self.get_json(f"/history/{prompt_id}")):
            assert time.monotonic() < deadline, f"{prompt_id} did not end in {timeout:g} s"
            time.sleep(0.05)
        return entry[prompt_id]

    def hold(self, stage: str) -> None:
        """Clips stop at a stage until `go_on`."""
        self.renderer.going_on.clear()
        self.renderer.hold = stage

    def go_on(self) -> None:
        """Clips go on."""
        self._loop.call_soon_threadsafe(self.renderer.going_on.set)


def _constant(answer: Any) -> Any:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(answer)

    return handler


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    """Serves until Ctrl-C."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    with FrontendHost(folder) as host:
        example = ROOT / "wanderlens" / "assets" / "example.png"
        (host.input_dir / example.name).write_bytes(example.read_bytes())
        print(f"{host.url}  ({folder})", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
