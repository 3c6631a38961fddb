"""Reads the JSON records of generators, one function for each.

Every reader takes the parsed object and where it stood, and gives None when it is not its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ...text import tidy
from ..limits import json_object
from ..parameters import GenerationParameters, distinct, file_stem, names, whole, words

Record = dict[str, Any]
Reader = Callable[[Record, str], GenerationParameters | None]

_STYLE_LIST = re.compile(r"'([^']{1,80})'|\"([^\"]{1,80})\"")
_BRACKETS = re.compile(r"\[([^\[\]]{0,2000})\]")


def read_wanderlens(record: Record, where: str) -> GenerationParameters | None:
    """Our own clips: `wanderlens`, which the command line writes."""
    settings = record.get("wanderlens")
    if not isinstance(settings, dict) or "prompt" not in settings:
        return None
    others = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in list(settings.items())[:40]
        if key not in ("prompt", "negative") and isinstance(value, (str, int, float, bool))
    }
    return GenerationParameters(
        prompt=words(settings.get("prompt")),
        negative=words(settings.get("negative")),
        software="Wanderlens",
        where=where,
        model=file_stem(settings.get("model")),
        seed=whole(settings.get("seed")),
        settings=tuple((tidy(key, 40), tidy(value, 400)) for key, value in others.items() if value),
    )


def read_swarmui(record: Record, where: str) -> GenerationParameters | None:
    """SwarmUI: `sui_image_params` (docs/Image Metadata Format in its repository)."""
    settings = record.get("sui_image_params")
    if not isinstance(settings, dict):
        return None
    return GenerationParameters(
        prompt=words(settings.get("prompt")),
        negative=words(settings.get("negativeprompt")),
        software="SwarmUI",
        where=where,
        model=file_stem(settings.get("model")),
        loras=_lora_list(settings.get("loras")),
        seed=whole(settings.get("seed")),
    )


def _lora_list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    return names(value, "name")


def read_invokeai(record: Record, where: str) -> GenerationParameters | None:
    """InvokeAI 3 and later: the object in `invokeai_metadata`."""
    if "positive_prompt" not in record:
        return None
    return GenerationParameters(
        prompt=_joined(record, "positive_prompt", "positive_style_prompt"),
        negative=_joined(record, "negative_prompt", "negative_style_prompt"),
        software="InvokeAI",
        where=where,
        model=_model_name(record.get("model")),
        loras=names(record.get("loras"), "name", "model_name", "model", "lora"),
        seed=whole(record.get("seed")),
    )


def _joined(record: Record, *keys: str) -> str:
    return ", ".join(distinct(words(record.get(key)) for key in keys))


def _model_name(model: Any) -> str:
    if isinstance(model, dict):
        model = model.get("name") or model.get("model_name")
    return file_stem(model)


def read_invokeai_2(record: Record, where: str) -> GenerationParameters | None:
    """InvokeAI 2: the object in `sd-metadata`; negative words stand in square brackets."""
    image = record.get("image")
    if not isinstance(image, dict) or "prompt" not in image:
        return None
    prompt = image["prompt"]
    if isinstance(prompt, list):
        items = [item.get("prompt") for item in prompt[:16] if isinstance(item, dict)]
        prompt = ", ".join(words(item) for item in items)
    positive, negative = split_brackets(words(prompt))
    return GenerationParameters(
        prompt=positive,
        negative=negative,
        software="InvokeAI",
        where=where,
        model=file_stem(record.get("model_weights")),
        seed=whole(image.get("seed")),
    )


def split_brackets(prompt: str) -> tuple[str, str]:
    """An InvokeAI 2 prompt as positive and negative words."""
    negative = ", ".join(text.strip() for text in _BRACKETS.findall(prompt))
    return _BRACKETS.sub("", prompt).strip(" ,"), negative


def read_novelai(record: Record, where: str) -> GenerationParameters | None:
    """NovelAI: the object in `Comment`; version 4 keeps captions by character."""
    if "Comment" in record and ("Description" in record or "Software" in record):
        inner = record["Comment"]
        inner = json_object(inner) if isinstance(inner, str) else inner
        if not isinstance(inner, dict):
            return None
        return read_novelai({"prompt": record.get("Description"), **inner}, where)
    prompt = _captions(record.get("v4_prompt")) or words(record.get("prompt"))
    if not prompt or not {"uc", "v4_prompt", "uncond_scale"} & set(record):
        return None
    return GenerationParameters(
        prompt=prompt,
        negative=_captions(record.get("v4_negative_prompt")) or words(record.get("uc")),
        software="NovelAI",
        where=where,
        seed=whole(record.get("seed")),
    )


def _captions(value: Any) -> str:
    caption = value.get("caption") if isinstance(value, dict) else None
    if not isinstance(caption, dict):
        return ""
    people = caption.get("char_captions")
    people = people[:16] if isinstance(people, list) else []
    texts = [words(item.get("char_caption")) for item in people if isinstance(item, dict)]
    return ", ".join(distinct([words(caption.get("base_caption")), *texts]))


def read_fooocus(record: Record, where: str) -> GenerationParameters | None:
    """Fooocus: the `parameters` object of its own scheme, and that of its older logs."""
    keys = {key.lower().replace(" ", "_"): value for key, value in record.items()}
    if "prompt" not in keys or not {"base_model", "fooocus_v2_expansion", "styles"} & set(keys):
        return None
    styles = keys.get("styles")
    if isinstance(styles, str):
        styles = [first or second for first, second in _STYLE_LIST.findall(styles[:4000])]
    loras = names(keys.get("loras"), "name")
    loras += tuple(
        file_stem(str(value).partition(" : ")[0])
        for key, value in list(keys.items())[:200]
        if re.fullmatch(r"lora_combined_\d{1,2}", key)
    )
    return GenerationParameters(
        prompt=words(keys.get("prompt")),
        negative=words(keys.get("negative_prompt")),
        software="Fooocus",
        where=where,
        model=file_stem(keys.get("base_model")),
        loras=distinct(loras),
        seed=whole(keys.get("seed")),
        styles=names(styles),
    )


def read_ruined_fooocus(record: Record, where: str) -> GenerationParameters | None:
    """RuinedFooocus: `Prompt` and `Negative`, signed in `software`."""
    if record.get("software") != "RuinedFooocus":
        return None
    return GenerationParameters(
        prompt=words(record.get("Prompt")),
        negative=words(record.get("Negative")),
        software="RuinedFooocus",
        where=where,
        model=file_stem(record.get("base_model_name")),
        loras=names(record.get("loras"), "name"),
        seed=whole(record.get("seed")),
    )


def read_draw_things(record: Record, where: str) -> GenerationParameters | None:
    """Draw Things: `c` and `uc` in the UserComment of its XMP."""
    if not isinstance(record.get("c"), str) or not {"uc", "sampler", "scale"} & set(record):
        return None
    return GenerationParameters(
        prompt=words(record.get("c")),
        negative=words(record.get("uc")),
        software="Draw Things",
        where=where,
        model=file_stem(record.get("model")),
        loras=names(record.get("lora"), "model", "file", "name"),
        seed=whole(record.get("seed")),
    )


def read_tensorart(record: Record, where: str) -> GenerationParameters | None:
    """TensorArt: the object in `generation_data`."""
    if "prompt" not in record or "baseModel" not in record:
        return None
    model = record["baseModel"]
    return GenerationParameters(
        prompt=words(record.get("prompt")),
        negative=words(record.get("negativePrompt")),
        software="TensorArt",
        where=where,
        model=file_stem(model.get("modelFileName")) if isinstance(model, dict) else "",
        loras=names(record.get("models"), "modelFileName", "label"),
        seed=whole(record.get("seed")),
    )


def read_stability_matrix(record: Record, where: str) -> GenerationParameters | None:
    """Stability Matrix: the object in `parameters-json`."""
    if "PositivePrompt" not in record:
        return None
    return GenerationParameters(
        prompt=words(record.get("PositivePrompt")),
        negative=words(record.get("NegativePrompt")),
        software="Stability Matrix",
        where=where,
        model=file_stem(record.get("ModelName")),
        seed=whole(record.get("Seed")),
    )


def read_civitai(record: Record, where: str) -> GenerationParameters | None:
    """Civitai's generator: a ComfyUI graph with `extraMetadata`, itself JSON in a text."""
    extra = record.get("extraMetadata")
    if extra is None and isinstance(record.get("extra"), dict):
        extra = record["extra"].get("extraMetadata")
    extra = json_object(extra) if isinstance(extra, str) else extra
    if not isinstance(extra, dict) or "prompt" not in extra:
        return None
    return GenerationParameters(
        prompt=words(extra.get("prompt")),
        negative=words(extra.get("negativePrompt")),
        software="Civitai",
        where=where,
        seed=whole(extra.get("seed")),
    )


#: By how sure a sign each reader goes by.
READERS: tuple[Reader, ...] = (
    read_wanderlens,
    read_swarmui,
    read_invokeai,
    read_invokeai_2,
    read_novelai,
    read_ruined_fooocus,
    read_tensorart,
    read_stability_matrix,
    read_civitai,
    read_fooocus,
    read_draw_things,
)
