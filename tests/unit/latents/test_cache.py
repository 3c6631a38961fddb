import os
import time

import pytest
import torch

from wanderlens.latents.cache import LatentCache, LatentFolder, digest


def latents(seed=0, size=1000):
    return torch.randn(1, 4, size // 4, generator=torch.Generator().manual_seed(seed))


def key(number: int) -> str:
    return digest(number)


@pytest.fixture
def store(tmp_path):
    return LatentFolder(tmp_path / "kept")


def test_what_is_put_is_got(store):
    assert store.get(key(1)) is None
    store.put(key(1), latents())
    assert torch.equal(store.get(key(1)), latents())
    assert store.get(key(2)) is None
    assert [file.suffix for file in store.path.iterdir()] == [".safetensors"]


def test_the_oldest_goes_first_and_use_makes_young(tmp_path):
    store = LatentFolder(tmp_path, limit=20_000)  # room for four of about 4,200 bytes
    for number in range(4):
        store.put(key(number), latents(number))
        age = time.time() - 100 + number
        os.utime(tmp_path / f"{key(number)}.safetensors", (age, age))
    assert store.get(key(0)) is not None
    store.put(key(4), latents(4))
    assert [store.get(key(number)) is not None for number in range(5)] == [True, False, *[True] * 3]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 20_000


def test_what_is_larger_than_the_limit_is_not_kept(tmp_path):
    store = LatentFolder(tmp_path, limit=3_000)
    store.put(key(1), latents())
    assert store.get(key(1)) is None


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_broken_latents_are_not_kept(store, bad):
    broken = latents()
    broken[0, 0, 0] = bad
    store.put(key(1), broken)
    assert store.get(key(1)) is None


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[: len(data) // 2], lambda data: data[:0], lambda data: data[:-1] + b"\x7f",
     lambda data: b"\xff" * len(data)],
    ids=["cut", "empty", "one byte", "garbage"],
)  # fmt: skip
def test_damaged_files_are_removed(store, damage):
    store.put(key(1), latents())
    (file,) = store.path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert store.get(key(1)) is None
    assert not file.exists()


def test_leftovers_of_dead_writers_go(store):
    store.put(key(1), latents())
    names = (f".{key(3)}.{process}-{'0' * 32}.partial.safetensors" for process in (7, 8))
    old, new = (store.path / name for name in names)
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.put(key(2), latents())
    assert not old.exists()
    assert new.exists(), "it may still be written"


def test_a_folder_that_cannot_be_written_fails_nothing(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    store = LatentFolder(tmp_path / "file" / "kept")
    store.put(key(1), latents())
    assert store.get(key(1)) is None
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize("problem", [MemoryError(), RuntimeError("not enough memory")])
def test_too_little_memory_to_keep_fails_nothing(store, monkeypatch, caplog, problem):
    def out_of_memory(*_arguments, **_more):
        raise problem

    monkeypatch.setattr("wanderlens.latents.files.save", out_of_memory)
    store.put(key(1), latents())
    assert store.get(key(1)) is None
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize("bad", ["", "../x", "A" * 64, "ab/cd"])
def test_keys_cannot_leave_the_folder(store, bad):
    with pytest.raises(ValueError, match="hexadecimal"):
        store.get(bad)


def test_digest_tells_values_apart():
    values = [
        None, 0, 0.0, False, "", "0", [], {}, [[]], [0, 0], [[0], 0], "ab", ["a", "b"], b"", b"0",
        torch.zeros(2), torch.zeros(2, 1), torch.zeros(2, dtype=torch.float16), torch.ones(2),
        {"a": 1}, {"a": 2}, {"b": 1}, float("nan"), torch.tensor(0.0), torch.tensor([]),
    ]  # fmt: skip
    assert len({digest(value) for value in values}) == len(values)
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest((1, 2)) == digest([1, 2])
    assert digest(torch.arange(6).reshape(2, 3).t()) == digest(
        torch.arange(6).reshape(2, 3).t().contiguous()
    )
    assert digest(torch.ones(3, dtype=torch.bfloat16)) == digest(
        torch.ones(3, dtype=torch.bfloat16)
    )


def test_the_origin_counts(store):
    one, other = LatentCache(store, "a"), LatentCache(store, "b")
    assert one.key(1) == LatentCache(store, "a").key(1) != other.key(1)
