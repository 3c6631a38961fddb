"""`wanderlens animate` as a user runs it, with the bundled nano model."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time

import pytest

av = pytest.importorskip("av", reason="needs the headless extra")
pytest.importorskip("diffusers", reason="needs the headless extra")

from wanderlens.cli import EXAMPLE, main  # noqa: E402
from wanderlens.nano import nano_files  # noqa: E402

FILES_OPTIONS = ["--high-noise", "x", "--vae", "x", "--text-encoder", "x"]
#: The shortest and smallest clip that there is.
QUICK = ["--duration", "0.5", "--resolution", "96x64", "--steps", "2", "--cfg", "1"]


def test_a_photo_becomes_a_clip_that_says_how_it_was_made(tmp_path, capsys):
    file = tmp_path / "clip.mp4"
    options = ["--camera", "pan left", "--seed", "5", "-o", str(file)]
    assert main(["animate", str(EXAMPLE), *QUICK, *options]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Nano demo model: ")
    assert "--server" in said.splitlines()[0]
    assert "The camera pans left" in said
    assert "Carried over from the still" in said
    with av.open(file) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (96, 64, 9)
        assert stream.average_rate == 16
    assert main(["inspect", "--json", str(file)]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["seed"] == 5
    assert read["settings"]["camera"] == "pan left"
    assert read["settings"]["model"] == "nano"
    assert (read["settings"]["steps"], read["settings"]["cfg"]) == ("2", "1.0")
    assert "The camera pans left" in read["raw_prompt"]


def test_json_is_one_object_and_nothing_else(tmp_path, capsys):
    file = tmp_path / "clip.webm"
    assert main(["animate", *QUICK, "--json", "--fps", "32", "--seed", "1", "-o", str(file)]) == 0
    shown = capsys.readouterr()
    (made,) = json.loads(shown.out)["clips"]
    assert made["file"] == str(file)
    assert (made["frames"], made["fps"], made["width"], made["height"]) == (17, 32, 96, 64)
    assert made["seed"] == 1
    assert "Model: nano" in made["report"]
    assert shown.err == ""
    with av.open(file) as container:
        assert sum(1 for _ in container.decode(video=0)) == 17


def test_quiet_says_nothing(tmp_path, capsys):
    assert main(["animate", *QUICK, "--quiet", "-o", str(tmp_path / "clip.gif")]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_loop_and_an_end_image(tmp_path, capsys):
    options = ["--loop", "-o", str(tmp_path / "loop.webp"), "--json"]
    assert main(["animate", *QUICK, *options]) == 0
    (made,) = json.loads(capsys.readouterr().out)["clips"]
    assert made["frames"] == 8
    assert made["loop"] is True
    options = ["--end-image", str(EXAMPLE), "-o", str(tmp_path / "end.mp4"), "--json"]
    assert main(["animate", *QUICK, *options]) == 0
    assert json.loads(capsys.readouterr().out)["clips"][0]["frames"] == 9


def test_several_photos_go_into_a_folder(tmp_path, capsys):
    from PIL import Image

    for ending in ("png", "jpg"):
        Image.new("RGB", (120, 90), "teal").save(tmp_path / f"lake.{ending}")
    out = tmp_path / "clips"
    photos = [str(tmp_path / "lake.png"), str(tmp_path / "lake.jpg")]
    assert main(["animate", *photos, *QUICK, "-o", str(out)]) == 2
    assert "a folder that exists" in capsys.readouterr().err
    assert main(["animate", *photos, *QUICK, "-o", str(tmp_path / "clip.mp4")]) == 2
    assert "must be a folder for several photos" in capsys.readouterr().err
    out.mkdir()
    assert main(["animate", *photos, *QUICK, "-o", str(out)]) == 0
    assert sorted(each.name for each in out.iterdir()) == ["lake-2.mp4", "lake.mp4"]


def test_a_seed_is_drawn_and_told(tmp_path, capsys):
    seeds = set()
    for _ in range(2):
        assert main(["animate", *QUICK, "--json", "-o", str(tmp_path / "clip.mp4")]) == 0
        seeds.add(json.loads(capsys.readouterr().out)["clips"][0]["seed"])
    assert len(seeds) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "clip.avi"], "output must end in .mp4, .webm, .webp or .gif"),
        (["-o", "no/such/clip.mp4"], "output must lie in a folder that exists"),
        (["--camera", "sideways"], "camera must be one of"),
        (["--fps", "17"], "fps must be 16, 24 or 32"),
        (["--duration", "0"], "duration must be more than 0 s"),
        (["--resolution", "480p"], "resolution must be one of nano"),
        (["--resolution", "100x64"], "width must be a multiple of 16"),
        (["--quality", "fast"], "quality must be standard, best or custom for nano"),
        (["--steps", "0"], "steps must be a whole number from 1 to 200"),
        (["--sampler", "lcm"], "sampler_name must be one of"),
        (["--seed", "-1"], "seed must be a whole number"),
        (["--loop", "--end-image", str(EXAMPLE)], "takes no end image"),
        (["--lora", __file__], "lora is for Wan 2.2"),
        (["--text-encoder", "x"], "text_encoder is for Wan 2.2"),
        (["--model", "x", "--high-noise", "y"], "model must be left out with high_noise"),
        (["--resolution", "0x"], "resolution must be a name or WIDTHxHEIGHT"),
        (["--end-image", __file__], "end_image must be a picture"),
        (["--server", "http://x", "--offload", "group"], "offload must be left out with server"),
        (["--server", "http://x", "--intensity", "1"], "intensity goes with preset"),
        (["--server", "http://x:port"], "server must be an address"),
        ([*FILES_OPTIONS, "--lora", "gone.safetensors:0.5"], "lora must name a file"),
        (["--low-noise", "x.safetensors"], "low_noise goes with high_noise"),
        (["--high-noise", "x.safetensors"], "vae is needed with high_noise"),
        (["--device", "quantum"], "device must be one that torch can use"),
        (["--workflow", "x.json"], "workflow goes with server"),
        (["--server", "ftp://x"], "server must be an address"),
        (["--server", "http://127.0.0.1:9", "--model", "7B"], "model must be one of A14B, 5B"),
        (["--server", "http://127.0.0.1:9", "-o", "clip.gif"], "output must end in .mp4 with"),
        ([__file__], "photo must be a picture"),
    ],
)
def test_refusals_say_what_to_do_and_end_with_2(options, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["animate", "--help"])
    usage = capsys.readouterr().out.replace("[photo", "PHOTO")
    assert main(["animate", *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    named = re.search(r"\(option: (\S+)\)$", error.strip())
    assert named is not None
    assert named[1] in usage
    assert not list(tmp_path.iterdir())


def test_the_photo_itself_is_never_overwritten(tmp_path, capsys):
    from PIL import Image

    photo = tmp_path / "lake.webp"
    Image.new("RGB", (120, 90), "teal").save(photo)
    before = photo.read_bytes()
    assert main(["animate", str(photo), *QUICK, "-o", str(photo)]) == 2
    assert "must not be a picture that the clip is made of" in capsys.readouterr().err
    assert photo.read_bytes() == before


def test_an_error_in_json(capsys, tmp_path):
    assert main(["animate", "--json", "--fps", "17", "-o", str(tmp_path / "clip.mp4")]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "input"
    assert "fps must be 16, 24 or 32" in error["message"]


def test_a_photo_and_a_server_that_are_not_there_end_with_1(capsys, tmp_path):
    target = ["-o", str(tmp_path / "clip.mp4")]
    assert main(["animate", "nope.png", *target]) == 1
    assert "nope.png" in capsys.readouterr().err
    assert main(["animate", "--server", "http://127.0.0.1:9", *target]) == 1
    assert "http://127.0.0.1:9 does not answer" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_files_of_comfyuis_run_too(tmp_path, capsys):
    """The nano's own files, given as a user gives Wan's; its text encoder is not one for them."""
    experts, vae = nano_files()
    options = ["--high-noise", str(experts["high_noise"]), "--low-noise"]
    options += [str(experts["low_noise"]), "--vae", str(vae), "--text-encoder"]
    assert main(["animate", *QUICK, *options, str(vae), "-o", str(tmp_path / "clip.mp4")]) == 2
    assert "umt5_xxl_fp16.safetensors" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_leaves_no_half_file(tmp_path):
    command = [sys.executable, "-m", "wanderlens.cli", "animate", "--duration", "30"]
    process = subprocess.Popen(
        [*command, "-o", str(tmp_path / "clip.mp4")], stderr=subprocess.PIPE, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Prompt: "):  # the models are loaded and the work begins
            break
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing was left half written" in error
    assert not list(tmp_path.iterdir())
