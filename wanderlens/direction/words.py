"""Counting words and cutting text at phrases."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_PHRASE_END = re.compile(r"[,，;；]")
_ENDS = ".!?…。！？,;:，；："


def count_words(text: str) -> int:
    """Number of words; two Chinese, Japanese or Korean characters count as one."""
    characters = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text))) + (characters + 1) // 2


def split_phrases(text: str) -> list[str]:
    """The phrases between commas and semicolons, without empty ones."""
    return [phrase for part in _PHRASE_END.split(text) if (phrase := part.strip())]


def sentence(text: str) -> str:
    """Our own text as a sentence: first letter large, full stop at the end."""
    text = text.strip()
    return closed(text[:1].upper() + text[1:])


def closed(text: str) -> str:
    """A text with a full stop at its end, unless it ends in a mark of its own."""
    text = text.strip()
    return text if not text or text[-1] in _ENDS else f"{text}."
