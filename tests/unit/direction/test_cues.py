"""What is heard in a user's text, and what is not."""

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
    ],
)
def test_a_move_that_is_not_wanted_is_not_asked_for(text, forbidden):
    said = find_cues(text, WORDS)
    assert [heard.id for heard in said.forbidden] == [forbidden]
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
    ],
)
def test_the_camera_directed_in_other_words_is_noticed(text, camera):
    assert find_cues(text, WORDS).camera is camera


def test_pacing_and_look_are_heard_unless_negated():
    said = find_cues("slow motion rain, anime, not too fast", WORDS)
    assert [heard.id for heard in said.pacings] == ["slow"]
    assert [heard.id for heard in said.looks] == ["anime"]


@given(st.text(max_size=300))
def test_any_text_can_be_heard_and_every_find_stands_in_it(text):
    said = find_cues(text, WORDS)
    for heard in (*said.moves, *said.forbidden, *said.pacings, *said.looks):
        assert text[heard.start : heard.end] == heard.words
    assert find_cues(text, WORDS) == said
