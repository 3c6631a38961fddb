"""One preset: its fields, and how each of them is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..checks import as_number, as_whole
from ..shot import MAX_SECONDS, OUTPUT_FPS
from .direction import Direction
from .load_vocabulary import vocabulary
from .vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Preset:
    """A shot that is ready to use.

    Attributes:
        id: "group/name"; saved workflows hold it, so it never changes.
        group: The first part of the id.
        name: The second part of the id.
        about: One line for people.
        text: What moves in the scene.
        camera: Id of a camera move, or empty.
        pacing: Id of a pacing, or empty.
        look: Id of a look, or empty.
        negative: Negative words, separated by commas.
        fps: Recommended frame rate: 16, 24 or 32.
        duration: Recommended length in seconds.
        loop: Recommended to loop.
        tags: Words to search by.
        file: The file of a user's own preset.
    """

    id: str
    group: str
    name: str
    about: str = ""
    text: str = ""
    camera: str = ""
    pacing: str = ""
    look: str = ""
    negative: str = ""
    fps: int = 16
    duration: float = 5.0
    loop: bool = False
    tags: tuple[str, ...] = ()
    file: Path | None = None

    def direction(self, intensity: float = 1.0) -> Direction:
        """This preset as a direction.

        Args:
            intensity: How strong the camera move is, 0 to 1.5.
        """
        return Direction(
            text=self.text,
            camera=self.camera,
            pacing=self.pacing,
            look=self.look,
            negative=self.negative,
            intensity=intensity,
            loop=self.loop,
            preset=self.id,
        )


class PresetError(ValueError):
    """A preset's fields are not right; the message names the field and what is allowed."""


def preset_from_fields(
    preset_id: str, fields: Mapping[str, Any], parent: Preset | None = None
) -> Preset:
    """Checks the fields of a preset file and builds the preset.

    Args:
        preset_id: "group/name".
        fields: What the file holds, without ``version`` and ``inherits``.
        parent: The preset whose fields it starts from.

    Raises:
        PresetError: If a field is unknown, of the wrong type, or not one of what is allowed.
    """
    unknown = sorted(set(fields) - set(_CHECKS))
    if unknown:
        raise PresetError(f"unknown field {unknown[0]!r}; the fields are {', '.join(_CHECKS)}")
    words = vocabulary()
    checked = {name: _CHECKS[name](name, value, words) for name, value in fields.items()}
    group, _, name = preset_id.partition("/")
    identity = {"id": preset_id, "group": group, "name": name}
    if parent is None:
        return Preset(**identity, **checked)
    return replace(parent, **identity, **checked)


def _text(name: str, value: Any, _words: Vocabulary) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise PresetError(f"{name} must be text of at most 2000 characters, got {value!r:.80}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise PresetError(f"{name} holds characters that are no text: {error.reason}") from error
    return value.strip()


def _choice(options: Callable[[Vocabulary], Iterable[str]]):
    def check(name: str, value: Any, words: Vocabulary) -> str:
        allowed = list(options(words))
        if value != "" and value not in allowed:
            raise PresetError(f"{name} must be one of {', '.join(allowed)}, got {value!r:.80}")
        return value

    return check


def _fps(name: str, value: Any, _words: Vocabulary) -> int:
    fps = as_whole(value)
    if fps not in OUTPUT_FPS:
        raise PresetError(f"{name} must be 16, 24 or 32, got {value!r:.80}")
    return fps


def _duration(name: str, value: Any, _words: Vocabulary) -> float:
    seconds = as_number(value)
    if seconds is None or not 0 < seconds <= MAX_SECONDS:
        raise PresetError(
            f"{name} must be seconds, more than 0 and at most {MAX_SECONDS:g}, got {value!r:.80}"
        )
    return seconds


def _flag(name: str, value: Any, _words: Vocabulary) -> bool:
    if not isinstance(value, bool):
        raise PresetError(f"{name} must be true or false, got {value!r:.80}")
    return value


def _tags(name: str, value: Any, _words: Vocabulary) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise PresetError(f"{name} must be a list of words, got {value!r:.80}")
    return tuple(value)


_CHECKS: Mapping[str, Callable[[str, Any, Vocabulary], Any]] = {
    "about": _text,
    "text": _text,
    "camera": _choice(lambda words: words.moves),
    "pacing": _choice(lambda words: words.pacings),
    "look": _choice(lambda words: words.looks),
    "negative": _text,
    "fps": _fps,
    "duration": _duration,
    "loop": _flag,
    "tags": _tags,
}
