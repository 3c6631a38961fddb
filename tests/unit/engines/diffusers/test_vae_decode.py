"""diffusers' VAE, decoding a latent at a time."""

import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from wanderlens.engines.diffusers.vae_decode import decoded_by_latent  # noqa: E402

SMALL = {"base_dim": 8, "decoder_base_dim": 8}
KINDS = {
    "Wan 2.1": {**SMALL, "z_dim": 16},
    "Wan 2.2": {
        **SMALL, "z_dim": 48, "is_residual": True, "in_channels": 12, "out_channels": 12,
        "patch_size": 2, "scale_factor_spatial": 16, "latents_mean": [0.0] * 48,
        "latents_std": [1.0] * 48,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_pieces_are_the_whole_bit_for_bit(kind):
    torch.manual_seed(1)
    vae = diffusers.AutoencoderKLWan(**KINDS[kind]).eval()
    latents = torch.randn(1, KINDS[kind]["z_dim"], 4, 6, 4)
    pieces = list(decoded_by_latent(vae, latents))
    assert [piece.shape[2] for piece in pieces] == [1, 4, 4, 4]
    with torch.inference_mode():
        whole = vae.decode(latents, return_dict=False)[0]
    assert torch.equal(torch.cat(pieces, 2), whole)


def test_two_clips_may_be_decoded_by_turns():
    """Nothing of a clip is left in the VAE."""
    torch.manual_seed(2)
    vae = diffusers.AutoencoderKLWan(**KINDS["Wan 2.1"]).eval()
    clips = torch.randn(2, 1, 16, 3, 4, 4)
    by_turns = list(zip(*(decoded_by_latent(vae, clip) for clip in clips), strict=True))
    for index, clip in enumerate(clips):
        alone = torch.cat(list(decoded_by_latent(vae, clip)), 2)
        assert torch.equal(torch.cat([pieces[index] for pieces in by_turns], 2), alone)
