"""`wanderlens inspect`, run as a user would."""

import json
import os

import pytest
from PIL import EpsImagePlugin

from wanderlens.cli import EXAMPLE, main

pytest.importorskip("cv2", reason="needs the headless extra")


def test_the_example_says_what_it_was_made_with(capsys):
    assert main(["inspect", str(EXAMPLE)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("From: ComfyUI graph (PNG text chunk 'prompt'")
    assert "\nPrompt: a small wooden cabin by a misty mountain lake at dawn, pine trees\n" in out
    assert "\nStyle: film photograph, soft golden light\n" in out


def test_the_same_as_json(capsys):
    assert main(["inspect", str(EXAMPLE), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["style"] == ["film photograph", "soft golden light"]
    assert (record["badge"], record["medium"], record["seed"]) == ("file", "live", 22)
    assert record["raw_prompt"].endswith("soft golden light, film photograph")


def test_a_picture_without_words_is_looked_at(samples, tmp_path, capsys):
    file = tmp_path / "bare.png"
    file.write_bytes(samples.png({}))
    assert main(["inspect", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("From: look of the pixels.")
    assert "has no prompt in it" in out


def test_what_is_no_picture_gives_a_report(tmp_path, capsys):
    file = tmp_path / "notes.txt"
    file.write_text("a fox", encoding="utf-8")
    assert main(["inspect", str(file)]) == 0
    assert "it is no PNG, JPEG, WebP, AVIF, GIF, MP4 or WebM" in capsys.readouterr().out


def test_a_folder_is_refused_and_a_missing_file_is_an_error(tmp_path, capsys):
    assert main(["inspect", str(tmp_path)]) == 2
    assert "it is not a regular file" in capsys.readouterr().err
    assert main(["inspect", str(tmp_path / "gone.png")]) == 1
    assert "gone.png" in capsys.readouterr().err


def test_no_program_of_the_machine_is_started(tmp_path, monkeypatch, capsys):
    """Pillow hands PostScript to Ghostscript, whatever the file is called."""
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch '{tmp_path}/started'\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    words = "%!PS-Adobe-3.0 EPSF-3.0", "%%BoundingBox: 0 0 64 64", "%%EndComments", "showpage"
    (tmp_path / "still.png").write_text("\n".join((*words, "")))
    assert main(["inspect", str(tmp_path / "still.png")]) == 0
    assert "Nothing carries over" in capsys.readouterr().out
    assert not (tmp_path / "started").exists()


def test_a_terminal_is_told_nothing_but_text(tmp_path, samples, capsys):
    evil = "a\x1b]0;owned\x07\nPrompt: false"
    data = samples.with_chunk(b"tEXt", evil.encode() + b'\0{"prompt": "a \\u001b[2Jfox"}')
    (tmp_path / "still.png").write_bytes(data)
    assert main(["inspect", str(tmp_path / "still.png")]) == 0
    said = capsys.readouterr().out
    assert "fox" in said
    assert all(line.isprintable() for line in said.splitlines())
    assert sum(line.startswith("Prompt: ") for line in said.splitlines()) == 1
