"""The library of presets: ours and the user's own, read from JSON files.

Ours stand in ``data/presets/<group>.json``. The user's are single JSON files in a folder of theirs
(in ComfyUI: ``user/default/wanderlens/presets/``), where ``my shot.json`` becomes the preset
``user/my shot``. A user's file holds any of the fields of `Preset` except id and group, and may
name another preset under ``inherits``, whose fields it then starts from.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import InputError
from .load_vocabulary import DATA, VERSION
from .preset import Preset, PresetError, preset_from_fields
from .vocabulary import VocabularyError

log = logging.getLogger(__name__)

USER_GROUP = "user"
#: A preset file larger than this is not read, in bytes.
MAX_FILE_SIZE = 64 * 1024
#: Presets that one may inherit from, all in a row.
MAX_PARENTS = 16


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
