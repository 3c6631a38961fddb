"""Tidies foreign text for display: no control characters, bounded length."""

from __future__ import annotations

import re

#: The longest prompt, in characters; the rest is cut off.
MAX_PROMPT = 20_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b-\u200f]")


def tidy(text: str, limit: int = MAX_PROMPT) -> str:
    """Removes control characters and lone surrogates, and cuts the text at a limit."""
    return _CONTROL.sub("", text[:limit].replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str, limit: int) -> str:
    """Makes a text one line, safe for a report and for a terminal."""
    return tidy(text, limit).replace("\n", " ")
