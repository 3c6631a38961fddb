"""The look of the pixels: each measure on pictures whose answer is known."""

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="needs the headless extra")

from wanderlens.style.look import look_at  # noqa: E402
from wanderlens.style.pixels import measure  # noqa: E402

RNG = np.random.default_rng(5)
SIDE = 256


def plain(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), (red, green, blue), np.uint8)


def scene(noise: float = 0.0, blur: float = 6.0) -> np.ndarray:
    """Soft shapes in many colours, as a lens gives them, with noise."""
    coarse = RNG.integers(30, 220, (16, 16, 3)).astype(np.float32)
    image = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    image = cv2.GaussianBlur(image, (0, 0), blur)
    return np.clip(image + RNG.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


def drawing() -> np.ndarray:
    """Flat areas with hard outlines."""
    image = plain(250, 240, 220)
    cv2.rectangle(image, (20, 150), (236, 240), (90, 160, 80), -1)
    cv2.circle(image, (128, 110), 60, (230, 120, 60), -1)
    cv2.circle(image, (128, 110), 60, (20, 20, 20), 2)
    cv2.line(image, (20, 150), (236, 150), (20, 20, 20), 2)
    return image


def words(image: np.ndarray) -> tuple[str, ...]:
    look = look_at(image)
    assert look is not None
    return look.style


def test_key():
    assert "low-key lighting" in words(scene() // 6)
    assert "high-key lighting" in words(200 + scene() // 5)
    assert not {"low-key lighting", "high-key lighting"} & set(words(scene()))


def test_contrast():
    ramp = np.repeat(np.linspace(0, 255, SIDE).astype(np.uint8)[:, None], SIDE, 1)
    assert "high contrast" in words(np.dstack([ramp] * 3))
    assert "low contrast" in words((scene() // 8 + 110).astype(np.uint8))


def test_no_colour_and_one_colour():
    grey = cv2.cvtColor(cv2.cvtColor(scene(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert "black and white" in words(grey)
    sepia = np.clip(grey * np.array([1.0, 0.88, 0.72]), 0, 255).astype(np.uint8)
    assert "sepia tone" in words(sepia)
    assert not {"black and white", "sepia tone"} & set(words(scene()))
    look = look_at(grey)
    assert look is not None
    assert look.monochrome


def test_colour_temperature_and_saturation():
    base = scene().astype(np.float32)
    assert "warm colours" in words(np.clip(base * [1.2, 1.0, 0.7], 0, 255).astype(np.uint8))
    assert "cool colours" in words(np.clip(base * [0.7, 0.95, 1.25], 0, 255).astype(np.uint8))
    grey = base.mean(axis=2, keepdims=True)
    assert "muted colours" in words((grey + 0.2 * (base - grey)).astype(np.uint8))


def test_colourfulness_is_the_published_formula():
    """Hasler and Süsstrunk's M3 of a picture that is half pure red, half pure green."""
    image = plain(255, 0, 0)
    image[:, SIDE // 2 :] = (0, 255, 0)
    # rg is +-255: sigma 255, mu 0; yb is 127.5 throughout: sigma 0, mu 127.5.
    assert measure(image).colourfulness == pytest.approx(255 + 0.3 * 127.5, rel=0.01)


def test_grain_is_the_noises_sigma():
    for sigma in (4.0, 8.0, 12.0):
        grey = np.clip(RNG.normal(128, sigma, (SIDE, SIDE)), 0, 255).astype(np.uint8)
        assert measure(np.dstack([grey] * 3)).grain == pytest.approx(sigma, rel=0.25)
    assert measure(scene()).grain < 1
    assert "film grain" in words(scene(noise=14.0))


def test_a_small_sharp_part_is_shallow_focus():
    image = scene(blur=16)
    image[80:176, 80:176] = scene(noise=20)[80:176, 80:176]
    assert "shallow depth of field" in words(image)
    assert "shallow depth of field" not in words(scene(blur=2))


def test_drawing_and_photograph():
    drawn, live = look_at(drawing()), look_at(scene(noise=2.0))
    assert drawn is not None
    assert live is not None
    assert (drawn.medium, live.medium) == ("drawn", "live")


def test_the_palette_is_named_largest_first():
    image = plain(60, 100, 240)
    image[:80] = (250, 210, 40)
    assert measure(image).palette[:2] == ("blue", "light yellow")
    assert measure(plain(255, 255, 255)).palette == ("white",)
    assert measure(plain(0, 0, 0)).palette == ("black",)


@pytest.mark.parametrize("size", [(16, 16), (17, 900), (3000, 20), (40, 9000)])
def test_any_size_is_measured(size):
    assert look_at(RNG.integers(0, 255, (*size, 3)).astype(np.uint8)) is not None


def test_a_picture_too_small_to_tell_is_none():
    assert look_at(plain(0, 0, 0)[:15]) is None


def test_the_same_picture_gives_the_same_words():
    image = scene(noise=3.0)
    assert measure(image) == measure(image.copy())
