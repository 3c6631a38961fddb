"""`wanderlens extend`, from a file to a file, on the nano model."""

import json

import numpy as np
import pytest

pytest.importorskip("av", reason="needs the headless extra")
pytest.importorskip("diffusers", reason="needs the headless extra")

from wanderlens.commands.record import clip_metadata
from wanderlens.video import read_video, write_video

FAST = ["--steps", "1", "--cfg", "1", "--seed", "5"]


@pytest.fixture
def clip(tmp_path):
    from scenes import pan

    file = tmp_path / "clip.mp4"
    frames = (pan(range(12), speed=0.5) * 255).round().byte().numpy()
    write_video(file, iter(frames), 16, clip_metadata("a lake at dawn, oil painting", "", {}))
    return file


def test_a_clip_becomes_longer(clip, command, tmp_path):
    done = command("extend", clip, "--duration", "0.5", "--json", *FAST)
    assert done.code == 0, done.err
    (told,) = json.loads(done.out)["clips"]
    made = read_video(tmp_path / "clip-extended.mp4")
    before = read_video(clip)
    assert len(made.frames) == told["frames"] == 20
    assert told["new_frames"] == 8
    # Coded twice over, and the same but for that.
    off = np.abs(made.frames[:12].astype(int) - before.frames).mean()
    assert off < 4
    comment = json.loads(made.metadata["comment"])["wanderlens"]
    assert (comment["extends"], comment["seed"], comment["steps"]) == ("clip.mp4", 5, 1)
    assert "oil painting" in comment["prompt"], "what the clip says of itself carries over"
    assert "Joint at the start of segment 1" in told["report"]


def test_it_leads_to_another_clip_of_another_size_and_rate(clip, command, tmp_path):
    from scenes import pan

    other = tmp_path / "other.gif"
    frames = (pan(range(16), speed=0.5)[:, :, :60] * 255).round().byte().numpy()
    write_video(other, iter(frames), 25)
    target = tmp_path / "both.webm"
    done = command("extend", clip, "--next-frames", other, "--duration", "0.5", "-o", target, *FAST)
    assert done.code == 0, done.err
    assert "25 fps were brought to 16" in done.out
    assert "Joint at the end of segment 1" in done.out
    assert len(read_video(target).frames) == 12 + 8 + 11


def test_it_leads_back_to_its_start(clip, command, tmp_path):
    target = tmp_path / "loop.mp4"
    done = command("extend", clip, "--loop", "--duration", "0.5", "-o", target, "--quiet", *FAST)
    assert (done.code, done.out) == (0, ""), done.err
    assert len(read_video(target).frames) == 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--context-frames", "4"], "(option: --context-frames)"),
        (["--duration", "0"], "(option: --duration)"),
        (["--color-match", "2"], "(option: --color-match)"),
        (["--loop", "--end-image", "still.png"], "(option: --loop)"),
        (["--next-frames", "words.mp4"], "(option: --next-frames)"),
        (["-o", "clip.txt"], "output must end in"),
        (["--next-frames", "missing.mp4"], "missing.mp4"),
        (["--steps", "0"], "(option: --steps)"),
    ],
)
def test_refuses(clip, command, tmp_path, options, said):
    from PIL import Image

    Image.new("RGB", (64, 64)).save(tmp_path / "still.png")
    (tmp_path / "words.mp4").write_text("no video")
    options = [tmp_path / each if "." in each and each[0].isalpha() else each for each in options]
    before = sorted(tmp_path.iterdir())
    done = command("extend", clip, *options)
    assert done.code in (1, 2)
    assert said in done.err
    assert sorted(tmp_path.iterdir()) == before
