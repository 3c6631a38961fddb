"""Pictures and clips of strangers, given to the command line."""

import os
import struct
import zlib

import numpy as np
import pytest

from wanderlens.errors import InputError
from wanderlens.still_image import open_picture
from wanderlens.video import read_video

av = pytest.importorskip("av", reason="needs the headless extra")
EpsImagePlugin = pytest.importorskip("PIL.EpsImagePlugin")


def save(file, size=(64, 48), form=None):
    with av.open(str(file), "w", format=form) as container:
        stream = container.add_stream("h264", rate=16)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for shade in (40, 90, 140):
            picture = np.full((size[1], size[0], 3), shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return file


@pytest.mark.parametrize("name", ["list.m3u8", "two steps.mp4", "concat.mp4"])
def test_a_playlist_is_no_clip(tmp_path, name):
    """What a downloaded "clip" names is not read."""
    secret = save(tmp_path / "secret.ts", form="mpegts")
    folder = tmp_path / "downloads"
    folder.mkdir()
    save(folder / "beside.mp4")
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret.as_uri()}\n#EXT-X-ENDLIST\n"
    (folder / "list.m3u8").write_text(hls)
    (folder / "two steps.mp4").write_text("ffconcat version 1.0\nfile list.m3u8\n")
    (folder / "concat.mp4").write_text("ffconcat version 1.0\nfile beside.mp4\n")
    with pytest.raises(InputError):
        read_video(folder / name)


@pytest.fixture
def ghostscript(tmp_path, monkeypatch):
    """A stand-in for Ghostscript that says when it was started."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "gs").write_text(f"#!/bin/sh\ntouch '{programs}/started'\n")
    (programs / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    return programs / "started"


@pytest.mark.parametrize("read", [open_picture, read_video])
def test_no_program_is_started_for_a_picture(tmp_path, ghostscript, read):
    """PostScript called photo.png is not given to Ghostscript."""
    file = tmp_path / "photo.png"
    file.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n")
    with pytest.raises(InputError):
        read(file)
    assert not ghostscript.exists()


def chunk(kind, content):
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


@pytest.mark.parametrize("damage", ["inflating text", "bad chunk"])
def test_a_damaged_picture_is_refused_by_name(tmp_path, damage):
    """Not by an error of Pillow's."""
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * (80 << 20)))
    bad = struct.pack(">I", 5) + b"\1\2\3\4xxxx"
    file = tmp_path / "photo.png"
    file.write_bytes(head + (text if damage == "inflating text" else bad))
    with pytest.raises(InputError):
        open_picture(file)
