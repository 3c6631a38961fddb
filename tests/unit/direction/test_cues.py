"""What is heard in a user's text, and what is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.direction import vocabulary
from wanderlens.direction.cues import find_cues

WORDS = vocabulary()


def moves(text: str) -> list[str]:
    return list(dict.fromkeys(heard.id for heard in find_cues(text, WORDS).moves))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slow push forward, hair moves", ["push in"]),
        ("The camera pans left and tilts up", ["pan left", "tilt up"]),
        ("camera slowly and smoothly pushes in", ["push in"]),
        ("the camera does not move", ["static"]),
        ("camera remains completely still", ["static"]),
        ("locked-off shot of a street", ["static"]),
        ("pan to the left", ["pan left"]),
        ("pans up the tower", ["tilt up"]),
        ("We orbit around the statue", ["orbit right"]),
        ("orbit left around her", ["orbit left"]),
        ("handheld tracking shot of a dog", ["handheld", "tracking"]),
        ("dolly zoom in on the man", ["dolly zoom"]),
        ("crash zoom in", ["crash zoom"]),
        ("whip pan right", ["whip pan"]),
        ("crane shot down into the square", ["crane down"]),
        ("Slowly zoom out while the boat sails left", ["pull back"]),
        ("tilt up to reveal the tower", ["tilt up"]),
        ("the dog runs, then pull back", ["pull back"]),
        ("FPV drone shot through the canyon", ["fly-through"]),
        ("focus shifts to the man behind", ["rack focus"]),
        ("镜头缓慢推进，人物微笑", ["push in"]),
        ("固定镜头，树叶飘动", ["static"]),
        ("固定机位，行人走过", ["static"]),
        ("Don't move the camera, leaves rustle", ["static"]),
        ("zooming into her eyes", ["push in"]),
        ("Zoom to the castle", ["push in"]),
        ("Pan the camera left", ["pan left"]),
        ("camera pans from left to right", ["pan right"]),
        ("the camera moves from left to right", ["truck right"]),
        ("camera moves from right to left", ["truck left"]),
        ("whip pan left", ["pan left"]),
        # Seen from above, a camera that goes to its right goes counter-clockwise.
        ("counter-clockwise orbit", ["orbit right"]),
        ("camera circles counterclockwise", ["orbit right"]),
        ("clockwise orbit around the statue", ["orbit left"]),
        ("the camera rotates clockwise around her", ["orbit left"]),
        ("the camera rotates clockwise", ["roll"]),
        ("one take without cuts, pushing in", ["push in"]),
        ("no text, slow zoom in", ["push in"]),
        ("no text slow zoom in", ["push in"]),
        ("The camera doesn't stop pushing in", ["push in"]),
    ],
)
def test_film_language_is_heard(text, expected):
    assert moves(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "rolling waves crash on the shore",
        "She tilts her head up and smiles",
        "planets orbit the sun",
        "she holds a camera",
        "people push forward through the crowd",
        "a pan of eggs sizzles",
        "looking up at the sky, she smiles",
        "she moves toward the window",
        "The view of the river rises",
        "the camera is not still",
        "a static TV hums",
        "the sun rises, the birds follow the ship",
        "leaves roll along the pavement",
        "monster truck right in front of us",
        "A truck left on the roadside burns",
        "She holds the camera and looks down at it",
        "A photographer with a camera looks up",
        "the girl in frame looks down",
        "In this shot he rises from the chair",
        "lens flare drifting left",
        "The shot glass slides to the left",
        "a camera rolls down the stairs",
        "wide shot rolling hills",
        "Roll the dice",
        "Pulls back the bowstring",
        "Follow her gaze",
        "a drone shot down by soldiers",
        "float in a parade",
        "一个手持长剑的武士",
        "",
    ],
)
def test_what_only_sounds_like_it_is_not(text):
    assert moves(text) == []


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("no zoom in please, leaves rustle", "push in"),
        ("don't pan right", "pan right"),
        ("a dog without camera shake", "handheld"),
        ("never orbit around him", "orbit right"),
        ("no zoom, no pan, no dolly", "push in"),
        ("no zoom, no pan, no dolly", "pan left"),
        ("do not zoom", "crash zoom"),
        ("no zoom in", "dolly zoom"),
    ],
)
def test_a_move_that_is_not_wanted_is_not_asked_for(text, forbidden):
    said = find_cues(text, WORDS)
    assert forbidden in said.forbidden
    assert not said.moves


@pytest.mark.parametrize(
    ("text", "camera"),
    [
        ("the camera glides over the lake", True),
        ("camera drift", True),
        ("slow push forward", True),
        ("she holds a camera", False),
        ("a camera lies on the table", False),
        ("leaves sway", False),
        ("Slow pan across the skyline", True),
        ("fast zoom", True),
        ("pan over to the window", True),
        ("panning shot, left to right", True),
        ("slow dolly", True),
        ("dolly shot", True),
        ("camera 360 around her", True),
        ("dynamic camera", True),
        ("The camera is not static, it moves around", True),
        ("frying pan on a stove", False),
        ("the planets' orbit decays", False),
        ("a crane lifts a container", False),
    ],
)
def test_the_camera_directed_in_other_words_is_noticed(text, camera):
    assert find_cues(text, WORDS).camera is camera


def test_pacing_and_look_are_heard_unless_negated():
    said = find_cues("slow motion rain, anime, not too fast", WORDS)
    assert [heard.id for heard in said.pacings] == ["slow"]
    assert [heard.id for heard in said.looks] == ["anime"]


@pytest.mark.parametrize(
    ("text", "pacings", "looks"),
    [
        ("high-speed footage of a balloon", [], ["slow motion"]),
        ("a fast food restaurant", [], []),
        ("he holds fast to the rope", [], []),
        ("a root beer float", [], []),
        ("black and white cat jumps", [], []),
        ("A commercial airliner takes off", [], []),
        ("A documentary crew sets up", [], []),
        ("abstract painting on the wall", [], []),
        ("a watercolor set on the desk", [], []),
        ("at golden hour", [], []),
        ("black and white film, a cat jumps", [], ["noir"]),
        ("watercolour style, leaves sway", [], ["illustration"]),
    ],
)
def test_things_are_no_pacings_and_no_looks(text, pacings, looks):
    said = find_cues(text, WORDS)
    assert [heard.id for heard in said.pacings] == pacings
    assert [heard.id for heard in said.looks] == looks


@pytest.mark.parametrize(
    "text",
    [
        "the camera " * 400 + "one two three four five push in",
        "slow " * 8000 + "x push in",
        "a camera then slowly " * 2000 + "rises",
        "no " * 10_000 + "zoom",
    ],
    ids=["camera", "slow", "fillers", "no"],
)
def test_hostile_text_takes_no_longer_than_its_length_deserves(text):
    start = time.process_time()
    find_cues(text, WORDS)
    # Quadratic and worse took from seconds to hours; in proportion it is a fraction of one.
    assert time.process_time() - start < 5


@given(st.text(max_size=300))
def test_any_text_can_be_heard_and_every_find_stands_in_it(text):
    said = find_cues(text, WORDS)
    for heard in (*said.moves, *said.pacings, *said.looks):
        assert text[heard.start : heard.end] == heard.words
    assert find_cues(text, WORDS) == said
