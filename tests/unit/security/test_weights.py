"""Files of weights that hold a program: it never runs, whatever the file is called."""

from __future__ import annotations

import ast
import contextlib
import os
import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs torch")

from wanderlens.engines.diffusers.loras import Lora, add_loras  # noqa: E402
from wanderlens.engines.diffusers.weights import read_shapes, read_weights  # noqa: E402
from wanderlens.errors import InputError  # noqa: E402
from wanderlens.latents.cache import LatentFolder  # noqa: E402

NAMES = ("w.safetensors", "w.ckpt", "w.pt", "w.pth", "w.bin", "w.latent")
each_name = pytest.mark.parametrize("name", NAMES)
each_way = pytest.mark.parametrize("way", ["pickle", "torch", "torch, old"])


class Payload:
    """Leaves a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "it ran"


def write(file: Path, way: str, mark: Path) -> Path:
    content = {"transformer.weight": Payload(mark)}
    if way == "pickle":
        file.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=way == "torch")
    return file


@each_way
def test_the_payload_would_run(tmp_path: Path, mark: Path, way: str) -> None:
    file = write(tmp_path / "w.bin", way, mark)
    if way == "pickle":
        pickle.loads(file.read_bytes())
    else:
        torch.load(file, weights_only=False)
    assert mark.exists()


@each_name
@each_way
def test_weights_are_safetensors_only(tmp_path: Path, mark: Path, name: str, way: str) -> None:
    file = write(tmp_path / name, way, mark)
    with pytest.raises(InputError, match="safetensors"):
        read_weights(file, torch.float32)
    with pytest.raises(InputError, match="safetensors"):
        read_shapes(file)
    assert not mark.exists()


@each_name
@each_way
def test_no_lora_runs_anything(tmp_path: Path, mark: Path, name: str, way: str) -> None:
    pytest.importorskip("diffusers", reason="needs the headless extra")
    file = write(tmp_path / name, way, mark)
    with pytest.raises(InputError, match="LoRA"):
        add_loras(object(), [Lora(file)])
    assert not mark.exists()


@each_way
def test_a_kept_latent_file_that_was_exchanged_is_removed(
    tmp_path: Path, mark: Path, way: str
) -> None:
    store = LatentFolder(tmp_path / "latents")
    store.put("ab", torch.zeros(2))
    (file,) = (tmp_path / "latents").glob("*.safetensors")
    write(file, way, mark)
    assert store.get("ab") is None
    assert not file.exists()
    assert not mark.exists()


@pytest.mark.parametrize("key", ["../ab", "/etc/passwd", "a/b", "AB", "", "a\0", "ab.safetensors"])
def test_a_key_is_no_path(tmp_path: Path, key: str) -> None:
    store = LatentFolder(tmp_path / "latents")
    for use in (store.get, lambda key: store.put(key, torch.zeros(2))):
        with pytest.raises(ValueError, match="hexadecimal"):
            use(key)
    assert not list(tmp_path.rglob("*.safetensors"))


@pytest.mark.parametrize(
    "head", [b"\xff" * 8, b"\0" * 8, (1 << 40).to_bytes(8, "little"), b"\x02\0\0\0\0\0\0\0{}", b""]
)
def test_a_header_that_lies_is_refused(tmp_path: Path, head: bytes) -> None:
    file = tmp_path / "w.safetensors"
    file.write_bytes(head + b"[" * 1000)
    with contextlib.suppress(InputError):
        assert read_weights(file, torch.float32) == {}


def test_only_safetensors_are_read_from_a_folder() -> None:
    """diffusers and transformers would take pickled files where there are no others."""
    engines = Path(__file__).resolve().parents[3] / "wanderlens" / "engines"
    calls = [
        call
        for file in engines.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).endswith("from_pretrained")
        and "Tokenizer" not in ast.unparse(call.func)
    ]
    assert len(calls) > 2
    for call in calls:
        assert "use_safetensors=True" in ast.unparse(call), ast.unparse(call)
