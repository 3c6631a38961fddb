"""A real ComfyUI with tiny models whose stages can fail on demand, and what is looked at in it."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loading import load

from .files import Found, look

ROOT = Path(__file__).resolve().parents[2]
graphs = load("comfyui/engine/graphs.py")
hosts = load("comfyui/host.py")

PACK = Path(__file__).resolve().parent / "pack"
_TIMEOUT = 120.0


class Plan:
    """The fault that is planned, in a folder that the server's process looks into."""

    def __init__(self, folder: Path) -> None:
        """Nothing is planned."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def fault(self, stage: str, kind: str, call: int = 1) -> Iterator[None]:
        """Plans a fault for the block: at the nth call of a stage."""
        for name in ("reached", "count"):
            (self.folder / name).unlink(missing_ok=True)
        plan = {"stage": stage, "fault": kind, "call": call}
        (self.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        try:
            yield
        finally:
            (self.folder / "plan.json").unlink()

    @property
    def reached(self) -> bool:
        """Whether the fault has struck."""
        return (self.folder / "reached").exists()

    def wait(self, still: Any = lambda: True) -> bool:
        """Waits until it has struck, as long as `still` says that it may."""
        deadline = time.monotonic() + _TIMEOUT
        while not self.reached and still() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.reached

    def calls(self) -> str:
        """The calls of the models so far."""
        file = self.folder / "calls"
        return file.read_text(encoding="ascii") if file.exists() else ""


class Server:
    """ComfyUI on folders of its own. A context manager, started when it is entered."""

    def __init__(self, base: Path, env: Mapping[str, str] | None = None) -> None:
        """Nothing runs yet.

        Args:
            base: A folder; what lies in it already stays.
            env: More environment variables.
        """
        self.base = base
        self.plan = Plan(base / "faults")
        models = base / "models"
        if not models.exists():
            load("comfyui/weights.py").write_all(models)
        temporary = base / "temporary"  # the system's
        temporary.mkdir(exist_ok=True)
        environment = {
            "TMPDIR": str(temporary),
            "OMP_NUM_THREADS": "1",
            "FAULTS_FOLDER": str(self.plan.folder),
            **(env or {}),
        }
        self.host = hosts.ComfyHost(
            {"wanderlens": ROOT, "test_nodes": graphs.TEST_NODES, "fault_nodes": PACK},
            base_dir=base,
            env=environment,
        )

    def __enter__(self) -> Server:
        """Starts it."""
        self.host.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stops it."""
        self.host.stop()

    @property
    def user(self) -> Path:
        """ComfyUI's folder of the users."""
        return self.base / "user"

    @property
    def store(self) -> Path:
        """Where sampled latents are kept."""
        return self.user / "__wanderlens" / "latents"

    @property
    def rescued(self) -> list[Path]:
        """Latents that were rescued into the output folder."""
        return sorted((self.host.output_dir / "wanderlens" / "recovered").glob("*.latent"))

    @property
    def pid(self) -> int:
        """The server's process."""
        return self.host._process.pid

    def restart(self) -> float:
        """Starts it again on the same folders; gives the seconds until it answers."""
        since = time.monotonic()
        self.host.start()
        return time.monotonic() - since

    def run(self, prompt: Mapping[str, Any]) -> dict[str, Any]:
        """Runs a prompt to its end.

        Raises:
            PromptFailed: A node raised.
        """
        return self.host.run(prompt, timeout=_TIMEOUT)

    def failure(self, prompt: Mapping[str, Any]) -> str:
        """The words of the error that a prompt ends with; empty if it ends well."""
        try:
            self.run(prompt)
        except hosts.PromptFailed as failed:
            return failed.exception_message or failed.exception_type
        return ""

    def listed(self) -> dict[str, int]:
        """The page's clips, by their path below the output folder, with their frames."""
        status, raw = self.host.request("GET", "/wanderlens/clips")
        if status != 200:
            raise hosts.HostError(f"GET /wanderlens/clips: HTTP {status}")
        clips = json.loads(raw)["clips"]
        return {f"{each['subfolder']}/{each['filename']}".lstrip("/"): each["frames"]
                for each in clips}  # fmt: skip

    def look(self) -> Found:
        """Reads every file of the output and user folders."""
        return look([self.host.output_dir, self.user])

    def is_cores(self, file: Path) -> bool:
        """Whether ComfyUI's own node writes the file: clips, that is."""
        return file.suffix in (".mp4", ".webm") and file.is_relative_to(self.host.output_dir)
