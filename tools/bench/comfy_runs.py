"""A real ComfyUI whose prompts are measured by stage: seconds, and the server's memory."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measuring import (
    GIVES_BACK,
    ROOT,
    ModelSize,
    load,
    peak,
    reset_peak,
    resident,
    worked,
    write_models,
)
from websockets.sync.client import ClientConnection, connect

graphs = load("comfyui/engine/graphs.py")
hosts = load("comfyui/host.py")

STAGES = ("encode", "sampling", "decode", "other")

#: Stages of our node that are not called the same.
_OURS = {"high noise": "sampling", "low noise": "sampling"}
_TIMEOUT = 3600.0


@dataclass(slots=True)
class Run:
    """What one prompt took.

    Attributes:
        seconds: By stage.
        peaks: Most resident memory by stage, in bytes.
        before: Resident memory before the prompt, in bytes.
        cpu: Seconds of CPU that the server took, by all its threads.
        outputs: What its output nodes told, by node id.
    """

    before: int
    cpu: float = 0.0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    peaks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        """Seconds from its start to its end."""
        return sum(self.seconds.values())

    @property
    def peak(self) -> int:
        """Most resident memory, in bytes."""
        return max(self.peaks.values())

    def beyond(self, stage: str | None = None) -> int:
        """The peak, of a stage or of all, beyond what was resident before, in bytes."""
        return max(0, (self.peaks[stage] if stage else self.peak) - self.before)


class Server:
    """ComfyUI with our pack, the test-only nodes and models of random weights."""

    def __init__(
        self, base: Path, models: Path, size: ModelSize, *, gives_back: bool = False
    ) -> None:
        """Nothing runs before it is entered.

        Args:
            base: An empty folder for ComfyUI's files.
            models: Where the models' files are kept.
            size: How large the models are.
            gives_back: Whether it runs with `GIVES_BACK`.
        """
        if hosts.find_comfyui() is None:
            sys.exit("Set COMFYUI_PATH to ComfyUI's folder, and COMFYUI_PYTHON to its interpreter.")
        files = write_models(models, size)
        places = {
            "high": base / "models" / "diffusion_models" / graphs.HIGH,
            "low": base / "models" / "diffusion_models" / graphs.LOW,
            "vae": base / "models" / "vae" / graphs.VAE,
        }
        for name, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(files[name].resolve())
        self.host = hosts.ComfyHost(
            {"wanderlens": ROOT, "test_nodes": graphs.TEST_NODES},
            base_dir=base,
            env={
                "TEST_VAE_DIM": str(size.vae_dim or 32),
                **(GIVES_BACK if gives_back else {}),
            },
        )
        self._client = uuid.uuid4().hex
        self._socket: ClientConnection | None = None

    def __enter__(self) -> Server:
        """Starts it."""
        self.host.start()
        address = f"ws://127.0.0.1:{self.host.port}/ws?clientId={self._client}"
        self._socket = connect(address, max_size=None, proxy=None)
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stops it."""
        if self._socket is not None:
            self._socket.close()
        self.host.stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self.host._process.pid

    def versions(self) -> str:
        """Of ComfyUI and torch."""
        system = self.host.get_json("/system_stats")["system"]
        return f"ComfyUI {system['comfyui_version']}, torch {system['pytorch_version']}"

    def clear(self) -> None:
        """Lets ComfyUI's cache drop everything but the models and prompts, and frees memory."""
        # A prompt keeps what it names, used or not; what is dropped is freed before it runs.
        trim = graphs.node("TestTrim", number=time.time_ns())
        self.run({**graphs.sources(), "trim": trim}, {})

    def run(self, prompt: Mapping[str, Any], stages: Mapping[str, str]) -> Run:
        """Runs a prompt.

        Args:
            prompt: In API format.
            stages: The stage that each node belongs to, by its id; "other" without one. Our own
                nodes tell of theirs.

        Raises:
            RuntimeError: it failed.
        """
        body = {"prompt": prompt, "client_id": self._client}
        reset_peak(self.pid)
        run = Run(resident(self.pid), cpu=-worked(self.pid))
        status, raw = self.host.request("POST", "/prompt", body)
        answer = json.loads(raw)
        if status != 200 or answer.get("node_errors"):
            raise RuntimeError(f"ComfyUI refused the prompt: {answer}")
        stage, since = "other", time.perf_counter()
        for kind, data in self._messages(answer["prompt_id"]):
            now = time.perf_counter()
            if kind == "execution_start":
                since = now
                continue
            if kind == "executed":
                run.outputs[data["node"]] = data["output"]
                continue
            run.seconds[stage] += now - since
            run.peaks[stage] = max(run.peaks[stage], peak(self.pid))
            reset_peak(self.pid)
            since = now
            if kind == "wanderlens.stage":
                name = _OURS.get(data["stage"], data["stage"])
                stage = name if name in STAGES else "other"
            elif data["node"] is None:
                run.cpu += worked(self.pid)
                return run
            else:
                stage = stages.get(data["node"], "other")
        raise RuntimeError("ComfyUI closed the connection")

    def _messages(self, prompt_id: str) -> Any:
        """Kind and data of the messages on a prompt that tell of stages."""
        assert self._socket is not None, "the server must be entered"
        kinds = ("execution_start", "executed", "executing", "wanderlens.stage")
        while True:
            text = self._socket.recv(timeout=_TIMEOUT)
            if isinstance(text, bytes):  # a preview
                continue
            message = json.loads(text)
            kind, data = message["type"], message["data"]
            if data.get("prompt_id") != prompt_id:
                continue
            if kind in ("execution_error", "execution_interrupted"):
                trace = "".join(data.get("traceback", []))
                raise RuntimeError(f"{data.get('exception_message')}\n{trace}")
            if kind in kinds:
                yield kind, data
