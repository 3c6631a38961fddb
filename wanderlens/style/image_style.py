"""ImageStyle: what carries over from a still, as one record."""

from __future__ import annotations

from dataclasses import dataclass

#: What a picture can be.
MEDIA = ("live", "drawn", "rendered", "abstract")


@dataclass(frozen=True, slots=True)
class ImageStyle:
    """The prompt and the style of a still; a link of type WANDERLENS_STYLE carries it.

    Attributes:
        prompt: What the still shows, in words; empty when nothing is known.
        style: Style words (medium, lens, light, film stock, colour), each on its own.
        negative: The still's own negative words.
        medium: "live", "drawn", "rendered", "abstract", or empty when unknown.
        source: Where the words come from, for reports ("PNG text chunk", "graph").
        model: The checkpoint the still was made with; empty when unknown.
        loras: The LoRAs it was made with, by name.
        seed: The seed it was made with; None when unknown.
        dropped: What the words had and does not carry over, a line of plain text for each reason.
    """

    prompt: str = ""
    style: tuple[str, ...] = ()
    negative: str = ""
    medium: str = ""
    source: str = ""
    model: str = ""
    loras: tuple[str, ...] = ()
    seed: int | None = None
    dropped: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The prompt and the style words as one text."""
        return ", ".join(part for part in (self.prompt, *self.style) if part)
