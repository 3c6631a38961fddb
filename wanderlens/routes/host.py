"""Host: the protocol by which routes reach the server around them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..activity import LatestStage, RunLog
    from ..direction import PresetLibrary


class Host(Protocol):
    """A ComfyUI, or a small stand-in for tests. Everything is asked for when a request comes."""

    @property
    def latest_stage(self) -> LatestStage:
        """The stage that a clip has come to."""
        ...

    @property
    def workflows(self) -> Path:
        """The folder of the bundled workflows."""
        ...

    def folders(self) -> dict[str, Path]:
        """The folders that files may be read from: "input", "output" and "temp"."""
        ...

    def private(self) -> Path:
        """A folder of ours that the server gives nothing out of."""
        ...

    def presets(self) -> PresetLibrary:
        """All presets, as their files are now."""
        ...

    def several_users(self) -> bool:
        """Whether the server has several users.

        Then the nodes do not know whose presets to look for, and a clip may be somebody else's.
        """
        ...

    def model_files(self, folder: str) -> list[str]:
        """Names of the files in one of ComfyUI's model folders; none for an unknown folder."""
        ...

    def run_log(self) -> RunLog:
        """The clips that were made here."""
        ...

    def device(self) -> str:
        """What clips are made on."""
        ...

    def running(self) -> set[str]:
        """Ids of the prompts that run now."""
        ...
