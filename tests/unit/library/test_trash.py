"""Clips that were removed and are put back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanderlens.errors import InputError
from wanderlens.library import Trash


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "output" / "video").mkdir(parents=True)
    return tmp_path / "output"


def clip(output: Path, content: str = "first") -> Path:
    file = output / "video" / "clip.mp4"
    file.write_text(content)
    os.utime(file, (1000, 1000))
    return file


def test_a_clip_goes_and_comes_back_as_it_was(output, tmp_path):
    file, trash = clip(output), Trash(tmp_path / "trash")
    entry = trash.remove(file, output)
    assert not file.exists()
    assert trash.restore(entry) == file
    assert (file.read_text(), file.stat().st_mtime) == ("first", 1000)
    assert list((tmp_path / "trash").iterdir()) == []


def test_a_taken_place_is_left_alone(output, tmp_path):
    file, trash = clip(output), Trash(tmp_path / "trash")
    first = trash.remove(file, output)
    second = trash.remove(clip(output, "second"), output)
    clip(output, "third")
    assert trash.restore(first).name == "clip (2).mp4"
    assert trash.restore(second).name == "clip (3).mp4"
    contents = [each.read_text() for each in sorted(file.parent.iterdir())]
    assert contents == ["first", "second", "third"]


def test_its_folder_may_be_gone(output, tmp_path):
    file, trash = clip(output), Trash(tmp_path / "trash")
    entry = trash.remove(file, output)
    file.parent.rmdir()
    assert trash.restore(entry).read_text() == "first"


def test_only_ids_of_its_own_and_each_once(output, tmp_path):
    trash = Trash(tmp_path / "trash")
    entry = trash.remove(clip(output), output)
    for other in ("", "..", f"{entry}/..", "0" * 32, None, 7, [entry]):
        with pytest.raises(InputError):
            trash.restore(other)  # type: ignore[arg-type]
    trash.restore(entry)
    with pytest.raises(InputError):
        trash.restore(entry)
    with pytest.raises(InputError):
        Trash(tmp_path / "trash").restore(entry)


def test_nothing_outside_the_folder_goes(output, tmp_path):
    outside = tmp_path / "clip.mp4"
    outside.touch()
    (output / "link.mp4").symlink_to(outside)
    (output / "folder").symlink_to(tmp_path)
    (output / "folder.mp4").mkdir()
    (output / "notes.txt").touch()
    trash = Trash(tmp_path / "trash")
    for file in ("../clip.mp4", "link.mp4", "folder/clip.mp4", "folder.mp4", "notes.txt"):
        with pytest.raises(InputError):
            trash.remove(output / file, output)
    with pytest.raises(FileNotFoundError):
        trash.remove(output / "none.mp4", output)
    assert outside.exists()
    assert not (tmp_path / "trash").exists()


def test_it_works_across_file_systems(output, tmp_path, monkeypatch):
    replace = os.replace

    def refuse(source, target):
        if Path(source).parent != Path(target).parent:
            raise OSError(errno.EXDEV, "another file system")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    test_a_clip_goes_and_comes_back_as_it_was(output, tmp_path)


def test_a_full_disk_loses_nothing(output, tmp_path, monkeypatch):
    file, trash = clip(output), Trash(tmp_path / "trash")

    def refuse(*_):
        raise OSError(errno.EXDEV, "another file system")

    def full(_, target):
        Path(target).write_text("fi")
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr("shutil.copy2", full)
    with pytest.raises(OSError, match="no space"):
        trash.remove(file, output)
    assert file.read_text() == "first"
    monkeypatch.undo()
    entry = trash.remove(file, output)
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr("shutil.copy2", full)
    with pytest.raises(OSError, match="no space"):
        trash.restore(entry)
    monkeypatch.undo()
    assert list(file.parent.iterdir()) == []
    assert trash.restore(entry).read_text() == "first"


def test_a_trash_that_was_emptied_says_so(output, tmp_path):
    trash = Trash(tmp_path / "trash")
    entry = trash.remove(clip(output), output)
    for file in (tmp_path / "trash").rglob("*.mp4"):
        file.unlink()
    with pytest.raises(InputError, match="emptied"):
        trash.restore(entry)
    assert list((output / "video").iterdir()) == []


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 5), max_size=24))
def test_whatever_the_order_no_content_is_lost(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("root")
    output, trash, entries, written = root / "output", Trash(root / "trash"), [], 0
    (output / "video").mkdir(parents=True)
    for step in steps:
        here = sorted((output / "video").iterdir())
        if step < 2 or (step < 4 and not here):
            if not (output / "video" / "clip.mp4").exists():
                clip(output, str(written))
                written += 1
        elif step < 4:
            entries.append(trash.remove(here[step % len(here)], output))
        elif entries:
            trash.restore(entries.pop(step % len(entries)))
    contents = sorted(int(each.read_text()) for each in root.rglob("*.mp4"))
    assert contents == list(range(written))
