"""Carry-over: searches file, graph, text and pixels for a still's prompt and style."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks import one_of
from ..metadata.formats import read_file
from ..metadata.graph import Graph, as_link, find_origin, found_at
from ..metadata.limits import MetadataError
from ..metadata.parameters import GenerationParameters, distinct
from ..text import one_line, tidy
from .cleaning import clean_negative, clean_prompt
from .image_style import ImageStyle
from .look import PixelLook, complete, look_at

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

AUTO, FILE, GRAPH, TEXT, PIXELS = SOURCES = ("auto", "file", "graph", "text", "pixels")

#: Lines of a report, and characters of a line: a file can give thousands of reasons.
_MOST_LINES, _LONGEST_LINE = 80, 2000

#: Gives the file that a loader names, or raises MetadataError where it may not be read.
FindFile = Callable[[str], Path]


@dataclass(frozen=True, slots=True)
class Still:
    """Everything that may tell how a still was made.

    Attributes:
        text: A prompt that was typed, or that a captioning node gives.
        file: The name of its file, as the user gave it; empty for none.
        nodes: Gives the executing graph's node of an id, of whatever type; None outside ComfyUI.
        link: Where the picture comes from in that graph, `[id, slot]`, of whatever type.
        find_file: Gives the path of a name; None where no files may be read.
        pixels: Gives the picture, [height, width, 3], RGB, 0 to 255, uint8; None for no picture.
    """

    text: str = ""
    file: str = ""
    nodes: Callable[[str], Any] | None = None
    link: Any = None
    find_file: FindFile | None = None
    pixels: Callable[[], npt.NDArray[np.uint8] | None] | None = None


@dataclass(slots=True)
class Carried:
    """What carries over, and the report on it.

    Attributes:
        style: The result; empty where nothing was found.
        report: Lines of plain text: where the words came from and what was left out.
        badge: What the result comes from, in one word: text, file, graph, pixels, or nothing.
        raw: The prompt as it was written.
        raw_negative: The negative prompt as it was written.
        settings: Further settings of a clip of ours, by name.
    """

    style: ImageStyle = field(default_factory=ImageStyle)
    report: str = ""
    badge: str = "nothing"
    raw: str = ""
    raw_negative: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The result for the web page and for `--json`."""
        style = self.style
        return {
            "badge": self.badge,
            "source": style.source,
            "prompt": style.prompt,
            "style": list(style.style),
            "medium": style.medium,
            "negative": style.negative,
            "model": style.model,
            "loras": list(style.loras),
            "seed": style.seed,
            "dropped": list(style.dropped),
            "settings": self.settings,
            "report": self.report,
        }


def check_source(source: object) -> str:
    """Gives a source back if it is one of `SOURCES`.

    Raises:
        InputError: If it is not.
    """
    return one_of(source, "source", SOURCES)


def carry_over(still: Still, source: str = AUTO) -> Carried:
    """Finds what carries over from a still. What cannot be read is said in the report, not raised.

    With "auto", the first that has words counts: the text, the named file, then what the executing
    graph leads to (a sampler's text or a loader's file). The look of the pixels completes what the
    words leave open, and stands alone where there are none.

    Args:
        still: What is known of it.
        source: "auto", or the only one of "file", "graph", "text" and "pixels" that may be used.

    Raises:
        InputError: If the source is none of these.
    """
    search = _Search(still, check_source(source))
    parameters, badge = search.words()
    look = search.look() if source in (AUTO, PIXELS) else None
    if not parameters and look is None:
        lines = ["Nothing carries over: no prompt was found.", *search.notes]
        return Carried(report=_report(lines))
    return _carried(parameters, look, badge or PIXELS, search.notes)


class _Search:
    """One search; its notes say where it looked in vain."""

    def __init__(self, still: Still, source: str) -> None:
        self._still = still
        self._source = source
        self.notes: list[str] = []

    def words(self) -> tuple[GenerationParameters, str]:
        """The words, and by which way they were found; empty for none."""
        ways = {TEXT: self._text, FILE: self._file, GRAPH: self._graph}
        for name, way in ways.items():
            if self._source in (AUTO, name):
                parameters, badge = way()
                if parameters:
                    return parameters, badge
        return GenerationParameters(), ""

    def _text(self) -> tuple[GenerationParameters, str]:
        text = tidy(self._still.text)
        if not text and self._source == TEXT:
            self.notes.append("prompt_text is empty.")
        return GenerationParameters(prompt=text, software="prompt_text"), TEXT

    def _file(self) -> tuple[GenerationParameters, str]:
        if self._still.file.strip():
            return self._read(self._still.file.strip()), FILE
        if self._source != FILE:
            return GenerationParameters(), ""
        _, name = self._walk()
        if not name:
            self.notes.append("image_file is empty, and the graph does not lead to a file.")
            return GenerationParameters(), ""
        return self._read(name), FILE

    def _graph(self) -> tuple[GenerationParameters, str]:
        parameters, name = self._walk()
        if parameters or not name:
            return parameters, GRAPH
        if self._source == GRAPH:
            self.notes.append(f"The graph leads to the file {name!r}, not to a sampler.")
            return GenerationParameters(), ""
        return self._read(name), FILE

    def _walk(self) -> tuple[GenerationParameters, str]:
        """What the executing graph leads to: a sampler's words, or a file's name."""
        if self._still.nodes is None:
            return GenerationParameters(), ""
        graph = Graph(self._still.nodes)
        origin = find_origin(graph, as_link(self._still.link))
        if origin.maker:
            notes = list(origin.notes)
            parameters = found_at(graph, origin.maker, "the executing graph", notes)
            if parameters:
                return parameters, ""
            self.notes.extend(notes)
            self.notes.append(f"{origin.maker.kind} made the picture; its words cannot be told.")
            return GenerationParameters(), ""
        self.notes.extend(origin.notes)
        if origin.file:
            return GenerationParameters(), origin.file.name
        self.notes.append("The graph leads neither to a sampler nor to a file.")
        return GenerationParameters(), ""

    def _read(self, name: str) -> GenerationParameters:
        if self._still.find_file is None:
            return GenerationParameters()
        try:
            file = self._still.find_file(name)
            parameters = read_file(file)
        except MetadataError as error:
            self.notes.append(f"The file {_shown(name)} was not read: {error}.")
            return GenerationParameters()
        if not parameters:
            self.notes.extend(parameters.notes)
            self.notes.append(f"The file {_shown(name)} has no prompt in it.")
            return GenerationParameters()
        return replace(parameters, where=f"{parameters.where}, {_shown(name)}")

    def look(self) -> PixelLook | None:
        """The look of the pixels; None where there are none, or they cannot be measured."""
        if self._still.pixels is None:
            return None
        try:
            picture = self._still.pixels()
            look = look_at(picture) if picture is not None else None
        except ImportError as error:
            self.notes.append(f"The pixels were not measured: {error.name} is not installed.")
            return None
        if look is None:
            self.notes.append("The pixels could not be measured.")
        return look


def _carried(
    parameters: GenerationParameters, look: PixelLook | None, badge: str, notes: list[str]
) -> Carried:
    cleaned = clean_prompt(parameters.prompt, parameters.styles, parameters.model)
    negative, negative_dropped = clean_negative(parameters.negative)
    style, medium, look_notes = complete(cleaned.style, cleaned.medium, look, bool(parameters))
    source = _source(parameters) if parameters else "look of the pixels"
    result = ImageStyle(
        prompt=cleaned.prompt,
        style=style,
        negative=negative,
        medium=medium,
        source=source,
        model=parameters.model,
        loras=distinct((*cleaned.loras, *parameters.loras)),
        seed=parameters.seed,
        dropped=(*cleaned.dropped, *(f"negative, {line}" for line in negative_dropped)),
    )
    lines = [f"From: {source}."]
    lines += _lines(result)
    lines += [f"Left out, {line}." for line in result.dropped]
    lines += look_notes
    if parameters.settings:
        shown = ", ".join(f"{name} {value}" for name, value in parameters.settings)
        lines.append(f"Settings: {shown}")
    lines += [*notes, *parameters.notes]
    report = _report(lines)
    return Carried(
        result, report, badge, parameters.prompt, parameters.negative, dict(parameters.settings)
    )


def _report(lines: list[str]) -> str:
    shown = [one_line(line, _LONGEST_LINE) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"{len(lines) - _MOST_LINES} more lines are left out.")
    return "\n".join(shown)


def _source(parameters: GenerationParameters) -> str:
    source = (
        f"{parameters.software} ({parameters.where})" if parameters.where else parameters.software
    )
    return one_line(source, _LONGEST_LINE)


def _lines(style: ImageStyle) -> list[str]:
    lines = []
    for name, value in (
        ("Prompt", style.prompt),
        ("Style", ", ".join(style.style)),
        ("Medium", style.medium),
        ("Negative", style.negative),
        ("Made with", _made_with(style)),
    ):
        if value:
            lines.append(f"{name}: {value}")
    return lines


def _made_with(style: ImageStyle) -> str:
    loras = f"LoRA {', '.join(style.loras)}" if style.loras else ""
    seed = f"seed {style.seed}" if style.seed is not None else ""
    return ", ".join(part for part in (style.model, loras, seed) if part)


def _shown(name: str) -> str:
    text = tidy(name, 80)
    return repr(text)


def nothing() -> Carried:
    """What carries over when it is switched off."""
    return Carried(report="Switched off: nothing carries over.")
