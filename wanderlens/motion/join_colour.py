"""Matches colours where clips are joined, and reports what was matched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .colour import ColourShift, colour_shift, is_noticed
from .frames import Progress

if TYPE_CHECKING:
    from .flow import Floats

MIN_CORRELATION = 0.85
"""Two clips can be unrelated: their colours are compared only above this correlation."""

MAX_SHIFT = 30.0
"""A change of more ΔE is no exposure difference: one clip fades, or it is lit differently."""


class StepCounter:
    """Counts finished steps of the work and passes them on as progress."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        """Calls `progress` with the steps done and their total."""
        self._progress = progress
        self._total = total
        self._done = 0

    def advance(self, steps: int) -> None:
        """Add finished steps."""
        self._done += steps
        if self._progress is not None and steps:
            self._progress(self._done, self._total)


@dataclass(slots=True)
class ColourMatching:
    """Measures colour changes and collects their report lines.

    Attributes:
        amount: How much of a change is applied, 0..1; with 0 none is measured.
        steps: Advanced for each pair that was compared.
    """

    amount: float
    steps: StepCounter
    _matched: list[str] = field(default_factory=list)
    _unknown: list[str] = field(default_factory=list)

    def change(
        self, pairs: Iterable[tuple[Floats, Floats]], where: str, off: str
    ) -> ColourShift | None:
        """The change that brings the first of each pair to the second; None to apply none.

        Args:
            pairs: Frames of the same content, if the clips belong together.
            where: The name of the place, "joint" or "wrap".
            off: The report's words for the difference, with a placeholder for the ΔE.
        """
        if not self.amount:
            return None
        colour = colour_shift(self._counted(pairs), min_correlation=MIN_CORRELATION)
        if colour is None or colour.size > MAX_SHIFT:
            self._unknown.append(where)
            return None
        if not is_noticed(colour):
            return None
        part = "" if self.amount == 1 else f" by {self.amount:.0%}"
        slowly = ", little by little" if where == "wrap" else ""
        self._matched.append(
            f"Colour: {off.format(colour.size)} where both show the same; matched{part}{slowly} "
            f"({colour.contrast_note})"
        )
        return colour

    def lines(self) -> list[str]:
        """What was matched, and where colours could not be compared."""
        if not self._unknown:
            return self._matched
        places = " and the ".join(self._unknown)
        note = f"Note: too little is alike at the {places} to match colours; they are left."
        return [*self._matched, note]

    def _counted(self, pairs: Iterable[tuple[Floats, Floats]]) -> Iterator[tuple[Floats, Floats]]:
        for pair in pairs:
            yield pair
            self.steps.advance(1)
