"""The vocabulary's classes: camera moves, pacings, looks and the model's negative words.

The words themselves are data, which `load_vocabulary` reads into these classes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..camera.path import CameraPath, Curve, Wave

Degree = Literal["gentle", "normal", "strong"]
DEGREES: tuple[Degree, ...] = ("gentle", "normal", "strong")

#: How a move loops besides standing in for another one.
LOOPS_AS_IS = "as is"
LOOPS_THERE_AND_BACK = "there and back"


class VocabularyError(ValueError):
    """A vocabulary file, or a name looked up in one, is not right."""


def degree_of(intensity: float) -> Degree:
    """Which of a move's three phrases an intensity asks for: below 0.6, up to 1.1, above."""
    if intensity < 0.6:
        return "gentle"
    return "normal" if intensity <= 1.1 else "strong"


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast and in what rhythm a shot runs.

    Attributes:
        id: Its name in widgets and presets.
        about: One line for people.
        adverb: Goes into a camera phrase ("slowly").
        phrase: Says it of the whole scene.
        travel: Factor on how far a move goes.
        ease: From 0 (constant speed) to 1 (starts and ends at rest).
        beats: Pulses of speed per clip.
        wander: Waves added to the path, by channel.
        calm: The shot may be still: nothing in the negative prompt speaks against it.
        opposes: Pacings that contradict this one.
        cues: Finds this pacing in a text.
    """

    id: str
    about: str
    adverb: str
    phrase: str
    travel: float
    ease: float
    beats: int
    wander: Mapping[str, tuple[Wave, ...]]
    calm: bool
    opposes: frozenset[str]
    cues: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Move:
    """A camera move: what the prompt says and where the camera goes.

    Attributes:
        id: Its name in widgets and presets.
        about: One line for people.
        phrases: By degree, with ``{pace}`` where the pacing's adverb goes.
        curves: The path's channels at intensity 1 and steady pacing.
        hold_subject_size: The zoom makes up for the distance.
        loop: "as is", "there and back", or the id of the move that stands in for it.
        loop_phrases: By degree, for a move that loops there and back.
        cues: Finds this move anywhere in a text.
        verbs: Finds it where the camera is spoken of.
    """

    id: str
    about: str
    phrases: Mapping[str, str]
    curves: Mapping[str, Curve]
    hold_subject_size: bool
    loop: str
    loop_phrases: Mapping[str, str]
    cues: re.Pattern[str] | None
    verbs: re.Pattern[str] | None

    @property
    def moves(self) -> bool:
        """Whether the camera, lens or focus moves at all."""
        return bool(self.curves)

    def phrase(self, intensity: float, pacing: Pacing | None, loop: bool = False) -> str:
        """What the prompt says of this move.

        Args:
            intensity: 0 to 1.5; picks the degree, see `degree_of`.
            pacing: Its adverb goes into the phrase; None for no adverb.
            loop: Use the phrase of the looping form, where the move has one of its own.
        """
        phrases = self.loop_phrases if loop and self.loop_phrases else self.phrases
        text = phrases[degree_of(intensity)]
        return " ".join(text.replace("{pace}", pacing.adverb if pacing else "").split())

    def path(
        self,
        *,
        intensity: float = 1.0,
        pacing: Pacing | None = None,
        seconds: float = 5.0,
        loop: bool = False,
    ) -> CameraPath:
        """Where the camera goes.

        Args:
            intensity: Factor on the move, 0 to 1.5.
            pacing: Scales the travel and shapes the speed; None is steady.
            seconds: Length of the clip, or of the period.
            loop: The path ends where it began, in position and in velocity. For a move whose
                looping form is another move, ask that one (`Vocabulary.looping`).
        """
        return CameraPath(
            curves=self.curves,
            seconds=seconds,
            gain=intensity * (pacing.travel if pacing else 1.0),
            wander_gain=intensity if self.moves else 0.0,
            ease=pacing.ease if pacing else 0.0,
            beats=pacing.beats if pacing else 0,
            wander=pacing.wander if pacing else {},
            there_and_back=loop and self.loop != LOOPS_AS_IS,
            loop=loop,
            hold_subject_size=self.hold_subject_size,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """A style.

    Attributes:
        id: Its name in widgets and presets.
        about: One line for people.
        head: Names the style; opens the prompt.
        terms: At most four aesthetic terms; none for drawn looks.
        medium: "live", "drawn", "rendered" or "abstract".
        opposes: Pacings that contradict this look.
        excludes: Tags of the model's negative words that work against this look.
        negative: Negative words of its own.
        cues: Finds this look in a text.
    """

    id: str
    about: str
    head: str
    terms: tuple[str, ...]
    medium: str
    opposes: frozenset[str]
    excludes: frozenset[str]
    negative: tuple[str, ...]
    cues: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class NegativeWord:
    """One word of the negative prompt that Wan 2.2 was published with.

    Attributes:
        zh: The word as the model knows it.
        en: What it means.
        tags: What kind of shot it works against.
        wanted: Finds the thing it is against in a text that asks for it.
    """

    zh: str
    en: str
    tags: frozenset[str]
    wanted: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All the words, in the order of their files (which is the order of the menus).

    Attributes:
        moves: Camera moves by id.
        pacings: Pacings by id.
        looks: Looks by id.
        negatives: The model's own negative words.
        families: By film verb ("zoom"), the moves that it can mean.
    """

    moves: Mapping[str, Move]
    pacings: Mapping[str, Pacing]
    looks: Mapping[str, Look]
    negatives: tuple[NegativeWord, ...]
    families: Mapping[str, frozenset[str]]

    def looping(self, move: Move) -> Move:
        """The move that stands in for this one in a loop: itself when it can loop."""
        if move.loop in (LOOPS_AS_IS, LOOPS_THERE_AND_BACK):
            return move
        return self.moves[move.loop]
