"""The encode of a shot that leaves out grey which teaches the VAE nothing new."""

import pytest

torch = pytest.importorskip("torch")

from wanderlens.engines import short_encode  # noqa: E402
from wanderlens.engines.base import GREY, KnownClip  # noqa: E402
from wanderlens.engines.short_encode import TOLERANCE, encode_short  # noqa: E402
from wanderlens.shot import KnownFrames  # noqa: E402

HEIGHT, WIDTH, FRAMES = 288, 320, 81


class Fading:
    """A causal encoder: each latent keeps a part of what the one before it remembered."""

    def __init__(self, keeps=0.3, keeps_large=None):
        self.keeps = (keeps, keeps if keeps_large is None else keeps_large)
        self.lengths = []

    def __call__(self, frames):
        self.lengths.append(len(frames))
        keeps = self.keeps[frames.shape[1] > short_encode.PROBE_SIDE]
        seen = torch.nn.functional.avg_pool2d(frames.permute(0, 3, 1, 2), 8)
        seen = 1 + 4 * (seen - GREY)
        groups = [seen[:1], *seen[1:].split(4)]
        latents = [groups[0].mean(0)]
        for group in groups[1:]:
            latents.append(keeps * latents[-1] + (1 - keeps) * group.mean(0))
        return torch.stack(latents, 1)[None]  # [1, 3, t, h, w]

    @property
    def large(self):
        """Frames that were encoded at full size."""
        return self.lengths[1:]


def shot(head=1, tail=0, frames=FRAMES, height=HEIGHT, width=WIDTH):
    random = torch.Generator().manual_seed(head + tail)
    blocks = torch.rand(head + tail, 3, 4, 4, generator=random)
    rows = torch.arange(height) * 4 // height
    columns = torch.arange(width) * 4 // width
    known = blocks[:, :, rows][:, :, :, columns].permute(0, 2, 3, 1)
    return KnownClip(frames, KnownFrames(head, tail), known[:head], known[head:])


def distance(latents, whole):
    return float((latents - whole).square().mean() / whole.square().mean())


@pytest.mark.parametrize(("head", "tail"), [(1, 0), (1, 1), (5, 0), (5, 4), (13, 8)])
@pytest.mark.parametrize("tolerance", [1e-5, 1e-3])
def test_settled_grey_is_not_encoded_again(head, tail, tolerance):
    clip, vae = shot(head, tail), Fading()
    made = encode_short(vae, clip, tolerance)
    whole = Fading()(clip.padded())
    assert made.latents.shape == whole.shape
    assert distance(made.latents, whole) <= made.difference <= tolerance
    assert vae.large == [made.encoded]
    assert made.encoded < FRAMES / 2
    assert f"{made.encoded} of {FRAMES} frames" in made.note


def test_a_wider_tolerance_encodes_less():
    lengths = [encode_short(Fading(), shot(), each).encoded for each in (1e-6, 1e-4, 1e-2)]
    assert lengths == sorted(set(lengths), reverse=True)


def test_a_vae_that_does_not_settle_is_given_the_whole_clip_at_once():
    clip, vae = shot(), Fading(0.99)
    made = encode_short(vae, clip, TOLERANCE)
    assert vae.large == [FRAMES]
    assert torch.equal(made.latents, Fading(0.99)(clip.padded()))
    assert (made.difference, made.note) == (0, "")
    assert not made.settles


@pytest.mark.parametrize("frames", [49, 57, 65])
@pytest.mark.parametrize("keeps", [0.8, 0.9, 0.97, 0.99])
def test_what_goes_on_fading_beyond_the_copys_end_counts(frames, keeps):
    clip = shot(frames=frames)
    made = encode_short(Fading(keeps), clip, 1e-3)
    assert distance(made.latents, Fading(keeps)(clip.padded())) <= 1e-3


@pytest.mark.parametrize("keeps", [0.42, 0.6, 0.9])
def test_a_clip_that_settles_later_than_its_small_copy_is_encoded_further(keeps):
    clip, vae = shot(), Fading(0.25, keeps)
    made = encode_short(vae, clip, TOLERANCE)
    assert len(vae.large) > 1
    assert vae.large == sorted(vae.large)
    assert made.encoded == vae.large[-1]
    assert made.vain == sum(vae.large[:-1])
    assert f"after {made.vain} in vain" in made.note
    assert distance(made.latents, Fading(keeps)(clip.padded())) <= TOLERANCE
    assert made.whole == (vae.large[-1] == FRAMES)


@pytest.mark.parametrize(
    "clip",
    [shot(frames=41), shot(height=96, width=128), shot(0)],
    ids=["short", "small", "nothing known"],
)
def test_where_little_is_to_be_gained_all_is_encoded(clip):
    vae = Fading()
    made = encode_short(vae, clip, TOLERANCE)
    assert vae.lengths == [clip.frames]
    assert torch.equal(made.latents, Fading()(clip.padded()))


def test_no_tolerance_is_the_whole_encode_bit_for_bit():
    clip, vae = shot(1, 1), Fading()
    assert torch.equal(encode_short(vae, clip, 0).latents, Fading()(clip.padded()))
    assert vae.lengths == [FRAMES]


def test_grey_alone_is_settled_from_the_start():
    clip = KnownClip(
        FRAMES, KnownFrames(1), torch.full((1, HEIGHT, WIDTH, 3), GREY), torch.empty(0)
    )
    made = encode_short(Fading(), clip, TOLERANCE)
    assert made.encoded < 20
    assert torch.equal(made.latents, torch.ones_like(made.latents))


def test_a_trained_vae_settles(monkeypatch):
    """The bundled one, on a picture with edges, at a size that a test has time for."""
    pytest.importorskip("diffusers")
    from wanderlens.engines.diffusers.load_models import Files
    from wanderlens.engines.diffusers.models import Placement
    from wanderlens.nano import nano_files

    monkeypatch.setattr(short_encode, "LEAST_PIXELS", 0)
    vae = Files(*nano_files(), nano=True).load(Placement.on(torch.device("cpu")), []).vae

    def encode(frames):
        with torch.inference_mode():
            return vae.encode((frames * 2 - 1).permute(3, 0, 1, 2)[None]).latent_dist.mode()

    still = torch.zeros(1, 64, 64, 3)
    still[:, 16:40, 8:56] = torch.tensor([0.9, 0.5, 0.2])
    clip = KnownClip(61, KnownFrames(1), still, still[:0])
    made = encode_short(encode, clip, TOLERANCE)
    assert made.encoded <= 41
    assert distance(made.latents, encode(clip.padded())) <= TOLERANCE


def test_latents_of_zeros_settle_at_once():
    clip = shot()
    made = encode_short(lambda frames: 0 * Fading()(frames), clip, TOLERANCE)
    assert made.encoded < FRAMES
    assert not made.latents.any()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_latents_that_are_no_numbers_are_the_whole_encodes(value):
    clip = shot()
    made = encode_short(lambda frames: value * Fading()(frames), clip, TOLERANCE)
    assert made.encoded == FRAMES
