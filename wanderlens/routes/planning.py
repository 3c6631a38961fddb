"""Routes for the plan and estimate of a clip, its model files, and the running stage."""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from ..activity import estimate, work_of
from ..checks import one_of, whole_between
from ..metadata.folders import find_in_folders
from ..metadata.limits import MetadataError
from ..metadata.still_file import open_still
from ..shot import (
    I2V_A14B,
    TI2V_5B,
    ExtensionPlan,
    ExtensionRequest,
    ShotPlan,
    ShotRequest,
    plan_extension,
    plan_shot,
)
from .host import Host
from .http import Fields, Refused, json_object

FAMILIES = {"a14b": I2V_A14B, "5b": TI2V_5B}

_PLAN = frozenset(
    {
        "width", "height", "image", "fps", "duration", "loop", "resolution", "quality", "family",
        "extend", "context_frames",
    }
)  # fmt: skip
_EXTEND = frozenset({"frames", "fps", "next_frames"})
_LARGEST_SIDE = 65_536


class _Part(NamedTuple):
    """A file that the bundled workflows load.

    Attributes:
        loader: Class of the node that loads it.
        widget: Its input.
        folder: ComfyUI's folder of models.
        pattern: What its file's name looks like, of whatever size, precision and maker.
        workflow: The bundled workflow that names the file we ask for.
        title: Title of the loader there.
    """

    loader: str
    widget: str
    folder: str
    pattern: str
    workflow: str
    title: str


_FAST, _5B = "Image to video A14B 4 steps", "Image to video 5B"
_WAN22 = r"wan[-_. ]?2[-_.]?2"
_PARTS = {
    "high_noise": _Part(
        "UNETLoader", "unet_name", "diffusion_models",
        rf"{_WAN22}.*i2v.*high|{_WAN22}.*high.*i2v", _FAST, "High-noise expert",
    ),
    "low_noise": _Part(
        "UNETLoader", "unet_name", "diffusion_models",
        rf"{_WAN22}.*i2v.*low|{_WAN22}.*low.*i2v", _FAST, "Low-noise expert",
    ),
    "one_model": _Part(
        "UNETLoader", "unet_name", "diffusion_models",
        rf"{_WAN22}.*ti2v.*5b|{_WAN22}.*5b", _5B, "",
    ),
    "text_encoder": _Part(
        "CLIPLoader", "clip_name", "text_encoders", r"umt5[-_]?xxl", _FAST, "",
    ),
    "vae": _Part(
        "VAELoader", "vae_name", "vae", r"wan[-_. ]?2[-_.]?1.*vae|wan[-_.]?vae", _FAST, "",
    ),
    "vae_5b": _Part("VAELoader", "vae_name", "vae", rf"{_WAN22}.*vae", _5B, ""),
    "lora_high": _Part(
        "LoraLoaderModelOnly", "lora_name", "loras",
        rf"{_WAN22}.*(light|4[-_ ]?step).*high|{_WAN22}.*high.*(light|4[-_ ]?step)", _FAST,
        "high",
    ),
    "lora_low": _Part(
        "LoraLoaderModelOnly", "lora_name", "loras",
        rf"{_WAN22}.*(light|4[-_ ]?step).*low|{_WAN22}.*low.*(light|4[-_ ]?step)", _FAST,
        "low",
    ),
}  # fmt: skip


class PlanningRoutes:
    """``/wanderlens/plan``, ``/wanderlens/models`` and ``/wanderlens/activity``."""

    def __init__(self, here: Host) -> None:
        """Nothing is read yet."""
        self._here = here

    async def plan(self, request: web.Request) -> web.Response:
        """Frames, seconds, size and steps of a clip, and what it will take."""
        fields = Fields(await json_object(request), _PLAN)
        return web.json_response(await asyncio.to_thread(self._plan, fields))

    def _plan(self, fields: Fields) -> dict[str, Any]:
        family = FAMILIES[one_of(fields.raw("family", "a14b"), "family", FAMILIES)]
        width, height = self._size(fields)
        extend = fields.raw("extend")
        if extend is not None:
            if not isinstance(extend, dict):
                raise Refused("extend must be an object with frames and fps.")
            clip = Fields(extend, _EXTEND)
            plan = plan_extension(
                ExtensionRequest(
                    clip_frames=whole_between(
                        clip.raw("frames"), "frames", 1, 10**6, "Give the clip's frames."
                    ),
                    clip_width=width,
                    clip_height=height,
                    clip_fps=clip.raw("fps", 16.0),
                    next_frames=whole_between(
                        clip.raw("next_frames", 0), "next_frames", 0, 10**6, "Give 0 for none."
                    ),
                    duration=fields.raw("duration", 5.0),
                    context_frames=fields.raw("context_frames", 5),
                    quality=fields.raw("quality", "standard"),
                ),
                family,
            )
            return self._extension(plan)
        plan = plan_shot(
            ShotRequest(
                picture_width=width,
                picture_height=height,
                fps=fields.raw("fps", 16),
                duration=fields.raw("duration", 5.0),
                loop=fields.raw("loop", False),
                resolution=fields.raw("resolution", "480p"),
                quality=fields.raw("quality", "standard"),
            ),
            family,
        )
        timing = plan.timing
        return {
            "frames": timing.output_frames,
            "seconds": float(timing.seconds),
            "sampled_frames": timing.sampled_frames,
            **self._common(plan),
        }

    def _extension(self, plan: ExtensionPlan) -> dict[str, Any]:
        return {
            "frames": plan.new_frames,
            "seconds": float(plan.seconds),
            "sampled_frames": sum(segment.sampled_frames for segment in plan.segments),
            **self._common(plan),
        }

    def _common(self, plan: ShotPlan | ExtensionPlan) -> dict[str, Any]:
        found = estimate(work_of(plan), self._here.run_log().read(), self._here.device())
        return {
            "width": plan.size.width,
            "height": plan.size.height,
            "native_fps": plan.family.native_fps,
            "shots": len(plan.segments),
            "steps": plan.settings.steps,
            "notes": list(plan.notes),
            "estimate": None if found is None else found.as_json(),
        }

    def _size(self, fields: Fields) -> tuple[int, int]:
        """The picture's size in pixels, as it is given or as its file says."""
        name = fields.text("image", most=1000)
        if not name:
            remedy = "Give the picture's size in pixels, or the picture."
            width = whole_between(fields.raw("width"), "width", 1, _LARGEST_SIDE, remedy)
            return width, whole_between(fields.raw("height"), "height", 1, _LARGEST_SIDE, remedy)
        try:
            return _picture_size(find_in_folders(name, self._here.folders()))
        except MetadataError as error:
            raise Refused(f"image {name!r:.120} was not read: {error}.", 404) from error

    async def models(self, _: web.Request) -> web.Response:
        """The files that can be loaded for each part, the most fitting first."""
        return web.json_response(await asyncio.to_thread(self._models))

    def _models(self) -> dict[str, Any]:
        wanted = _wanted(self._here.workflows)
        models = {}
        for name, part in _PARTS.items():
            files = self._here.model_files(part.folder)
            asked = wanted[name]
            models[name] = {
                "folder": part.folder,
                "loader": part.loader,
                "widget": part.widget,
                "files": _fitting(files, part.pattern, asked["name"]),
                "all": files,
                "wanted": asked,
            }
        return {"models": models}

    async def activity(self, _: web.Request) -> web.Response:
        """The stage of the clip that runs."""
        event = self._here.latest_stage.of(self._here.running())
        return web.json_response({"running": [] if event is None else [event.as_json()]})


def _fitting(files: list[str], pattern: str, asked: str) -> list[str]:
    """The files whose name fits: the one we ask for first, then by name."""
    looks = re.compile(pattern, re.IGNORECASE)
    fitting = [file for file in files if looks.search(re.split(r"[\\/]", file)[-1])]
    return sorted(fitting, key=lambda file: (re.split(r"[\\/]", file)[-1] != asked, file))


@cache
def _wanted(workflows: Path) -> dict[str, dict[str, str]]:
    """The file that we ask for of each part: "name" and "url"."""
    found = {}
    for key, part in _PARTS.items():
        data = json.loads((workflows / f"{part.workflow}.json").read_text(encoding="utf-8"))
        (model,) = [
            node["properties"]["models"][0]
            for node in data["nodes"]
            if node["type"] == part.loader
            and part.title.lower() in f"{node.get('title', '')}{node['widgets_values'][0]}".lower()
        ]
        found[key] = {"name": model["name"], "url": model["url"]}
    return found


def _picture_size(file: Path) -> tuple[int, int]:
    """Width and height as the picture is shown.

    Raises:
        MetadataError: It is no picture.
    """
    from PIL import Image

    with open_still(file, decodable=False) as opened:
        # Not the reader's own way, which for PNG decodes the picture to look behind it.
        turned = Image.Image.getexif(opened).get(0x0112, 1) in (5, 6, 7, 8)  # EXIF's orientation
        width, height = opened.size
    return (height, width) if turned else (width, height)
