"""Files that appear whole or not at all."""

import os

import pytest

from wanderlens.library.files import write_whole


def test_a_failed_write_leaves_what_was_there(tmp_path):
    file = tmp_path / "clips.json"
    file.write_text("old")

    def half(partial):
        partial.write_text("ha")
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_whole(file, half)
    assert [each.name for each in tmp_path.iterdir()] == ["clips.json"]
    assert file.read_text() == "old"


def test_what_a_dead_process_left_goes_with_the_next_write(tmp_path):
    names = (f".clips.7-{'0' * 32}.json", f".clips.7-{'1' * 32}.json", ".theirs.json")
    for name in names:
        (tmp_path / name).write_text("half")
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (0, 0))
    write_whole(tmp_path / "clips.json", lambda partial: partial.write_text("{}"))
    left = {file.name for file in tmp_path.iterdir()} - {"clips.json"}
    assert left == set(names[1:]), "the second may still be written, the third is not ours"
