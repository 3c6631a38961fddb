from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import load_file, save_file

TOOLS = Path(__file__).parents[3] / "tools" / "nano"


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("export")


@pytest.fixture
def dit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("wan_dit")


@pytest.fixture
def vae(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("wan_vae")


def test_expert_has_the_names_that_comfyui_reads(export: ModuleType):
    layout = export.expert_layout(128, 256, 2)
    # What ComfyUI's model detection takes the sizes from.
    assert layout["head.modulation"] == (1, 2, 128)
    assert layout["head.head.weight"] == (64, 128)
    assert layout["patch_embedding.weight"] == (128, 36, 1, 2, 2)
    assert layout["text_embedding.0.weight"] == (128, 4096)
    assert layout["blocks.1.ffn.0.weight"] == (256, 128)
    assert layout["time_projection.1.weight"] == (768, 128)
    block = {name.removeprefix("blocks.0.") for name in layout if name.startswith("blocks.0.")}
    attention = {
        f"{kind}_attn.{part}"
        for kind in ("self", "cross")
        for part in (
            *(f"{p}.{end}" for p in "qkvo" for end in ("weight", "bias")),
            "norm_q.weight", "norm_k.weight",
        )
    }  # fmt: skip
    assert block == attention | {
        "modulation", "norm3.weight", "norm3.bias",
        "ffn.0.weight", "ffn.0.bias", "ffn.2.weight", "ffn.2.bias",
    }  # fmt: skip


def test_vae_has_the_names_that_comfyui_reads(export: ModuleType):
    layout = export.vae_layout(16)
    # ComfyUI knows a Wan VAE by these, and its width by the last.
    assert layout["decoder.middle.0.residual.0.gamma"] == (64, 1, 1, 1)
    assert layout["decoder.upsamples.3.time_conv.weight"] == (128, 64, 3, 1, 1)
    assert layout["encoder.downsamples.5.time_conv.weight"] == (32, 32, 3, 1, 1)
    assert layout["decoder.head.0.gamma"] == (16, 1, 1, 1)
    assert layout["conv1.weight"] == (32, 32, 1, 1, 1)
    assert len(layout) == 194


def test_round_trip(export: ModuleType, dit: ModuleType, vae: ModuleType, tmp_path: Path):
    torch.manual_seed(0)
    sources = {
        "vae": vae.WanVae().state_dict(),
        "high": dit.WanDit(128, 128, 1).state_dict(),
        "low": dit.WanDit(128, 256, 2).state_dict(),
    }
    for part, weights in sources.items():
        save_file(weights, tmp_path / f"{part}.safetensors")
    total = export.export(
        tmp_path / "out", *(tmp_path / f"{part}.safetensors" for part in ("vae", "high", "low"))
    )
    written = {part: tmp_path / "out" / name for part, name in export.FILES.items()}
    assert total == sum(file.stat().st_size for file in written.values())
    for part, file in written.items():
        loaded = load_file(file)
        assert loaded.keys() == sources[part].keys()
        for name, value in loaded.items():
            large = part != "vae" and value.ndim == 2 and value.numel() >= export.LEAST_FLOAT8
            assert value.dtype == (torch.float8_e4m3fn if large else torch.float16)
            assert torch.equal(value.float(), sources[part][name].to(value.dtype).float())
    assert load_file(written["high"])["text_embedding.0.weight"].dtype == torch.float8_e4m3fn


def test_a_wrong_layout_is_refused(export: ModuleType, dit: ModuleType):
    weights = dict(dit.WanDit(128, 128, 1).state_dict())
    layout = export.layout_of_expert(weights)
    weights["blocks.0.ffn.0.bias"] = torch.full((128,), 1e6)
    with pytest.raises(export.LayoutError, match="float16"):
        export.to_few_bytes(weights, layout)
    del weights["head.modulation"]
    with pytest.raises(export.LayoutError, match=r"head\.modulation"):
        export.to_few_bytes(weights, layout)
    with pytest.raises(export.LayoutError, match=r"blocks\.0\.ffn"):
        export.layout_of_expert({})


def test_zeros_after_the_words_count_as_in_full(dit: ModuleType):
    torch.manual_seed(1)
    model = dit.WanDit(128, 128, 1)
    torch.nn.init.normal_(model.head.head.weight)
    x, sigma = torch.randn(1, 36, 2, 4, 4), torch.tensor([0.7])
    words = torch.randn(5, 4096) * 0.1
    full = torch.zeros(1, 512, 4096)
    full[0, :5] = words
    with torch.no_grad():
        packed = model(x, sigma, dit.pack_texts([words]))
        plain = model(x, sigma, dit.TextTokens(full, torch.zeros(1, 1, 1, 512)))
    assert (packed - plain).abs().max() < 1e-4


def test_vae_is_causal(vae: ModuleType):
    torch.manual_seed(2)
    model = vae.WanVae()
    video = torch.randn(1, 3, 9, 16, 16)
    with torch.no_grad():
        latents = model.encode(video)
        made = model.decode(latents)
        assert latents.shape == (1, 16, 3, 2, 2)
        assert made.shape == video.shape
        assert torch.allclose(model.encode(video[:, :, :5]), latents[:, :, :2], atol=1e-5)
        assert torch.allclose(model.decode(latents[:, :, :2]), made[:, :, :5], atol=1e-5)
