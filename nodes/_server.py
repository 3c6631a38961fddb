"""Registers the page's routes on ComfyUI's server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._host import latest_stage, picture_folders, preset_library, run_log

if TYPE_CHECKING:
    from ..wanderlens.activity import LatestStage, RunLog
    from ..wanderlens.direction import PresetLibrary


class ComfyUI:
    """A `routes.Host`: the ComfyUI that has loaded us."""

    def __init__(self, server: Any) -> None:
        """Takes ComfyUI's PromptServer."""
        self._server = server

    @property
    def latest_stage(self) -> LatestStage:
        """The stage that a clip has come to."""
        return latest_stage()

    @property
    def workflows(self) -> Path:
        """The folder of the bundled workflows."""
        return Path(__file__).resolve().parents[1] / "workflows"

    def folders(self) -> dict[str, Path]:
        """ComfyUI's folders of files."""
        return picture_folders()

    def private(self) -> Path:
        """A folder beside the users', out of which ComfyUI's server gives nothing."""
        import folder_paths  # pyright: ignore[reportMissingImports]

        return Path(folder_paths.get_user_directory()) / "__wanderlens"

    def presets(self) -> PresetLibrary:
        """All presets, as their files are now."""
        return preset_library()

    def several_users(self) -> bool:
        """Whether ComfyUI runs with ``--multi-user``."""
        from comfy.cli_args import args  # pyright: ignore[reportMissingImports]

        return bool(args.multi_user)

    def model_files(self, folder: str) -> list[str]:
        """Names of the files in one of ComfyUI's model folders."""
        import folder_paths  # pyright: ignore[reportMissingImports]

        if folder not in folder_paths.folder_names_and_paths:
            return []
        return list(folder_paths.get_filename_list(folder))

    def run_log(self) -> RunLog:
        """The clips that were made here."""
        return run_log()

    def device(self) -> str:
        """What ComfyUI computes on."""
        from ..wanderlens.engines.comfyui.observer import device_name

        return device_name()

    def running(self) -> set[str]:
        """Ids of the prompts that run now."""
        running, _ = self._server.prompt_queue.get_current_queue_volatile()
        return {str(item[1]) for item in running}


def add_routes() -> None:
    """Adds our routes to the ComfyUI that loads us, if one does.

    ComfyUI offers a pack of classes no later moment: its routes are fixed when all packs are in.
    """
    server = getattr(getattr(sys.modules.get("server"), "PromptServer", None), "instance", None)
    if server is None:
        return
    from ..wanderlens.routes import register

    register(server.routes, ComfyUI(server))
