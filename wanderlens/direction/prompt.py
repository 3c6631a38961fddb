"""Puts the parts of a prompt in Wan's order and fits them into a number of words.

The order is that of the prompt rewriter Wan 2.2 was published with, ``wan/utils/system_prompt.py``:
the style first, then what moves, then the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

from .words import closed, count_words, sentence, split_phrases

#: What goes first when the prompt is too long; the user's text never does.
TRIM_ORDER = (
    "image style",
    "image prompt",
    "look terms",
    "preset text",
    "pacing",
    "look",
    "camera",
)
#: A carried-over phrase cut below this many words says nothing.
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class PromptParts:
    """The parts of a prompt; each may be empty.

    Attributes:
        look: Names the style.
        look_terms: Aesthetic terms of the style.
        image_prompt: What the still shows.
        image_style: The still's style words.
        user_text: The user's own text, kept as it is.
        preset_text: The preset's scene motion.
        camera: The camera move.
        pacing: The pacing.
    """

    look: str = ""
    look_terms: tuple[str, ...] = ()
    image_prompt: str = ""
    image_style: tuple[str, ...] = ()
    user_text: str = ""
    preset_text: str = ""
    camera: str = ""
    pacing: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt.

    Attributes:
        text: The prompt.
        words: How many words it has.
        trimmed: The names of the parts (see `TRIM_ORDER`) that were cut or left out.
    """

    text: str
    words: int
    trimmed: tuple[str, ...]


def fit_prompt(parts: PromptParts, max_words: int) -> Prompt:
    """Writes the prompt in at most ``max_words`` words, unless the user's text alone has more.

    Carried-over text is cut phrase by phrase from its end, then word by word; our own parts are
    left out whole.

    Args:
        parts: The parts.
        max_words: At least 1.
    """
    pieces = {
        "look": [parts.look] if parts.look else [],
        "look terms": list(parts.look_terms),
        "image prompt": split_phrases(parts.image_prompt),
        "image style": list(parts.image_style),
        "user text": [parts.user_text.strip()] if parts.user_text.strip() else [],
        "preset text": [parts.preset_text] if parts.preset_text else [],
        "camera": [parts.camera] if parts.camera else [],
        "pacing": [parts.pacing] if parts.pacing else [],
    }
    trimmed: list[str] = []
    for name in TRIM_ORDER:
        while pieces[name] and count_words(_join(pieces)) > max_words:
            if name not in trimmed:
                trimmed.append(name)
            _cut(name, pieces[name])
    text = _join(pieces)
    return Prompt(text, count_words(text), tuple(trimmed))


def _cut(name: str, phrases: list[str]) -> None:
    """Makes a part one step shorter."""
    last = phrases[-1].split()
    if name == "image prompt" and len(phrases) == 1 and len(last) > _LEAST_WORDS:
        phrases[-1] = " ".join(last[:-1])
    else:
        phrases.pop()


def _join(pieces: dict[str, list[str]]) -> str:
    sentences = [
        sentence(", ".join(pieces["look"] + pieces["look terms"])),
        sentence(", ".join(pieces["image prompt"] + pieces["image style"])),
        closed("".join(pieces["user text"])),
        sentence("".join(pieces["preset text"])),
        sentence("".join(pieces["camera"])),
        sentence("".join(pieces["pacing"])),
    ]
    return " ".join(text for text in sentences if text)
