"""Cleans a still's prompt for Wan: subject and style apart, boilerplate out.

A prompt for a still describes everything; one for a video should say what moves, since the model
sees the still. So quality words and names go, style words stand on their own, and the description
is shortened to the subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .cleaning_words import KINDS, CleaningWords, cleaning_words
from .prompt_syntax import Plain, to_plain
from .shorten import EDGES, LOOSE_ENDS, WORD, count_words, shortened, without_repeats

#: Style words kept; Wan's own prompts have four terms beside the style's name.
MAX_STYLE_WORDS = 8
#: Negative phrases and words kept.
MAX_NEGATIVE_PHRASES, MAX_NEGATIVE_WORDS = 20, 40
_MAX_PHRASES = 400
_MAX_PHRASE = 400
_MAX_STYLE_LENGTH = 60

_BREAKS = re.compile(r"\s*[,;，、；\n]+\s*|(?<=[^\s.]{2}[.!?])\s+|\s*[。！？]\s*")
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"[\w'.!?:()+-]+(?:_[\w'.!?:()+-]+)+")
_FACE = re.compile(r"[:;=x>@^oTu0-9][_\-.]?[:;=)<>@^oTuDPd3]{1,3}$|[\^>o@=T][_.][\^<o@=T;]")
_COUNT = re.compile(r"(\d)\+?(girl|boy|other|woman|man|person)s?", re.IGNORECASE)
_NUMBERS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six"}
_OPENING = re.compile(
    r"(?:(?:a|an|the|this|one)\s+)?(.{2,60}?)\s+(?:of|depicting|showing|featuring)\s+(?=\w)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_FOOOCUS_STYLE = re.compile(r"^(?:Fooocus|SAI|MRE|Misc|Artstyle|Photo|Ads|Futuristic|Game"
                            r"|Papercraft|Cinema|mk)\s+")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned prompt.

    Attributes:
        prompt: What the still shows.
        style: Style words, each on its own.
        medium: "live", "drawn", "rendered", "abstract", or empty when the words do not tell.
        loras: LoRAs that the prompt called.
        dropped: What was left out, a line of plain text for each reason.
    """

    prompt: str
    style: tuple[str, ...]
    medium: str
    loras: tuple[str, ...]
    dropped: tuple[str, ...]


def clean_prompt(prompt: str, styles: Iterable[str] = (), model: str = "") -> Cleaned:
    """Cleans a still's prompt.

    Args:
        prompt: As it was written, with the syntax of any of the known tools.
        styles: Names of a tool's styles (Fooocus); those that name a style count as style words.
        model: The checkpoint's name; it tells the medium where no words do.
    """
    words = cleaning_words()
    plain = to_plain(prompt, words)
    subject: list[str] = []
    style: list[tuple[str, str, str]] = []  # phrase, kind, medium
    for phrase in _phrases(plain, words):
        if _is_style(phrase, words):
            style.append((_trimmed_style(phrase), *_kind(phrase, words)))
        elif rest := _opening_style(phrase, style, words):
            subject.append(rest)
    for name in styles:
        name = _FOOOCUS_STYLE.sub("", name).strip().lower()
        if name and _is_style(name, words):
            style.append((name, *_kind(name, words)))
    kept = _kept_style(style, plain)
    subject = without_repeats(subject, plain)
    return Cleaned(
        prompt=", ".join(shortened(subject, plain, words)),
        style=kept,
        medium=_medium(subject, style, model, words),
        loras=plain.loras,
        dropped=_told(plain),
    )


def clean_negative(negative: str) -> tuple[str, tuple[str, ...]]:
    """Cleans a still's negative words.

    What the model's own negative words say already goes, and what would work against motion; what
    is particular to this still stays.

    Returns:
        The words, separated by commas, and what was left out.
    """
    words = cleaning_words()
    plain = to_plain(negative, words)
    kept: list[str] = []
    count = 0
    for phrase in _phrases(plain, words, negative=True):
        if phrase.casefold() in (other.casefold() for other in kept):
            continue
        count += count_words(phrase)
        if len(kept) >= MAX_NEGATIVE_PHRASES or count > MAX_NEGATIVE_WORDS:
            plain.drop("more negative words", phrase)
        else:
            kept.append(phrase)
    return ", ".join(kept), _told(plain)


def _phrases(plain: Plain, words: CleaningWords, *, negative: bool = False) -> list[str]:
    """The phrases between commas and sentences, as words, without boilerplate."""
    found = []
    parts = [part for part in _BREAKS.split(plain.text) if part]
    if len(parts) > _MAX_PHRASES:
        plain.drop("the end of a very long text", parts[_MAX_PHRASES])
    for part in parts[:_MAX_PHRASES]:
        phrase = _as_words(part[:_MAX_PHRASE], words)
        if not negative:
            phrase = _without_boilerplate(phrase, plain, words)
        elif phrase and (words.negative.fullmatch(phrase) or words.anywhere.fullmatch(phrase)):
            plain.drop("negative words the model has already", phrase)
            continue
        if len(phrase) > 1 and _LETTER.search(phrase):
            found.append(phrase)
    return found


def _as_words(part: str, words: CleaningWords) -> str:
    """A phrase without edges, and a booru tag as words."""
    text = _SPACE.sub(" ", part).strip()
    if _FACE.match(text):
        return ""
    if not text.startswith("score_"):
        text = _TAG.sub(lambda match: match[0].replace("_", " "), text)
    text = text.strip(EDGES)
    tag = words.tags.get(text.lower())
    if tag is not None:
        return tag
    if match := _COUNT.fullmatch(text):
        number = _NUMBERS.get(match[1], "several")
        plural = {"woman": "women", "man": "men", "person": "people", "other": "people"}
        noun = match[2].lower()
        many = plural.get(noun, f"{noun}s")
        return f"{number} {noun if number == 'one' else many}"
    return text


def _without_boilerplate(phrase: str, plain: Plain, words: CleaningWords) -> str:
    if words.artists.fullmatch(phrase):
        plain.drop("names", phrase)
        return ""

    def note(match: re.Match[str]) -> str:
        plain.drop("quality words", match[0])
        return " "

    rest = words.anywhere.sub(note, phrase)
    rest = _SPACE.sub(" ", rest).strip(EDGES)
    if rest != phrase:
        rest = LOOSE_ENDS.sub("", rest).strip(EDGES)
        rest = re.sub(r"^(?:and|of|with|in)\s+", "", rest, flags=re.IGNORECASE)
    if rest and words.whole.fullmatch(rest):
        plain.drop("quality words", rest)
        return ""
    return rest


def _is_style(phrase: str, words: CleaningWords) -> bool:
    """Whether a phrase holds a style word and nothing but fillers beside."""
    if len(phrase) > _MAX_STYLE_LENGTH:
        return False
    spans = [match.span() for group in words.style for match in group.cues.finditer(phrase)]
    return bool(spans) and all(
        word[0].lower() in words.fillers
        or any(start <= word.start() and word.end() <= end for start, end in spans)
        for word in WORD.finditer(phrase)
    )


def _opening_style(phrase: str, style: list[tuple[str, str, str]], words: CleaningWords) -> str:
    """Takes "oil painting of" off a phrase, as a style word, and gives the rest."""
    match = _OPENING.match(phrase)
    if match is None or not _is_style(match[1], words):
        return phrase
    kind, medium = _kind(match[1], words)
    if kind not in ("medium", "shot", "look"):  # "golden light of dawn" is no picture of dawn
        return phrase
    style.append((_trimmed_style(match[1]), kind, medium))
    return phrase[match.end() :]


def _trimmed_style(phrase: str) -> str:
    return re.sub(r"^(?:(?:a|an|the|in|with|and|of|on|at)\s+)+", "", phrase, flags=re.IGNORECASE)


def _kind(phrase: str, words: CleaningWords) -> tuple[str, str]:
    """Kind and medium of a style phrase: a medium where it names one, else what covers most."""
    best, covered = ("look", ""), 0
    for group in words.style:
        length = sum(len(match[0]) for match in group.cues.finditer(phrase))
        first_medium = bool(length and group.medium and not best[1])
        if first_medium or (length > covered and (group.medium or not best[1])):
            best, covered = (group.kind, group.medium), length
    return best


def _kept_style(style: list[tuple[str, str, str]], plain: Plain) -> tuple[str, ...]:
    """Style words by kind, each once, as many as Wan makes use of."""
    ranked = sorted(style, key=lambda item: KINDS.index(item[1]))
    kept: list[str] = []
    for phrase, _, _ in ranked:
        lower = phrase.casefold()
        if any(lower in other.casefold() or other.casefold() in lower for other in kept):
            continue
        if len(kept) < MAX_STYLE_WORDS:
            kept.append(phrase)
        else:
            plain.drop("more style words", phrase)
    return tuple(kept)


def _medium(
    subject: list[str], style: list[tuple[str, str, str]], model: str, words: CleaningWords
) -> str:
    """What the words say of the medium; else the subject's, else the checkpoint's name."""
    told = [medium for _, _, medium in style if medium]
    if told:
        return max(dict.fromkeys(told), key=told.count)
    for phrase in subject:
        kind, medium = _kind(phrase, words)
        if kind == "medium":
            return medium
    return next((name for name, pattern in words.models.items() if pattern.search(model)), "")


def _told(plain: Plain) -> tuple[str, ...]:
    """What was left out, a line for each reason."""
    lines = []
    for reason, items in plain.dropped.items():
        unique = list(dict.fromkeys(item for item in items if item))
        shown = ", ".join(item if len(item) <= 60 else f"{item[:57]}..." for item in unique[:8])
        more = f" and {len(unique) - 8} more" if len(unique) > 8 else ""
        lines.append(f"{reason}: {shown}{more}")
    return tuple(lines)
