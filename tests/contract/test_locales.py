"""The texts in all languages: English is what the nodes say, the others have each of its texts."""

from __future__ import annotations

import json
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "locales"
FILES = ("nodeDefs.json", "commands.json", "settings.json", "main.json")
LANGUAGES = ("de", "es", "fr", "ja", "ko", "zh")

#: Texts that are the same in every language.
SAME = {
    *("cfg", "fps", "prompt", "vae", "VAE", "Wanderlens", "Wan 2.2 5B", "Wan 2.2 A14B"),
    *("480p", "580p", "720p", "{width} × {height}", "{n} fps", "{fps} fps"),
}

#: Texts that one language has in common with English.
_SECONDS = {"s", "{n} s", "{seconds} s"}
_CLIPS = {"Clip", "Clips", "Clip {name}", "Prompt"}
SAME_IN: dict[str, set[str]] = {
    "de": {*_SECONDS, *_CLIPS, "Server", "{date}, {size} MB", "Look", "Seed", "Standard", "Video"},
    "es": {*_SECONDS, *_CLIPS, "Clips: {n}", "{date}, {size} MB"},
    "fr": {*_SECONDS, *_CLIPS, "Image", "Portrait", "Standard", "standard", "film"},
}

each_file = pytest.mark.parametrize("file", FILES)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The script that writes the English file."""
    name = "wanderlens_tools_locales"
    if name not in sys.modules:
        spec = spec_from_file_location(name, ROOT / "tools" / "locales.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def read(language: str, file: str) -> dict:
    path = LOCALES / language / file
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def texts(tree: dict, path: str = "") -> dict[str, str]:
    """Each text by its keys, joined with dots."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        assert "." not in key, f"{path}{key}: ComfyUI would look a level deeper"
        found |= texts(value, f"{path}{key}.") if isinstance(value, dict) else {path + key: value}
    return found


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w*\}", text))


def test_english_is_what_the_nodes_say(pack, tool):
    assert read("en", "nodeDefs.json") == tool.node_definitions(pack), "run tools/locales.py"


def test_there_are_no_languages_beside_these(tool):
    assert tuple(tool.languages()) == LANGUAGES


@each_file
@each_language
def test_a_language_has_the_texts_that_english_has(language, file):
    english, translated = texts(read("en", file)), texts(read(language, file))
    assert sorted(english.keys() - translated.keys()) == [], "not translated"
    assert sorted(translated.keys() - english.keys()) == [], "no longer in English"


@each_file
@each_language
def test_a_language_is_translated(language, file):
    english = texts(read("en", file))
    same = SAME | SAME_IN.get(language, set())
    for key, text in texts(read(language, file)).items():
        assert text != english.get(key) or text in same or not re.search(r"[^\W\d_]", text), key


@each_file
@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_texts_are_fit_for_the_page(language, file):
    english = texts(read("en", file))
    for key, text in texts(read(language, file)).items():
        assert isinstance(text, str), key
        assert text.strip() == text != "", key
        assert not set("@|") & set(text), f"{key}: vue-i18n reads @ and |"
        assert placeholders(text) == placeholders(english.get(key, text)), key
        # Whatever else is in braces, vue-i18n takes for a placeholder it cannot read.
        assert re.search(r"[{}]", re.sub(r"\{\w+\}", "", text)) is None, key


@each_language
def test_menu_entries_and_quoted_names_stay(language):
    """Entries of menus are never translated, so a tooltip must name them as they are."""
    english, translated = (texts(read(code, "nodeDefs.json")) for code in ("en", language))
    entries = ("auto", "best cut", "custom", "cut", "fast", "generate", "match image", "none",
               "motion crossfade", "pixels", "standard", "SVI anchor", "user/")  # fmt: skip
    for key, text in english.items():
        for entry in entries:
            if f"'{entry}'" in text:
                assert entry in translated[key], key
