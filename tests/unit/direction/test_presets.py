"""Presets: ours, the user's, inheritance, broken files."""

import json
import logging
import os

import pytest

from wanderlens.direction import PresetLibrary, vocabulary
from wanderlens.direction.cues import find_cues
from wanderlens.errors import InputError

WORDS = vocabulary()
OURS = list(PresetLibrary())
GROUPS = {
    "cinematic", "music-video", "documentary", "portrait", "landscape", "product",
    "ambient-loop", "social", "abstract",
}  # fmt: skip


def write(folder, name, content) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def test_there_are_at_least_32_in_all_the_groups():
    assert len(OURS) >= 32
    assert {preset.group for preset in OURS} == GROUPS


def test_they_use_the_whole_vocabulary():
    assert {preset.camera for preset in OURS} == set(WORDS.moves)
    assert {preset.pacing for preset in OURS} == set(WORDS.pacings)
    assert {preset.look for preset in OURS} == set(WORDS.looks)


@pytest.mark.parametrize("preset", OURS, ids=lambda preset: preset.id)
def test_every_field_says_something(preset):
    assert preset.about.endswith(".")
    assert 4 <= len(preset.text.split()) <= 20
    assert preset.tags
    assert preset.fps in (16, 24, 32)
    assert 2 <= preset.duration <= 10
    # Its text leaves camera, pacing and look to their fields, so that a menu can change them.
    said = find_cues(preset.text, WORDS)
    assert not said.camera
    assert not said.pacings
    assert not said.looks


@pytest.mark.parametrize("preset", [p for p in OURS if p.loop], ids=lambda preset: preset.id)
def test_a_looping_presets_own_move_can_loop(preset):
    assert WORDS.looping(WORDS.moves[preset.camera]).id == preset.camera


def test_ambient_loops_loop():
    assert all(preset.loop for preset in OURS if preset.group == "ambient-loop")


def test_the_users_presets_come_after_ours_by_name(tmp_path):
    write(tmp_path, "b shot", {"text": "leaves fall", "camera": "pan left", "fps": 32})
    write(tmp_path, "a shot", {"version": 1, "inherits": OURS[0].id})
    library = PresetLibrary(tmp_path)
    assert library.ids[-2:] == ["user/a shot", "user/b shot"]
    assert library.ids[:-2] == [preset.id for preset in OURS]
    mine = library["user/b shot"]
    assert (mine.text, mine.camera, mine.fps, mine.pacing) == ("leaves fall", "pan left", 32, "")
    assert mine.file == tmp_path / "b shot.json"


def test_a_preset_inherits_what_it_does_not_say(tmp_path):
    write(tmp_path, "base", {"inherits": "cinematic/hero push-in", "camera": "pan left"})
    write(tmp_path, "child", {"inherits": "user/base", "look": "noir", "negative": ""})
    parent = PresetLibrary()["cinematic/hero push-in"]
    child = PresetLibrary(tmp_path)["user/child"]
    assert (child.camera, child.look, child.negative) == ("pan left", "noir", "")
    assert (child.text, child.pacing, child.fps) == (parent.text, parent.pacing, parent.fps)
    assert (child.id, child.group, child.name) == ("user/child", "user", "child")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "JSON object"),
        ("null", "JSON object"),
        ("[" * 60_000, "recursion"),
        ({"version": 2}, "version must be 1"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"id": "user/other"}, "unknown field 'id'"),
        ({"camera": "sideways"}, "camera must be one of"),
        ({"camera": ["push in"]}, "camera must be one of"),
        ({"fps": 17}, "fps must be 16, 24 or 32"),
        ({"fps": [16]}, "fps must be 16, 24 or 32"),
        ({"duration": -1}, "duration must be seconds"),
        ({"duration": "5"}, "duration must be seconds"),
        ('{"duration": NaN}', "duration must be seconds"),
        ({"loop": "yes"}, "loop must be true or false"),
        ({"tags": "a"}, "tags must be a list"),
        ({"text": 3}, "text must be text"),
        ({"text": "x" * 2001}, "text must be text"),
        ('{"text": "a \\ud800 b"}', "characters that are no text"),
        ({"inherits": "cinematic/gone"}, "inherits must name a preset"),
        ({"inherits": "user/broken"}, "inherits from itself"),
        ({"inherits": 5}, "inherits must name a preset"),
        ({"text": "x", "about": "y" * 70_000}, "larger than 64 KiB"),
    ],
)
def test_a_broken_file_is_named_in_a_warning_and_skipped(tmp_path, caplog, content, reason):
    write(tmp_path, "broken", content)
    write(tmp_path, "fine", {"text": "leaves fall"})
    with caplog.at_level(logging.WARNING):
        library = PresetLibrary(tmp_path)
    assert library.ids[-1] == "user/fine"
    assert "user/broken" not in library.ids
    (record,) = caplog.records
    assert str(tmp_path / "broken.json") in record.message
    assert reason in record.message
    with pytest.raises(InputError, match="cannot be used; the log says why"):
        library["user/broken"]


def test_what_inherits_from_a_broken_preset_is_skipped_too(tmp_path, caplog):
    write(tmp_path, "a", {"inherits": "user/b"})
    write(tmp_path, "b", {"inherits": "user/a"})
    write(tmp_path, "c", {"fps": 5})
    write(tmp_path, "d", {"inherits": "user/c"})
    with caplog.at_level(logging.WARNING):
        assert PresetLibrary(tmp_path).ids == PresetLibrary().ids
    assert len(caplog.records) == 4


def test_a_file_of_bytes_that_are_no_text_is_skipped(tmp_path, caplog):
    (tmp_path / "broken.json").write_bytes(b"\xff\xfe\x00{}")
    (tmp_path / "folder.json").mkdir()
    with caplog.at_level(logging.WARNING):
        assert PresetLibrary(tmp_path).ids == PresetLibrary().ids
    assert len(caplog.records) == 2


def test_a_preset_that_is_gone_is_named_with_its_file(tmp_path):
    with pytest.raises(InputError) as refused:
        PresetLibrary(tmp_path)["user/mine"]
    assert str(tmp_path / "mine.json") in str(refused.value)
    assert "gone" in str(refused.value)
    with pytest.raises(InputError, match="Choose one from the list"):
        PresetLibrary()["cinematic/gone"]


def test_what_editors_and_systems_leave_in_files(tmp_path, caplog):
    (tmp_path / "bom.json").write_bytes(b'\xef\xbb\xbf{"text": "leaves fall"}')
    (tmp_path / "._shadow.json").write_bytes(b"\x00\x05\x16\x07")
    assert PresetLibrary(tmp_path).ids[-1] == "user/bom"
    assert not caplog.records


@pytest.mark.parametrize("preset_id", [["a"], None, 3, {}])
def test_an_id_that_is_no_text_is_refused(preset_id):
    with pytest.raises(InputError, match="preset must be one that exists"):
        PresetLibrary()[preset_id]


def test_a_folder_that_is_not_there_is_no_fault(tmp_path, caplog):
    assert PresetLibrary(tmp_path / "none").ids == PresetLibrary().ids
    assert not caplog.records


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_what_never_ends_is_not_waited_for(tmp_path, caplog):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "device.json").symlink_to("/dev/zero")
    with (tmp_path / "sparse.json").open("wb") as sparse:
        sparse.truncate(1 << 40)
    with caplog.at_level(logging.WARNING):
        assert PresetLibrary(tmp_path).ids == PresetLibrary().ids
    assert caplog.text.count("must be a regular file") == 2
    assert "larger than 64 KiB" in caplog.text


def test_a_long_line_of_parents_is_refused(tmp_path, caplog):
    write(tmp_path, "0", {"camera": "pan left"})
    for number in range(1, 40):
        write(tmp_path, str(number), {"inherits": f"user/{number - 1}"})
    with caplog.at_level(logging.WARNING):
        library = PresetLibrary(tmp_path)
    assert library["user/16"].camera == "pan left"
    assert "user/17" not in library.ids
    assert "more than 16 presets in a row" in caplog.text


def test_no_file_takes_the_place_of_one_of_ours(tmp_path):
    """Whatever it is called and holds, it stands below "user/"."""
    (tmp_path / "cinematic").mkdir()
    write(tmp_path / "cinematic", "hero push-in", {"text": "theirs"})
    names = [
        "cinematic_hero push-in",
        "..",
        "...",
        "cinematic\\hero push-in",
        "<img src=x>",
        "a\nb",
    ]
    for name in names:
        write(tmp_path, name, {"text": "theirs", "inherits": "cinematic/hero push-in"})
    for field in ("id", "group", "name", "file"):
        write(tmp_path, f"with {field}", {field: "cinematic/hero push-in", "text": "theirs"})
    library = PresetLibrary(tmp_path)
    assert library["cinematic/hero push-in"] == PresetLibrary()["cinematic/hero push-in"]
    theirs = [preset for preset in library if preset.text == "theirs"]
    assert {preset.name for preset in theirs} == {name for name in names if name[0] != "."}
    for preset in theirs:
        assert preset.id == f"user/{preset.name}"
        assert preset.file is not None
        assert preset.file.parent == tmp_path


@pytest.mark.skipif(os.name == "nt", reason="has no such names")
def test_a_name_that_is_no_text_is_left_out(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff.json", "w") as file:
        file.write('{"text": "leaves fall"}')
    write(tmp_path, "fine", {"text": "leaves fall"})
    assert PresetLibrary(tmp_path).ids[-1] == "user/fine"
    assert len(PresetLibrary(tmp_path).ids) == len(OURS) + 1
