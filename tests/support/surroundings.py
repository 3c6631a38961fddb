"""A small server around our routes: folders, model files and a log of its own, no ComfyUI."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from wanderlens.activity import LatestStage, RunLog
from wanderlens.direction import PresetLibrary

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class SmallSurroundings:
    """A `wanderlens.routes.Host` below one folder."""

    base: Path
    latest_stage: LatestStage = field(default_factory=LatestStage)
    models: dict[str, list[str]] = field(default_factory=dict)
    prompts: set[str] = field(default_factory=set)
    device_name: str = "a small machine"
    users: int = 1

    def __post_init__(self) -> None:
        for folder in self.folders().values():
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def workflows(self) -> Path:
        return REPOSITORY / "workflows"

    def folders(self) -> dict[str, Path]:
        return {name: self.base / name for name in ("input", "output", "temp")}

    def private(self) -> Path:
        return self.base / "user" / "__wanderlens"

    def presets(self) -> PresetLibrary:
        return PresetLibrary(self.base / "user" / "default" / "wanderlens" / "presets")

    def several_users(self) -> bool:
        return self.users > 1

    def model_files(self, folder: str) -> list[str]:
        return list(self.models.get(folder, []))

    def run_log(self) -> RunLog:
        return RunLog(self.private() / "runs.jsonl")

    def device(self) -> str:
        return self.device_name

    def running(self) -> set[str]:
        return set(self.prompts)
