"""Video files: complete or not written at all, and their content."""

import os
import time

import numpy as np
import pytest

from wanderlens.errors import InputError
from wanderlens.video import write_video

av = pytest.importorskip("av", reason="needs the headless extra")


def clip(count=9, height=48, width=64):
    for index in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[:, : width * index // count] = (200, 90, 30)
        yield frame


def test_a_file_holds_every_frame_at_its_rate_and_colour(tmp_path):
    file = tmp_path / "clip.mp4"
    assert write_video(file, clip(), 24, {"comment": "slow push in"}) == 9
    with av.open(file) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 24
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert container.metadata["comment"] == "slow push in"
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 9
    assert np.abs(frames[-1][20, 20].astype(int) - (200, 90, 30)).max() <= 6
    # The index stands before the data, so that a browser can begin to play.
    content = file.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_an_older_file_is_replaced_only_by_a_whole_one(tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"older")

    def broken():
        yield from clip(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(file, broken(), 16)
    assert file.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [file]
    write_video(file, clip(), 16)
    assert file.read_bytes() != b"older"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_process_left_goes_after_a_day(tmp_path):
    old, new, other = (
        tmp_path / f".{stem}.77-{number:032}.partial.mp4"
        for number, stem in enumerate(("clip", "clip", "clips"))
    )
    for file in (old, new, other):
        file.write_bytes(b"half")
    for file in (old, other):
        os.utime(file, (0, time.time() - 90_000))
    write_video(tmp_path / "clip.mp4", clip(), 16)
    assert sorted(tmp_path.iterdir()) == sorted([new, other, tmp_path / "clip.mp4"])


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"must end in \.mp4, \.webm"):
        write_video(tmp_path / "clip.avi", clip(), 16)
    with pytest.raises(InputError, match="folder that exists"):
        write_video(tmp_path / "none" / "clip.mp4", clip(), 16)
    with pytest.raises(ValueError, match="at least one frame"):
        write_video(tmp_path / "clip.mp4", iter(()), 16)
    assert not list(tmp_path.iterdir())
