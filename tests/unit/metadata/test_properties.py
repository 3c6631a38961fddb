"""Any bytes, any text and any graph give a result or a MetadataError, and results are sound."""

import contextlib
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wanderlens.metadata.formats import read_file
from wanderlens.metadata.graph import read_api_graph, read_ui_graph
from wanderlens.metadata.limits import MetadataError
from wanderlens.style.carry import Still, carry_over
from wanderlens.style.cleaning import (
    MAX_NEGATIVE_WORDS,
    MAX_STYLE_WORDS,
    clean_negative,
    clean_prompt,
)
from wanderlens.style.shorten import MAX_SUBJECT_WORDS, count_words
from wanderlens.text import MAX_PROMPT

relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

HEADS = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x10ftypavif",
    b"\0\0\0\x10ftypmp42", b"\x1a\x45\xdf\xa3",
)  # fmt: skip
PIECES = st.sampled_from(
    ["(", ")", "[", "]", "{", "}", "|", ":", "1.2", ",", ".", " ", "\n", "<lora:", ">", "__", "::",
     "a fox", "1girl", "masterpiece", "oil painting", "of", "soft light", "by", "BREAK", "++",
     "embedding:", "\\", "/*", "*/", "--", "^_^", "雪", "\ud800", "\0"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["prompt", "uc", "seed", "model", "image", "sui_image_params", "v4_prompt", "caption",
             "Comment", "extraMetadata", "positive_prompt", "c", "styles", "base_model", "loras",
             "inputs", "class_type", "nodes", "links"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


def sound(found):
    """What every result must be: writable, and within a prompt's length."""
    for text in (found.prompt, found.negative, found.software, found.where, found.model):
        assert len(text) <= MAX_PROMPT
        text.encode("utf-8")
    assert all(len(name) <= 120 for name in found.loras)
    assert found.seed is None or 0 <= found.seed < 2**64


@relaxed
@given(st.sampled_from(HEADS), st.binary(max_size=400))
def test_any_bytes_behind_a_formats_head(head, tail):
    with contextlib.suppress(MetadataError):
        sound(read_file(head + tail))


@relaxed
@given(st.data())
def test_any_damage_to_any_sample(samples, data):
    name = data.draw(st.sampled_from(sorted(samples.SAMPLES)))
    content = bytearray(_made(samples, name))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MetadataError):
        sound(read_file(bytes(content)))


_CACHE: dict[str, bytes] = {}


def _made(samples, name):
    if name not in _CACHE:
        _CACHE[name] = samples.SAMPLES[name].make()
    return _CACHE[name]


@relaxed
@given(JSON, st.sampled_from(["parameters", "prompt", "workflow", "Comment", "sd-metadata", "x"]))
def test_any_json_in_any_text(samples, value, key):
    text = json.dumps(value)
    sound(read_file(samples.png({key: text})))


@relaxed
@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.fixed_dictionaries(
            {
                "class_type": st.sampled_from(
                    ["KSampler", "CLIPTextEncode", "ConditioningCombine", "StringConcatenate",
                     "SaveImage", "LoadImage", "ImpactSwitch", "ShowText", "CFGGuider", "Reroute"]
                ),
                "inputs": st.dictionaries(
                    st.sampled_from(
                        ["positive", "negative", "text", "conditioning_1", "conditioning_2",
                         "images", "image", "samples", "latent_image", "guider", "string_a",
                         "string_b", "select", "input1", "input2", "clip", "model", "seed"]
                    ),
                    st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)).map(list)
                    | st.text(max_size=6) | st.integers() | st.none(),
                    max_size=5,
                ),
            }
        ),
        max_size=6,
    )
)  # fmt: skip
def test_any_graph_ends(nodes):
    if found := read_api_graph(nodes, "test"):
        sound(found)
    carry_over(Still(nodes=nodes.get, link=["a", 0]))
    read_ui_graph({"nodes": list(nodes.values()), "links": []}, "test")


@relaxed
@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200))
def test_any_prompt_is_cleaned(text):
    cleaned = clean_prompt(text)
    assert count_words(cleaned.prompt) <= MAX_SUBJECT_WORDS
    assert len(cleaned.style) <= MAX_STYLE_WORDS
    for word in (cleaned.prompt, *cleaned.style, *cleaned.dropped, *cleaned.loras):
        word.encode("utf-8")
        assert "\n" not in word
    assert all(style and "," not in style for style in cleaned.style)
    negative, _ = clean_negative(text)
    assert count_words(negative) <= MAX_NEGATIVE_WORDS
    negative.encode("utf-8")


@relaxed
@given(
    st.lists(
        st.sampled_from(
            ["a fox", "in snow", "oil painting", "soft light", "one girl", "trees", "dancing"]
        ),
        max_size=7,
        unique=True,
    )
)
def test_cleaning_twice_changes_nothing(phrases):
    once = clean_prompt(", ".join(phrases))
    again = clean_prompt(", ".join((once.prompt, *once.style)))
    assert (again.prompt, again.style) == (once.prompt, once.style)
