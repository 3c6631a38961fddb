"""ComfyUI's queue and history, with their routes; shaped after 0.8.0."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from loading import load

validation = load("frontend/validation.py")

#: A prompt in the queue: number, id, prompt, extra data, the outputs to run.
Item = tuple[float, str, dict[str, Any], dict[str, Any], list[str]]


class Queue:
    """Runs one prompt after the other in a task of its own."""

    def __init__(
        self,
        renderer: Any,
        changed: Callable[[], Awaitable[None]],
        object_info: Callable[[], Mapping[str, Any]],
        exists: Callable[[str], bool],
    ) -> None:
        """Nothing runs before `work`.

        Args:
            renderer: A `render.Renderer`, which runs prompts.
            changed: Told when the queue has changed.
            object_info: The nodes' definitions, which prompts are checked against.
            exists: Whether a loader's file is there.
        """
        self._renderer = renderer
        self._changed = changed
        self._object_info = object_info
        self._exists = exists
        self._number = 0
        self._added = asyncio.Event()
        self._interrupted = asyncio.Event()
        self.running: list[Item] = []
        self.pending: list[Item] = []
        self.history: dict[str, dict[str, Any]] = {}
        #: Every body that was sent to ``/prompt``, for tests to look at.
        self.sent: list[dict[str, Any]] = []

    def info(self) -> dict[str, Any]:
        """What the message "status" tells."""
        remaining = len(self.running) + len(self.pending)
        return {"exec_info": {"queue_remaining": remaining}}

    def register(self, table: web.RouteTableDef) -> None:
        """Adds the routes."""
        table.get("/prompt")(self.get_prompt)
        table.post("/prompt")(self.post_prompt)
        table.get("/queue")(self.get_queue)
        table.post("/queue")(self.post_queue)
        table.post("/interrupt")(self.interrupt)
        table.get("/history")(self.get_history)
        table.get("/history/{prompt_id}")(self.get_entry)
        table.post("/history")(self.post_history)
        table.get("/jobs")(self.get_jobs)
        table.get("/jobs/{prompt_id}")(self.get_job)

    async def work(self) -> None:
        """Runs what is queued, for ever."""
        while True:
            await self._added.wait()
            if not self.pending:
                self._added.clear()
                continue
            item = self.pending.pop(0)
            self.running.append(item)
            self._interrupted.clear()
            await self._changed()
            entry = await self._renderer.run(item, self._interrupted)
            self.running.remove(item)
            self.history[item[1]] = {"prompt": list(item), **entry}
            await self._changed()
            await self._renderer.over(item)

    # -- routes -------------------------------------------------------------------------------

    async def get_prompt(self, _: web.Request) -> web.Response:
        return web.json_response(self.info())

    async def post_prompt(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.sent.append(body)
        prompt_id = str(body.get("prompt_id") or uuid.uuid4())
        try:
            outputs, errors = validation.validate(body["prompt"], self._object_info(), self._exists)
        except validation.Refused as error:
            return web.json_response(error.answer, status=400)
        number = -self._number if body.get("front") else self._number
        self._number += 1
        extra = dict(body.get("extra_data", {}))
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        extra["create_time"] = int(time.time() * 1000)
        self.pending.append((number, prompt_id, body["prompt"], extra, outputs))
        self.pending.sort(key=lambda item: item[0])
        self._added.set()
        await self._changed()
        answer = {"prompt_id": prompt_id, "number": number, "node_errors": errors}
        return web.json_response(answer)

    async def get_queue(self, _: web.Request) -> web.Response:
        return web.json_response({"queue_running": self.running, "queue_pending": self.pending})

    async def post_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        gone = set(body.get("delete", []))
        self.pending = [
            item for item in self.pending if not body.get("clear") and item[1] not in gone
        ]
        await self._changed()
        return web.Response()

    async def interrupt(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = {}
        with contextlib.suppress(ValueError):
            body = await request.json()
        wanted = body.get("prompt_id")
        if not wanted or any(item[1] == wanted for item in self.running):
            self._interrupted.set()
        return web.Response()

    async def get_history(self, request: web.Request) -> web.Response:
        entries = list(self.history.items())
        most = int(request.query.get("max_items", len(entries)))
        offset = int(request.query.get("offset", -1))
        if offset < 0:
            offset = max(0, len(entries) - most)
        return web.json_response(dict(entries[offset : offset + most]))

    async def get_entry(self, request: web.Request) -> web.Response:
        prompt_id = request.match_info["prompt_id"]
        entry = self.history.get(prompt_id)
        return web.json_response({} if entry is None else {prompt_id: entry})

    async def post_history(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("clear"):
            self.history.clear()
        for prompt_id in body.get("delete", []):
            self.history.pop(prompt_id, None)
        return web.Response()

    # -- jobs ---------------------------------------------------------------------------------

    def _jobs(self) -> list[dict[str, Any]]:
        jobs = [_queued(item, "in_progress") for item in self.running]
        jobs += [_queued(item, "pending") for item in self.pending]
        jobs += [_done(prompt_id, entry) for prompt_id, entry in self.history.items()]
        return sorted(jobs, key=lambda job: job["create_time"], reverse=True)

    async def get_jobs(self, request: web.Request) -> web.Response:
        query = request.query
        wanted = [each for each in query.get("status", "").split(",") if each]
        jobs = [job for job in self._jobs() if not wanted or job["status"] in wanted]
        offset = max(0, int(query.get("offset", 0)))
        limit = int(query["limit"]) if "limit" in query else None
        shown = jobs[offset:] if limit is None else jobs[offset : offset + limit]
        more = offset + len(shown) < len(jobs)
        pages = {"offset": offset, "limit": limit, "total": len(jobs), "has_more": more}
        return web.json_response({"jobs": shown, "pagination": pages})

    async def get_job(self, request: web.Request) -> web.Response:
        prompt_id = request.match_info["prompt_id"]
        for job in self._jobs():
            if job["id"] == prompt_id:
                entry = self.history.get(prompt_id)
                return web.json_response(job if entry is None else {**job, **_details(entry)})
        return web.json_response({"error": "Job not found"}, status=404)


def _queued(item: Item, status: str) -> dict[str, Any]:
    number, prompt_id, _, extra, _ = item
    return _pruned(id=prompt_id, status=status, priority=number, outputs_count=0,
                   create_time=extra["create_time"], workflow_id=_workflow_id(extra))  # fmt: skip


def _done(prompt_id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    number, _, _, extra, _ = entry["prompt"]
    status = entry["status"]
    times = dict(status["messages"])
    ends = ("execution_success", "execution_error", "execution_interrupted")
    end = next((times[name] for name in ends if name in times), {})
    files = [
        {**item, "nodeId": node_id, "mediaType": kind}
        for node_id, outputs in entry["outputs"].items()
        for kind, items in outputs.items()
        if kind != "animated"
        for item in items
        if isinstance(item, dict)
    ]
    shown = [file for file in files if file["mediaType"] == "images"]
    return _pruned(
        id=prompt_id,
        status="completed" if status["status_str"] == "success" else "failed",
        priority=number,
        create_time=extra["create_time"],
        execution_start_time=times["execution_start"]["timestamp"],
        execution_end_time=end.get("timestamp"),
        execution_error=times.get("execution_error"),
        outputs_count=len(files),
        preview_output=shown[0] if shown else None,
        workflow_id=_workflow_id(extra),
    )


def _details(entry: Mapping[str, Any]) -> dict[str, Any]:
    _, _, prompt, extra, _ = entry["prompt"]
    return {
        "outputs": entry["outputs"],
        "execution_status": entry["status"],
        "workflow": {"prompt": prompt, "extra_data": extra},
    }


def _workflow_id(extra: Mapping[str, Any]) -> str | None:
    return (extra.get("extra_pnginfo", {}).get("workflow") or {}).get("id")


def _pruned(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
