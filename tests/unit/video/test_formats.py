"""WebM, animated WebP and GIF: frames, timing and metadata are read back as written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
av = pytest.importorskip("av", reason="needs the headless extra")
Image = pytest.importorskip("PIL.Image")

from wanderlens.errors import InputError  # noqa: E402
from wanderlens.metadata.containers import read_carrier  # noqa: E402
from wanderlens.metadata.formats import read_file  # noqa: E402
from wanderlens.video import ENDINGS, write_video  # noqa: E402

RECORD = json.dumps({"wanderlens": {"prompt": "镜头 pans left", "seed": 7, "fps": 16}})


def gradient(shift: int):
    """A frame whose red grows to the right and whose blue tells its number."""
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[..., 0] = np.arange(64) * 3
    frame[..., 2] = shift * 7
    return frame


FRAMES = [gradient(index) for index in range(17)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_record_is_read_back(tmp_path: Path, ending: str):
    file = tmp_path / f"clip{ending}"
    assert write_video(file, iter(FRAMES), 16, {"comment": RECORD, "title": "x"}) == 17
    record = read_file(file)
    assert (record.prompt, record.seed, record.software) == ("镜头 pans left", 7, "Wanderlens")
    assert ("fps", "16") in record.settings
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_webm_is_vp9_in_bt709(tmp_path: Path):
    file = tmp_path / "clip.webm"
    write_video(file, iter(FRAMES), 24)
    with av.open(file) as container:
        stream = container.streams.video[0]
        assert (stream.codec.name, stream.average_rate) in (("vp9", 24), ("libvpx-vp9", 24))
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(pictures) == 17
    assert abs(pictures[9].astype(int) - FRAMES[9]).mean() < 6


@pytest.mark.parametrize(("ending", "unit"), [(".webp", 1), (".gif", 10)])
@pytest.mark.parametrize("fps", [16, 24, 32])
def test_pictures_keep_the_clips_length(tmp_path: Path, ending: str, unit: int, fps: int):
    file = tmp_path / f"clip{ending}"
    write_video(file, iter(FRAMES), fps)
    shown = 0
    with Image.open(file) as opened:
        assert opened.n_frames == 17
        assert opened.info["loop"] == 0
        for index in range(17):
            opened.seek(index)
            opened.load()
            shown += opened.info["duration"]
            assert abs(np.asarray(opened.convert("RGB")).astype(int) - FRAMES[index]).mean() < 6
    assert abs(shown - 17_000 / fps) <= unit


def test_a_still_clip_keeps_all_its_frames_time(tmp_path: Path):
    """Pillow joins frames that are alike; their time must stay."""
    file = tmp_path / "clip.gif"
    write_video(file, iter([FRAMES[0]] * 8), 16)
    with Image.open(file) as opened:
        shown = 0
        for index in range(getattr(opened, "n_frames", 1)):
            opened.seek(index)
            shown += opened.info["duration"]
    assert shown == 500


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_left_of_a_broken_clip(tmp_path: Path, ending: str):
    def broken():
        yield FRAMES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(tmp_path / f"clip{ending}", broken(), 16)
    with pytest.raises(ValueError, match="at least one frame"):
        write_video(tmp_path / f"clip{ending}", iter(()), 16)
    assert not list(tmp_path.iterdir())


def test_other_endings_are_refused():
    with pytest.raises(InputError, match=r"\.mp4, \.webm, \.webp or \.gif.*clip\.avi"):
        write_video(Path("clip.avi"), iter(FRAMES), 16)


def test_a_gif_that_ends_early_gives_what_stands_before(tmp_path: Path):
    file = tmp_path / "clip.gif"
    write_video(file, iter(FRAMES), 16, {"comment": RECORD})
    whole = file.read_bytes()
    at = whole.index(b"wanderlens")
    cut = read_carrier(whole[: at + 4])
    assert cut.kind == "GIF"
    assert not cut.texts
    assert "ends early" in cut.notes[0]
    assert read_carrier(whole[: len(whole) // 2]).texts["comment"].text == RECORD
