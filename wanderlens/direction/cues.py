"""What a text already says about camera, pacing and look.

A user's own words win over menus and presets, so the composer has to know what they ask for. Only
plain film language is heard; what is not understood is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .vocabulary import Vocabulary

_CLAUSE = re.compile(r"[^,.;:!?\n，。；：！？]+")
_LEAD_IN = re.compile(
    r"^\s*(?:(?:a|an|the|then|and|with|very|slow|slowly|gentle|gently|smooth|smoothly|steady|"
    r"steadily|fast|quick|quickly|rapid|rapidly|subtle|slight|slightly|soft|softly|dramatic|"
    r"dramatically|sudden|suddenly|long|short|continuous|continuously|gradual|gradually|cinematic|"
    r"first|now|finally|please|camera|the camera)\s+)*$",
    re.IGNORECASE,
)
_CAMERA_BEFORE = re.compile(
    r"\b(?:camera|shot|view|lens|frame|pov|we)"
    r"(?:\s+(?!while\b|as\b|when\b|where\b|that\b|which\b|of\b|the\b)[\w'-]+){0,3}\s*$",
    re.IGNORECASE,
)
#: Words that hardly anything but a camera does, so that the camera need not be named.
_FILM_VERB = re.compile(
    r"^(?:pan|tilt|push|pull|zoom|dolly|truck|track|orbit|arc|crane|pedestal)", re.IGNORECASE
)
_NEXT_MOVE = re.compile(r"\b(?:and|then|before|while)\s+$", re.IGNORECASE)
_NEGATION = re.compile(
    r"(?:\b(?:no|not|without|never|avoid|dont|stop|instead of|rather than)|n't)"
    r"(?:\s+[\w'-]+){0,3}\s*$",
    re.IGNORECASE,
)
#: The camera does something, whatever it is: "the camera glides over the lake", "camera drift".
_CAMERA_ACTS = re.compile(
    r"(?<!\ba )\bcamera\s+(?:(?:slowly|gently|smoothly|quickly|softly|then|steadily)\s+)?"
    r"(?:(?!is\b|was\b|has\b|as\b|lens\b|bags?\b|this\b)\w+(?:s|ing)\b"
    r"|drift|glide|sway|move|movement|motion)\b|镜头",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing a text asks for.

    Attributes:
        id: The move, pacing or look.
        words: The words that said it, as written.
        start: Where they begin in the text.
        negated: The text asks for the opposite ("no zoom in").
    """

    id: str
    words: str
    start: int
    negated: bool

    @property
    def end(self) -> int:
        """Where the words end in the text."""
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Cues:
    """What a text says about its direction, in the order it is said.

    Attributes:
        moves: Camera moves asked for.
        forbidden: Camera moves asked not to happen.
        pacings: Pacings asked for.
        looks: Looks asked for.
        camera: The text directs the camera, in words of the vocabulary or in others.
    """

    moves: tuple[Heard, ...] = ()
    forbidden: tuple[Heard, ...] = ()
    pacings: tuple[Heard, ...] = ()
    looks: tuple[Heard, ...] = ()
    camera: bool = False


def find_cues(text: str, words: Vocabulary) -> Cues:
    """Finds what a text says about camera, pacing and look.

    Args:
        text: Any text, in English or with the common Chinese film terms.
        words: The vocabulary to listen for.
    """
    moves = _without_overlaps(_find_moves(text, words))
    asked = tuple(heard for heard in moves if not heard.negated)
    return Cues(
        moves=asked,
        forbidden=tuple(heard for heard in moves if heard.negated),
        pacings=_asked(text, words.pacings.values()),
        looks=_asked(text, words.looks.values()),
        camera=bool(asked) or bool(_CAMERA_ACTS.search(text)),
    )


def _find_moves(text: str, words: Vocabulary) -> Iterator[Heard]:
    for clause in _CLAUSE.finditer(text):
        for move in words.moves.values():
            if move.cues:
                for match in move.cues.finditer(clause[0]):
                    yield _heard(move.id, clause, match)
            if move.verbs:
                for match in move.verbs.finditer(clause[0]):
                    before = clause[0][: match.start()]
                    if _speaks_of_camera(before, match[0]) or _NEGATION.search(before):
                        yield _heard(move.id, clause, match)


def _speaks_of_camera(before: str, verb: str) -> bool:
    film_verb = bool(_FILM_VERB.match(verb))
    if _CAMERA_BEFORE.search(before) or (film_verb and _NEXT_MOVE.search(before)):
        return True
    if not _LEAD_IN.match(before):
        return False
    base_form = not re.match(r"^\w+(?:ing|[^s]s)\b", verb)
    return base_form or film_verb


def _asked(text: str, entries) -> tuple[Heard, ...]:
    found = (
        _heard(entry.id, clause, match)
        for clause in _CLAUSE.finditer(text)
        for entry in entries
        for match in entry.cues.finditer(clause[0])
    )
    return tuple(heard for heard in _without_overlaps(found) if not heard.negated)


def _heard(name: str, clause: re.Match[str], match: re.Match[str]) -> Heard:
    negated = bool(_NEGATION.search(clause[0][: match.start()]))
    return Heard(name, match[0], clause.start() + match.start(), negated)


def _without_overlaps(found: Iterator[Heard]) -> list[Heard]:
    """In text order; where two overlap, the longer one."""
    kept: list[Heard] = []
    for heard in sorted(found, key=lambda h: (-len(h.words), h.start)):
        if all(heard.end <= other.start or other.end <= heard.start for other in kept):
            kept.append(heard)
    return sorted(kept, key=lambda h: h.start)
