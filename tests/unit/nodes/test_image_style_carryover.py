"""The node outside ComfyUI: what it gives, what it refuses, and what it never raises."""

import importlib
import math

import pytest

torch = pytest.importorskip("torch", reason="the node's pictures are tensors")


@pytest.fixture
def node(pack):
    return pack.NODE_CLASS_MAPPINGS["ImageStyleCarryover"]()


@pytest.fixture
def error(pack):
    return importlib.import_module(f"{pack.__name__}.wanderlens.errors").InputError


@pytest.fixture
def graph(samples):
    """A graph that ends in the node, as ComfyUI hands it over."""
    nodes = samples.graph()
    nodes["20"] = {"class_type": "ImageStyleCarryover",
                   "inputs": {"image": ["8", 0], "include": True, "source": "auto"}}  # fmt: skip
    return nodes


def picture():
    return torch.rand(2, 64, 48, 3, generator=torch.Generator().manual_seed(1))


def test_the_executing_graphs_words_carry_over(node, graph, samples):
    image = picture()
    output = node.execute(image, True, "auto", prompt=graph, unique_id="20")
    given, style, prompt, negative, report = output["result"]
    assert given is image
    assert style.prompt == "a red fox crossing a snowy field"
    assert prompt == "a red fox crossing a snowy field, film photograph, soft morning light"
    assert (negative, style.medium, style.seed) == ("people", "live", samples.SEED)
    assert "the executing graph" in report
    assert output["ui"]["text"] == (report,)
    assert output["ui"]["wanderlens_style"][0]["badge"] == "graph"


def test_off_gives_nothing(node, graph):
    output = node.execute(picture(), False, "auto", "x.png", "a fox", graph, None, "20")
    _, style, prompt, negative, report = output["result"]
    assert (style.prompt, style.style, prompt, negative) == ("", (), "", "")
    assert "Switched off" in report
    assert output["ui"]["wanderlens_style"][0]["badge"] == "nothing"


def test_the_picture_is_not_changed_and_any_picture_will_do(node):
    pytest.importorskip("cv2", reason="needs the headless extra")
    image = picture()
    kept = image.clone()
    node.execute(image, True, "pixels")
    assert torch.equal(image, kept)
    odd = [
        torch.full((1, 32, 32, 3), math.nan),
        torch.full((1, 32, 32, 3), math.inf),
        torch.rand(1, 32, 32, 4),
        torch.rand(1, 32, 32, 1),
        torch.rand(0, 32, 32, 3),
        torch.rand(1, 2, 2, 3),
        torch.rand(32, 32, 3),
        torch.rand(1, 32, 32, 3).half(),
        None,
        "no picture",
    ]
    for image in odd:
        output = node.execute(image, True, "pixels")
        assert output["result"][4]


@pytest.mark.parametrize(
    ("given", "widget"),
    [
        ({"include": 1}, "include"),
        ({"include": None}, "include"),
        ({"source": "Auto"}, "source"),
        ({"source": math.nan}, "source"),
        ({"image_file": None}, "image_file"),
        ({"image_file": ["a"]}, "image_file"),
        ({"prompt_text": 7}, "prompt_text"),
    ],
)
def test_a_linked_value_of_a_wrong_type_is_refused(node, error, given, widget):
    with pytest.raises(error) as refused:
        node.execute(picture(), **({"include": True, "source": "auto"} | given))
    assert refused.value.widget == widget


def test_whatever_the_graph_is_it_is_no_exception(node):
    odd: list = [None, {}, [], "x", {"20": None}, {"20": {}}, {"20": {"inputs": None}}]
    odd += [{"20": {"inputs": {"image": link}}} for link in ("x", None, ["20", 0], ["21", 0])]
    for prompt in odd:
        for unique_id in (None, "20", 20):
            assert node.execute(picture(), True, "graph", prompt=prompt, unique_id=unique_id)


def test_is_changed_never_raises_and_is_never_nan(node):
    for given in ({}, {"image_file": None}, {"image_file": ""}, {"image_file": "gone.png"},
                  {"image_file": "../x"}, {"image_file": "a\0b"}, {"image_file": 5},
                  {"image_file": "\ud800"}, {"image_file": "x", "include": None},
                  {"image": None, "source": None, "prompt_text": None}):  # fmt: skip
        key = node.IS_CHANGED(**given)
        assert isinstance(key, str)
        assert key == node.IS_CHANGED(**given)


def test_outside_comfyui_no_file_is_read(node, tmp_path):
    file = tmp_path / "still.png"
    file.write_bytes(b"x")
    report = node.execute(picture(), True, "file", str(file))["result"][4]
    assert "there is no such file" in report or "outside" in report
