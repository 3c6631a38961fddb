"""`wanderlens join`, from files to a file."""

import json

import numpy as np
import pytest
from scenes import circle

from wanderlens.cli import main
from wanderlens.video import read_video, write_video

pytest.importorskip("av", reason="needs the headless extra")
pytest.importorskip("cv2", reason="needs the headless extra")


def save(file, times, fps=16, size=(64, 80), metadata=None):
    clip = (circle(times, 48, size=size) * 255).round().byte().numpy()
    write_video(file, iter(clip), fps, metadata)
    return clip


@pytest.fixture
def clips(tmp_path):
    """Two clips of one camera on a circle; the second begins 8 frames before the first ends."""
    files = tmp_path / "a.mp4", tmp_path / "b.mp4"
    save(files[0], range(20), metadata={"comment": "the first's", "artist": "nobody"})
    save(files[1], range(12, 32), metadata={"comment": "the second's"})
    return files


def test_two_clips_become_one(clips, tmp_path, capsys):
    first, second = map(str, clips)
    assert main(["join", first, second]) == 0
    said = capsys.readouterr().out
    assert "Joined: 20 + 20 frames by motion crossfade, 8 blended: 32 frames" in said
    assert "Joint: closure" in said
    assert "a-joined.mp4: 80x64, 32 frames at 16 fps" in said
    made = read_video(tmp_path / "a-joined.mp4")
    assert made.fps == 16
    assert made.metadata["comment"] == "the first's"
    assert "artist" not in made.metadata
    one, other = (read_video(file).frames for file in clips)
    truth = np.concatenate([one, other[8:]]).astype(int)
    assert np.abs(made.frames - truth).mean() < 4  # one frame off is 8


def test_clips_of_other_sizes_and_rates_become_like_the_first(clips, tmp_path, capsys):
    first, target = str(clips[0]), tmp_path / "made.webm"
    save(tmp_path / "c.gif", range(10), fps=20, size=(48, 100))
    options = ["--method", "cut", "--json", "-o", str(target)]
    assert main(["join", first, str(tmp_path / "c.gif"), first, *options]) == 0
    (clip,) = json.loads(capsys.readouterr().out)["clips"]
    assert clip["frames"] == 20 + 8 + 20  # 9 steps at 20 are 7.2 at 16 frames per second
    assert clip["joints"] == [20 / 16, 28 / 16]
    assert len(clip["measures"]) == 2
    assert clip["method"] == "cut"
    assert "Frames of 100x48 are cropped by 40.0% and scaled by 1.33 to 80x64." in clip["report"]
    assert "Note: c.gif: 20 frames per second become 16." in clip["report"]
    made = read_video(target)
    assert made.frames.shape == (48, 64, 80, 3)
    assert made.fps == 16


def test_another_rate_is_reached_across_the_joints(clips, tmp_path, capsys):
    target = tmp_path / "fluid.mp4"
    options = ["--fps", "32", "--close-loop", "--blend-frames", "4", "--json", "-o", str(target)]
    assert main(["join", *map(str, clips), str(clips[0]), *options]) == 0
    (clip,) = json.loads(capsys.readouterr().out)["clips"]
    assert clip["frames"] == 2 * (60 - 3 * 4)
    assert clip["joints"] == [(18 - 4) / 16, (34 - 4) / 16]
    assert len(clip["measures"]) == 3
    assert "Closed: by motion crossfade, the last 4 blended into the first 4" in clip["report"]
    made = read_video(target)
    assert made.fps == 32
    assert len(made.frames) == 96


def test_the_sound_and_odd_sides_are_told(tmp_path, capsys):
    for name in ("a.gif", "b.gif"):
        save(tmp_path / name, range(6), size=(33, 41))
    files = [str(tmp_path / name) for name in ("a.gif", "b.gif")]
    assert main(["join", *files, "-o", str(tmp_path / "made.mp4")]) == 0
    said = capsys.readouterr().out
    assert "Note: 41x33 is cut to even sides" in said
    assert "8 frames to blend are too many for clips of 6 and 6 frames; 3 were." in said
    assert "made.mp4: 40x32, 9 frames" in said
    assert read_video(tmp_path / "made.mp4").frames.shape == (9, 32, 40, 3)


def test_refusals_come_before_any_work_and_name_the_option(clips, tmp_path, capsys):
    first, second = map(str, clips)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip")
    target = tmp_path / "made.mp4"
    for arguments, code, said in (
        ([first], 2, "join needs at least 2 clips"),
        ([first, second, "-o", second], 2, "must not be the clip itself"),
        ([first, second, "-o", str(tmp_path / "made.avi")], 2, "output must end in"),
        ([first, second, "--blend-frames", "0"], 2, "(option: --blend-frames)"),
        ([first, second, "--color-match", "nan"], 2, "(option: --color-match)"),
        ([first, second, "--fps", "0"], 2, "(option: --fps)"),
        ([first, second, "--fps", "60", "-o", str(tmp_path / "m.gif")], 2, "a GIF shows at most"),
        ([first, str(broken), "-o", str(target)], 2, "must be a video"),
        ([first, str(tmp_path / "none.mp4"), "-o", str(target)], 1, "none.mp4"),
    ):
        assert main(["join", *arguments]) == code
        assert said in capsys.readouterr().err
    assert {file.name for file in tmp_path.iterdir()} == {"a.mp4", "b.mp4", "broken.mp4"}
    with pytest.raises(SystemExit) as refused:
        main(["join", first, second, "--method", "spin"])
    assert refused.value.code == 2
