"""Decides which of a file's records tells its prompt.

1. A generator's own record, as JSON (SwarmUI, InvokeAI, NovelAI, Fooocus, Draw Things, Civitai …).
2. A `parameters` text (AUTOMATIC1111 and its kin): the words as they were used.
3. ComfyUI's graph, `prompt` before `workflow`: the words as far as the graph tells them.
4. The same records hidden in the pixels.
5. Texts and JSON with a prompt under one of the usual names.
6. A plain description (XMP, IPTC, Exif, PNG).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ..containers import Carrier, Text, read_carrier
from ..containers.hidden import read_hidden
from ..graph import read_api_graph, read_ui_graph
from ..limits import MetadataError, json_object, looks_like_json
from ..parameters import GenerationParameters, distinct
from .a1111 import looks_like_a1111, read_a1111
from .generic import read_description, read_generic_object, read_generic_texts
from .json_records import READERS, read_novelai, split_brackets

#: Where records stand, the surest first.
_RECORD_NAMES = (
    "parameters", "invokeai_metadata", "sd-metadata", "generation_data", "parameters-json",
    "Comment", "comment", "Exif UserComment", "XMP UserComment", "prompt", "Exif ImageDescription",
    "Description", "description", "XMP description", "metadata", "generation", "params",
)  # fmt: skip
_PLAIN_NAMES = (
    "parameters", "Exif UserComment", "XMP UserComment", "Comment", "comment", "XMP description",
    "Exif ImageDescription", "Description", "description",
)  # fmt: skip
_DREAM = re.compile(r'\s*"(.{0,20000}?)"\s+-\w', re.DOTALL)
_DREAM_SEED = re.compile(r"\s-S\s?(\d{1,20})\b")


def read_file(file: Path | bytes, name: str = "") -> GenerationParameters:
    """What a picture or video file says of how it was made.

    Bounds: ``limits``. Nothing of the file is written, run, or sent anywhere.

    Args:
        file: Its path, or its bytes.
        name: Its name, which tells a graph's outputs apart; the path's own by default.

    Returns:
        What was found; without a prompt where the file has none, then with notes on what could
        not be read.

    Raises:
        MetadataError: If the file cannot be opened, or is of no format that is read here.
    """
    if not name and isinstance(file, Path):
        name = file.name
    carrier = read_carrier(file)
    parameters = read_texts(carrier, name) or GenerationParameters()
    notes = parameters.notes
    if not parameters:
        parameters = _read_hidden(file, carrier, name) or _read_plain(carrier) or parameters
    return replace(parameters, notes=distinct((*carrier.notes, *notes, *parameters.notes)))


def read_texts(carrier: Carrier, name: str = "") -> GenerationParameters | None:
    """The most trusted record among a file's texts, steps 1 to 3."""
    for key in _RECORD_NAMES:
        text, record = carrier.get(key), carrier.record(key)
        if text is None or record is None:
            continue
        for reader in READERS:
            if parameters := reader(record, text.where):
                return parameters
    if (dream := carrier.get("Dream")) and (parameters := _read_dream(dream)):
        return parameters
    if parameters := _read_split_novelai(carrier):
        return parameters
    for key in _PLAIN_NAMES:
        text = carrier.get(key)
        if text and not looks_like_json(text.text) and looks_like_a1111(text.text):
            parameters = read_a1111(text.text, text.where)
            # "unknown" is what a saver writes that found no prompt
            if parameters and parameters.prompt != "unknown":
                return parameters
    return _read_graphs(carrier, name)


def _read_split_novelai(carrier: Carrier) -> GenerationParameters | None:
    """NovelAI's older files: settings in one text, the prompt in another."""
    software, text = carrier.get("Software", "Exif Software"), carrier.get("Description")
    if software is None or not software.text.startswith("NovelAI") or text is None:
        return None
    settings = carrier.record("Comment") or carrier.record("Exif UserComment") or {}
    return read_novelai({"uc": "", **settings, "prompt": text.text}, text.where)


def _read_dream(text: Text) -> GenerationParameters | None:
    """InvokeAI 1: the command line, `"prompt [negative words]" -s 50 -S 42 …`."""
    match = _DREAM.match(text.text)
    if match is None:
        return None
    positive, negative = split_brackets(match[1])
    seed = _DREAM_SEED.search(text.text, match.end(1))
    return GenerationParameters(
        prompt=positive,
        negative=negative,
        software="InvokeAI",
        where=text.where,
        seed=int(seed[1]) if seed else None,
    )


def _read_graphs(carrier: Carrier, name: str) -> GenerationParameters | None:
    """ComfyUI's graphs: in texts of their own, or together as one object."""
    notes: tuple[str, ...] = ()
    for key in ("prompt", "Exif UserComment", "Comment", "comment", "workflow"):
        text, value = carrier.get(key), carrier.record(key)
        if text is None or value is None:
            continue
        for part in (value, value.get("prompt"), value.get("workflow")):
            part = json_object(part) if isinstance(part, str) else part
            if not isinstance(part, dict):
                continue
            reader = read_ui_graph if isinstance(part.get("nodes"), list) else read_api_graph
            parameters = reader(part, text.where, name)
            if parameters:
                return parameters
            if parameters is not None:
                notes = notes or parameters.notes
    return GenerationParameters(notes=notes) if notes else None


def _read_hidden(file: Path | bytes, carrier: Carrier, name: str) -> GenerationParameters | None:
    try:
        text = read_hidden(file, carrier)
    except MetadataError as error:
        carrier.notes.append(f"Hidden text is left out: {error}.")
        return None
    if not text:
        return None
    where = "hidden in the pixels"
    hidden = Carrier(carrier.kind, {"parameters": Text(text, where)})
    if record := json_object(text):
        hidden.texts |= {
            key: Text(value, where)
            for key, value in list(record.items())[:100]
            if isinstance(value, str)
        }
    if parameters := read_texts(hidden, name):
        return parameters
    return None if looks_like_json(text) else read_a1111(text, where)


def _read_plain(carrier: Carrier) -> GenerationParameters | None:
    """Steps 5 and 6."""
    if parameters := read_generic_texts(carrier):
        return parameters
    for name, text in list(carrier.texts.items())[:200]:
        record = carrier.record(name)
        if record is not None and (parameters := read_generic_object(record, text.where)):
            return parameters
    text = carrier.get("parameters")
    if text and not looks_like_json(text.text):
        return read_a1111(text.text, text.where)
    return read_description(carrier)
