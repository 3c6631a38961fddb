"""Reads the vocabulary's data files (``data/*.json``) and checks them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..camera.path import CHANNELS, Curve, Wave
from .vocabulary import (
    LOOPS_AS_IS,
    LOOPS_THERE_AND_BACK,
    Look,
    Move,
    NegativeWord,
    Pacing,
    Vocabulary,
    VocabularyError,
)

DATA = Path(__file__).parent / "data"
VERSION = 1


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read and checked once.

    Raises:
        VocabularyError: If a file is damaged.
    """
    moves = {entry["id"]: _move(entry) for entry in _entries("moves")}
    for move in moves.values():
        stands_in = move.loop not in (LOOPS_AS_IS, LOOPS_THERE_AND_BACK)
        if stands_in and moves[move.loop].loop != LOOPS_THERE_AND_BACK:
            raise VocabularyError(f"moves.json: {move.id!r} cannot loop as {move.loop!r}")
    return Vocabulary(
        moves=moves,
        pacings={entry["id"]: _pacing(entry) for entry in _entries("pacings")},
        looks={entry["id"]: _look(entry) for entry in _entries("looks")},
        negatives=tuple(
            NegativeWord(e["zh"], e["en"], frozenset(e["tags"]), _pattern([e["wanted"]]))
            for e in _entries("negatives")
        ),
        families={
            verb: frozenset(move for move in family if moves[move])
            for verb, family in _read("moves")["families"].items()
        },
    )


def _entries(name: str) -> list[dict[str, Any]]:
    return _read(name)[name]


def _read(name: str) -> dict[str, Any]:
    data = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    if data["version"] != VERSION:
        raise VocabularyError(f"{name}.json: version must be {VERSION}, got {data['version']!r}")
    return data


def _pattern(alternatives: list[str]) -> re.Pattern[str] | None:
    """One case-blind expression for any of the alternatives, as whole words; None for none.

    Chinese has no spaces between words, so only Latin neighbours break a match.
    """
    alternatives = [text for text in alternatives if text]
    if not alternatives:
        return None
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(alternatives)})(?![A-Za-z0-9])", re.IGNORECASE
    )


def _required_pattern(entry: Mapping[str, Any]) -> re.Pattern[str]:
    pattern = _pattern(entry["cues"])
    if pattern is None:
        raise VocabularyError(f"{entry['id']!r} has no cues")
    return pattern


def _waves(rows: list[list[float]]) -> tuple[Wave, ...]:
    return tuple(Wave(*row) for row in rows)


def _move(entry: Mapping[str, Any]) -> Move:
    path = dict(entry["path"])
    hold = path.pop("hold_subject_size", False)
    unknown = set(path) - set(CHANNELS)
    if unknown:
        raise VocabularyError(f"moves.json: {entry['id']!r} has unknown channels {unknown}")
    return Move(
        id=entry["id"],
        about=entry["about"],
        phrases=entry["phrases"],
        curves={
            channel: Curve(
                tuple((time, value) for time, value in spec.get("keys", ())),
                _waves(spec.get("waves", [])),
            )
            for channel, spec in path.items()
        },
        hold_subject_size=hold,
        loop=entry["loop"],
        loop_phrases=entry.get("loop_phrases", {}),
        cues=_pattern(entry["cues"]),
        verbs=_pattern(entry["verbs"]),
    )


def _pacing(entry: Mapping[str, Any]) -> Pacing:
    return Pacing(
        id=entry["id"],
        about=entry["about"],
        adverb=entry["adverb"],
        phrase=entry["phrase"],
        travel=entry["travel"],
        ease=entry["ease"],
        beats=entry["beats"],
        wander={channel: _waves(rows) for channel, rows in entry["wander"].items()},
        calm=entry["calm"],
        opposes=frozenset(entry["opposes"]),
        cues=_required_pattern(entry),
    )


def _look(entry: Mapping[str, Any]) -> Look:
    return Look(
        id=entry["id"],
        about=entry["about"],
        head=entry["head"],
        terms=tuple(entry["terms"]),
        medium=entry["medium"],
        opposes=frozenset(entry.get("opposes", ())),
        excludes=frozenset(entry["excludes"]),
        negative=tuple(entry["negative"]),
        cues=_required_pattern(entry),
    )
