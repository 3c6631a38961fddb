"""Records what a real ComfyUI answers, for the small test host that stands in for it in CI.

    COMFYUI_PATH=/path/to/ComfyUI python tests/frontend/record.py

starts that ComfyUI on the nano model, runs three prompts (one to its end, one cancelled, one that
fails) and writes ``tests/frontend/recorded/``: the definitions of ComfyUI's own nodes, answers of
its routes, and the messages of each run. Small: what repeats is cut, prompts are left out.
"""

from __future__ import annotations

import copy
import json
import struct
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
ROOT = TESTS.parent
sys.path[:0] = [str(ROOT), str(TESTS / "support")]

from loading import load  # noqa: E402

host = load("comfyui/host.py")
tiny_workflows = load("comfyui/tiny_workflows.py")

RECORDED = HERE / "recorded"
#: Nodes of ComfyUI's own that our workflows, our page's tests and the default graph use.
NODES = (
    "CheckpointLoaderSimple", "CLIPLoader", "CLIPTextEncode", "CreateVideo", "EmptyLatentImage",
    "GetVideoComponents", "KSampler", "LoadImage", "LoadVideo", "LoraLoaderModelOnly", "PreviewAny",
    "PreviewImage", "SaveImage", "SaveVideo", "UNETLoader", "VAEDecode", "VAELoader",
)  # fmt: skip
ROUTES = ("/features", "/models", "/prompt", "/queue", "/system_stats", "/users")
#: Of messages of one kind that follow each other.
MOST_ALIKE = 2


def nano_prompt() -> dict[str, Any]:
    """Image to video, one second of a few pixels."""
    prompt = copy.deepcopy(tiny_workflows.api_workflow("Image to video A14B"))
    inputs = prompt[tiny_workflows.node_of(prompt, "Wan22ImageToVideo")]["inputs"]
    inputs.update(resolution="custom", width=128, height=128, duration=0.5, quality="custom")
    inputs.update(steps=4, fps=32)
    return prompt


def failing_prompt() -> dict[str, Any]:
    """A cut without a second clip."""
    inputs = {
        "frames": ["1", 0], "clip_fps": 16.0, "join": "cut", "duration": 1.0, "context_frames": 5,
        "color_match": 1.0, "close_loop": False, "quality": "standard", "seed": 0,
    }  # fmt: skip
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        "2": {"class_type": "FrameContinuityExtend", "inputs": inputs},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
    }


class Listener:
    """Listens to the websocket, as the page does."""

    def __init__(self, url: str) -> None:
        from websockets.sync.client import connect

        self.client_id = uuid.uuid4().hex
        self.messages: list[dict[str, Any]] = []
        address = f"{url.replace('http', 'ws', 1)}/ws?clientId={self.client_id}"
        self._connection = connect(address, max_size=None)
        self._socket = self._connection.__enter__()
        flags = {"supports_preview_metadata": True}
        self._socket.send(json.dumps({"type": "feature_flags", "data": flags}))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for raw in self._socket:
            self.messages.append(json.loads(raw) if isinstance(raw, str) else _binary(raw))

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.messages]

    def close(self) -> None:
        self._connection.__exit__(None, None, None)


def _binary(raw: bytes) -> dict[str, Any]:
    """A preview: its event, the metadata before the picture, and the picture's first bytes."""
    event, length = struct.unpack(">II", raw[:8])
    if event != 4:
        return {"type": f"binary {event}", "data": {"starts": raw[4:12].hex()}}
    picture = raw[8 + length :]
    return {
        "type": "binary 4",
        "data": {"metadata": json.loads(raw[8 : 8 + length]), "starts": picture[:3].hex()},
    }


def record_run(comfy: Any, prompt: dict[str, Any], *, cancel: bool = False) -> dict[str, Any]:
    """Runs a prompt; gives its messages, and what the routes say meanwhile and afterwards."""
    listener = Listener(comfy.url)
    prompt_id = str(uuid.uuid4())
    body = {
        "prompt": prompt, "prompt_id": prompt_id, "client_id": listener.client_id,
        "extra_data": {
            "extra_pnginfo": {"workflow": {"id": "a workflow"}}, "preview_method": "latent2rgb",
        },
    }  # fmt: skip
    status, answer = comfy.request("POST", "/prompt", body)
    assert status == 200, answer
    while "executing" not in listener.kinds():
        time.sleep(0.05)
    meanwhile = {path: _get(comfy, path) for path in ("/queue", "/api/jobs")}
    if cancel:
        while "progress" not in listener.kinds():
            time.sleep(0.05)
        comfy.request("POST", "/interrupt", {"prompt_id": prompt_id})
    while not (entry := _get(comfy, f"/history/{prompt_id}")):
        time.sleep(0.1)
    time.sleep(0.5)
    listener.close()
    jobs = _get(comfy, "/api/jobs")["jobs"]
    comfy.request("POST", "/history", {"clear": True})
    run = {
        "answer": json.loads(answer),
        "meanwhile": meanwhile,
        "messages": _shortened(listener.messages),
        "history": entry[prompt_id],
        "job": next(job for job in jobs if job["id"] == prompt_id),
    }
    # Ids become names, and the prompt goes: each is known to whoever reads the record.
    text = json.dumps(run).replace(prompt_id, "PROMPT").replace(listener.client_id, "CLIENT")
    return _small(json.loads(text), prompt)


def _get(comfy: Any, path: str) -> Any:
    status, body = comfy.request("GET", path)
    assert status == 200, (path, body)
    return json.loads(body)


def _shortened(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what repeats the kinds of the messages before it, and without finished nodes."""
    kept: list[dict[str, Any]] = []
    alike = 0
    repeating = {"progress", "progress_state", "binary 4"}
    for message in messages:
        if message["type"] == "progress_state":
            nodes = message["data"]["nodes"]
            running = {key: node for key, node in nodes.items() if node["state"] == "running"}
            if not running:
                continue
            message = {**message, "data": {**message["data"], "nodes": running}}
        same = message["type"] in repeating and kept and kept[-1]["type"] in repeating
        alike = alike + 1 if same else 0
        if alike < len(repeating) * MOST_ALIKE:
            kept.append(message)
    return kept


def _small(value: Any, prompt: dict[str, Any], key: str = "") -> Any:
    """Without prompts, tensors and paths of this machine."""
    if value == prompt or key == "current_inputs":
        return {}
    if key == "traceback":
        return ['  File "execution.py", line 1, in execute\n']
    if key == "exception_type":
        return value.rsplit("custom_nodes", 1)[-1].lstrip("/\\")
    if isinstance(value, dict):
        return {name: _small(each, prompt, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_small(each, prompt) for each in value]
    return value


def write(name: str, value: Any) -> None:
    RECORDED.mkdir(exist_ok=True)
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
    (RECORDED / name).write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        tiny_workflows.write_nano_models(base / "models")
        packs = {"wanderlens": ROOT, "nano_text": TESTS / "comfyui" / "packs" / "nano_text"}
        with host.ComfyHost(packs, base_dir=base) as comfy:
            comfy.upload_image(ROOT / "wanderlens" / "assets" / "example.png")
            info = _get(comfy, "/object_info")
            write("object_info.json", {name: info[name] for name in NODES})
            answers = {path: _get(comfy, path) for path in ROUTES}
            answers["/system_stats"]["system"].update(argv=["main.py"], python_version="3")
            write("answers.json", answers)
            runs = {
                "cancelled": record_run(comfy, nano_prompt(), cancel=True),
                "finished": record_run(comfy, nano_prompt()),
                "failed": record_run(comfy, failing_prompt()),
            }
            write("runs.json", runs)


if __name__ == "__main__":
    main()
