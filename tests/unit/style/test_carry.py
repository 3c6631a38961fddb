"""The search for what carries over: order, single sources, the pixels as check, the report."""

import os
from types import SimpleNamespace

import numpy as np
import pytest

from wanderlens.direction import Brief, compose
from wanderlens.errors import InputError
from wanderlens.metadata import folders
from wanderlens.metadata.folders import find_in_folders
from wanderlens.metadata.limits import MetadataError
from wanderlens.style import ImageStyle
from wanderlens.style.carry import SOURCES, Still, carry_over, nothing

GREY = np.repeat(np.random.default_rng(1).integers(20, 230, (64, 64, 1)), 3, 2).astype(np.uint8)


def colour() -> np.ndarray:
    return np.random.default_rng(1).integers(20, 230, (64, 64, 3)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path, samples):
    """An input folder with a picture in it."""
    folder = tmp_path / "input"
    folder.mkdir()
    (folder / "still.png").write_bytes(samples.SAMPLES["ComfyUI PNG"].make())
    (folder / "other.png").write_bytes(samples.png({"parameters": "an owl\nSteps: 20, Seed: 1"}))
    (folder / "bare.png").write_bytes(samples.png({}))
    return folder


@pytest.fixture
def still(folder, samples):
    """Makes a still whose graph loads a file, or samples."""

    def make(**given):
        nodes = samples.graph("an eagle, 35mm film") | {
            "load": {"class_type": "LoadImage", "inputs": {"image": "still.png"}},
            "bare": {"class_type": "LoadImage", "inputs": {"image": "bare.png"}},
            "gone": {"class_type": "LoadImage", "inputs": {"image": "gone.png"}},
        }
        given = {
            "nodes": nodes.get,
            "link": ["load", 0],
            "find_file": lambda name: find_in_folders(name, {"input": folder}),
        } | given
        return Still(**given)

    return make


def test_auto_takes_the_first_that_has_words(still):
    fox, owl, eagle = ("a red fox crossing a snowy field", "an owl", "an eagle")
    cases = [
        ({"text": "a cat", "file": "other.png"}, "a cat", "text"),
        ({"file": "other.png"}, owl, "file"),
        ({}, fox, "file"),
        ({"link": ["8", 0]}, eagle, "graph"),
        ({"file": "bare.png", "link": ["8", 0]}, eagle, "graph"),
        ({"file": "gone.png"}, fox, "file"),
    ]
    for given, prompt, badge in cases:
        result = carry_over(still(**given))
        assert (result.style.prompt, result.badge) == (prompt, badge), given


@pytest.mark.parametrize(
    ("source", "given", "prompt", "said"),
    [
        ("file", {"text": "a cat", "file": "other.png"}, "an owl", "From: AUTOMATIC1111"),
        ("file", {"link": ["8", 0]}, "", "the graph does not lead to a file"),
        ("file", {}, "a red fox crossing a snowy field", "From: ComfyUI graph"),
        ("graph", {"text": "a cat", "link": ["8", 0]}, "an eagle", "the executing graph"),
        ("graph", {}, "", "leads to the file 'still.png', not to a sampler"),
        ("text", {"text": "a cat"}, "a cat", "From: prompt_text"),
        ("text", {}, "", "prompt_text is empty"),
        ("pixels", {"text": "a cat", "pixels": lambda: GREY}, "", "From: look of the pixels"),
        ("pixels", {"text": "a cat", "pixels": lambda: None}, "", "could not be measured"),
    ],
)
def test_one_source_alone(still, source, given, prompt, said):
    result = carry_over(still(**given), source)
    assert result.style.prompt == prompt
    assert said in result.report


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.png", "there is no such file"),
        ("../secret.png", "outside ComfyUI's input, output and temp folders"),
        ("bare.png", "has no prompt in it"),
    ],
)
def test_what_was_looked_for_in_vain_is_said(still, name, said):
    result = carry_over(still(file=name), "file")
    assert said in result.report
    assert result.badge == "nothing"
    assert result.style == ImageStyle()


def test_a_node_that_is_no_node_and_a_link_that_is_none():
    for link in (None, 5, "x", [], ["a"], ["a", "b"], [None, 0], ["a", True], [["a"], 0]):
        for value in (None, 5, {}, {"class_type": None}, {"class_type": "LoadImage"}):
            result = carry_over(Still(nodes=lambda _, value=value: value, link=link))
            assert result.badge == "nothing"


def test_the_pixels_complete_what_words_leave_open(still):
    look = pytest.importorskip("wanderlens.style.look")
    pytest.importorskip("cv2", reason="needs the headless extra")
    own = look.look_at(GREY)
    result = carry_over(still(file="other.png", pixels=lambda: GREY))
    assert "black and white" in result.style.style
    assert result.style.style == own.style
    assert "so the pixels' look is used" in result.report

    result = carry_over(still(pixels=lambda: GREY))
    assert result.style.style == ("film photograph", "soft morning light", "black and white")

    result = carry_over(still(text="a cat, black and white photo", pixels=lambda: GREY))
    assert result.style.style == ("black and white photo",)

    result = carry_over(still(pixels=colour))
    assert result.style.style == ("film photograph", "soft morning light")


def test_words_win_over_pixels_and_the_report_says_so(still):
    pytest.importorskip("cv2", reason="needs the headless extra")
    flat = np.full((64, 64, 3), 200, np.uint8)
    flat[20:40] = (40, 60, 200)
    result = carry_over(still(pixels=lambda: flat))
    assert result.style.medium == "live"
    assert "the pixels look drawn; the words are kept" in result.report
    assert "illustration" not in result.style.style


def test_the_report_and_the_record_say_the_same(still):
    result = carry_over(still())
    for line in ("Prompt: a red fox", "Style: film photograph, soft morning light",
                 "Medium: live", "Negative: people", "Made with: dreamModel_v8, seed 42",
                 "Left out, negative, negative words the model has already: blurry."):  # fmt: skip
        assert line in result.report
    record = result.as_json()
    assert record["prompt"] == result.style.prompt
    assert record["style"] == ["film photograph", "soft morning light"]
    assert record["seed"] == 42
    assert result.raw.startswith("a red fox")


def test_switched_off_nothing_carries_over():
    assert nothing().style == ImageStyle()
    assert nothing().badge == "nothing"


@pytest.mark.parametrize("source", ["", "Auto", None, 3, ["auto"]])
def test_an_unknown_source_is_refused(source):
    with pytest.raises(InputError, match="source must be one of auto, file, graph, text, pixels"):
        carry_over(Still(), source)
    assert SOURCES[0] == "auto"


def test_the_composer_uses_it_and_either_switch_wins(still):
    style = carry_over(still()).style
    both = compose(Brief(text="the fox leaps", image=style))
    assert "a red fox crossing a snowy field" in both.positive.lower()
    assert "soft morning light" in both.positive
    assert both.negative.startswith("people")
    without = compose(Brief(text="the fox leaps", image=style, include_image_prompt=False))
    assert "snowy field" not in without.positive
    assert "people" not in without.negative
    assert "soft morning light" in without.positive
    plain = compose(Brief(text="the fox leaps", image=style, include_image_style=False))
    assert "soft morning light" not in plain.positive
    off = compose(Brief(text="the fox leaps", image=nothing().style))
    assert off.positive == compose(Brief(text="the fox leaps")).positive


def test_names_that_lie_inside_and_outside(tmp_path):
    inside, output, outside = (tmp_path / name for name in ("input", "output", "elsewhere"))
    for place in (inside / "sub", output, outside):
        place.mkdir(parents=True)
    for file in (inside / "a.png", inside / "sub" / "b.png", output / "c.png", outside / "d.png"):
        file.write_bytes(b"x")
    (inside / "link.png").symlink_to(outside / "d.png")
    (inside / "good link.png").symlink_to(output / "c.png")
    (inside / "loop.png").symlink_to(inside / "loop.png")
    places = {"input": inside, "output": output}

    def find(name):
        return find_in_folders(name, places)

    assert find("a.png") == inside / "a.png"
    assert find("sub/b.png") == find("sub\\b.png") == inside / "sub" / "b.png"
    assert find("c.png [output]") == find("c.png") == output / "c.png"
    assert find(str(output / "c.png")) == output / "c.png"
    assert find("good link.png") == output / "c.png"
    assert find("../output/c.png") == output / "c.png"
    for name in ("link.png", "../elsewhere/d.png", str(outside / "d.png"), "/etc/passwd",
                 "sub/../../elsewhere/d.png", "/dev/zero", "..\\elsewhere\\d.png"):  # fmt: skip
        with pytest.raises(MetadataError, match="outside"):
            find(name)
    for name in (
        "c.png [input]",
        "loop.png",
        "sub",
        "",
        "x\0y",
        "a" * 5000,
        "a" * 300,
        "\ud800.png",
        "a.png [temp]",
        ".",
    ):
        with pytest.raises(MetadataError):
            find(name)
    with pytest.raises(MetadataError) as gone:
        find("gone.png")
    assert str(tmp_path) not in str(gone.value)


def test_a_name_that_only_begins_like_a_folder(tmp_path):
    (tmp_path / "input").mkdir()
    (tmp_path / "input2").mkdir()
    (tmp_path / "input2" / "a.png").write_bytes(b"x")
    with pytest.raises(MetadataError, match="outside"):
        find_in_folders("../input2/a.png", {"input": tmp_path / "input"})


@pytest.mark.parametrize(
    "name",
    [
        r"\\thief\share\still.png", "//thief/share/still.png", r"\\?\UNC\thief\share\still.png",
        r"\\.\pipe\x", r"\\thief\share\still.png [output]", "  //thief/still.png",
    ],
)  # fmt: skip
def test_no_other_machine_is_asked_for_a_file(tmp_path, monkeypatch, name):
    """To look for one, Windows would sign the user in there."""
    (tmp_path / "input").mkdir()
    looked = []
    realpath = os.path.realpath
    monkeypatch.setattr(
        os.path, "realpath", lambda path: looked.append(str(path)) or realpath(path)
    )
    with pytest.raises(MetadataError, match="outside ComfyUI's"):
        find_in_folders(name, {"input": tmp_path / "input", "output": tmp_path / "output"})
    assert not any("thief" in path or "pipe" in path for path in looked)


@pytest.mark.parametrize("fill", [" ", "\t", "[", " [input", "a/", "../"])
def test_a_long_name_is_refused_before_it_is_searched(tmp_path, monkeypatch, fill):
    """Neither the expression, which is slow on long blanks, nor the file system is given it."""
    given = []
    pattern = SimpleNamespace(fullmatch=given.append)
    monkeypatch.setattr(folders, "_ANNOTATED", pattern)
    monkeypatch.setattr(os.path, "realpath", given.append)
    with pytest.raises(MetadataError, match="name is not valid"):
        find_in_folders(f"x{fill * 1_000_000}y", {"input": tmp_path})
    assert not given


@pytest.mark.parametrize("name", ["C:/Windows/win.ini", "file:///etc/passwd", "http://a/b.png"])
def test_drives_and_addresses_are_no_names(tmp_path, name):
    with pytest.raises(MetadataError):
        find_in_folders(name, {"input": tmp_path})
