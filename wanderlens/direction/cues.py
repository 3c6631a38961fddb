"""Finds what a text already says about camera, pacing and look.

A user's own words win over menus and presets, so the composer has to know what they ask for. Only
plain film language is heard, and only where the camera is spoken of: as the subject of a clause
("the camera rises"), at the start of one ("slow push forward"), or in a term that has no other
meaning ("dolly zoom"). What is not understood is left alone.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .vocabulary import Look, Pacing, Vocabulary

_CLAUSE = re.compile(r"[^,.;:!?\n，。；：！？]+")
#: Longest beginning of a clause that is looked at, in characters.
_REACH = 80

_MANNER = (
    r"(?:\w+ly|slow|fast|quick|rapid|gentle|smooth|steady|subtle|slight|soft|dramatic|sudden|long|"
    r"short|continuous|gradual|cinematic|dynamic|aerial|full|very|whip|swish|snap|"
    r"clockwise|counter-?clockwise|\d+)"
)
#: A clause that begins like this and goes on with a film verb directs the camera.
_LEAD_IN = re.compile(
    rf"^\s*(?:(?:a|an|the|then|and|with|first|now|finally|please|camera|{_MANNER})\s+)*$",
    re.IGNORECASE,
)
#: The camera as the subject: nothing before it but an opening, nothing after it but a manner.
_CAMERA_BEFORE = re.compile(
    rf"(?:^|\b(?:as|while|and|then|before|when)\s)\s*"
    rf"(?:(?:the|our|this|handheld|{_MANNER})\s+)*(?:camera|shot|view|lens|frame|pov|we)\s+"
    r"(?:(?:and|then|is|will|to|starts?|begins?|starting|beginning|keeps?|continues|"
    rf"(?:never|doesn't|does not) stops?|{_MANNER})\s+)"
    r"{0,4}$",
    re.IGNORECASE,
)
_NEXT_MOVE = re.compile(r"\b(?:and|then|before|while)\s+$", re.IGNORECASE)
#: Words that hardly anything but a camera does, so that the camera need not be named.
_FILM_VERB = re.compile(
    r"^(?:pan|tilt|push|pull|zoom|dolly|truck|track|orbit|arc|crane|pedestal)", re.IGNORECASE
)
#: A film verb without a direction we know; the user directs the camera all the same.
_BARE_FILM_VERB = re.compile(
    r"\b(?P<verb>pan|zoom|dolly|tilt|orbit|crane)(?:s|n?ing|ed)?\b", re.IGNORECASE
)
_BARE_FILM_SHOT = re.compile(
    r"\b(?:pan(?:ning)?|zoom(?:ing)?|dolly|orbit(?:ing|al)?|crane|tilt(?:ing)?) shot\b"
    r"|\b(?:dynamic|moving|free|360|roaming) camera\b|\bcamera 360\b"
    r"|\bpov\b|\bstead(?:i|y ?)cam\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"(?:\b(?:no|without|avoid)(?:\s+(?:any|more|sudden|fast|slow|quick|camera|the|a|an))*"
    r"|(?:\b(?:not|never|dont|instead of|rather than)|n't)(?!\s+(?:stop|only)\b)"
    r"(?:\s+[\w'-]+){0,2}|(?<!n't )(?<!not )(?<!never )\bstop)\s*$",
    re.IGNORECASE,
)
#: The camera does something, whatever it is: "the camera glides over the lake", "camera drift".
_CAMERA_ACTS = re.compile(
    rf"(?<!\ba )(?<!\ban )\bcamera\s+(?:{_MANNER}\s+)?"
    r"(?:(?!is\b|was\b|has\b|as\b|lens\b|bags?\b|this\b)\w+(?:s|ing)\b"
    r"|drift|glide|sway|move|movement|motion|(?:is|was) not (?:static|still|fixed))\b"
    r"|\bcamera isn't (?:static|still|fixed)\b|镜头|机位",
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
        forbidden: Ids of camera moves asked not to happen.
        pacings: Pacings asked for.
        looks: Looks asked for.
        camera: The text directs the camera, in words of the vocabulary or in others.
    """

    moves: tuple[Heard, ...] = ()
    forbidden: frozenset[str] = frozenset()
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
    directed, refused = _bare_film_verbs(text, words)
    return Cues(
        moves=asked,
        forbidden=frozenset(heard.id for heard in moves if heard.negated) | refused,
        pacings=_asked(text, words.pacings),
        looks=_asked(text, words.looks),
        camera=bool(asked) or directed or bool(_CAMERA_ACTS.search(text)),
    )


def is_negated(text: str, start: int) -> bool:
    """Whether what stands at a place in a text is refused there ("no text", "not talking").

    Args:
        text: Any text.
        start: Where the words in question begin.
    """
    before = re.split(r"[,.;:!?\n，。；：！？]", text[max(start - _REACH, 0) : start])[-1]
    return bool(_NEGATION.search(before))


def without_clause(text: str, heard: Heard) -> str:
    """A text less the clause in which something was heard.

    Args:
        text: The text it was heard in.
        heard: What was heard.
    """
    for clause in _CLAUSE.finditer(text):
        if clause.start() <= heard.start < clause.end():
            before, after = text[: clause.start()], text[clause.end() :]
            joined = f"{before.rstrip(' ,;:')}{after}" if after.strip(" ,;:.") else before
            return joined.strip(" ,;:")
    return text


def _find_moves(text: str, words: Vocabulary) -> Iterator[Heard]:
    for clause in _CLAUSE.finditer(text):
        for move in words.moves.values():
            if move.cues:
                for match in move.cues.finditer(clause[0]):
                    yield _heard(move.id, clause, match)
            if move.verbs:
                for match in move.verbs.finditer(clause[0]):
                    before = clause[0][: match.start()]
                    if _speaks_of_camera(before, match[0]) or _negates(before):
                        yield _heard(move.id, clause, match)


def _bare_film_verbs(text: str, words: Vocabulary) -> tuple[bool, frozenset[str]]:
    """Whether a film verb directs the camera somehow, and the moves that refused ones forbid."""
    directed = bool(_BARE_FILM_SHOT.search(text))
    refused: set[str] = set()
    for clause in _CLAUSE.finditer(text):
        for match in _BARE_FILM_VERB.finditer(clause[0]):
            before = clause[0][: match.start()]
            if _negates(before):
                refused |= words.families[match["verb"].lower()]
            elif not re.search(r"\b(?:a|an|the)\s+$", before, re.IGNORECASE):
                directed = directed or _speaks_of_camera(before, match[0])
    return directed, frozenset(refused)


def _speaks_of_camera(before: str, verb: str) -> bool:
    if len(before) > _REACH:
        before = before[-_REACH:]
        starts = False
    else:
        starts = bool(_LEAD_IN.match(before))
    film_verb = bool(_FILM_VERB.match(verb))
    if _CAMERA_BEFORE.search(before) or (film_verb and _NEXT_MOVE.search(before)):
        return True
    base_form = not re.match(r"^\w+(?:ing|[^s]s)\b", verb)
    return starts and (base_form or film_verb)


def _negates(before: str) -> bool:
    return bool(_NEGATION.search(before[-_REACH:]))


def _asked(text: str, entries: Mapping[str, Pacing] | Mapping[str, Look]) -> tuple[Heard, ...]:
    found = (
        _heard(entry.id, clause, match)
        for clause in _CLAUSE.finditer(text)
        for entry in entries.values()
        for match in entry.cues.finditer(clause[0])
    )
    return tuple(heard for heard in _without_overlaps(found) if not heard.negated)


def _heard(name: str, clause: re.Match[str], match: re.Match[str]) -> Heard:
    negated = _negates(clause[0][: match.start()])
    return Heard(name, match[0], clause.start() + match.start(), negated)


def _without_overlaps(found: Iterable[Heard]) -> list[Heard]:
    """In text order; where two overlap, the longer one."""
    kept: list[Heard] = []  # always in text order
    for heard in sorted(found, key=lambda h: (-len(h.words), h.start)):
        place = bisect.bisect(kept, heard.start, key=lambda h: h.start)
        after_previous = place == 0 or kept[place - 1].end <= heard.start
        before_next = place == len(kept) or heard.end <= kept[place].start
        if after_previous and before_next:
            kept.insert(place, heard)
    return kept
