"""The negative prompt: what the shot should not have.

It starts from the negative prompt that Wan 2.2 was published with and leaves out what would work
against this shot: words against stillness for calm shots, words against artwork for drawn
pictures, words against what the prompt itself asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .cues import is_negated
from .vocabulary import Vocabulary
from .words import split_phrases


@dataclass(frozen=True, slots=True)
class Negative:
    """A negative prompt.

    Attributes:
        text: The prompt.
        own: The user's and the added words, without the model's.
        left_out: Words of the model's own list that are left out, in English.
    """

    text: str
    own: str
    left_out: tuple[str, ...]


def compose_negative(
    words: Vocabulary,
    *,
    user: str,
    added: Iterable[str],
    excluded_tags: frozenset[str],
    positive: str,
    user_text: str,
) -> Negative:
    """Writes the negative prompt.

    Args:
        words: Holds the model's own negative words.
        user: The user's negative words; they come first and survive as they are.
        added: More lists of words (the preset's, the look's, the still's), separated by commas.
            A word the user's text asks for is left out.
        excluded_tags: Tags of the model's own words that would work against this shot.
        positive: The composed prompt; the model's own words against what it asks for are left out.
        user_text: The user's text.
    """
    user = user.strip().rstrip(",， ")
    seen = {phrase.casefold() for phrase in split_phrases(user)}
    extra: list[str] = []
    for phrase in (phrase for text in added for phrase in split_phrases(text)):
        if phrase.casefold() not in seen and not _mentions(user_text, phrase):
            seen.add(phrase.casefold())
            extra.append(phrase)

    kept: list[str] = []
    left_out: list[str] = []
    for word in words.negatives:
        wanted = word.wanted is not None and _asks_for(word.wanted, positive)
        if word.tags & excluded_tags or wanted:
            left_out.append(word.en)
        elif word.zh.casefold() not in seen:
            kept.append(word.zh)
    own = ", ".join(part for part in (user, ", ".join(extra)) if part)
    text = ", ".join(part for part in (own, "，".join(kept)) if part)
    return Negative(text, own, tuple(left_out))


def _mentions(text: str, phrase: str) -> bool:
    return _asks_for(re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)", re.IGNORECASE), text)


def _asks_for(wanted: re.Pattern[str], text: str) -> bool:
    """Whether a text speaks of something other than to refuse it."""
    return any(not is_negated(text, match.start()) for match in wanted.finditer(text))
