"""Picture files as they come from cameras and editors."""

import numpy as np
import pytest

from wanderlens.errors import InputError
from wanderlens.still_image import open_picture

Image = pytest.importorskip("PIL.Image", reason="needs the headless extra")


def test_a_turned_photo_stands_upright(tmp_path):
    picture = Image.new("RGB", (40, 20), "black")
    picture.paste("white", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    picture.save(tmp_path / "photo.jpg", exif=exif)
    opened = np.asarray(open_picture(tmp_path / "photo.jpg"))
    assert opened.shape == (40, 20, 3)
    assert opened[:8].mean() > 240
    assert opened[-20:].mean() < 15


def test_sixteen_bits_become_eight(tmp_path):
    gradient = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256)
    Image.fromarray(np.repeat(gradient, 16, 0)).save(tmp_path / "deep.png")
    opened = np.asarray(open_picture(tmp_path / "deep.png"))
    assert opened.shape == (16, 256, 3)
    assert np.abs(opened[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_what_is_transparent_is_white(tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert np.asarray(open_picture(tmp_path / "clear.png")).min() == 255


def test_what_is_no_picture_or_too_large_is_refused(tmp_path):
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(InputError, match="photo must be a picture"):
        open_picture(tmp_path / "text.png")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(InputError, match="must not be so large"):
        open_picture(tmp_path / "bomb.png")
    with pytest.raises(FileNotFoundError):
        open_picture(tmp_path / "none.png")
