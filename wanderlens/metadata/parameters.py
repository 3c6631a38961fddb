"""GenerationParameters: prompt, model and seed as a tool wrote them, before any cleaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..text import tidy


@dataclass(frozen=True, slots=True)
class GenerationParameters:
    """A picture's prompt as it was written.

    Attributes:
        prompt: The positive prompt, with all its syntax.
        negative: The negative prompt, likewise.
        software: The tool, or the kind of record, for people ("AUTOMATIC1111", "graph").
        where: Where it stood, for people.
        model: The checkpoint's name.
        loras: Names of LoRAs named outside the prompt.
        seed: The seed; None when unknown.
        styles: Names of the tool's own styles, such as Fooocus' "SAI Anime".
        notes: What could not be told, for people.
        settings: Further settings by name, for people, of a clip of ours.
    """

    prompt: str = ""
    negative: str = ""
    software: str = ""
    where: str = ""
    model: str = ""
    loras: tuple[str, ...] = ()
    seed: int | None = None
    styles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether there is a prompt in it, be it only a negative one."""
        return bool(self.prompt or self.negative)


def words(value: Any) -> str:
    """A value of unknown type as text: strings and lists of strings; anything else is empty."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, list):
        return tidy("\n".join(item for item in value[:64] if isinstance(item, str)))
    return ""


def whole(value: Any) -> int | None:
    """A seed of unknown type; None for anything that is no whole number of 64 bits."""
    if isinstance(value, str) and value.strip().removeprefix("-").isdigit() and len(value) <= 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value
    return None


def file_stem(value: Any) -> str:
    """A model's name without its folder and ending, at most 120 characters."""
    name = words(value)[:400].replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".safetensors", ".ckpt", ".pt", ".pth", ".gguf", ".sft", ".bin"):
        name = name.removesuffix(ending)
    return name[:120].strip()


def names(values: Any, *keys: str) -> tuple[str, ...]:
    """Names out of a list of unknown make: of strings, of objects, of lists that open with one.

    Args:
        values: The list; anything else gives no names.
        keys: Where an object may hold its name; an object there is looked into once more.
    """
    if not isinstance(values, list):
        return ()
    return distinct(_name(value, keys, 2) for value in values[:64])


def _name(value: Any, keys: tuple[str, ...], depth: int) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict) and depth:
        return next((name for key in keys if (name := _name(value.get(key), keys, depth - 1))), "")
    return file_stem(value)


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The texts that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(value for value in values if value))
