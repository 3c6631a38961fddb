"""A clip's first frame as a small picture."""

from __future__ import annotations

import contextlib
import os
import random
import struct

import av
import numpy as np
import pytest
from PIL import Image

from wanderlens.library import PosterError, poster
from wanderlens.library import posters as module
from wanderlens.library.measure import measure
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


def test_a_poster_that_cannot_be_written_is_told_of(tmp_path, save):
    clip = save(tmp_path / "clip.mp4")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PosterError, match="cannot be written"):
        poster(clip, tmp_path / "file" / "posters")


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


def playlists(folder, clip):
    """Files that FFmpeg takes for lists of others, by what it would read: another clip."""
    place = clip.as_uri()
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{place}\n#EXT-X-ENDLIST\n"
    dash = f"""<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"
        profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT1S">
        <Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000">
        <BaseURL>{place}</BaseURL></Representation></AdaptationSet></Period></MPD>"""
    sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 31\n"
    contents = {
        "list.m3u8": hls, "hls.mp4": hls, "dash.mp4": dash, "dash.mpd": dash, "sdp.mp4": sdp,
        "concat.mp4": "ffconcat version 1.0\nfile beside.mp4\n",
        "two steps.mp4": "ffconcat version 1.0\nfile list.m3u8\n",
        "text.mp4": "words\n" * 100, "page.webm": "<html></html>",
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_text(content)
    return [folder / name for name in contents]


def test_no_list_is_followed_to_another_file(tmp_path, save):
    folder = tmp_path / "input"
    save(folder / "beside.mp4")
    secret = tmp_path / "private" / "secret.ts"
    secret.parent.mkdir()
    clip = save(tmp_path / "private" / "clip.mp4")
    with av.open(str(clip)) as source, av.open(str(secret), "w", format="mpegts") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            packet.stream = stream
            if packet.size:
                target.mux(packet)
    assert poster(secret, tmp_path / "posters").is_file()  # it could be read
    for file in playlists(folder, secret):
        with pytest.raises(PosterError):
            poster(file, tmp_path / "posters")
        assert measure(file) is None


def test_a_clip_that_lies_about_its_size_is_not_decoded(tmp_path):
    """A frame of 67 million pixels in a file whose headers say 64 by 48."""
    clip = tmp_path / "clip.mp4"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("h264", rate=16, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 8192, 8192, "yuv420p"
        frame = av.VideoFrame(8192, 8192, "yuv420p")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    data = bytearray(clip.read_bytes())
    at = data.index(b"avc1", data.index(b"stsd")) + 28
    assert data[at : at + 4] == struct.pack(">HH", 8192, 8192)
    data[at : at + 4] = struct.pack(">HH", 64, 48)
    clip.write_bytes(data)
    with pytest.raises(PosterError, match="too large"):
        poster(clip, tmp_path / "posters")


@pytest.mark.parametrize(("name", "kind"), [("clip.webp", "PNG"), ("clip.gif", "WEBP")])
def test_a_picture_under_another_ending_is_not_read_as_what_it_is(tmp_path, name, kind):
    Image.new("RGB", (8, 8)).save(tmp_path / name, kind)
    with pytest.raises(PosterError):
        poster(tmp_path / name, tmp_path / "posters")
