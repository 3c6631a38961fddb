"""Every generator's layout gives its prompt, negative words, model and seed."""

import contextlib
import json
from pathlib import Path

import pytest

from wanderlens.metadata.containers import read_carrier
from wanderlens.metadata.formats import read_file
from wanderlens.metadata.formats.a1111 import read_a1111
from wanderlens.metadata.formats.generic import read_description
from wanderlens.metadata.limits import MetadataError

EXAMPLE = Path(__file__).parents[3] / "wanderlens" / "assets" / "example.png"


def test_a_layout_is_read(samples, sample_name):
    sample = samples.SAMPLES[sample_name]
    found = read_file(sample.make())
    assert found.prompt == samples.PROMPT
    assert found.negative == sample.negative
    assert found.software == sample.software
    assert found.seed == sample.seed
    assert found.model == sample.model
    assert found.where


def test_a_layout_is_read_from_a_path_too(samples, sample_name, tmp_path):
    file = tmp_path / "still"
    file.write_bytes(samples.SAMPLES[sample_name].make())
    assert read_file(file) == read_file(file.read_bytes())


def test_a_layout_cut_anywhere_is_read_in_part_or_refused_in_words(samples, sample_name):
    data = samples.SAMPLES[sample_name].make()
    for end in range(0, len(data), max(1, len(data) // 60)):
        with contextlib.suppress(MetadataError):  # any other exception fails
            read_file(data[:end])


def test_loras_are_named(samples):
    for name in ("InvokeAI 3 PNG", "SwarmUI PNG", "Civitai JPEG, resources"):
        assert read_file(samples.SAMPLES[name].make()).loras == ("snow",)
    assert read_file(samples.SAMPLES["Fooocus PNG"].make()).loras == ("sd_xl_offset",)


def test_fooocus_styles_are_kept(samples):
    assert read_file(samples.SAMPLES["Fooocus PNG"].make()).styles == (
        "Fooocus V2",
        "SAI Analog Film",
    )


def test_text_beyond_latin_1(samples):
    prompt = "雪原を渡る赤い狐, красная лиса"
    for data in (
        samples.png({"parameters": f"{prompt}\nSteps: 20, Seed: 1"}, international=True),
        samples.jpeg(samples.exif(samples.unicode_comment(f"{prompt}\nSteps: 20, Seed: 1"))),
        samples.jpeg(samples.exif(samples.unicode_comment(f"{prompt}\nSteps: 20, Seed: 1", "le"))),
    ):
        assert read_file(data).prompt == prompt


def test_a_prompt_and_the_words_of_its_settings():
    text = "Steps: in the snow\nNegative prompt: a, b\nnegative too\nSteps: 20, Sampler: x, Seed: 5"
    found = read_a1111(text, "")
    assert found.prompt == "Steps: in the snow"
    assert found.negative == "a, b\nnegative too"
    assert found.seed == 5


def test_templates_are_no_part_of_the_negative_prompt():
    text = "fox\nNegative prompt: b\nTemplate: {fox|dog}\nNegative Template: b\nSteps: 20, Seed: 5"
    assert read_a1111(text, "").negative == "b"


def test_a_record_is_trusted_more_than_a_graph(samples):
    texts = {"prompt": json.dumps(samples.graph("from the graph"))}
    assert read_file(samples.png(texts)).prompt == "from the graph"
    texts["parameters"] = samples.a1111()
    assert read_file(samples.png(texts)).prompt == samples.PROMPT
    texts["parameters"] = "unknown\nNegative prompt: unknown\nSteps: 20, Seed: 5"
    assert read_file(samples.png(texts)).prompt == "from the graph"


def test_a_graph_is_trusted_more_than_a_description(samples):
    texts = {"Description": "a holiday", "prompt": json.dumps(samples.graph())}
    assert read_file(samples.png(texts)).prompt == samples.PROMPT


@pytest.mark.parametrize(
    "text",
    ["OLYMPUS DIGITAL CAMERA", "Created with GIMP", "default", "DCIM\\100", "12:30", "none",
     "Screenshot 2024-01-01", "NovelAI generated image", "SONY DSC"],
)  # fmt: skip
def test_what_cameras_and_editors_write_is_no_description(samples, text):
    carrier = read_carrier(samples.jpeg(samples.exif(tags={0x010E: text})))
    assert read_description(carrier) is None


def test_the_bundled_example():
    found = read_file(EXAMPLE)
    assert found.prompt.startswith("a small wooden cabin by a misty mountain lake at dawn")
    assert found.negative == "blurry, lowres, oversaturated, watermark, text"
    assert found.seed == 22


def test_a_graph_that_saves_several_pictures_is_told_apart_by_name(samples):
    graph = samples.graph("the first")
    for node, copy in {"3": "13", "6": "16", "8": "18", "9": "19"}.items():
        graph[copy] = json.loads(json.dumps(graph[node]))
    graph["16"]["inputs"]["text"] = "the second"
    graph["13"]["inputs"]["positive"] = ["16", 0]
    graph["18"]["inputs"]["samples"] = ["13", 0]
    graph["19"]["inputs"] |= {"images": ["18", 0], "filename_prefix": "night/second"}
    data = samples.png({"prompt": json.dumps(graph)})
    assert read_file(data, "second_00001_.png").prompt == "the second"
    assert read_file(data, "ComfyUI_00001_.png").prompt == "the first"
