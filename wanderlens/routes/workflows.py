"""Route that fills a bundled workflow with the values of the form."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from ..checks import number_between, on_or_off, one_of, whole_between
from ..direction import FROM_PRESET, check_intensity
from ..shot import MAX_SECONDS
from ..workflows import BuiltWorkflow, bridge, combine, convert, extend, loop
from ..workflows.choices import FORM_CHOICES
from .host import Host
from .http import Fields, Refused, json_object

_REQUEST = frozenset({"kind", "values", "picture", "clip", "next", "clips", "texts"})
_VALUES = frozenset(
    {
        "direction", "preset", "intensity", "camera", "pacing", "look", "negative",
        "include_image_prompt", "include_image_style", "fps", "duration", "loop", "resolution",
        "quality", "seed", "family", "models", "draft", "context_frames", "color_match",
    }
)  # fmt: skip
_MODELS = frozenset(
    {
        "high_noise", "low_noise", "one_model", "text_encoder", "vae", "vae_5b", "lora_high",
        "lora_low",
    }
)  # fmt: skip
_FILE = frozenset({"filename", "subfolder", "type"})
_TEXTS = frozenset({"note_title", "note", "join", "video"})
_KINDS = ("convert", "extend", "bridge", "loop", "combine")

#: Characters of a file's path; no file system takes longer ones.
_LONGEST_NAME = 4096
_MOST_CLIPS = 500


class WorkflowRoutes:
    """``/wanderlens/workflow``."""

    def __init__(self, here: Host) -> None:
        """Nothing is read yet."""
        self._here = here

    async def workflow(self, request: web.Request) -> web.Response:
        """A bundled workflow with the form's values: prompt, workflow, title and kind."""
        fields = Fields(await json_object(request), _REQUEST)
        built = await asyncio.to_thread(self._build, fields)
        return web.json_response(
            {
                "prompt": built.graph.prompt,
                "workflow": built.graph.editor,
                "title": built.title,
                "kind": built.kind,
            }
        )

    def _build(self, fields: Fields) -> BuiltWorkflow:
        folder = self._here.workflows
        kind = one_of(fields.raw("kind"), "kind", _KINDS)
        if kind == "loop":
            return loop(folder, _file(fields, "clip"))
        if kind == "combine":
            clips = fields.raw("clips")
            if not isinstance(clips, list) or not 2 <= len(clips) <= _MOST_CLIPS:
                raise Refused(f"clips must be a list of 2 to {_MOST_CLIPS} files.")
            texts = _object(fields, "texts", _TEXTS)
            said = {name: texts.text(name, name, most=2000) for name in sorted(_TEXTS)}
            return combine(folder, [_annotated(clip, "clips") for clip in clips], said)
        values = _values(_object(fields, "values", _VALUES))
        if kind == "convert":
            return convert(folder, values, _file(fields, "picture"))
        if kind == "extend":
            return extend(folder, values, _file(fields, "clip"))
        return bridge(folder, values, _file(fields, "clip"), _file(fields, "next"))


def _values(fields: Fields) -> dict[str, Any]:
    """The form's values, checked; those that are missing are as the form starts.

    Raises:
        InputError: One is refused; the error names it.
        Refused: There is an unknown one.
    """
    models = _object(fields, "models", _MODELS)
    words = {name: fields.text(name) for name in ("direction", "negative")}
    menus = {
        name: fields.text(name, FROM_PRESET, most=200) for name in ("camera", "pacing", "look")
    }
    choices = {
        name: one_of(fields.raw(name, default), name, FORM_CHOICES[options])
        for name, default, options in (
            ("resolution", "480p", "RESOLUTIONS"),
            ("quality", "standard", "QUALITIES"),
            ("family", "a14b", "FAMILIES"),
        )
    }
    switches = {
        name: on_or_off(fields.raw(name, default), name)
        for name, default in (
            ("include_image_prompt", True),
            ("include_image_style", True),
            ("loop", False),
            ("draft", False),
        )
    }
    return {
        **words,
        **menus,
        **choices,
        **switches,
        "preset": fields.text("preset", most=400),
        "intensity": check_intensity(fields.raw("intensity", 1.0)),
        "fps": _whole_of(fields, "fps", 16, FORM_CHOICES["FPS"]),
        "duration": number_between(
            fields.raw("duration", 5.0), "duration", 0.05, MAX_SECONDS, "Set 5 seconds."
        ),
        "seed": whole_between(fields.raw("seed", 0), "seed", 0, 2**64 - 1, "Set seed to 0."),
        "context_frames": _whole_of(fields, "context_frames", 5, FORM_CHOICES["CONTEXT_FRAMES"]),
        "color_match": number_between(
            fields.raw("color_match", 1.0), "color_match", 0.0, 1.0, "Set 1."
        ),
        "models": {name: models.text(name, most=_LONGEST_NAME) for name in sorted(_MODELS)},
    }


def _whole_of(fields: Fields, name: str, default: int, options: list[int]) -> int:
    value = whole_between(
        fields.raw(name, default), name, options[0], options[-1], f"Set one of {options}."
    )
    if value not in options:
        raise Refused(f"{name} must be one of {options}, got {value}.")
    return value


def _object(fields: Fields, name: str, known: frozenset[str]) -> Fields:
    """A field that is an object; an empty one where it is missing.

    Raises:
        Refused: It is none, or holds something unknown.
    """
    value = fields.raw(name, {})
    if not isinstance(value, dict):
        raise Refused(f"{name} must be an object.")
    return Fields(value, known)


def _file(fields: Fields, name: str) -> str:
    return _annotated(fields.raw(name), name)


def _annotated(value: object, name: str) -> str:
    """A file's name as ComfyUI's loaders take it, such as "video/clip.mp4 [output]".

    Raises:
        Refused: It is no file of ComfyUI's folders. Whether it exists is for ComfyUI to check.
        InputError: A part of it is refused.
    """
    if not isinstance(value, dict):
        raise Refused(f"{name} must be a file: filename, subfolder and type.")
    file = Fields(value, _FILE)
    filename = file.text("filename", most=_LONGEST_NAME)
    subfolder = file.text("subfolder", most=_LONGEST_NAME)
    if not filename:
        raise Refused(f"{name} must name a file.")
    folder = one_of(file.raw("type", "input"), "type", ("input", "output", "temp"))
    path = f"{subfolder}/{filename}" if subfolder else filename
    return path if folder == "input" else f"{path} [{folder}]"
