import math

import numpy as np
import pytest
import torch
from PIL import Image

from wanderlens.errors import InputError
from wanderlens.pipeline.input_image import checked_picture, fit_picture
from wanderlens.shot import I2V_A14B, fit_size


def picture(height=48, width=64, channels=3, batch=1, seed=0):
    return torch.rand(batch, height, width, channels, generator=torch.Generator().manual_seed(seed))


def fitted(image, resolution="custom", width=64, height=64):
    opened = checked_picture(image, "image")
    size = fit_size(opened.width, opened.height, resolution, I2V_A14B, width, height)
    return fit_picture(opened, size), size


def test_a_picture_of_the_right_size_stays_bit_for_bit():
    image = picture(64, 96)
    frame, size = fitted(image, width=96, height=64)
    assert size.untouched
    assert torch.equal(frame, image)
    assert not checked_picture(image, "image").notes


@pytest.mark.parametrize(("height", "width"), [(100, 300), (300, 100), (17, 40), (2000, 900)])
def test_any_size_fills_the_frame(height, width):
    image = picture(height, width)
    before = image.clone()
    frame, _ = fitted(image, width=96, height=64)
    assert frame.shape == (1, 64, 96, 3)
    assert frame.dtype == torch.float32
    assert 0 <= frame.min() <= frame.max() <= 1
    assert torch.equal(image, before)


def test_matching_the_image_only_crops():
    image = picture(70, 100)
    frame, size = fitted(image, "match image")
    expected = image[:, size.crop_top : size.crop_top + 64, size.crop_left : size.crop_left + 96]
    assert torch.equal(frame, expected)


def test_scaling_is_antialiased_lanczos():
    """Stripes of one pixel turn to even grey; eight bits of Pillow agree but for rounding."""
    stripes = torch.zeros(1, 256, 256, 3)
    stripes[:, :, ::2] = 1
    frame, _ = fitted(stripes)
    assert (frame[:, 8:-8, 8:-8] - 0.5).abs().max() < 0.02
    image = (picture(200, 200) * 255).round() / 255
    ours, _ = fitted(image)
    eight_bits = Image.fromarray((image[0] * 255).round().to(torch.uint8).numpy())
    theirs = np.asarray(eight_bits.resize((64, 64), Image.Resampling.LANCZOS)) / 255
    assert np.abs(ours[0].numpy() - theirs).max() < 3 / 255


def test_more_than_eight_bits_survive():
    ramp = torch.linspace(0.5, 0.504, 512).repeat(512, 1)[None, :, :, None].repeat(1, 1, 1, 3)
    frame, _ = fitted(ramp)
    assert len(frame[0, 32, :, 0].unique()) == 64


def test_the_first_of_a_batch_is_taken_and_told():
    image = picture(64, 64, batch=3)
    opened = checked_picture(image, "end_image")
    assert torch.equal(opened.pixels, image[:1])
    assert opened.notes == ("end_image holds 3 pictures; the first is used.",)


def test_transparency_is_laid_on_white():
    image = picture(64, 64, channels=4)
    image[..., 3] = 1
    assert torch.equal(checked_picture(image, "image").pixels, image[..., :3])
    assert not checked_picture(image, "image").notes
    image[:, :32, :, 3] = 0
    opened = checked_picture(image, "image")
    assert (opened.pixels[:, :32] == 1).all()
    assert torch.equal(opened.pixels[:, 32:], image[:, 32:, :, :3])
    assert "laid on white" in opened.notes[0]


def test_grey_becomes_rgb():
    image = picture(64, 64, channels=1)
    assert torch.equal(checked_picture(image, "image").pixels, image.repeat(1, 1, 1, 3))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_float_types_become_float32(dtype):
    assert checked_picture(picture().to(dtype), "image").pixels.dtype == torch.float32


def test_values_outside_the_range_are_cut_and_told():
    image = picture()
    image[0, 0, 0] = torch.tensor([-0.5, 2.0, 0.25])
    opened = checked_picture(image, "image")
    assert opened.pixels[0, 0, 0].tolist() == [0, 1, 0.25]
    assert "outside 0..1" in opened.notes[0]
    assert image[0, 0, 0, 1] == 2, "the input is as it was"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("channel", [0, 3])
def test_nan_and_infinity_are_refused(bad, channel):
    image = picture(channels=4)
    image[0, 5, 5, channel] = bad
    with pytest.raises(InputError, match="finite") as caught:
        checked_picture(image, "end_image")
    assert caught.value.widget == "end_image"


@pytest.mark.parametrize(
    "image",
    [
        None,
        "photo.png",
        np.zeros((1, 64, 64, 3), np.float32),
        torch.zeros(64, 64, 3),
        torch.zeros(1, 64, 64),
        torch.zeros(1, 1, 64, 64, 3),
        torch.zeros(1, 64, 64, 2),
        torch.zeros(1, 64, 64, 5),
        torch.zeros(0, 64, 64, 3),
        torch.zeros(1, 0, 64, 3),
        torch.zeros(1, 64, 64, 3, dtype=torch.uint8),
    ],
    ids=lambda image: str(getattr(image, "shape", image)),
)
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(InputError) as caught:
        checked_picture(image, "image")
    assert caught.value.widget == "image"
