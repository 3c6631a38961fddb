"""The command line, run as a user would."""

import os
import signal
import subprocess
import sys
import time

import pytest

from wanderlens.cli import EXAMPLE, main

pytest.importorskip("cv2", reason="needs the headless extra")
PACKAGE = EXAMPLE.parents[2]


def test_preview_makes_a_clip_of_the_presets_length(tmp_path, capsys):
    from PIL import Image

    av = pytest.importorskip("av")
    photo, file = tmp_path / "small.png", tmp_path / "clip.mp4"
    Image.new("RGB", (128, 96), "teal").save(photo)
    options = ["--preset", "social/scroll stopper", "--resolution", "match image"]
    assert main(["preview", str(photo), *options, "-o", str(file)]) == 0
    assert "Preview only" in capsys.readouterr().out
    with av.open(file) as container:
        assert container.streams.video[0].frames == 97
        assert container.streams.video[0].average_rate == 32
        assert "bursts out laughing" in container.metadata["comment"]


def test_options_win_over_the_preset(tmp_path):
    av = pytest.importorskip("av")
    file = tmp_path / "clip.mp4"
    options = ["--fps", "16", "--duration", "1", "--loop", "--camera", "roll"]
    assert main(["preview", "--preset", "social/scroll stopper", *options, "-o", str(file)]) == 0
    with av.open(file) as container:
        assert container.streams.video[0].frames == 16
        assert "rocks" in container.metadata["comment"]


def test_compose_prints_prompt_negative_and_report(capsys):
    assert main(["compose", "--direction", "static camera, rain", "--camera", "push in"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("static camera, rain.\n")
    assert "Negative: " in out
    assert "push in is left out" in out


def test_presets_are_listed_and_searched(capsys):
    assert main(["presets"]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 32
    assert main(["presets", "noir", "smoke"]) == 0
    assert capsys.readouterr().out.startswith("cinematic/noir shadows")


def test_the_users_presets_are_found(tmp_path, capsys):
    (tmp_path / "mine.json").write_text('{"about": "My own."}', encoding="utf-8")
    assert main(["presets", "--presets-folder", str(tmp_path), "user/mine"]) == 0
    assert "My own." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--camera", "sideways"], "camera must be one of"),
        (["--preset", "no/such"], "preset must be one that exists"),
        (["--duration", "nan"], "duration must be more than 0 s"),
        (["--fps", "17"], "fps must be 16, 24 or 32"),
        (["--fps", "0"], "fps must be 16, 24 or 32"),
        (["--intensity", "2"], "intensity must be a number from 0 to 1.5"),
        (["-o", "clip.avi"], "output must end in .mp4, .webm, .webp or .gif"),
        ([__file__], "photo must be a picture"),
    ],
)
def test_refusals_say_what_to_do_and_end_with_2(options, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["preview", *options]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_resolution_that_is_not_there_is_refused_by_the_parser(capsys):
    with pytest.raises(SystemExit) as refused:
        main(["preview", "--resolution", "8k"])
    assert refused.value.code == 2
    assert "invalid choice: '8k'" in capsys.readouterr().err


def test_a_terminal_without_chinese_gets_the_rest():
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    result = subprocess.run(
        [sys.executable, "-m", "wanderlens.cli", "compose", "--direction", "leaves sway"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(b"leaves sway.")


def test_what_is_not_installed_is_named_with_the_extra():
    """In an interpreter without any installed package."""
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); sys.modules.pop('nodes', None)\n"
        "from wanderlens.cli import main; sys.exit(main(['preview']))"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "wanderlens[headless]" in result.stderr


def test_a_picture_that_is_not_there_ends_with_1(capsys):
    assert main(["preview", "nope.png"]) == 1
    assert "nope.png" in capsys.readouterr().err


def test_the_example_carries_its_prompt_as_comfyui_writes_it():
    from PIL import Image

    with Image.open(EXAMPLE) as picture:
        assert {"prompt", "workflow"} <= set(picture.text)  # pyright: ignore


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_program_tidies_up_and_says_so(number, code, tmp_path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"older")
    program = subprocess.Popen(
        [sys.executable, "-m", "wanderlens.cli", "preview", "-o", str(clip), "--duration", "60"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".clip.*")):
        assert program.poll() is None, program.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    program.send_signal(number)
    _, told = program.communicate(timeout=60)
    assert program.returncode == code
    assert "stopped; nothing was left half written" in told
    assert clip.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [clip]
