"""The animatic: the still moved along a path, seen in its pixels."""

import itertools

import numpy as np
import pytest

from wanderlens.camera.animatic import (
    FAR,
    MAX_ZOOM,
    NEAR,
    _source_of_each_pixel,
    render_animatic,
    scene_depth,
)
from wanderlens.direction import PresetLibrary, vocabulary

cv2 = pytest.importorskip("cv2", reason="needs the headless extra")
WORDS = vocabulary()
HEIGHT, WIDTH = 96, 160


@pytest.fixture(scope="module")
def picture():
    """Smooth random texture, so that motion can be measured anywhere."""
    noise = np.random.default_rng(3).uniform(0, 255, (HEIGHT, WIDTH, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    spread = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return (spread * 255).astype(np.uint8)


def measured_motion(before, after):
    """(right, down, growth, clockwise) of the picture's middle: an affine fit to optical flow."""
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (before, after)]
    flow = cv2.calcOpticalFlowFarneback(*grey, None, 0.5, 3, 21, 5, 7, 1.5, 0)
    y, x = np.mgrid[30 : HEIGHT - 30, 50 : WIDTH - 50]
    x, y = x.ravel() - WIDTH / 2, y.ravel() - HEIGHT / 2
    moved = flow[30 : HEIGHT - 30, 50 : WIDTH - 50].reshape(-1, 2)
    a = np.stack([x, y, np.ones_like(x)], 1)
    (dxx, dyx), (dxy, dyy), (right, down) = np.linalg.lstsq(a, moved, rcond=None)[0]
    return right, down, (dxx + dyy) / 2, (dyx - dxy) / 2


@pytest.mark.parametrize(
    ("move", "component", "sign"),
    [
        ("pan left", 0, +1),
        ("pan right", 0, -1),
        ("truck left", 0, +1),
        ("truck right", 0, -1),
        ("tilt up", 1, +1),
        ("tilt down", 1, -1),
        ("pedestal up", 1, +1),
        ("push in", 2, +1),
        ("pull back", 2, -1),
        ("crash zoom", 2, +1),
        ("roll", 3, -1),
    ],
)
def test_the_picture_moves_as_the_move_says(picture, move, component, sign):
    turning = component < 2 and not move.startswith(("truck", "pedestal"))
    path = WORDS.moves[move].path(intensity=0.08 if turning else 0.3)
    first, *_, last = render_animatic(picture, path, 5)
    measured = measured_motion(first, last)
    assert np.sign(measured[component]) == sign
    assert abs(measured[component]) > (0.5 if component < 2 else 0.01)


def test_the_first_frame_of_a_shot_that_stays_inside_is_the_still_itself(picture):
    first = next(render_animatic(picture, WORDS.moves["push in"].path(), 5))
    assert np.abs(first.astype(int) - picture).max() <= 1


def test_a_still_camera_changes_nothing(picture):
    for frame in render_animatic(picture, WORDS.moves["static"].path(), 3):
        assert np.abs(frame.astype(int) - picture).max() <= 1


def test_a_loop_closes(picture):
    path = WORDS.moves["orbit left"].path(loop=True)
    frames = [frame.astype(float) for frame in render_animatic(picture, path, 40)]
    step = np.median([np.abs(b - a).mean() for a, b in itertools.pairwise(frames)])
    assert np.abs(frames[0] - frames[-1]).mean() < 1.2 * step


def test_a_rack_focus_blurs_what_it_leaves(picture):
    first, *_, last = render_animatic(picture, WORDS.moves["rack focus"].path(), 5)
    bottom = slice(HEIGHT * 3 // 4, None)
    assert np.abs(first.astype(int) - picture).max() <= 1
    assert cv2.Laplacian(last[bottom], cv2.CV_32F).var() < (
        0.8 * cv2.Laplacian(first[bottom], cv2.CV_32F).var()
    )


def test_the_scene_recedes_upward():
    depth = scene_depth(np.linspace(-0.5, 0.5, 21, dtype=np.float32))
    assert depth[0] == pytest.approx(FAR)
    assert depth[10] == pytest.approx(1)
    assert NEAR <= depth[-1] < 1
    assert np.all(np.diff(depth) <= 0)


@pytest.mark.parametrize("preset", list(PresetLibrary()), ids=lambda preset: preset.id)
def test_no_shot_looks_far_past_the_picture(preset):
    path = preset.direction(1.5).path(preset.duration, loop=preset.loop)
    for pose in path.sample(9):
        map_x, map_y, _ = _source_of_each_pixel(WIDTH, HEIGHT, pose, MAX_ZOOM)
        assert np.abs(map_x - WIDTH / 2).max() < 3.5 * WIDTH
        assert np.abs(map_y - HEIGHT / 2).max() < 3.5 * HEIGHT
