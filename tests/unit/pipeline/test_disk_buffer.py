"""Room for clips in temporary files."""

import logging
import os
import tempfile

import pytest

torch = pytest.importorskip("torch")

from wanderlens.pipeline import disk_buffer  # noqa: E402
from wanderlens.pipeline.disk_buffer import allocate_on_disk  # noqa: E402


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_buffer, "IN_MEMORY", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def mapped(folder):
    with open("/proc/self/maps") as maps:
        return [line for line in maps if str(folder) in line]


def test_a_small_clip_stays_in_memory(folder):
    assert allocate_on_disk((2, 5, 5, 3)).shape == (2, 5, 5, 3)
    assert not list(folder.iterdir())


@pytest.mark.usefixtures("folder")
def test_a_large_clip_is_written_and_read_like_any_tensor():
    room = allocate_on_disk((20, 6, 7, 3))
    values = torch.rand(20, 6, 7, 3)
    for index, frame in enumerate(values):
        room[index] = frame
    room[3].mul_(0.5)
    assert room.dtype == torch.float32
    assert torch.equal(room[4:], values[4:])
    assert torch.equal(room[3], values[3] * 0.5)


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="needs Linux's list of mappings")
def test_the_file_goes_with_the_tensor(folder):
    room = allocate_on_disk((20, 6, 7, 3))
    room.zero_()
    assert mapped(folder)
    part = room[2:4]
    del room
    assert mapped(folder), "a view holds it"
    del part
    assert not mapped(folder)
    assert not list(folder.iterdir())


def test_without_a_place_for_it_the_clip_stays_in_memory(folder, monkeypatch, caplog):
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "missing"))
    with caplog.at_level(logging.WARNING):
        assert allocate_on_disk((20, 6, 7, 3)).shape == (20, 6, 7, 3)
    assert "held in memory" in caplog.text
