"""Presets: shots that are ready to use, ours and the user's own.

Ours stand in ``data/presets/<group>.json``. The user's are single JSON files in a folder of theirs
(in ComfyUI: ``user/default/wanderlens/presets/``), where ``my shot.json`` becomes the preset
``user/my shot``. A user's file holds any of the fields of `Preset` except id and group, and may
name another preset under ``inherits``, whose fields it then starts from.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..checks import as_number, as_whole
from ..errors import InputError
from ..shot import MAX_SECONDS, OUTPUT_FPS
from .direction import Direction
from .vocabulary import DATA, VERSION, Vocabulary, VocabularyError, vocabulary

log = logging.getLogger(__name__)

USER_GROUP = "user"
#: A preset file larger than this is not read, in bytes.
MAX_FILE_SIZE = 64 * 1024
#: Presets that one may inherit from, all in a row.
MAX_PARENTS = 16


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


class PresetLibrary:
    """All presets: ours first, by group, then the user's own by name."""

    def __init__(self, user_folder: Path | None = None) -> None:
        """Reads ours (once per process) and the user's (now).

        Args:
            user_folder: Where the user's presets lie; it need not exist. A file there that can't
                be used is named in a warning and left out.
        """
        self._user_folder = user_folder
        self._presets = dict(_bundled())
        self._unusable: frozenset[str] = frozenset()
        if user_folder is not None:
            usable, self._unusable = _read_user_presets(user_folder, self._presets)
            self._presets.update(usable)

    def __iter__(self):
        """The presets in menu order."""
        return iter(self._presets.values())

    @property
    def ids(self) -> list[str]:
        """The presets' ids in menu order."""
        return list(self._presets)

    def __getitem__(self, preset_id: str) -> Preset:
        """The preset of an id.

        Raises:
            InputError: If there is none; the message names the missing file when the id is one of
                the user's own.
        """
        if not isinstance(preset_id, str) or preset_id not in self._presets:
            raise self._missing(preset_id)
        return self._presets[preset_id]

    def _missing(self, preset_id: object) -> InputError:
        rule, remedy = "preset must be one that exists", "Choose one from the list."
        group, _, name = str(preset_id).partition("/")
        if group == USER_GROUP and self._user_folder is not None:
            file = self._user_folder / f"{name}.json"
            if preset_id in self._unusable:
                remedy = f"The file {file} cannot be used; the log says why. Mend it, or "
            else:
                remedy = f"The file {file} is gone. Put it back, or "
            remedy += "choose another preset."
        return InputError(rule, preset_id, remedy, widget="preset")


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

#: The order of the groups in the menu.
_GROUPS = (
    "cinematic",
    "portrait",
    "landscape",
    "product",
    "social",
    "music-video",
    "documentary",
    "ambient-loop",
    "abstract",
)


@cache
def _bundled() -> dict[str, Preset]:
    presets: dict[str, Preset] = {}
    for group in _GROUPS:
        data = json.loads((DATA / "presets" / f"{group}.json").read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise VocabularyError(f"{group}.json: version must be {VERSION}")
        for entry in data["presets"]:
            fields = dict(entry)
            preset_id = f"{group}/{fields.pop('name')}"
            presets[preset_id] = preset_from_fields(preset_id, fields)
    return presets


def _read_user_presets(
    folder: Path, bundled: Mapping[str, Preset]
) -> tuple[dict[str, Preset], frozenset[str]]:
    """The presets of a folder by id, and the ids of files that are warned about and left out."""
    files = {
        f"{USER_GROUP}/{file.stem}": file
        for file in sorted(folder.glob("*.json"))
        if not file.name.startswith(".")  # such as the shadow files of macOS
        and _is_text(file.name)  # else no page could be told of it
    }
    sources: dict[str, dict[str, Any]] = {}
    for preset_id, file in files.items():
        try:
            sources[preset_id] = _read_file(file)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("Preset file %s is left out: %s", file, error)
    presets: dict[str, Preset] = {}
    for preset_id in sources:
        try:
            presets[preset_id] = _inherit(preset_id, sources, files, bundled)
        except PresetError as error:
            log.warning("Preset file %s is left out: %s", files[preset_id], error)
    return presets, frozenset(files) - frozenset(presets)


def _read_file(file: Path) -> dict[str, Any]:
    """A preset file's JSON object.

    Raises:
        OSError: If it can't be read.
        ValueError: If it is no regular file, too large, not JSON, not an object, or of another
            version.
    """
    if not file.is_file():  # a pipe would never end, and a device neither
        raise PresetError("it must be a regular file")
    with file.open("rb") as content:
        raw = content.read(MAX_FILE_SIZE + 1)
    if len(raw) > MAX_FILE_SIZE:
        raise PresetError(f"it is larger than {MAX_FILE_SIZE // 1024} KiB")
    data = json.loads(raw.decode("utf-8-sig"))
    if not isinstance(data, dict):
        raise PresetError('it must hold a JSON object, such as {"camera": "push in"}')
    if data.pop("version", VERSION) != VERSION:
        raise PresetError(f"version must be {VERSION}")
    return data


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inherit(
    preset_id: str,
    sources: Mapping[str, dict[str, Any]],
    files: Mapping[str, Path],
    bundled: Mapping[str, Preset],
) -> Preset:
    """Builds a user's preset on the chain of those it inherits from.

    Raises:
        PresetError: If one of the chain is missing, is not right, or comes round again.
    """
    chain = [preset_id]
    while isinstance(parent := sources[chain[-1]].get("inherits"), str):
        if parent in chain:
            raise PresetError(f"it inherits from itself: {' -> '.join([*chain, parent])}")
        if parent not in sources:
            break
        if len(chain) > MAX_PARENTS:
            raise PresetError(f"it inherits from more than {MAX_PARENTS} presets in a row")
        chain.append(parent)
    if parent is not None and (not isinstance(parent, str) or parent not in bundled):
        raise PresetError(f"inherits must name a preset that exists, got {parent!r:.80}")
    preset = bundled[parent] if parent is not None else Preset(preset_id, USER_GROUP, "")
    for link in reversed(chain):
        fields = {name: value for name, value in sources[link].items() if name != "inherits"}
        preset = preset_from_fields(link, fields, preset)
    return replace(preset, file=files[preset_id])
