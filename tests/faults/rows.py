"""Rows of the table: what was done, what was looked at, and whether it was as it should be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

COLUMNS = (
    "case",
    "server",
    "next prompt",
    "half files",
    "core's half files",
    "finished work",
    "temporary files",
    "told",
    "MB",
    "s to recover",
)


@dataclass(slots=True)
class Row:
    """What came of one case.

    Attributes:
        case: What was done.
        cells: Text by column.
        failed: What was not as it should be.
        notes: What is told below the table.
        skipped: Why nothing was done, if so.
    """

    case: str
    cells: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""

    def check(self, column: str, good: bool, text: str) -> None:
        """Notes a check; several of one column stand beside each other."""
        if not good:
            self.failed.append(f"{column}: {text}")
            text = f"**{text}**"
        self.say(column, text)

    def say(self, column: str, text: str) -> None:
        """Notes a figure that nothing depends on."""
        if column not in COLUMNS:
            raise ValueError(f"there is no column {column!r}")
        before = self.cells.get(column)
        self.cells[column] = f"{before}; {text}" if before else text

    def line(self) -> str:
        """The row in Markdown."""
        if self.skipped:
            cells = [self.case, f"skipped: {self.skipped}", *[""] * (len(COLUMNS) - 2)]
        else:
            cells = [self.case, *(self.cells.get(column, "–") for column in COLUMNS[1:])]
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table, with what is to be told below it."""
    rows = list(rows)
    head = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    notes = [f"\n{note}" for row in rows for note in row.notes]
    return "\n".join([*head, *(row.line() for row in rows), *notes])
