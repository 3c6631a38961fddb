"""Weights as ComfyUI's users have them."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs torch")
save_file = pytest.importorskip("safetensors.torch").save_file

from wanderlens.engines.diffusers.weights import read_weights  # noqa: E402
from wanderlens.errors import InputError  # noqa: E402


def test_eight_bits_become_the_dtype(tmp_path):
    weight = torch.linspace(-3, 3, 64).reshape(8, 8).to(torch.float8_e4m3fn)
    save_file({"model.diffusion_model.head.weight": weight}, tmp_path / "w.safetensors")
    read = read_weights(tmp_path / "w.safetensors", torch.bfloat16)
    assert read.keys() == {"head.weight"}
    assert read["head.weight"].dtype == torch.bfloat16
    assert torch.equal(read["head.weight"].float(), weight.float())


@pytest.mark.parametrize("scale", ["scale_weight", "weight_scale"])
def test_scaled_eight_bits_are_multiplied_out(tmp_path, scale):
    wanted = torch.randn(8, 8, generator=torch.Generator().manual_seed(0)) * 0.01
    factor = wanted.abs().max() / 448
    tensors = {
        "blocks.0.q.weight": (wanted / factor).to(torch.float8_e4m3fn),
        f"blocks.0.q.{scale}": factor,
        "blocks.0.q.scale_input": torch.ones(()),
        "blocks.0.q.bias": torch.ones(8, dtype=torch.float16),
        "scaled_fp8": torch.zeros(2, dtype=torch.float8_e4m3fn),
    }
    save_file(tensors, tmp_path / "w.safetensors")
    read = read_weights(tmp_path / "w.safetensors", torch.float32)
    assert read.keys() == {"blocks.0.q.weight", "blocks.0.q.bias"}
    assert (read["blocks.0.q.weight"] - wanted).abs().max() < 0.04 * wanted.abs().max()
    largest = float(read["blocks.0.q.weight"].abs().max())
    assert largest == pytest.approx(float(wanted.abs().max()), rel=1e-5)


def test_packed_weights_are_refused(tmp_path):
    save_file({"q.weight": torch.zeros(4, dtype=torch.uint8)}, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"uint8.*fp8_scaled"):
        read_weights(tmp_path / "w.safetensors", torch.float32)
    assert read_weights(tmp_path / "w.safetensors", torch.float32, keep=("q.weight",))


def test_what_is_no_safetensors_file_is_refused(tmp_path):
    (tmp_path / "w.gguf").write_bytes(b"GGUF" * 100)
    with pytest.raises(InputError, match=r"safetensors"):
        read_weights(tmp_path / "w.gguf", torch.float32)
    with pytest.raises(InputError, match=r"missing\.safetensors"):
        read_weights(tmp_path / "missing.safetensors", torch.float32)
