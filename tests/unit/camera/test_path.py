"""Camera paths: axes, scaling, timing, loops."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.camera.path import CameraPath, Curve, Wave
from wanderlens.direction import CameraPose, vocabulary

WORDS = vocabulary()
SUBJECT = (0.0, 0.0, 1.0)
FIELDS = ("x", "y", "z", "yaw", "pitch", "roll", "zoom", "focus")

moves = st.sampled_from(list(WORDS.moves.values()))
pacings = st.sampled_from([None, *WORDS.pacings.values()])
intensities = st.floats(0, 1.5)
seconds = st.floats(0.5, 30)


def distance(a: CameraPose, b: CameraPose) -> float:
    return max(abs(getattr(a, name) - getattr(b, name)) for name in FIELDS)


# The sign of what a viewer sees: where the subject goes in the picture, and how large it gets.
@pytest.mark.parametrize(
    ("move", "right", "down", "grows"),
    [
        ("push in", 0, 0, True),
        ("pull back", 0, 0, False),
        ("pan left", +1, 0, None),
        ("pan right", -1, 0, None),
        ("tilt up", 0, +1, None),
        ("tilt down", 0, -1, None),
        ("truck left", +1, 0, None),
        ("truck right", -1, 0, None),
        ("pedestal up", 0, +1, None),
        ("pedestal down", 0, -1, None),
        ("fly-through", 0, None, True),
        ("crash zoom", 0, 0, True),
    ],
)
def test_the_subject_moves_as_a_viewer_expects(move, right, down, grows):
    end = WORDS.moves[move].path().at(1)
    x, y = end.project(SUBJECT)
    width = end.project((0.01, 0, 1))[0] - x
    if right is not None:
        assert (x > 1e-6) - (x < -1e-6) == right
    if down is not None:
        assert (y > 1e-6) - (y < -1e-6) == down
    if grows is not None:
        assert (width > 0.0101) == grows
        assert (width < 0.0099) == (not grows)


@pytest.mark.parametrize(("move", "side"), [("orbit left", -1), ("orbit right", 1)])
def test_an_orbit_keeps_the_subject_in_the_middle_at_the_same_distance(move, side):
    for pose in WORDS.moves[move].path().sample(17)[1:]:
        assert pose.project(SUBJECT) == pytest.approx((0, 0), abs=1e-12)
        assert math.dist(pose.position, SUBJECT) == pytest.approx(1)
        assert pose.x * side > 0
        # What stands behind the subject goes the same way as the camera.
        assert pose.project((0, 0, 2))[0] * side > 0


def test_a_dolly_zoom_keeps_the_subjects_size_and_shrinks_what_is_behind():
    poses = WORDS.moves["dolly zoom"].path().sample(9)
    for before, after in itertools.pairwise(poses):
        assert after.project((0.1, 0, 1))[0] == pytest.approx(0.1)
        # Seen through the shorter lens, what is behind the subject shrinks.
        assert after.project((0.1, 0, 3))[0] < before.project((0.1, 0, 3))[0]


def test_a_roll_to_the_right_turns_the_picture_to_the_left():
    pose = WORDS.moves["roll"].path().at(1)
    right, down = pose.project((1, 0, 1))
    assert right > 0 > down


def test_the_rotation_is_yaw_after_pitch_after_roll():
    pose = CameraPose(yaw=30, pitch=20, roll=10)
    forward = [row[2] for row in pose.rotation]
    yaw, pitch = math.radians(30), math.radians(20)
    assert forward == pytest.approx(
        [math.sin(yaw) * math.cos(pitch), -math.sin(pitch), math.cos(yaw) * math.cos(pitch)]
    )


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_every_rotation_is_a_rotation(yaw, pitch, roll):
    rows = CameraPose(yaw=yaw, pitch=pitch, roll=roll).rotation
    for i, j in itertools.product(range(3), repeat=2):
        dot = sum(rows[i][k] * rows[j][k] for k in range(3))
        assert dot == pytest.approx(float(i == j), abs=1e-12)


@given(moves, intensities, pacings, seconds, st.booleans())
def test_every_path_starts_where_the_still_was_taken(move, intensity, pacing, length, loop):
    move = WORDS.looping(move) if loop else move
    path = move.path(intensity=intensity, pacing=pacing, seconds=length, loop=loop)
    assert distance(path.at(0), CameraPose()) < 1e-9


@given(moves, intensities, pacings, seconds)
def test_a_loop_ends_where_it_began_in_position_and_velocity(move, intensity, pacing, length):
    path = WORDS.looping(move).path(intensity=intensity, pacing=pacing, seconds=length, loop=True)
    assert distance(path.at(1), path.at(0)) < 1e-6
    step = 1e-5
    for name in FIELDS:
        leaving = (getattr(path.at(step), name) - getattr(path.at(0), name)) / step
        arriving = (getattr(path.at(1), name) - getattr(path.at(1 - step), name)) / step
        # The difference's own error grows with the square of the length: waves are in hertz.
        assert leaving == pytest.approx(arriving, abs=0.01 * (3 + length**2))


@given(moves, pacings)
def test_no_path_reaches_the_subject(move, pacing):
    for loop in (False, True):
        path = (WORDS.looping(move) if loop else move).path(intensity=1.5, pacing=pacing, loop=loop)
        assert all(math.dist(pose.position, SUBJECT) > 0.05 for pose in path.sample(33))


@given(moves, pacings)
def test_intensity_0_holds_the_camera_still(move, pacing):
    path = move.path(intensity=0, pacing=pacing)
    assert all(distance(pose, CameraPose()) < 1e-12 for pose in path.sample(9))


@pytest.mark.parametrize("move", [m for m in WORDS.moves.values() if m.moves], ids=lambda m: m.id)
def test_more_intensity_goes_further(move):
    def reach(intensity: float) -> float:
        poses = move.path(intensity=intensity).sample(33)
        return max(distance(pose, CameraPose()) for pose in poses)

    assert reach(0.5) < reach(1.0) < reach(1.5)


def test_pacing_shapes_the_speed():
    def speeds(pacing: str) -> list[float]:
        poses = WORDS.moves["push in"].path(pacing=WORDS.pacings[pacing]).sample(82)
        return [after.z - before.z for before, after in itertools.pairwise(poses)]

    steady, slow, fast, rhythmic = (speeds(name) for name in ("steady", "slow", "fast", "rhythmic"))
    assert max(steady) == pytest.approx(min(steady))
    assert sum(slow) < sum(steady) < sum(fast)
    assert slow[0] < 0.2 * max(slow)
    assert slow[-1] < 0.2 * max(slow)
    peaks = sum(a < b > c for a, b, c in zip(rhythmic, rhythmic[1:], rhythmic[2:], strict=False))
    assert peaks == WORDS.pacings["rhythmic"].beats
    assert min(rhythmic) > 0

    pulse = WORDS.moves["push in"].path(pacing=WORDS.pacings["rhythmic"], loop=True).sample(160)
    moved = [abs(after.z - before.z) for before, after in itertools.pairwise(pulse)]
    peaks = sum(a < b >= c for a, b, c in zip(moved, moved[1:], moved[2:], strict=False))
    assert peaks == WORDS.pacings["rhythmic"].beats


def test_drifting_wanders_off_the_line():
    path = WORDS.moves["push in"].path(pacing=WORDS.pacings["drifting"])
    assert max(abs(pose.x) for pose in path.sample(33)) > 0.002
    still = WORDS.moves["static"].path(pacing=WORDS.pacings["drifting"])
    assert all(distance(pose, CameraPose()) < 1e-12 for pose in still.sample(33))


def test_an_open_clip_ends_at_the_end_and_a_loop_one_step_before_its_start():
    path = WORDS.moves["pan right"].path()
    assert [pose.yaw for pose in path.sample(3)] == pytest.approx([0, 9, 18])
    assert path.sample(1) == (CameraPose(),)
    loop = WORDS.moves["pan right"].path(loop=True)
    assert [pose.yaw for pose in loop.sample(4)] == pytest.approx([0, 9, 18, 9])


@pytest.mark.parametrize("frames", [0, -1])
def test_a_path_of_no_frames_is_refused(frames):
    with pytest.raises(ValueError, match=f"at least 1, got {frames}"):
        CameraPath().sample(frames)


@given(
    st.lists(st.floats(-10, 10), min_size=2, max_size=6),
    st.floats(0, 1),
)
def test_a_curve_passes_through_its_keys_and_never_overshoots(values, time):
    count = len(values) - 1
    curve = Curve(tuple((index / count, value) for index, value in enumerate(values)))
    for key_time, value in curve.keys:
        assert curve.keyed(key_time) == pytest.approx(value, abs=1e-9)
    index = min(int(time * count), count - 1)
    low, high = sorted(values[index : index + 2])
    assert low - 1e-6 <= curve.keyed(time) <= high + 1e-6


@pytest.mark.parametrize("times", [(0, 0.5), (0.1, 1), (0, 0.5, 0.5, 1), (0, 0.6, 0.4, 1)])
def test_keys_out_of_order_are_refused(times):
    with pytest.raises(ValueError, match="rise strictly from 0 to 1"):
        Curve(tuple((time, 0.0) for time in times))


def test_a_wave_makes_whole_cycles_in_a_loop():
    wave = Wave(1.0, 0.45, 0)
    assert wave.at(5.0, period=5.0) == pytest.approx(0, abs=1e-12)
    assert abs(wave.at(5.0)) > 0.5
    # A wave slower than the loop still completes one cycle.
    assert Wave(1.0, 0.1, 0).at(1.25, period=5.0) == pytest.approx(1)


def test_a_point_behind_the_camera_has_no_place_in_the_picture():
    with pytest.raises(ValueError, match="behind the camera"):
        CameraPose().project((0, 0, -1))
