"""ComfyUI's websocket: who listens, and what is sent, in the shapes of 0.8.0."""

from __future__ import annotations

import json
import struct
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import WSMsgType, web

#: The event of a preview with metadata; older pages get event 1 without.
PREVIEW, PREVIEW_WITH_METADATA = 1, 4
JPEG = 1


class Sockets:
    """The pages that listen, by client id."""

    def __init__(
        self, features: Mapping[str, Any], queue_info: Callable[[], Mapping[str, Any]]
    ) -> None:
        """Nobody listens yet.

        Args:
            features: What the server can do.
            queue_info: Gives what the message "status" tells.
        """
        self._features = dict(features)
        self._queue_info = queue_info
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._flags: dict[str, dict[str, Any]] = {}
        #: The client whose prompt runs, and the node that does: told to one that comes back.
        self.running: tuple[str, str] | None = None

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """``/ws``."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sid = request.query.get("clientId") or uuid.uuid4().hex
        self._sockets[sid], self._flags[sid] = socket, {}
        try:
            await self.send("status", {"status": self._queue_info(), "sid": sid}, sid)
            if self.running is not None and self.running[0] == sid:
                await self.send("executing", {"node": self.running[1]}, sid)
            async for message in socket:
                if message.type != WSMsgType.TEXT:
                    continue
                data = json.loads(message.data)
                if data.get("type") == "feature_flags":
                    self._flags[sid] = data.get("data", {})
                    await self.send("feature_flags", self._features, sid)
        finally:
            if self._sockets.get(sid) is socket:
                del self._sockets[sid], self._flags[sid]
        return socket

    async def send(self, event: str, data: Mapping[str, Any], sid: str | None = None) -> None:
        """Sends a message to one client, or to all."""
        for socket in self._to(sid):
            await socket.send_json({"type": event, "data": data})

    async def status(self) -> None:
        """Tells everybody how long the queue is."""
        await self.send("status", {"status": self._queue_info()})

    async def preview(self, jpeg: bytes, metadata: Mapping[str, Any], sid: str) -> None:
        """Sends a picture of what is in the making."""
        if self._flags.get(sid, {}).get("supports_preview_metadata"):
            text = json.dumps({**metadata, "image_type": "image/jpeg"}).encode()
            body = struct.pack(">II", PREVIEW_WITH_METADATA, len(text)) + text + jpeg
        else:
            body = struct.pack(">II", PREVIEW, JPEG) + jpeg
        for socket in self._to(sid):
            await socket.send_bytes(body)

    async def close(self) -> None:
        """Hangs up on everybody, as a server that ends does."""
        for socket in list(self._sockets.values()):
            await socket.close()

    def _to(self, sid: str | None) -> list[web.WebSocketResponse]:
        sockets = self._sockets.values() if sid is None else [self._sockets.get(sid)]
        return [socket for socket in sockets if socket is not None and not socket.closed]
