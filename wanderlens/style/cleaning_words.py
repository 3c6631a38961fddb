"""The word lists that cleaning uses: style words, boilerplate, artists, tags.

The words are data (``data/*.json``), each file with a version; this module reads and checks them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .image_style import MEDIA

DATA = Path(__file__).parent / "data"
VERSION = 1

#: Kinds of style words, in the order in which they are kept.
KINDS = ("medium", "look", "light", "film", "lens", "colour", "shot")

Pattern = re.Pattern[str]


class WordListError(ValueError):
    """A vocabulary file is not right."""


@dataclass(frozen=True, slots=True)
class StyleWords:
    """Style words of one kind.

    Attributes:
        kind: One of `KINDS`.
        medium: What medium they tell; empty for none.
        cues: Finds one in a phrase.
    """

    kind: str
    medium: str
    cues: Pattern


@dataclass(frozen=True, slots=True)
class CleaningWords:
    """All the words; each pattern matches whole words, whatever their case.

    Attributes:
        style: Style words by kind and medium.
        anywhere: Boilerplate, wherever it stands.
        whole: Phrases that are boilerplate as a whole.
        artists: Phrases that name an artist or a site.
        negative: Negative phrases that do not carry over.
        embeddings: Names of textual inversions.
        tags: Booru tags to words.
        fillers: Words that a style phrase may hold beside its cues.
        motion: Finds what happens.
        appearance: Finds what the picture shows by itself.
        models: By medium, what a checkpoint's name says.
    """

    style: tuple[StyleWords, ...]
    anywhere: Pattern
    whole: Pattern
    artists: Pattern
    negative: Pattern
    embeddings: Pattern
    tags: Mapping[str, str]
    fillers: frozenset[str]
    motion: Pattern
    appearance: Pattern
    models: Mapping[str, Pattern]


@cache
def cleaning_words() -> CleaningWords:
    """The vocabulary, read and checked once.

    Raises:
        WordListError: If a file is damaged.
    """
    entries = _load("style_words")["style_words"]
    words = _load("cleaning")
    for entry in entries:
        if entry["kind"] not in KINDS or entry.get("medium", "live") not in MEDIA:
            raise WordListError(f"style_words.json: {entry['kind']!r} is not known")
    style = tuple(
        StyleWords(entry["kind"], entry.get("medium", ""), _pattern(entry["cues"]))
        for entry in entries
    )
    return CleaningWords(
        style=style,
        anywhere=_pattern(words["anywhere"]),
        whole=_pattern(words["whole"]),
        artists=_pattern(words["artists"]),
        negative=_pattern(words["negative"]),
        embeddings=_pattern(words["embeddings"]),
        tags=words["tags"],
        fillers=frozenset(words["fillers"]),
        motion=_pattern(words["motion"]),
        appearance=_pattern(words["appearance"]),
        models={medium: _pattern(cues, letters=True) for medium, cues in words["models"].items()},
    )


def _load(name: str) -> dict[str, Any]:
    data = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    if data["version"] != VERSION:
        raise WordListError(f"{name}.json: version must be {VERSION}, got {data['version']!r}")
    return data


def _pattern(cues: Iterable[str], *, letters: bool = False) -> Pattern:
    """One expression for any of the cues, longest first as far as alternatives go.

    Args:
        cues: Expressions.
        letters: Only a letter breaks a match at its start; else letters, digits and underscores,
            at both ends.
    """
    joined = "|".join(cues)
    if letters:
        return re.compile(rf"(?<![A-Za-z])(?:{joined})", re.IGNORECASE)
    return re.compile(rf"(?<![\w-])(?:{joined})(?![\w-])", re.IGNORECASE)
