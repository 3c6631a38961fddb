"""Reads texts under keys that many tools share, and plain descriptions."""

from __future__ import annotations

import re
from typing import Any

from ...text import tidy
from ..containers import Carrier
from ..limits import looks_like_json
from ..parameters import GenerationParameters, file_stem, whole, words
from .a1111 import looks_like_a1111

_PROMPT = ("positive_prompt", "positiveprompt", "positive", "prompt", "full_prompt",
           "user_prompt", "caption", "text_prompt", "original_prompt")  # fmt: skip
_NEGATIVE = ("negative_prompt", "negativeprompt", "negative", "uc")
_MODEL = ("model", "model_name", "base_model", "use_stable_diffusion_model", "checkpoint")
_SEED = ("seed", "noise_seed")
# Objects that hold the settings one level down.
_INSIDE = ("metadata", "params", "parameters", "generation", "settings", "input", "request",
           "generation_params", "meta")  # fmt: skip

_DESCRIPTIONS = (
    "Description", "description", "XMP description", "IPTC caption", "Exif ImageDescription",
    "Exif XPComment", "Exif UserComment", "XMP UserComment", "Comment", "comment", "synopsis",
    "XMP headline", "IPTC headline", "XMP title", "Exif XPTitle", "Title", "title",
)  # fmt: skip
# What cameras and editors write into these places by themselves.
_EMPTY = re.compile(
    r"(?:olympus|sony|minolta|kodak|konica|samsung|casio|lg|panasonic|ricoh)\b.{0,40}"
    r"|(?:created|made|edited|generated|written|optimi[sz]ed|compressed)\s+(?:with|by|using|in)\b"
    r".{0,80}|\w*default\w*|(?:screenshot|untitled|picture|image|photo)[\s\d_.-]{0,20}"
    r"|(?:novelai|ai)[ -]?generated image|dcim.{0,30}|<?(?:none|null|n/a)>?|lavc?[\d.]+.{0,40}"
    r"|[\d\s.:_,+/-]{0,60}|\W{0,60}",
    re.IGNORECASE,
)
_MIDJOURNEY = re.compile(r"\s--(?:ar|v|s|style|stylize|q|niji|chaos|seed|no|raw)\b|Job ID:")
# Only from the start of a run of blanks: from each of them it would be slow.
_MIDJOURNEY_END = re.compile(r"(?<!\s)\s+--[a-z]|(?<!\s)\s*Job ID:")


def read_generic_object(record: dict[str, Any], where: str) -> GenerationParameters | None:
    """A JSON object with a prompt under one of the usual names, at most one level down."""
    lower = {key.lower(): value for key, value in list(record.items())[:500]}
    for inner in (lower, *(lower[key] for key in _INSIDE if isinstance(lower.get(key), dict))):
        prompt = _first_words(inner, _PROMPT)
        if prompt and not looks_like_json(prompt):
            return GenerationParameters(
                prompt=prompt,
                negative=_first_words(inner, _NEGATIVE),
                software="prompt in JSON",
                where=where,
                model=file_stem(_first_words(inner, _MODEL)),
                seed=next((whole(inner[key]) for key in _SEED if key in inner), None),
            )
    return None


def read_generic_texts(carrier: Carrier) -> GenerationParameters | None:
    """Texts of the file that are named like prompts (Easy Diffusion and others)."""
    lower = {name.lower(): text for name, text in carrier.texts.items()}
    for name in _PROMPT:
        text = lower.get(name)
        if text is None or looks_like_json(text.text):
            continue
        values = {key: found.text for key, found in lower.items()}
        easy = "use_stable_diffusion_model" in values
        return GenerationParameters(
            prompt=tidy(text.text),
            negative=_first_words(values, _NEGATIVE),
            software="Easy Diffusion" if easy else "prompt text",
            where=text.where,
            model=file_stem(_first_words(values, _MODEL)),
            seed=whole(values.get("seed")),
        )
    return None


def read_description(carrier: Carrier) -> GenerationParameters | None:
    """A plain description; what cameras and editors write by themselves is none."""
    for name in _DESCRIPTIONS:
        text = carrier.get(name)
        if text is None or looks_like_json(text.text) or looks_like_a1111(text.text):
            continue
        description = tidy(text.text)
        if len(description) < 3 or _EMPTY.fullmatch(description[:200]):
            continue
        if _MIDJOURNEY.search(description):
            end = _MIDJOURNEY_END.search(description)
            prompt = description[: end.start()] if end else description
            if prompt.strip():
                return GenerationParameters(
                    prompt=prompt.strip(), software="Midjourney", where=text.where
                )
            continue
        return GenerationParameters(prompt=description, software="description", where=text.where)
    return None


def _first_words(values: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := words(values.get(key)))), "")
