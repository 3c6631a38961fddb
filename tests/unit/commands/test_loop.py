"""`wanderlens loop`, from a file to a file."""

import numpy as np
import pytest

from wanderlens.video import read_video, write_video

pytest.importorskip("av", reason="needs the headless extra")


def frames(count, height, width):
    across = np.linspace(20, 230, width)[None, :, None]
    for index in range(count):
        frame = np.empty((height, width, 3))
        frame[:] = across
        frame[:, : 6 * index % width] *= 0.7
        yield frame.astype(np.uint8)


def test_odd_sides_are_told(command, tmp_path):
    source = tmp_path / "odd.gif"
    write_video(source, frames(8, 49, 65), 16)
    for name, said in (("a.mp4", "64x48"), ("a.gif", "65x49")):
        done = command("loop", source, "--method", "trim", "-o", tmp_path / name)
        assert done.code == 0, done.err
        assert f"{name}: {said}" in done.out
        assert ("even sides" in done.out) == name.endswith("mp4")
        height, width = read_video(tmp_path / name).frames.shape[1:3]
        assert f"{width}x{height}" == said


def test_loop_on_the_command_line(command, tmp_path):
    from scenes import circle

    turn = (circle(range(27), 24) * 255).round().byte().numpy()
    source, target = tmp_path / "clip.mp4", tmp_path / "clip-loop.mp4"
    write_video(source, iter(turn), 16, {"comment": "kept"})
    done = command("loop", source)
    assert done.code == 0, done.err
    assert "24 frames of 27 by best cut" in done.out
    assert "Seam: closure" in done.out
    made = read_video(target)
    assert len(made.frames) == 24
    assert made.metadata["comment"] == "kept"

    again = ["--fps", "32", "--method", "motion crossfade", "--json"]
    done = command("loop", source, *again, "-o", tmp_path / "fluid.webm")
    assert done.code == 0, done.err
    assert '"frames": 38' in done.out
    assert read_video(tmp_path / "fluid.webm").fps == 32

    for options, said in (
        (["-o", source], "must not be the clip itself"),
        (["--blend-frames", "0"], "--blend-frames"),
        (["--fps", "0"], "--fps"),
        (["--shortest", "-1"], "--shortest"),
        (["--method", "best cut", "--shortest", "9"], "longer clip"),
        (["--fps", "60", "-o", tmp_path / "fast.gif"], "a GIF shows at most 50"),
    ):
        done = command("loop", source, *options)
        assert done.code == 2
        assert said in done.err
