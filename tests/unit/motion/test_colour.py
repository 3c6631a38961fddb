"""Colours matched on what two frames both show."""

import numpy as np
import pytest
import torch
from scenes import scene

from wanderlens.motion.colour import ColourShift, colour_shift, is_noticed
from wanderlens.motion.lab import lab_of


def frame(x: float = 0, y: float = 0, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    return scene(x, y, size).numpy()


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean ΔE between the pixels of two frames."""
    return float(np.linalg.norm(lab_of(one) - lab_of(other), axis=-1).mean())


def test_a_change_of_exposure_and_colour_is_undone_although_the_camera_moves():
    true = frame(5, 2)
    faded = np.clip((true - 0.5) * 0.9 + 0.5, 0, 1) * np.array([0.95, 0.9, 0.85])
    faded = faded.astype(np.float32)
    change = colour_shift([(faded, frame())])
    assert change is not None
    assert is_noticed(change)
    assert difference(change.apply(faded, 1), true) < 0.35 * difference(faded, true)


def test_what_moves_into_the_picture_is_no_change_of_colour():
    left, right = frame(), frame(14, 0)
    change = colour_shift([(left, right)])
    assert change is not None
    assert change.size < 0.5


def test_pictures_of_different_things_tell_nothing():
    other = torch.rand(96, 128, 3, generator=torch.Generator().manual_seed(1)).numpy()
    assert colour_shift([(frame(), other)]) is None
    assert colour_shift([]) is None


def test_none_of_a_change_is_the_frame_itself_and_half_lies_between():
    change = ColourShift((50, 0, 0), (10, 4, -4), (1.1, 1, 1))
    picture = frame()
    assert change.apply(picture, 0) is picture
    before = picture.copy()
    half, whole = change.apply(picture, 0.5), change.apply(picture, 1)
    assert (picture == before).all()
    assert difference(half, whole) == pytest.approx(difference(picture, half), rel=0.15)
    assert whole.min() >= 0
    assert whole.max() <= 1


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_alpha(channels):
    picture = np.concatenate([frame(), frame()[..., :1]], 2)[..., :channels]
    made = ColourShift((50, 0, 0), (10, 0, 0), (1, 1, 1)).apply(picture, 1)
    assert made.shape == picture.shape
    assert made[..., 0].mean() > picture[..., 0].mean()
    if channels == 4:
        assert (made[..., 3] == picture[..., 3]).all()
