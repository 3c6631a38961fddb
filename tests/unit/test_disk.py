"""Files that appear whole or not at all, and folders that stay within their bounds."""

import os

import pytest

from wanderlens.disk import atomic_path, evict_oldest, remove_leftovers


def leftover(stem: str, number: int, suffix: str = ".json") -> str:
    return f".{stem}.7-{number:032}.partial{suffix}"


def test_a_failed_write_leaves_what_was_there(tmp_path):
    file = tmp_path / "clips.json"
    file.write_text("old")

    def write():
        with atomic_path(file) as partial:
            partial.write_text("ha")
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write()
    assert [each.name for each in tmp_path.iterdir()] == ["clips.json"]
    assert file.read_text() == "old"


@pytest.mark.parametrize("name", ["a.json", "no ending", "ä" * 120 + ".latent", "x" * 250])
def test_any_name_is_written_with_its_own_ending(tmp_path, name):
    file = tmp_path / name
    with atomic_path(file) as partial:
        assert partial.suffix == (file.suffix or ".partial")
        assert partial.parent == tmp_path
        partial.write_text("whole")
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert file.read_text() == "whole"


def test_what_a_dead_process_left_is_removed_later(tmp_path):
    old, new, other = leftover("clips", 0), leftover("clips", 1), leftover("theirs", 0, "")
    for name in (old, new, other, ".theirs.json"):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (0, 0))
    os.utime(tmp_path / new)
    remove_leftovers(tmp_path, of=tmp_path / "clips.json")
    assert {file.name for file in tmp_path.iterdir()} == {new, other, ".theirs.json"}
    remove_leftovers(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {new, ".theirs.json"}
    remove_leftovers(tmp_path / "no folder")


def aged(folder, count, size=1):
    files = [folder / f"{index:02}.bin" for index in range(count)]
    for index, file in enumerate(files):
        file.write_bytes(b"x" * size)
        os.utime(file, (index, index))
    (folder / "other.txt").write_text("stays")
    return files


def test_the_oldest_go_first_and_the_newest_written_last(tmp_path):
    files = aged(tmp_path, 6, size=10)
    evict_oldest(tmp_path, ".bin", keep=files[0], most_bytes=30)
    assert sorted(tmp_path.glob("*.bin")) == [files[0], files[4], files[5]]
    assert (tmp_path / "other.txt").exists()


def test_more_files_than_there_may_be_make_some_room(tmp_path):
    files = aged(tmp_path, 41)
    evict_oldest(tmp_path, ".bin", keep=files[0], most_files=41)
    assert len(list(tmp_path.glob("*.bin"))) == 41
    evict_oldest(tmp_path, ".bin", keep=files[0], most_files=40)
    assert sorted(tmp_path.glob("*.bin")) == [files[0], *files[4:]]
