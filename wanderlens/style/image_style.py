"""What carries over from a still into the video prompt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageStyle:
    """The prompt and the style of a still; a link of type WANDERLENS_STYLE carries it.

    Attributes:
        prompt: What the still shows, in words; empty when nothing is known.
        style: Style words (medium, lens, light, film stock, colour), each on its own.
        negative: The still's own negative words.
        medium: "live", "drawn", "rendered", "abstract", or empty when unknown.
        source: Where the words come from, for reports ("PNG text chunk", "graph").
    """

    prompt: str = ""
    style: tuple[str, ...] = ()
    negative: str = ""
    medium: str = ""
    source: str = ""
