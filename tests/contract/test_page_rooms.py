"""Which rooms of the page import which: nothing in ui/ or comfy/ knows an area."""

import re
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parents[2] / "web" / "lib"
FILES = sorted(LIB.rglob("*.mjs"))

#: What each room imports of the others, by module where it may not use all of a room. Imports in
#: comments, which are types, do not count.
ALLOWED = {
    "ui": set(),
    "camera": set(),
    "workflows": set(),
    "comfy": {"ui"},
    "presets": {"ui", "comfy", "camera"},
    "nodes": {"ui", "comfy", "presets/gallery"},
    "convert": {
        "ui",
        "comfy",
        "camera",
        "workflows",
        "settings",
        "presets/fields",
        "presets/gallery",
    },
    "clips": {"ui", "comfy", "workflows", "convert/dialog"},
    "activity": {"ui", "comfy", "settings", "clips/actions", "convert/create", "convert/dialog"},
}


def imports(file: Path) -> set[str]:
    """The modules of other rooms that a module imports, as "room/module"."""
    code = re.sub(
        r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.S
    )
    targets = re.findall(r"(?:from|import)\s*\(?\s*\"(\.[^\"]+)\"", code)
    modules = {(file.parent / target).resolve().relative_to(LIB) for target in targets}
    room = file.relative_to(LIB).parent
    return {module.with_suffix("").as_posix() for module in modules if module.parent != room}


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_no_more_and_no_less_than_is_allowed(room):
    found = set()
    for file in sorted((LIB / room).rglob("*.mjs")):
        for module in imports(file):
            part = module.split("/")[0]
            found.add(part if part in ALLOWED[room] else module)
    assert found == ALLOWED[room]


def test_every_room_has_a_rule():
    assert {file.relative_to(LIB).parts[0] for file in FILES if file.parent != LIB} == set(ALLOWED)


@pytest.mark.parametrize("file", sorted((LIB / "ui").glob("*.mjs")), ids=lambda file: file.name)
def test_ui_knows_nothing_of_comfyui(file):
    assert not re.search(r"comfy|\bhost\b", file.read_text(encoding="utf-8"), re.IGNORECASE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(LIB).as_posix())
def test_a_module_is_at_most_300_lines_long(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300
