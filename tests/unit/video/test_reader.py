"""Clips read back from files."""

import struct
from fractions import Fraction

import numpy as np
import pytest

from wanderlens.errors import InputError
from wanderlens.video import read_video, write_video

av = pytest.importorskip("av", reason="needs the headless extra")


def frames(count=10, height=48, width=64):
    across = np.linspace(20, 230, width)[None, :, None]
    for index in range(count):
        frame = np.empty((height, width, 3))
        frame[:] = across * (0.6, 1, 0.8)
        frame[:, : 6 * index % width] *= 0.7
        yield frame.astype(np.uint8)


@pytest.mark.parametrize(
    ("ending", "tolerance"), [(".mp4", 3), (".webm", 4), (".webp", 4), (".gif", 12)]
)
def test_what_was_written_is_read(tmp_path, ending, tolerance):
    file = tmp_path / f"clip{ending}"
    write_video(file, frames(), 16, {"comment": "slow push in"})
    clip = read_video(file)
    truth = np.stack(list(frames()))
    assert clip.frames.shape == truth.shape
    assert clip.frames.dtype == np.uint8
    assert np.abs(clip.frames.astype(int) - truth).mean() < tolerance
    assert float(clip.fps) == pytest.approx(16, rel=0.01)
    assert clip.metadata["comment"] == "slow push in"
    assert not clip.notes


@pytest.mark.parametrize("space", ["bt709", "smpte170m"])
@pytest.mark.parametrize("full", [False, True])
def test_tagged_colours_are_read_as_they_are(tmp_path, space, full):
    from av.video.reformatter import ColorRange, Colorspace

    colours = Colorspace.ITU709 if space == "bt709" else Colorspace.ITU601
    levels = ColorRange.JPEG if full else ColorRange.MPEG
    file = tmp_path / "clip.mp4"
    true = np.empty((48, 64, 3), np.uint8)
    true[:] = (200, 40, 90)
    with av.open(file, "w") as container:
        stream = container.add_stream("h264", rate=16, options={"crf": "8"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.colorspace = int(colours)
        stream.codec_context.color_range = int(levels)
        frame = av.VideoFrame.from_ndarray(true, format="rgb24").reformat(
            format="yuv420p", dst_colorspace=colours, dst_color_range=levels,
            src_color_range=ColorRange.JPEG,
        )  # fmt: skip
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert np.abs(read_video(file).frames[0].astype(int) - true).max() <= 6


def test_a_damaged_file_gives_what_can_be_read(tmp_path):
    file = tmp_path / "clip.mp4"
    noise = np.random.default_rng(1).integers(0, 255, (40, 48, 64, 3), np.uint8)
    write_video(file, iter(noise), 16)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * 0.7)])
    clip = read_video(file)
    assert 1 <= len(clip.frames) < 40
    assert any("could be read" in note for note in clip.notes)


def test_a_rate_of_no_whole_number(tmp_path):
    file = tmp_path / "clip.mp4"
    write_video(file, frames(), Fraction(30000, 1001))
    assert read_video(file).fps == Fraction(30000, 1001)


def test_a_clip_of_a_phone_held_upright_is_turned(tmp_path):
    file = tmp_path / "phone.mp4"
    write_video(file, frames(), 16)
    content = file.read_bytes()
    identity = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    clockwise = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    at = content.index(identity, content.index(b"tkhd"))
    file.write_bytes(content[:at] + clockwise + content[at + len(identity) :])
    clip = read_video(file)
    assert clip.frames.shape[1:3] == (64, 48)
    truth = np.rot90(next(iter(frames())), -1)
    assert np.abs(clip.frames[0].astype(int) - truth).mean() < 4


def test_sound_and_uneven_frames_are_told(tmp_path):
    file = tmp_path / "clip.mkv"
    with av.open(file, "w") as container:
        stream = container.add_stream("h264", rate=16)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=16000, layout="mono")
        for place, picture in zip((0, 1, 2, 3, 9, 10), frames(6), strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = place, Fraction(1, 16)
            container.mux(stream.encode(frame))
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
        quiet.sample_rate = 16000
        container.mux(sound.encode(quiet))
        container.mux(sound.encode())
        container.mux(stream.encode())
    clip = read_video(file)
    assert len(clip.frames) == 6
    assert any("sound" in note for note in clip.notes)
    assert any("do not come evenly" in note for note in clip.notes)


@pytest.mark.parametrize("content", [b"", b"no video", b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize("name", ["clip.mp4", "clip.webp", "clip.txt"])
def test_what_is_no_clip_is_named(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_video(file)
    assert caught.value.widget == "video"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_video(tmp_path / "none.mp4")
