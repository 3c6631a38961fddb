"""Frames fitted to another size and other channels."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import scene

from wanderlens.motion import TensorFrames, fit_frames


def fitted(frames: torch.Tensor, height: int, width: int, channels: int = 3):
    result, note = fit_frames(TensorFrames(frames), height, width, channels)
    return torch.stack([torch.from_numpy(result[index]) for index in range(len(result))]), note


def test_frames_that_fit_are_the_clip_itself():
    clip = TensorFrames(scene(0, 0)[None])
    assert fit_frames(clip, 64, 80) == (clip, None)


def test_a_crop_alone_takes_the_middle_bit_for_bit():
    clip = scene(0, 0)[None]
    result, note = fitted(clip, 64, 60)
    assert torch.equal(result, clip[:, :, 10:70])
    assert note == "Frames of 80x64 are cropped by 25.0% to 60x64."


def test_frames_are_scaled_to_cover_and_keep_their_shape():
    """A disc stays a disc in the middle, whichever side is cropped."""
    rows, columns = torch.meshgrid(torch.arange(90.0), torch.arange(120.0), indexing="ij")
    disc = ((rows - 44.5).hypot(columns - 59.5) < 30).float()[None, ..., None].repeat(1, 1, 1, 3)
    for height, width, scale in ((45, 30, 0.5), (45, 60, 0.5), (270, 240, 3.0), (180, 360, 3.0)):
        result, note = fitted(disc, height, width)
        inside = result[0, :, :, 0] > 0.5
        assert result.shape == (1, height, width, 3)
        for side, count in ((inside.any(1), height), (inside.any(0), width)):
            span = side.nonzero()
            assert len(span) == pytest.approx(min(60 * scale, count), abs=2)
            assert span.float().mean() == pytest.approx((count - 1) / 2, abs=1)
        assert f"scaled by {scale:g}" in str(note)


def test_shrinking_averages_and_enlarging_stays_in_range():
    board = torch.arange(64).view(8, 8).remainder(2).float()[None, ..., None].repeat(1, 1, 1, 3)
    small, _ = fitted(board, 4, 4)
    assert small == pytest.approx(torch.full((1, 4, 4, 3), 0.5))
    large, _ = fitted(board, 64, 64)
    assert large.min() == 0
    assert large.max() == 1


def test_alpha_is_laid_on_white_and_grey_is_repeated():
    red = torch.tensor([0.8, 0.2, 0.0, 0.25]).expand(1, 4, 4, 4)
    result, note = fitted(red, 4, 4)
    assert result[0, 0, 0].tolist() == pytest.approx([0.95, 0.8, 0.75])
    assert note == "Frames of 4x4 are laid on white."
    grey = torch.full((1, 4, 4, 1), 0.3)
    assert fitted(grey, 4, 4)[0][0, 0, 0].tolist() == pytest.approx([0.3] * 3)
    assert fitted(grey, 4, 4, 4)[0][0, 0, 0].tolist() == pytest.approx([0.3] * 3 + [1])
    result, note = fitted(red, 2, 2, 1)
    assert result.mean().item() == pytest.approx(0.299 * 0.95 + 0.587 * 0.8 + 0.114 * 0.75)
    assert note == "Frames of 4x4 are scaled by 0.5, laid on white and made grey to 2x2."


@settings(max_examples=60)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    wanted=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    channels=st.tuples(st.sampled_from([1, 3, 4]), st.sampled_from([1, 3, 4])),
)
def test_any_size_and_channels(size, wanted, channels):
    clip = torch.rand(2, *size, channels[0], generator=torch.Generator().manual_seed(1))
    before = clip.clone()
    result, note = fitted(clip, wanted[0], wanted[1], channels[1])
    assert result.shape == (2, *wanted, channels[1])
    assert result.dtype == torch.float32
    assert 0 <= result.min() <= result.max() <= 1
    assert torch.equal(clip, before)
    assert (note is None) == ((size, channels[0]) == (wanted, channels[1]))
    assert note is not None or torch.equal(result, clip)
