"""Routes for the presets, and for the composed prompt while the user types."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Any

from aiohttp import web

from ..camera.homography import path_as_json
from ..checks import number_between, on_or_off
from ..direction import Brief, Preset, check_intensity, compose, vocabulary
from ..direction.compose import FROM_PRESET, NONE
from ..direction.presets import USER_GROUP
from ..library import PosterError, poster
from ..metadata.folders import find_in_folders
from ..metadata.limits import MetadataError
from ..metadata.still_file import open_still
from ..shot import MAX_SECONDS
from ..still_image import open_picture
from ..style.carry import AUTO, Carried, Still, carry_over, check_source
from .host import Host
from .http import Fields, Refused, json_object

#: Stills whose prompt and style are remembered between two requests.
_REMEMBERED = 32

_BRIEF = frozenset(
    {
        "direction", "camera", "pacing", "look", "preset", "intensity", "negative", "loop",
        "include_image_prompt", "include_image_style", "image", "source", "prompt_text",
        "max_words", "duration",
    }
)  # fmt: skip


class DirectionRoutes:
    """``/wanderlens/presets`` and ``/wanderlens/compose``."""

    def __init__(self, here: Host) -> None:
        """Nothing is read yet."""
        self._here = here
        self._carried: OrderedDict[tuple[Any, ...], Carried] = OrderedDict()

    async def presets(self, _: web.Request) -> web.Response:
        """All presets with their camera paths, and the menus of the direction."""
        return web.json_response(await asyncio.to_thread(self._presets))

    def _presets(self) -> dict[str, Any]:
        words = vocabulary()
        presets = list(self._here.presets())
        return {
            "presets": [_preset_as_json(preset) for preset in presets],
            "groups": list(dict.fromkeys(preset.group for preset in presets)),
            "menus": {
                "camera": [FROM_PRESET, NONE, *words.moves],
                "pacing": [FROM_PRESET, NONE, *words.pacings],
                "look": [FROM_PRESET, NONE, *words.looks],
            },
            "may_save": not self._here.several_users(),
        }

    async def compose(self, request: web.Request) -> web.Response:
        """The prompt that a direction makes, and the camera's path."""
        fields = Fields(await json_object(request), _BRIEF)
        return web.json_response(await asyncio.to_thread(self._compose, fields))

    def _compose(self, fields: Fields) -> dict[str, Any]:
        loop = on_or_off(fields.raw("loop", False), "loop")
        duration = number_between(
            fields.raw("duration", 5.0), "duration", 0.1, MAX_SECONDS, "Set 5 seconds."
        )
        intensity = check_intensity(fields.raw("intensity", 1.0))
        name = fields.text("preset", most=400)
        carried = self._carry(fields)
        composition = compose(
            Brief(
                text=fields.text("direction"),
                camera=fields.text("camera", FROM_PRESET),
                pacing=fields.text("pacing", FROM_PRESET),
                look=fields.text("look", FROM_PRESET),
                preset=self._here.presets()[name].direction(intensity) if name else None,
                image=None if carried is None else carried.style,
                include_image_prompt=fields.raw("include_image_prompt", True),
                include_image_style=fields.raw("include_image_style", True),
                negative=fields.text("negative"),
                max_words=fields.raw("max_words", 100),
                loop=loop,
            )
        )
        direction = composition.direction
        return {
            "positive": composition.positive,
            "negative": composition.negative,
            "report": composition.report,
            "camera": direction.camera,
            "pacing": direction.pacing,
            "look": direction.look,
            "carried": None if carried is None else carried.as_json(),
            "path": path_as_json(direction.path(duration)),
        }

    def _carry(self, fields: Fields) -> Carried | None:
        """What carries over from the named picture or clip; None where none is named."""
        name, text = fields.text("image", most=1000), fields.text("prompt_text")
        source = check_source(fields.raw("source", AUTO))
        if not name and not text:
            return None
        file = None
        if name:
            try:
                file = find_in_folders(name, self._here.folders())
            except MetadataError as error:
                raise Refused(f"image {name!r:.120} was not read: {error}.", 404) from error
        key = (str(file), _state(file), source, text)
        carried = self._carried.get(key)
        if carried is None:
            still = Still(
                text=text,
                file=name,
                find_file=lambda _: file or Path(),
                pixels=lambda: None if file is None else self._pixels(file),
            )
            carried = carry_over(still, source)
            self._carried[key] = carried
            while len(self._carried) > _REMEMBERED:
                self._carried.popitem(last=False)
        return carried

    def _pixels(self, file: Path) -> Any:
        """The picture, or the first frame of a clip, [height, width, 3], uint8; None for none."""
        import numpy as np

        try:
            if file.suffix.lower() in (".mp4", ".webm", ".mov", ".mkv"):
                file = poster(file, self._here.private() / "posters")
            with open_still(file):  # refuses what must not be decoded
                return np.asarray(open_picture(file))
        except (OSError, ValueError, PosterError):  # no picture: its words alone carry over
            return None


def _preset_as_json(preset: Preset) -> dict[str, Any]:
    return {
        "id": preset.id,
        "group": preset.group,
        "name": preset.name,
        "about": preset.about,
        "text": preset.text,
        "camera": preset.camera,
        "pacing": preset.pacing,
        "look": preset.look,
        "negative": preset.negative,
        "fps": preset.fps,
        "duration": preset.duration,
        "loop": preset.loop,
        "tags": list(preset.tags),
        "mine": preset.group == USER_GROUP,
        "path": path_as_json(preset.direction().path(preset.duration)),
    }


def _state(file: Path | None) -> tuple[int, int]:
    if file is None:
        return (0, 0)
    status = file.stat()
    return (status.st_size, status.st_mtime_ns)
