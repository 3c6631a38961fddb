"""Shortens a still's description to a number of words."""

from __future__ import annotations

import re

from .cleaning_words import CleaningWords
from .prompt_syntax import Plain

#: Words that the description may have; Wan's whole prompt has at most 100.
MAX_SUBJECT_WORDS = 40
#: What a phrase does not begin or end with.
EDGES = " \t.,;:|-–—*_/\"'`~#!?"

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
LOOSE_ENDS = re.compile(
    r"(?:^|\s)(?:a|an|the|with|and|or|of|in|on|at|by|to|for|from|wearing|her|his|its|as|is|are"
    r"|that|which|while|has|having)$",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def count_words(text: str) -> int:
    """Number of words; two Chinese, Japanese or Korean characters count as one."""
    characters = len(_CJK.findall(text))
    return len(WORD.findall(_CJK.sub(" ", text))) + (characters + 1) // 2


def without_repeats(phrases: list[str], plain: Plain) -> list[str]:
    """Leaves out phrases whose words an earlier one had."""
    kept: list[str] = []
    seen: list[set[str]] = []
    for phrase in phrases:
        these = {word.casefold() for word in WORD.findall(phrase)}
        if any(these <= earlier for earlier in seen):
            plain.drop("repeats", phrase)
            continue
        kept.append(phrase)
        seen.append(these)
    return kept


def shortened(phrases: list[str], plain: Plain, words: CleaningWords) -> list[str]:
    """As many phrases as there is room for: motion, then the subject, then what is around it.

    What the picture shows by itself (hair, clothes, skin) goes first.
    """

    def rank(item: tuple[int, str]) -> tuple[int, int]:
        index, phrase = item
        if index == 0:
            return 0, 0
        if words.motion.search(phrase):
            return 1, index
        return (3 if words.appearance.search(phrase) else 2), index

    room, kept = MAX_SUBJECT_WORDS, []
    for index, phrase in sorted(enumerate(phrases), key=rank):
        count = count_words(phrase)
        if index == 0 and count > room:
            phrase, count = _cut(phrase, room), room
            plain.drop("details the picture shows", phrases[0][len(phrase) :])
        if count > room:
            plain.drop("details the picture shows", phrase)
            continue
        room -= count
        kept.append((index, phrase))
    return [phrase for _, phrase in sorted(kept)]


def _cut(phrase: str, room: int) -> str:
    """The first words of a phrase, not ending in a word that asks for more."""
    if " " not in phrase:
        return phrase[: 2 * room]
    text = " ".join(phrase.split()[:room])
    while (shorter := LOOSE_ENDS.sub("", text)) != text:
        text = shorter
    return text.strip(EDGES)
