"""Tidies foreign text for display: no control characters, bounded length."""

from __future__ import annotations

import re

#: Characters of a prompt; what comes after is left out.
MAX_PROMPT = 20_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b-\u200f]")


def tidy(text: str, limit: int = MAX_PROMPT) -> str:
    """A text without control characters and lone surrogates, cut at a limit."""
    return _CONTROL.sub("", text[:limit].replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str, limit: int) -> str:
    """A text as one line of a report: for a terminal too, which obeys control characters."""
    return tidy(text, limit).replace("\n", " ")
