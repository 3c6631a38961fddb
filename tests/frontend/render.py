"""Acts a prompt out: the messages of a real run in their order, and a small real clip.

The shapes are those of ``recorded/runs.json``; ``test_host.py`` compares them.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loading import load

from wanderlens.activity import LatestStage, StageEvent
from wanderlens.video import write_video

validation = load("frontend/validation.py")

CLIP_NODES = ("Wan22ImageToVideo", "FrameContinuityExtend")
#: Each with its steps.
STAGES = {"encode": 0, "high noise": 2, "low noise": 2, "decode": 0}
SAVED = ("SaveVideo",)
SIZE = (160, 96)  # pixels, width and height


class Interrupted(Exception):
    """The user has cancelled."""


class Failed(Exception):
    """The node has failed, as the test wants."""


class Renderer:
    """Runs prompts.

    Attributes:
        seconds: How long a clip takes.
        failure: What the next clip fails with; empty for none.
        hold: The stage that a clip stops at until `going_on` is set; empty for none.
        going_on: See `hold`.
        prompts: Ids of the prompts that run, shared with our routes.
    """

    def __init__(self, base: Path, latest_stage: LatestStage, prompts: set[str]) -> None:
        """Takes where files go, and where the present stage is told."""
        self._base = base
        self._latest_stage = latest_stage
        self.prompts = prompts
        self.sockets: Any = None
        self.seconds = 0.3
        self.failure = ""
        self.hold = ""
        self.going_on = asyncio.Event()

    async def run(self, item: Any, interrupted: asyncio.Event) -> dict[str, Any]:
        """Runs a prompt.

        Returns:
            Of its entry in the history: outputs, meta and status.
        """
        run = _Run(self, item, interrupted)
        self.prompts.add(run.prompt_id)
        try:
            return await run.act()
        finally:
            self.prompts.discard(run.prompt_id)

    async def over(self, item: Any) -> None:
        """Tells the page that its prompt is over, after it is in the history."""
        _, prompt_id, _, extra, _ = item
        data = {"node": None, "prompt_id": prompt_id}
        await self.sockets.send("executing", data, extra.get("client_id", ""))


class _Run:
    """One prompt as it runs."""

    def __init__(self, renderer: Renderer, item: Any, interrupted: asyncio.Event) -> None:
        self._all = renderer
        _, self.prompt_id, self._prompt, self._extra, self._wanted = item
        self._interrupted = interrupted
        self._client = self._extra.get("client_id", "")
        self._messages: list[tuple[str, dict[str, Any]]] = []
        self._outputs: dict[str, dict[str, Any]] = {}
        self._done: list[str] = []
        self._progress: dict[str, dict[str, Any]] = {}

    async def act(self) -> dict[str, Any]:
        success = False
        node_id = ""
        await self._say("execution_start")
        await self._say("execution_cached", nodes=[])
        try:
            for node_id in self._order():
                self._all.sockets.running = (self._client, node_id)
                await self._execute(node_id)
            await self._say("execution_success")
            success = True
        except Interrupted:
            await self._say("execution_interrupted", **self._where(node_id))
        except Failed as error:
            await self._say(
                "execution_error", **self._where(node_id),
                exception_message=f"{error}\n", exception_type="RuntimeError",
                traceback=['  File "execution.py", line 1, in execute\n'],
                current_inputs={}, current_outputs=list(self._done),
            )  # fmt: skip
        self._all.sockets.running = None
        meta = {
            each: {"node_id": each, "display_node": each, "parent_node": None, "real_node_id": each}
            for each in self._outputs
        }
        word = "success" if success else "error"
        status = {"status_str": word, "completed": success, "messages": self._messages}
        return {"outputs": self._outputs, "status": status, "meta": meta}

    def _order(self) -> list[str]:
        order: list[str] = []
        for output in self._wanted:
            order += [
                each for each in validation.upstream(self._prompt, output) if each not in order
            ]
        return order

    def _where(self, node_id: str) -> dict[str, Any]:
        kind = self._prompt[node_id]["class_type"]
        return {"node_id": node_id, "node_type": kind, "executed": list(self._done)}

    async def _execute(self, node_id: str) -> None:
        await self._progress_state(node_id, 0.0, 1.0)
        place = {"node": node_id, "display_node": node_id, "prompt_id": self.prompt_id}
        await self._send("executing", place)
        kind = self._prompt[node_id]["class_type"]
        if (
            kind in CLIP_NODES
            and self._prompt[node_id]["inputs"].get("join", "generate") == "generate"
        ):
            await self._make_clip(node_id)
        output = await self._output(node_id, kind)
        if output is not None:
            self._outputs[node_id] = output
            await self._send("executed", {**place, "output": output})
        self._done.append(node_id)

    async def _make_clip(self, node_id: str) -> None:
        began = _now()
        done, steps = 0, sum(STAGES.values())
        for stage, count in STAGES.items():
            await self._stage(StageEvent(self.prompt_id, node_id, stage, 1, 1, _now(), began))
            if self._all.failure and stage == "low noise":
                failure, self._all.failure = self._all.failure, ""
                raise Failed(failure)
            for _ in range(max(1, count)):
                await self._wait(self._all.seconds / (steps + 2))
                if not count:
                    continue
                done += 1
                await self._progress_state(node_id, done, steps)
                picture = await asyncio.to_thread(_jpeg, done / steps)
                metadata = dict.fromkeys(("node_id", "display_node_id", "real_node_id"), node_id)
                metadata |= {"prompt_id": self.prompt_id, "parent_node_id": None}
                await self._all.sockets.preview(picture, metadata, self._client)
                await self._send("progress", {
                    "value": done, "max": steps, "prompt_id": self.prompt_id, "node": node_id,
                })  # fmt: skip

    async def _stage(self, event: StageEvent) -> None:
        self._all._latest_stage.set(event)
        await self._all.sockets.send("wanderlens.stage", event.as_json())
        while self._all.hold == event.stage and not self._all.going_on.is_set():
            await self._wait(0.02)

    async def _wait(self, seconds: float) -> None:
        """Waits, but not once the user has cancelled."""
        try:
            await asyncio.wait_for(self._interrupted.wait(), seconds)
        except asyncio.TimeoutError:  # another exception before Python 3.11
            return
        raise Interrupted

    async def _output(self, node_id: str, kind: str) -> dict[str, Any] | None:
        """What the page is told of a node that has run; None where that is nothing."""
        inputs = self._prompt[node_id]["inputs"]
        if kind in SAVED:
            place = await asyncio.to_thread(self._save, inputs["filename_prefix"])
            return {"images": [place], "animated": [True]}
        if kind in (*CLIP_NODES, "LoopBlend", "PreviewAny"):
            return {"text": ["Size: 160×96\nSampling: 4 steps"]}
        if kind == "ImageStyleCarryover":
            finished = json.loads(RECORDED.read_text(encoding="utf-8"))["cancelled"]
            return next(
                dict(output)
                for output in finished["history"]["outputs"].values()
                if "wanderlens_style" in output
            )
        return None

    def _save(self, prefix: str) -> dict[str, str]:
        subfolder, _, stem = prefix.rpartition("/")
        folder = self._all._base / "output" / subfolder
        folder.mkdir(parents=True, exist_ok=True)
        number = 1 + len(list(folder.glob(f"{stem}_*_.mp4")))
        file = folder / f"{stem}_{number:05}_.mp4"
        metadata = {**self._extra.get("extra_pnginfo", {}), "prompt": self._prompt}
        fps, seconds = _clip_length(self._prompt)
        write_video(
            file, _frames(max(2, round(fps * seconds))), fps,
            {name: json.dumps(value) for name, value in metadata.items()},
        )  # fmt: skip
        return {"filename": file.name, "subfolder": subfolder, "type": "output"}

    async def _progress_state(self, node_id: str, value: float, most: float) -> None:
        """Tells how far each node is that has begun."""
        for node in self._progress.values():
            node.update(state="finished", value=node["max"])
        ids = dict.fromkeys(("node_id", "display_node_id", "real_node_id"), node_id)
        ids |= {"parent_node_id": None, "prompt_id": self.prompt_id}
        self._progress[node_id] = {**ids, "state": "running", "value": value, "max": most}
        data = {"prompt_id": self.prompt_id, "nodes": self._progress}
        await self._send("progress_state", data)

    async def _say(self, event: str, **data: Any) -> None:
        """Tells what the history keeps too."""
        body = {**data, "prompt_id": self.prompt_id, "timestamp": _now()}
        self._messages.append((event, body))
        await self._send(event, body)

    async def _send(self, event: str, data: Mapping[str, Any]) -> None:
        await self._all.sockets.send(event, data, self._client)


RECORDED = Path(__file__).resolve().parent / "recorded" / "runs.json"


def _clip_length(prompt: Mapping[str, Any]) -> tuple[int, float]:
    """Frames per second and seconds, as far as the prompt says them itself."""
    for node in prompt.values():
        inputs = node["inputs"]
        if node["class_type"] == "Wan22ImageToVideo":
            fps, seconds = inputs["fps"], inputs["duration"]
            return (
                fps if isinstance(fps, int) else 16,
                float(seconds) if isinstance(seconds, (int, float)) else 2.0,
            )
    return 16, 2.0


def _frames(count: int) -> Iterator[Any]:
    """A bright square that crosses a dark picture."""
    import numpy as np

    width, height = SIZE
    for index in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[:] = (24, 36, 52)
        left = round(index / max(1, count - 1) * (width - 32))
        frame[32:64, left : left + 32] = (240, 180, 60)
        yield frame


def _jpeg(share: float) -> bytes:
    """A small picture that shows how far it is."""
    from PIL import Image

    width, height = SIZE
    picture = Image.new("RGB", SIZE, (24, 36, 52))
    picture.paste((240, 180, 60), (0, 0, max(1, round(width * share)), height))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


def _now() -> int:
    return round(time.time() * 1000)
