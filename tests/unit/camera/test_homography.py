"""Camera moves over a flat picture, for the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.camera.animatic import FOCAL
from wanderlens.camera.homography import MOMENTS, homography, path_as_json
from wanderlens.camera.path import CameraPose
from wanderlens.direction import PresetLibrary, vocabulary

NUMBER = st.floats(-0.3, 0.3)
ANGLE = st.floats(-30, 30)
POSES = st.builds(
    CameraPose, x=NUMBER, y=NUMBER, z=NUMBER, yaw=ANGLE, pitch=ANGLE, roll=ANGLE,
    zoom=st.floats(0.5, 2),
)  # fmt: skip


def seen(matrix, x, y):
    right, down, scale = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return right / scale, down / scale


@given(POSES, NUMBER, NUMBER)
def test_a_point_of_the_picture_is_seen_where_the_camera_projects_it(pose, x, y):
    right, down = pose.project((x / FOCAL, y / FOCAL, 1.0))
    assert seen(homography(pose), x, y) == pytest.approx((right * FOCAL, down * FOCAL), abs=1e-9)


def test_the_start_leaves_the_picture_as_it_is():
    assert homography(CameraPose()) == ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def test_a_push_in_enlarges_and_a_pan_to_the_right_moves_the_picture_left():
    assert seen(homography(CameraPose(z=0.2)), 0.4, 0.0)[0] == pytest.approx(0.5)
    assert seen(homography(CameraPose(yaw=10)), 0.0, 0.0)[0] < -0.1


@pytest.mark.parametrize("preset", list(PresetLibrary()), ids=lambda preset: preset.id)
def test_paths_of_presets_start_at_rest_and_loops_end_there(preset):
    path = path_as_json(preset.direction().path(preset.duration))
    assert len(path["poses"]) == MOMENTS
    assert path["poses"][0] == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert path["loop"] == preset.loop
    if preset.loop:
        assert path["poses"][-1] == pytest.approx(path["poses"][0], abs=1e-5)
    elif vocabulary().moves[preset.camera or "static"].id != "static":
        assert path["poses"][-1] != path["poses"][0] or path["blur"][-1] != path["blur"][0]
