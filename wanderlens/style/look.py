"""Names the look of a picture from its measures, by published thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pixels import Measures, measure

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Smaller pictures are not measured.
_SMALLEST_SIDE = 16

# Thresholds; the units are those of `Measures`.
LOW_KEY, HIGH_KEY = 25.0, 75.0
LOW_CONTRAST, HIGH_CONTRAST = 35.0, 80.0
MUTED, VIVID = 18.0, 82.0
GREY, TINTED_SPREAD, TINTED_CHROMA = 5.0, 0.02, 32.0
SEPIA = (50.0, 95.0)
COOL, WARM = -8.0, 12.0
GRAINY = 5.0
SHALLOW = 0.02
DRAWN_FLAT, DRAWN_SCORE, LIVE_OUTLINE, LIVE_FLAT = 0.62, 0.50, 0.15, 0.45


@dataclass(frozen=True, slots=True)
class PixelLook:
    """How a picture looks.

    Attributes:
        style: Words for it, each on its own.
        medium: "live", "drawn", or empty where the pixels do not tell.
        monochrome: It has no colour, or one tint only.
        measures: What the words come from.
    """

    style: tuple[str, ...]
    medium: str
    monochrome: bool
    measures: Measures


def look_at(picture: npt.NDArray[np.uint8]) -> PixelLook | None:
    """Measures a picture and names its look; None for one too small to tell.

    Args:
        picture: [height, width, 3], RGB, 0 to 255, uint8.
    """
    if min(picture.shape[:2]) < _SMALLEST_SIDE:
        return None
    return name_look(measure(picture))


def name_look(measures: Measures) -> PixelLook:
    """Words for measures; where a measure is neither high nor low it says nothing."""
    medium = _medium(measures)
    grey = measures.chroma < GREY
    tinted = not grey and measures.hue_spread < TINTED_SPREAD and measures.chroma < TINTED_CHROMA
    words: list[str] = []
    if medium == "live":
        words.append("photograph")
    elif medium == "drawn":
        words.append("illustration")
    if grey:
        words.append("black and white")
    elif tinted:
        is_sepia = SEPIA[0] <= measures.hue <= SEPIA[1]
        words.append("sepia tone" if is_sepia else "single colour tone")
    if measures.key < LOW_KEY:
        words.append("low-key lighting")
    elif measures.key > HIGH_KEY:
        words.append("high-key lighting")
    if measures.contrast < LOW_CONTRAST:
        words.append("low contrast")
    elif measures.contrast > HIGH_CONTRAST:
        words.append("high contrast")
    if not grey and not tinted:
        words.extend(_colour_words(measures))
    if medium != "drawn" and measures.grain > GRAINY:
        words.append("film grain")
    if medium == "live" and measures.focus < SHALLOW:
        words.append("shallow depth of field")
    return PixelLook(tuple(words), medium, grey or tinted, measures)


def _colour_words(measures: Measures) -> list[str]:
    words = []
    if measures.warmth > WARM:
        words.append("warm colours")
    elif measures.warmth < COOL:
        words.append("cool colours")
    if measures.colourfulness < MUTED:
        words.append("muted colours")
    elif measures.colourfulness > VIVID:
        words.append("vivid colours")
    return words


def _medium(measures: Measures) -> str:
    """Photo or flat drawing; empty in between, where neither would be a safe guess.

    Lines as sharp as a pixel and even areas are drawn. Soft edges everywhere are a lens's; a
    detailed painting has neither sign, and neither have many photographs.
    """
    if measures.flat > DRAWN_FLAT or measures.flat / 2 + measures.outline > DRAWN_SCORE:
        return "drawn"
    return "live" if measures.outline < LIVE_OUTLINE and measures.flat < LIVE_FLAT else ""


def complete(
    style: tuple[str, ...], medium: str, look: PixelLook | None, has_words: bool
) -> tuple[tuple[str, ...], str, list[str]]:
    """Style words and medium, completed by the look of the pixels, and what is to say of it.

    Words win: they were chosen. The pixels speak where no word says how the picture looks, and of
    missing colour always, which no still can hide.
    """
    if look is None:
        return style, medium, []
    notes = [f"The pixels: {', '.join(look.style) or 'nothing out of the ordinary'}; "
             f"colours {', '.join(look.measures.palette)}."]  # fmt: skip
    if look.medium == "drawn" and medium == "live":
        notes.append("The words say photograph, the pixels look drawn; the words are kept.")
    if look.medium == "live" and medium in ("drawn", "rendered", "abstract"):
        notes.append(f"The words say {medium}, the pixels look like a photograph; "
                     "the words are kept.")  # fmt: skip
    if not style:
        own = tuple(word for word in look.style if not _contradicts(word, medium))
        if own and has_words:
            notes.append("The words do not say how the picture looks, so the pixels' look is used.")
        return own, medium or look.medium, notes
    if look.monochrome and not any(_says_grey(word) for word in style):
        style = (*style, next(word for word in look.style if _says_grey(word)))
    return style, medium or look.medium, notes


def _contradicts(word: str, medium: str) -> bool:
    said = {"photograph": "live", "illustration": "drawn"}.get(word)
    return bool(said and medium and said != medium)


def _says_grey(word: str) -> bool:
    lower = word.lower()
    marks = ("black and white", "black-and-white", "monochrom", "sepia", "b&w", "grey", "gray",
             "bw", "single colour", "noir")  # fmt: skip
    return any(mark in lower for mark in marks)
