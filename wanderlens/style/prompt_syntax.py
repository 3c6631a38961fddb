"""Removes the syntax of prompt languages: weights, alternatives, LoRAs, wildcards.

Knows that of AUTOMATIC1111 and its kin, ComfyUI, InvokeAI (Compel), NovelAI, SwarmUI, Midjourney
and dynamic prompts. Every step is linear in the prompt's length, which is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..metadata.parameters import distinct, file_stem
from ..text import MAX_PROMPT, tidy
from .cleaning_words import CleaningWords

#: Brackets inside brackets are opened as often as this.
_MAX_NESTING = 24

_BLANKS = re.compile(r"[^\S\n]+")
_COMMENT = re.compile(r"/\*.{0,4000}?\*/", re.DOTALL)
_LORA = re.compile(r"<(?:lora|lyco|lycoris|hypernet):([^<>:]{1,200})[^<>]{0,80}>", re.IGNORECASE)
# What stands behind these of SwarmUI's tags is about a part of the picture, or another stage.
_SECTION = re.compile(r"<(?:segment|object|region|refiner|base|video|extend|clear)\b[^<>]{0,300}>",
                      re.IGNORECASE)  # fmt: skip
_CHOICE_TAG = re.compile(r"<(?:random|alternate|fromto)(?:\[[^\]]{0,40}\])?:([^<>|,]{1,400})"
                         r"[^<>]{0,800}>", re.IGNORECASE)  # fmt: skip
_TAG = re.compile(r"<[a-z][^<>\n]{0,300}>", re.IGNORECASE)
_EMBEDDING = re.compile(r"\bembedding:\s?([\w./\\ -]{1,100}?)(?=[\s,:()\[\]]|$)", re.IGNORECASE)
_WILDCARD = re.compile(r"__[\w/*.~ -]{1,100}?__")
_MIDJOURNEY = re.compile(r"\s--[a-z]{1,12}\b.{0,2000}", re.IGNORECASE | re.DOTALL)
_SEPARATORS = re.compile(r"\b(?:BREAK|ADDCOMM|ADDBASE|ADDCOL|ADDROW|AND)\b|(?<=\s)\|{1,3}(?=\s)")
_COMPEL_CALL = re.compile(r"\)?\.(?:and|blend|swap)\([^()]{0,200}\)")
_COMPEL_WEIGHT = re.compile(r"(?<=[\w)\"'])(?:\+{1,10}|-{2,10})(?=[\s,.)]|$)")
_COMPEL_NUMBER = re.compile(r"(?<=\))\s?\d?\.\d{1,3}\b")
_NOVELAI_WEIGHT = re.compile(r"-?\d{0,2}\.?\d{1,3}::([^:]{0,400})::")
_INNERMOST = re.compile(r"([({\[])([^(){}\[\]]{0,4000})([)}\]])")
_WEIGHT = re.compile(r":\s*-?\d{0,2}\.?\d{1,4}\s*$")
_LOOSE_WEIGHT = re.compile(r":\s*-?\d{1,2}\.\d{1,3}(?=\s*(?:,|$))", re.MULTILINE)
_NUMBER = re.compile(r"\s*-?\d{0,3}\.?\d{1,4}\s*")
_CHOICE_COUNT = re.compile(r"^\s*[\d-]{1,7}\$\$(?:[^$]{0,10}\$\$)?")
_CHOICE_WEIGHT = re.compile(r"^\s*\d{0,3}\.?\d{1,3}::")
_ESCAPED = {"\\(": "\ue000", "\\)": "\ue001", "\\[": "\ue002", "\\]": "\ue003", "\\{": "\ue004",
            "\\}": "\ue005"}  # fmt: skip


@dataclass(slots=True)
class Plain:
    """A prompt without syntax.

    Attributes:
        text: The words, and the commas and line breaks between them.
        loras: Names of LoRAs that the prompt called.
        dropped: What was taken out, by reason.
    """

    text: str = ""
    loras: tuple[str, ...] = ()
    dropped: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, what: str) -> None:
        """Notes that something was left out."""
        self.dropped.setdefault(reason, []).append(what.strip())


def to_plain(prompt: str, words: CleaningWords) -> Plain:
    """Takes the syntax out of a prompt of any of the known languages."""
    plain = Plain()
    text = _COMMENT.sub(" ", _BLANKS.sub(" ", tidy(prompt, MAX_PROMPT)))
    text = _cut(text, plain)
    loras: list[str] = []

    def call(match: re.Match[str]) -> str:
        loras.append(file_stem(match[1]))
        return ", "

    text = _LORA.sub(call, text)
    text = _CHOICE_TAG.sub(r" \1 ", text)
    text = _TAG.sub(_noting(plain, "tags"), text)
    text = _EMBEDDING.sub(_noting(plain, "embeddings"), text)
    text = words.embeddings.sub(_noting(plain, "embeddings"), text)
    text = _WILDCARD.sub(_noting(plain, "wildcards"), text)
    text = _SEPARATORS.sub(", ", text)
    for mark, stand_in in _ESCAPED.items():
        text = text.replace(mark, stand_in)
    text = _NOVELAI_WEIGHT.sub(r"\1", text)
    text = _COMPEL_CALL.sub(" ", text)
    text = _COMPEL_WEIGHT.sub("", text)
    text = _COMPEL_NUMBER.sub("", text)
    text = _open_brackets(text)
    text = _LOOSE_WEIGHT.sub("", text)
    for mark, stand_in in _ESCAPED.items():
        text = text.replace(stand_in, mark[1])
    plain.text = _BLANKS.sub(" ", text.replace("\\", " "))
    plain.loras = distinct(loras)
    return plain


def _cut(text: str, plain: Plain) -> str:
    """Leaves out what belongs to another stage, and Midjourney's settings."""
    if match := _SECTION.search(text):
        plain.drop("parts for other stages", text[match.start() :][:80])
        text = text[: match.start()]
    if match := _MIDJOURNEY.search(text):
        plain.drop("settings", match[0][:80])
        text = text[: match.start()]
    return text


def _noting(plain: Plain, reason: str) -> Callable[[re.Match[str]], str]:
    """A replacement by nothing that notes what it takes out."""

    def take(match: re.Match[str]) -> str:
        plain.drop(reason, match[0])
        return " "

    return take


def _open_brackets(text: str) -> str:
    """Opens brackets from the inside out; what is left of unbalanced ones goes."""
    for _ in range(_MAX_NESTING):
        opened = _INNERMOST.sub(_open_one, text)
        if opened == text:
            break
        text = opened
    return re.sub(r"[(){}\[\]]", " ", text)


def _open_one(match: re.Match[str]) -> str:
    bracket, inside = match[1], match[2]
    if bracket == "(":
        return _WEIGHT.sub("", inside)
    if "|" in inside:  # alternatives: the first stands for them
        first = _CHOICE_COUNT.sub("", inside).split("|", 1)[0]
        return _CHOICE_WEIGHT.sub("", first)
    if bracket == "[" and ":" in inside:  # [from:to:when], [to:when], [from::when]
        parts = [part for part in inside.split(":") if part.strip() and not _NUMBER.fullmatch(part)]
        return parts[-1] if parts else ""
    return inside
