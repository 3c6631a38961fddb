"""The `parameters` text of AUTOMATIC1111, Forge, SD.Next, Civitai and all who write like them.

Its layout: the prompt, a line "Negative prompt: …", a last line "Steps: 20, Sampler: …, Seed: …".
"""

from __future__ import annotations

import json
import re
from typing import Any

from ...text import tidy
from ..parameters import GenerationParameters, distinct, file_stem, whole

# Blanks of one line only: over line breaks the time would grow with their square.
_NEGATIVE = re.compile(r"^[^\S\n]*Negative prompt:", re.MULTILINE)
_SETTINGS = re.compile(
    r"^[^\S\n]*(?:Steps|Sampler|CFG scale|Seed|Size|Model|Version):\s", re.MULTILINE
)
# AUTOMATIC1111's own expression, with a bound on the key's length.
_PAIR = re.compile(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^\\"])+"|[^,\n]*)(?:,|$|\n)')
_TEMPLATE = re.compile(r"^(?:Template|Negative Template|Wildcard prompt):", re.MULTILINE)
_RESOURCES = "Civitai resources:"
_MAX_SETTINGS = 50_000
_CIVITAI_MODELS = ("checkpoint", "model", "upscaler")


def looks_like_a1111(text: str) -> bool:
    """Whether a text has the marks of this layout."""
    return bool(_NEGATIVE.search(text) or _SETTINGS.search(text))


def read_a1111(text: str, where: str) -> GenerationParameters:
    """Reads the layout; a text without its marks is a prompt as a whole."""
    settings_at = _last(_SETTINGS, text)
    head, settings = text[:settings_at], text[settings_at : settings_at + _MAX_SETTINGS]
    if template := _TEMPLATE.search(head):
        head = head[: template.start()]
    marks = _NEGATIVE.search(head)
    prompt = head[: marks.start()] if marks else head
    negative = head[marks.end() :] if marks else ""
    resources = _civitai_resources(settings)
    pairs = {key.strip(): value.strip('" ') for key, value in _PAIR.findall(settings)}
    model = pairs.get("Model", "") or _resource_name(resources, _CIVITAI_MODELS)
    loras = [item.partition(":")[0] for item in pairs.get("Lora hashes", "").split(",")]
    loras += [str(item.get("modelName", "")) for item in resources if item.get("type") == "lora"]
    return GenerationParameters(
        prompt=tidy(prompt),
        negative=tidy(negative),
        software=_software(pairs, resources),
        where=where,
        model=file_stem(model),
        loras=distinct(file_stem(name) for name in loras[:64]),
        seed=whole(pairs.get("Seed")),
    )


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the settings begin: the last line that opens with one of them; the end for none."""
    found = len(text)
    for match in pattern.finditer(text):
        found = match.start()
    return found


def _software(pairs: dict[str, str], resources: list[dict[str, Any]]) -> str:
    version = pairs.get("Version", "")
    if resources:
        return "Civitai"
    if pairs.get("App", "").startswith("SD.Next"):
        return "SD.Next"
    if version.startswith(("Fooocus", "ComfyUI")):
        return version.split(" ")[0]
    if re.match(r"f\d|neo|classic", version):
        return "Forge"
    return "AUTOMATIC1111"


def _civitai_resources(settings: str) -> list[dict[str, Any]]:
    at = settings.find(_RESOURCES)
    if at < 0:
        return []
    try:
        value, _ = json.JSONDecoder().raw_decode(settings[at + len(_RESOURCES) :].lstrip())
    except (ValueError, RecursionError):
        return []
    return (
        [item for item in value[:64] if isinstance(item, dict)] if isinstance(value, list) else []
    )


def _resource_name(resources: list[dict[str, Any]], kinds: tuple[str, ...]) -> str:
    return next((str(r.get("modelName", "")) for r in resources if r.get("type") in kinds), "")
