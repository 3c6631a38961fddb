"""Damaged, hostile and enormous files: bounded work and memory, a clear message, no exception.

Work is bounded by what is read and visited. Memory and time are those of the documentation,
256 MiB and 5 seconds, the time taken fourfold as a guard against hangs: while Python's memory is
traced everything is slower.
"""

import json
import os
import struct
import zlib

import pytest

from wanderlens.metadata.containers import read_carrier
from wanderlens.metadata.containers.source import Source
from wanderlens.metadata.formats import read_file
from wanderlens.metadata.graph.graph import MAX_STEPS
from wanderlens.metadata.limits import MAX_PARTS, MAX_TEXT, MetadataError
from wanderlens.style.carry import Still, carry_over

SECONDS, MEBIBYTES = 20.0, 256.0


@pytest.fixture
def carried(bounded):
    """Carries over from bytes or a path, within the stated bounds."""

    def carry(file, seconds=SECONDS, mebibytes=MEBIBYTES):
        def find(_):
            return file

        with bounded(seconds, mebibytes):
            return carry_over(Still(file="still", find_file=find))

    return carry


class CountedNodes:
    """A graph's nodes; counts how often one is looked up."""

    def __init__(self, nodes):
        self.nodes, self.lookups = nodes, 0

    def get(self, node_id):
        self.lookups += 1
        return self.nodes.get(node_id)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_text_that_inflates_to_gigabytes(samples, carried, kind):
    engine, block = zlib.compressobj(9), b"a" * (1 << 20)
    data = engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)
    data += (engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)) * 3000
    head = b"parameters\0\0" if kind == b"zTXt" else b"parameters\0\1\0\0\0"
    result = carried(samples.with_chunk(kind, head + data), mebibytes=64)
    assert "inflates to more than 4 MiB" in result.report
    assert result.style.prompt == ""


def test_hidden_text_that_inflates_beyond_the_bound(samples, carried):
    result = carried(samples.hidden("a" * (MAX_TEXT + 1)), mebibytes=64)
    assert "Hidden text is left out: its text inflates to more than 4 MiB" in result.report


def test_a_picture_too_large_to_look_for_hidden_text_is_not_decoded(samples, carried):
    """A header that promises 65,000 by 65,000 pixels with alpha."""
    data = bytearray(samples.saved(samples.picture("RGBA"), "PNG"))
    data[16:24] = struct.pack(">II", 65_000, 65_000)
    carried(bytes(data), mebibytes=16)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_nested_100_000_deep(samples, carried, opening, closing):
    text = opening * 100_000 + "1" + closing * 100_000
    for key in ("parameters", "prompt", "Comment", "workflow", "other"):
        assert carried(samples.png({key: '{"prompt":' + text + "}"})).style.prompt == ""


def test_a_graph_of_100_000_nodes(carried, samples, bounded):
    nodes = {
        str(number): {"class_type": "ImageBlur", "inputs": {"image": [str(number + 1), 0]}}
        for number in range(100_000)
    }
    nodes["0"] = {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}
    counted = CountedNodes(nodes)
    with bounded(SECONDS, MEBIBYTES):
        result = carry_over(Still(nodes=counted.get, link=["0", 0]))
    assert counted.lookups <= MAX_STEPS
    assert "larger than is walked" in result.report
    text = json.dumps(nodes, separators=(",", ":"))
    assert len(text) > MAX_TEXT  # a file this large is refused before it is parsed
    result = carried(samples.with_chunk(b"tEXt", b"prompt\0" + text.encode()))
    assert "too large" in result.report


def test_the_largest_graph_that_is_parsed(carried, samples):
    """A wide one: every node an output that leads to every sampler."""
    nodes = {str(n): {"class_type": "SaveImage", "inputs": {"images": [str(n + 1), 0]}}
             for n in range(40_000)}  # fmt: skip
    text = json.dumps(nodes, separators=(",", ":"))
    assert MAX_TEXT // 2 < len(text) < MAX_TEXT
    assert carried(samples.with_chunk(b"tEXt", b"prompt\0" + text.encode())).style.prompt == ""


def test_cyclic_links(samples, carried):
    nodes = samples.graph()
    nodes["8"]["inputs"]["samples"] = ["8", 0]
    assert samples.PROMPT.startswith(
        carried(samples.png({"prompt": json.dumps(nodes)})).style.prompt
    )
    nodes = samples.graph()
    nodes["6"] = {"class_type": "ConditioningCombine",
                  "inputs": {"conditioning_1": ["10", 0], "conditioning_2": ["6", 0]}}  # fmt: skip
    nodes["10"] = {"class_type": "ConditioningCombine",
                   "inputs": {"conditioning_1": ["6", 0], "conditioning_2": ["11", 0]}}  # fmt: skip
    nodes["11"] = {"class_type": "CLIPTextEncode", "inputs": {"text": ["12", 0], "clip": ["4", 1]}}
    nodes["12"] = {"class_type": "StringConcatenate",
                   "inputs": {"string_a": ["12", 0], "string_b": "a fox"}}  # fmt: skip
    assert carried(samples.png({"prompt": json.dumps(nodes)})).style.prompt == "a fox"


def test_texts_that_double_at_every_node(bounded):
    nodes = {
        str(n): {"class_type": "StringConcatenate",
                 "inputs": {"string_a": [str(n + 1), 0], "string_b": [str(n + 1), 0]}}
        for n in range(100)
    }  # fmt: skip
    nodes["100"] = {"class_type": "PrimitiveString", "inputs": {"value": "fox "}}
    nodes["e"] = {"class_type": "CLIPTextEncode", "inputs": {"text": ["0", 0], "clip": ["c", 0]}}
    nodes["s"] = {"class_type": "KSampler",
                  "inputs": {"positive": ["e", 0], "negative": ["e", 0]}}  # fmt: skip
    counted = CountedNodes(nodes)
    with bounded(SECONDS, 64):
        result = carry_over(Still(nodes=counted.get, link=["s", 0]))
    assert counted.lookups <= 2 * len(nodes), "each node is read about once, not once for each way"
    assert result.style.prompt.startswith("fox")


def test_a_replacement_does_not_fill_memory(bounded):
    nodes = {
        "r": {"class_type": "StringReplace",
              "inputs": {"string": "a" * 100_000, "find": "a", "replace": "b " * 50_000}},
        "e": {"class_type": "CLIPTextEncode", "inputs": {"text": ["r", 0], "clip": ["c", 0]}},
        "s": {"class_type": "KSampler", "inputs": {"positive": ["e", 0], "negative": ["e", 0]}},
    }  # fmt: skip
    with bounded(SECONDS, 64):
        result = carry_over(Still(nodes=nodes.get, link=["s", 0]))
    assert result.style.prompt.startswith("b b")


def test_long_chains_of_conditioning_end(bounded):
    nodes = {
        str(n): {"class_type": "ConditioningSetArea", "inputs": {"conditioning": [str(n + 1), 0]}}
        for n in range(50_000)
    }
    nodes["s"] = {"class_type": "KSampler",
                  "inputs": {"positive": ["0", 0], "negative": ["1", 0]}}  # fmt: skip
    counted = CountedNodes(nodes)
    with bounded(SECONDS, 64):
        result = carry_over(Still(nodes=counted.get, link=["s", 0]))
    assert counted.lookups <= MAX_STEPS
    assert "larger than is walked" in result.report


@pytest.mark.parametrize("text", [b"\xff\xfe\xfd fox", b"\x80 fox", b"\xc3\x28 fox"])
def test_invalid_utf_8(samples, carried, text):
    result = carried(samples.with_chunk(b"tEXt", b"Description\0" + text))
    assert result.style.prompt.endswith("fox")
    result.style.prompt.encode("utf-8")


def test_lone_surrogates_do_not_come_through(samples, carried):
    record = '{"positive_prompt": "a \\ud800fox", "negative_prompt": "\\udfff"}'
    result = carried(samples.png({"invokeai_metadata": record}))
    assert result.style.prompt == "a fox"
    json.dumps(result.as_json(), ensure_ascii=False).encode("utf-8")


def test_text_after_the_pixels(samples, carried):
    data = samples.png({"parameters": samples.a1111()}, after=True)
    assert "a red fox" in carried(data).style.prompt


def test_an_empty_file(tmp_path, carried):
    file = tmp_path / "still.png"
    file.touch()
    result = carried(file, mebibytes=16)
    assert "it is empty" in result.report
    assert result.badge == "nothing"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_and_a_device_are_refused_without_waiting(tmp_path, carried):
    os.mkfifo(tmp_path / "pipe.png")
    for file in (tmp_path / "pipe.png", tmp_path, "/dev/zero", "/dev/null"):
        assert "not a regular file" in carried(file, mebibytes=16).report


def test_a_file_without_end_of_chunks(samples, bounded, monkeypatch):
    """Five million empty chunks, of which `MAX_PARTS` are visited."""
    visited = []
    next_part = Source.next_part
    monkeypatch.setattr(Source, "next_part", lambda self: visited.append(0) or next_part(self))
    data = samples.saved(samples.picture(), "PNG")[:33] + samples.chunk(b"abCd", b"") * 5_000_000
    with bounded(SECONDS, 128):
        carrier = read_carrier(data)
    assert len(visited) == MAX_PARTS + 1
    assert "ends early" in carrier.notes[0]


def test_many_texts_share_one_budget(samples, bounded):
    text = b"key\0" + b"a" * (1 << 20)
    data = samples.saved(samples.picture(), "PNG")[:33] + samples.chunk(b"tEXt", text) * 60
    with bounded(SECONDS, 192):
        carrier = read_carrier(data)
    assert sum(len(found.text) for found in carrier.texts.values()) <= MAX_TEXT
    assert carrier.notes


def test_sizes_that_lie(samples):
    data = samples.saved(samples.picture(), "PNG")[:33] + b"\xff\xff\xff\xfftEXtparameters\0fox"
    assert "too large" in " ".join(read_carrier(data).notes)
    for size in (0, 7, 0xFFFFFFFF):
        data = (
            b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + struct.pack(">I4s", size, b"moov") + b"x" * 64
        )
        read_carrier(data)
    nested = b""
    for _ in range(200):
        nested = struct.pack(">I4s", len(nested) + 8, b"moov") + nested
    data = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + nested
    assert read_carrier(data).notes


def test_matroska_nested_without_end():
    nested = b"\x73\x73\x01" + b"\xff" * 7  # a tag of unknown size
    assert read_carrier(b"\x1a\x45\xdf\xa3\x80" + nested * 1000).notes


def test_xmp_with_entities_of_its_own_is_refused(samples):
    packet = samples.xmp(description="&a;").replace(b"&amp;a;", b"&a;")
    packet = b'<!DOCTYPE x [<!ENTITY a "fox">]>' + packet
    carrier = read_carrier(samples.with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    assert "XMP description" not in carrier.texts
    assert "XMP data is damaged" in carrier.notes[0]


def test_exif_that_points_into_itself(samples):
    entry = struct.pack(">HHII", 0x8769, 4, 1, 8)
    data = b"MM\0*\0\0\0\x08\0\x01" + entry
    assert read_carrier(samples.with_chunk(b"eXIf", data)).texts == {}


@pytest.mark.parametrize("data", [b"BM" + b"\0" * 20, b"%PDF-1.7" + b"\0" * 20, b"x"])
def test_other_files_are_refused_in_words(data):
    with pytest.raises(MetadataError, match="no PNG, JPEG, WebP, AVIF, GIF, MP4 or WebM"):
        read_file(data)


def test_a_gif_that_points_past_its_end_or_never_ends():
    head = b"GIF89a" + b"\0" * 7
    assert "ends early" in read_carrier(head + b"\x21\xfe\xff").notes[0]
    endless = read_carrier(head + b"\x21\xfe" + b"\x01x" * 100_000)
    assert not endless.texts
    assert "ends early" in endless.notes[0]
    assert read_carrier(head + b"\x2c" + b"\0" * 20).notes == []


def test_values_of_any_type_where_others_are_expected(samples, carried):
    junk = [None, True, 7, -1.5, 10**400, "x", [], [[]], {}, {"a": None}, [1, 2], ["a", "b"]]
    for value in junk:
        for key in ("sui_image_params", "positive_prompt", "image", "v4_prompt", "Comment", "c"):
            record = {key: value, "uc": value, "prompt": value, "styles": value, "seed": value,
                      "base_model": value, "loras": value, "model": value,
                      "extraMetadata": value}  # fmt: skip
            carried(samples.png({"parameters": json.dumps(record)}))
        graph = samples.graph()
        graph["3"]["inputs"] = dict.fromkeys(graph["3"]["inputs"], value)
        graph["6"]["inputs"] = value
        graph["9"] = value
        carried(samples.png({"prompt": json.dumps(graph)}))
        workflow = samples.workflow()
        workflow["nodes"] += [value, {"id": value, "type": "KSampler", "inputs": value,
                                      "widgets_values": value, "mode": value}]  # fmt: skip
        workflow["links"] += [value, [value] * 6]
        carried(samples.png({"workflow": json.dumps(workflow)}))


def test_slow_expressions_do_not_exist(samples, bounded):
    """Long runs of what the expressions look for, in texts as long as are read.

    Something stands before and behind: readers strip blanks at the ends.
    """
    parts = ["a ", "Steps: ", "a:", "(", "[a|", "{a:", "<lora:a", '"', "\\", "1.1::", "by a "]
    parts += ["very ", "soft light ", "Negative prompt:", "\n", "--a ", "a_", ":1.", "a-"]
    parts += [" ", "\n ", "Job ID:", "\u3000", "embedding:a ", ").and(", "Template:"]
    for part in parts:
        text = f"x{part * (1_000_000 // len(part.encode()))} --ar 1"
        for key in ("parameters", "Description", "Dream"):
            with bounded(SECONDS, MEBIBYTES):
                read_file(samples.with_chunk(b"tEXt", key.encode() + b"\0" + text.encode()))


@pytest.mark.parametrize("word", ["qwen", "prompt_", "llm", "a"])
def test_a_class_with_a_name_without_end_is_none(samples, bounded, word):
    nodes = samples.graph()
    nodes["6"] = {"class_type": word * 500_000, "inputs": {"conditioning": ["7", 0]}}
    with bounded(SECONDS, MEBIBYTES):
        read_file(samples.with_chunk(b"tEXt", b"prompt\0" + json.dumps(nodes).encode()))


def box(kind, content):
    return struct.pack(">I4s", len(content) + 8, kind) + content


def test_items_of_many_extents_that_take_no_byte(bounded):
    """60,000 items of 65,535 extents each, in 360 KB."""
    places = b"\0" * 6 + struct.pack(">H", 60_000) + struct.pack(">HHH", 1, 0, 65_535) * 60_000
    item = box(b"infe", b"\2\0\0\0" + struct.pack(">H", 1) + b"\0\0Exif\0")
    items = box(b"iinf", b"\0\0\0\0" + struct.pack(">H", 1) + item)
    meta = b"\0\0\0\0" + box(b"hdlr", b"\0" * 24) + items + box(b"iloc", places)
    with bounded(SECONDS, 32):
        read_carrier(box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(b"meta", meta))


@pytest.mark.parametrize("tag", [0x1234, 0x010E, 0x9286])
def test_exif_whose_fields_all_claim_all_of_it(samples, bounded, tag):
    """1,000 fields of 4 MB in 4 MB."""
    size = MAX_TEXT - 100
    data = b"MM\0*\0\0\0\x08" + struct.pack(">H", 1000)
    data += struct.pack(">HHII", tag, 7, size - 13_000, 12_500) * 1000
    with bounded(SECONDS, 64):
        read_carrier(samples.with_chunk(b"eXIf", data.ljust(size, b"a")))


def test_a_report_stays_short(samples, carried):
    chunks = (samples.chunk(b"zTXt", b"%05d" % n + b"k" * 70 + b"\0\0bad") for n in range(60_000))
    result = carried(samples.saved(samples.picture(), "PNG")[:33] + b"".join(chunks))
    assert "more lines are left out" in result.report
    assert len(result.report) < 20_000


def test_no_control_character_reaches_a_terminal(samples, carried):
    """A text's name, a tag's and a class's are told as they stand in the file."""
    evil = "\x1b]0;owned\x07\x9b31m\nPrompt: false"
    texts = {
        f"key{evil}"[:70]: '{"prompt": "a fox"}',
        "prompt": json.dumps({
            "1": {"class_type": f"Sampler{evil}", "inputs": {"image": ["2", 0]}},
            "2": {"class_type": f"LoadImage{evil}", "inputs": {"image": f"a{evil}.png"}},
            "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        }),
    }  # fmt: skip
    data = samples.saved(samples.picture(), "PNG")[:33]
    for key, text in texts.items():
        data += samples.chunk(b"tEXt", key.encode("latin-1") + b"\0" + text.encode())
    result = carried(data)
    assert result.style.prompt == "a fox"
    for text in (result.report, result.style.source):
        assert not set(text) & set(map(chr, (*range(10), *range(11, 32), *range(127, 160)))), text
    assert sum(line.startswith("Prompt: ") for line in result.report.splitlines()) == 1
