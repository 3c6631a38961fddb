"""Colours matched on the content visible in two frames."""

import cv2
import numpy as np
import pytest
import torch
from scenes import scene

from wanderlens.motion.colour import (
    UNCHANGED,
    ColourShift,
    colour_shift,
    combined,
    is_noticed,
    same_view_shift,
)
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
    recoloured = ColourShift((50, 0, 0), (10, 0, 0), (1, 1, 1)).apply(picture, 1)
    assert recoloured.shape == picture.shape
    assert recoloured[..., 0].mean() > picture[..., 0].mean()
    if channels == 4:
        assert (recoloured[..., 3] == picture[..., 3]).all()


def test_one_view_is_known_by_its_large_shapes():
    """Detail that has come and gone does not count; another view does."""
    view = frame()
    soft = np.asarray(cv2.GaussianBlur(view, (0, 0), 4))
    shape = np.linspace(0.2, 0.8, 128, dtype=np.float32)[None, :, None]
    first = (0.3 * view + 0.7 * shape).astype(np.float32)
    second = (0.3 * soft + 0.7 * shape + 0.05).astype(np.float32)
    change = same_view_shift(first, second)
    assert change is not None
    assert change.shift[0] == pytest.approx(5, abs=1)
    assert same_view_shift(first, np.ascontiguousarray(second[:, ::-1])) is None
    flat = np.full((96, 128, 3), 0.5, np.float32)
    assert same_view_shift(flat, flat) is None, "nothing tells whether a flat view is the same"


def test_two_changes_make_one():
    first = ColourShift((50.0, 2.0, -3.0), (5.0, -1.0, 2.0), (1.1, 0.9, 1.0))
    second = ColourShift((40.0, 0.0, 1.0), (-2.0, 3.0, 0.5), (0.95, 1.2, 1.05))
    seen = (frame() * 0.5 + 0.25).astype(np.float32)
    one_by_one = second.apply(first.apply(seen, 1.0), 1.0)
    assert np.abs(combined(first, second).apply(seen, 1.0) - one_by_one).max() < 0.01
    assert combined(UNCHANGED, UNCHANGED) == UNCHANGED
