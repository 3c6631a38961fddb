"""Our clips in a folder: which they are, and what is told of them."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from wanderlens.library import ClipIndex
from wanderlens.library import clips as module


def listed(folder: Path, cache: Path | None = None):
    return ClipIndex(folder, cache or folder.parent / "cache.json").clips()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def test_a_clip_tells_size_rate_length_and_settings(output, save):
    file = save(output / "video" / "wanderlens_00001_.mp4")
    (clip,) = listed(output)
    assert clip.as_json() == {
        "filename": "wanderlens_00001_.mp4",
        "subfolder": "video",
        "type": "output",
        "size": file.stat().st_size,
        "modified": file.stat().st_mtime_ns // 1_000_000,
        "width": 80,
        "height": 64,
        "fps": 8.0,
        "frames": 4,
        "seconds": 0.5,
        "kind": "convert",
        "prompt": "a light wind",
        "preset": "",
        "settings": {
            "direction": "a light wind",
            "camera": "push in",
            "pacing": "slow",
            "look": "from preset",
            "negative": "blur",
            "include_image_prompt": True,
            "include_image_style": False,
            "fps": 16,
            "duration": 5.0,
            "loop": False,
            "resolution": "480p",
            "quality": "fast",
            "seed": 7,
            "family": "a14b",
            "image": "still.png",
        },
        "workflow": True,
    }


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".webp", ".gif"])
def test_the_command_lines_clips_are_ours_in_every_format(output, save, ending):
    record = {"prompt": "a fox runs", "preset": "", "fps": 8, "seed": 3, "quality": "fast"}
    save(
        output / f"clip{ending}",
        frames=12,
        metadata={"comment": json.dumps({"wanderlens": record})},
    )
    (clip,) = listed(output)
    facts = clip.facts
    assert (facts.width, facts.height, facts.frames, facts.kind) == (80, 64, 12, "convert")
    assert facts.fps == pytest.approx(8, rel=0.05)
    assert facts.prompt == "a fox runs"
    assert facts.settings["seed"] == 3
    assert not facts.workflow


def test_other_clips_and_what_is_none_are_left_out(output, save):
    save(output / "other.mp4", prompt={"1": {"class_type": "SaveVideo", "inputs": {}}})
    save(output / "plain.mp4", metadata={})
    (output / "broken.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(40))
    (output / "empty.webm").touch()
    (output / "text.webp").write_text("RIFF")
    os.mkfifo(output / "pipe.mp4")
    save(output / ".hidden" / "clip.mp4")
    assert listed(output) == []


def test_links_lead_nowhere_outside(output, save):
    outside = save(output.parent / "elsewhere" / "clip.mp4")
    (output / "file.mp4").symlink_to(outside)
    (output / "folder").symlink_to(outside.parent)
    (output / "round").symlink_to(output)
    inside = save(output / "a.mp4")
    (output / "b.mp4").symlink_to(inside)
    assert sorted(clip.filename for clip in listed(output)) == ["a.mp4", "b.mp4"]


def test_the_newest_stands_first(output, save):
    for name, second in {"old": 1000, "new": 1020, "mid": 1010}.items():
        os.utime(save(output / f"{name}.mp4"), (second, second))
    assert [clip.filename for clip in listed(output)] == ["new.mp4", "mid.mp4", "old.mp4"]


def test_a_file_is_read_again_only_when_it_has_changed(output, save, graph, monkeypatch):
    file, cache = save(output / "clip.mp4"), output.parent / "deep" / "cache.json"
    first = listed(output, cache)
    reads = []
    whole = module._read
    monkeypatch.setattr(module, "_read", lambda file: reads.append(file) or whole(file))
    assert listed(output, cache) == first
    assert reads == []
    graph["8"]["inputs"]["direction"] = "rain"
    save(file, graph)
    assert [clip.facts.prompt for clip in listed(output, cache)] == ["rain"]
    assert reads == [file]
    file.unlink()
    assert listed(output, cache) == []
    assert json.loads(cache.read_text())["files"] == {}


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 1}', '{"version": 1, "files": {"clip.mp4": [1, 2]}}',
     '{"version": 1, "files": {"clip.mp4": [1, 2, {"width": "x"}]}}', "[" * 100_000],
)  # fmt: skip
def test_a_broken_cache_is_ignored(output, save, content):
    save(output / "clip.mp4")
    cache = output.parent / "cache.json"
    cache.write_text(content)
    assert len(listed(output, cache)) == 1


def test_facts_come_back_from_the_cache_as_they_were(output, save):
    save(output / "clip.mp4")
    index = ClipIndex(output, output.parent / "cache.json")
    assert index.clips() == index.clips() == listed(output)


def test_a_cache_that_cannot_be_written_costs_no_clip(output, save):
    save(output / "clip.mp4")
    (output.parent / "file").touch()
    assert len(listed(output, output.parent / "file" / "cache.json")) == 1


def test_no_output_folder_means_no_clips(tmp_path):
    assert listed(tmp_path / "none") == []


def test_too_many_files_are_said(output, save, monkeypatch):
    save(output / "a.mp4")
    save(output / "b.mp4")
    monkeypatch.setattr("wanderlens.library.files.MAX_CLIPS", 1)
    monkeypatch.setattr(module, "MAX_CLIPS", 1)
    index = ClipIndex(output, output.parent / "cache.json")
    assert (len(index.clips()), index.more) == (1, True)


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".webp", ".gif"])
def test_a_damaged_file_harms_nothing(output, save, ending):
    record = {"comment": json.dumps({"wanderlens": {"prompt": "a fox"}})}
    file = save(output / f"clip{ending}", metadata=record)
    whole, chance = file.read_bytes(), random.Random(5)
    for _ in range(120):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(bytes(damaged[: chance.choice([None, chance.randrange(len(damaged))])]))
        (output.parent / "cache.json").unlink(missing_ok=True)
        for clip in listed(output):
            assert clip.facts.frames > 0
            json.dumps(clip.as_json(), allow_nan=False)
