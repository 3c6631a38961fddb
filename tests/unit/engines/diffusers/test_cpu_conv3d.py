"""The fast convolution gives what diffusers' own does."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("diffusers", reason="needs the headless extra")

from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d  # noqa: E402

from wanderlens.engines.diffusers.cpu_conv3d import (  # noqa: E402
    StackedCausalConv3d,
    stack_convolutions,
)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [(3, 1, 1), (1, 1, 0), ((3, 1, 1), (2, 1, 1), (0, 0, 0)), ((3, 1, 1), 1, (1, 0, 0))],
)
@pytest.mark.parametrize("cached", [0, 1, 2])
@pytest.mark.parametrize("frames", [1, 4, 5])
def test_same_numbers(kernel, stride, padding, cached, frames):
    torch.manual_seed(0)
    conv = WanCausalConv3d(3, 5, kernel, stride, padding)
    x = torch.randn(2, 3, frames, 6, 7)
    cache = torch.randn(2, 3, cached, 6, 7) if cached else None
    # diffusers puts the cache before a strided convolution's frames itself.
    given = (x, cache) if stride == 1 else (torch.cat([x, x[:, :, :cached]], dim=2), None)
    if given[0].shape[2] < 3 and stride != 1:
        pytest.skip("too few frames")
    with torch.no_grad():
        wanted = conv(*given)
        model = torch.nn.Sequential(conv)
        stack_convolutions(model)
        assert type(conv) is StackedCausalConv3d
        made = conv(*given)
    assert made.shape == wanted.shape
    assert torch.allclose(made, wanted, atol=1e-5)
