import copy
import os

import pytest

from wanderlens.latents.prompt_hash import ancestry_key

PROMPT = {
    "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "high.safetensors"}},
    "2": {"class_type": "LoadImage", "inputs": {"image": "still.png"}, "is_changed": ["abc"]},
    "3": {"class_type": "Ours", "inputs": {"model": ["1", 0], "image": ["2", 0], "fps": 16}},
    "9": {"class_type": "SaveVideo", "inputs": {"frames": ["3", 0]}},
}
INPUTS = ("model", "image", "end_image")


@pytest.fixture
def key(tmp_path):
    """A function that gives the key of node 3, with two files on disk."""
    for name in ("high.safetensors", "still.png"):
        (tmp_path / name).write_bytes(b"content")
        os.utime(tmp_path / name, (1000, 1000))

    def files(text):
        return [tmp_path / text] if text and (tmp_path / text).is_file() else []

    def compute(prompt=PROMPT, node="3", volatile=lambda _class, _noted: False):
        return ancestry_key(prompt, node, INPUTS, files_named=files, is_volatile=volatile)

    return compute


def changed(node, **inputs):
    prompt = copy.deepcopy(PROMPT)
    prompt[node]["inputs"].update(inputs)
    return prompt


def test_the_same_prompt_gives_the_same_key(key):
    assert key() == key(copy.deepcopy(PROMPT))
    assert len(key()) == 64


def test_own_widgets_and_descendants_do_not_count(key):
    assert key() == key(changed("3", fps=32)) == key(changed("9", codec="h264"))


def test_node_ids_do_not_count(key):
    renamed = {
        "x": PROMPT["1"], "y:4": PROMPT["2"],
        "3": {"class_type": "Ours", "inputs": {"model": ["x", 0], "image": ["y:4", 0]}},
    }  # fmt: skip
    assert key() == key(renamed)


def test_ancestors_count(key):
    keys = {
        key(),
        key(changed("1", weight_dtype="fp8")),
        key(changed("2", image="other.png")),
        key(changed("3", image=["2", 1])),
        key(changed("3", end_image=["2", 0])),
        key(changed("3", model=["2", 0], image=["1", 0])),
    }
    assert len(keys) == 6


def test_what_is_changed_says_counts(key):
    prompt = copy.deepcopy(PROMPT)
    prompt["2"]["is_changed"] = ["def"]
    assert key(prompt) not in (None, key())


def test_files_count_by_size_and_time(key, tmp_path):
    before = key()
    os.utime(tmp_path / "high.safetensors", (2000, 2000))
    touched = key()
    (tmp_path / "high.safetensors").write_bytes(b"longer content")
    os.utime(tmp_path / "high.safetensors", (2000, 2000))
    assert len({before, touched, key()}) == 3


def test_files_inside_lists_and_dictionaries_count(key, tmp_path):
    prompt = changed("1", loras=[{"on": True, "lora": "still.png"}])
    before = key(prompt)
    os.utime(tmp_path / "still.png", (5000, 5000))
    assert key(prompt) != before


def test_what_is_not_known_gives_no_key(key):
    cycle = changed("1", other=["2", 0])
    cycle["2"]["inputs"]["back"] = ["1", 0]
    nan = copy.deepcopy(PROMPT)
    nan["2"]["is_changed"] = [float("nan")]
    odd = copy.deepcopy(PROMPT)
    odd["2"]["is_changed"] = [object()]
    failed = copy.deepcopy(PROMPT)
    failed["2"]["is_changed"] = float("nan")
    assert key(None) is None
    assert key({}) is None
    assert key(node=None) is None
    assert key(node="7") is None
    assert key(changed("3", model=["gone", 0])) is None
    assert [key(prompt) for prompt in (cycle, nan, odd, failed)] == [None] * 4
    assert key(volatile=lambda class_type, _: class_type == "LoadImage") is None
    assert key(volatile=lambda _, noted: not noted) is None


def test_long_and_shared_chains_are_walked_once(key):
    prompt = copy.deepcopy(PROMPT)
    previous = ["1", 0]
    for number in range(60):  # 2**60 paths
        id_ = f"n{number}"
        prompt[id_] = {"class_type": "Merge", "inputs": {"a": previous, "b": previous}}
        previous = [id_, 0]
    prompt["3"]["inputs"]["model"] = previous
    assert key(prompt) is not None


def test_endless_chains_give_no_key(key):
    prompt = copy.deepcopy(PROMPT)
    for number in range(5000):
        prompt[f"n{number}"] = {"class_type": "Pass", "inputs": {"a": [f"n{number + 1}", 0]}}
    prompt["3"]["inputs"]["model"] = ["n0", 0]
    assert key(prompt) is None
