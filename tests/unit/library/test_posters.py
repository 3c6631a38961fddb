"""A clip's first frame as a small picture."""

from __future__ import annotations

import contextlib
import os
import random

import numpy as np
import pytest
from PIL import Image

from wanderlens.library import PosterError, poster
from wanderlens.library import posters as module
from wanderlens.video import read_video


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".webp", ".gif"])
def test_it_is_the_first_frame(tmp_path, save, ending):
    clip = save(tmp_path / f"clip{ending}", metadata={})
    with Image.open(poster(clip, tmp_path / "posters")) as picture:
        assert (picture.format, picture.size) == ("JPEG", (80, 64))
        shown = np.asarray(picture.convert("RGB"), np.float32)
    frames = read_video(clip).frames.astype(np.float32)
    distance = [np.abs(shown - frame).mean() for frame in frames]
    assert distance[0] < 12
    assert distance[0] == min(distance)


def test_it_is_made_once_and_anew_when_the_clip_changes(tmp_path, save):
    clip, folder = save(tmp_path / "clip.mp4"), tmp_path / "posters"
    first = poster(clip, folder)
    os.utime(first, (1, 1))
    assert poster(clip, folder) == first
    assert first.stat().st_mtime == 1
    os.utime(clip, (2, 2))
    assert poster(clip, folder) != first


def test_a_large_clip_becomes_small(tmp_path, save):
    clip = save(tmp_path / "clip.mp4")
    with Image.open(poster(clip, tmp_path / "posters", side=40)) as picture:
        assert picture.size == (40, 32)


def test_the_folder_is_bounded(tmp_path, save, monkeypatch):
    monkeypatch.setattr(module, "MAX_POSTERS", 3)
    clip, folder, last = save(tmp_path / "clip.mp4"), tmp_path / "posters", None
    for second in range(1, 8):
        os.utime(clip, (second, second))
        last = poster(clip, folder)
        os.utime(last, (second, second))
    left = sorted(folder.iterdir())
    assert len(left) == 3
    assert last in left


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm", "clip.webp", "clip.gif"])
@pytest.mark.parametrize("content", [b"", b"GIF89a", b"RIFF\4\0\0\0WEBPVP8 ", bytes(64)])
def test_what_cannot_be_decoded_is_an_error_of_its_own(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(PosterError):
        poster(file, tmp_path / "posters")
    assert not list(tmp_path.glob("posters/*"))


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".webp", ".gif"])
def test_a_damaged_clip_is_an_error_or_a_poster(tmp_path, save, ending):
    whole = save(tmp_path / f"clip{ending}", metadata={}).read_bytes()
    file, chance = tmp_path / f"damaged{ending}", random.Random(5)
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(bytes(damaged[: chance.choice([None, chance.randrange(len(damaged))])]))
        with contextlib.suppress(PosterError):
            assert poster(file, tmp_path / "posters").is_file()


def test_a_missing_clip_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        poster(tmp_path / "none.mp4", tmp_path / "posters")
