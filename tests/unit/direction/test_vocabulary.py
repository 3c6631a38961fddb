"""The vocabulary files are whole and mean what they say."""

import pytest

from wanderlens.direction import vocabulary
from wanderlens.direction.cues import find_cues
from wanderlens.direction.vocabulary import (
    DEGREES,
    LOOPS_AS_IS,
    LOOPS_THERE_AND_BACK,
    degree_of,
)
from wanderlens.style import MEDIA

WORDS = vocabulary()
MOVES = list(WORDS.moves.values())

#: Moves that the product promises, whatever else is added.
PROMISED_MOVES = {
    "static", "push in", "pull back", "pan left", "pan right", "tilt up", "tilt down",
    "truck left", "truck right", "pedestal up", "pedestal down", "orbit left", "orbit right",
    "arc", "roll", "handheld", "crane up", "crane down", "dolly zoom", "crash zoom", "whip pan",
    "tracking", "fly-through", "rack focus",
}  # fmt: skip
PROMISED_LOOKS = {
    "film shot", "music video", "documentary", "commercial", "abstract motion", "anime",
    "vintage film", "noir", "dreamlike", "time-lapse",
}  # fmt: skip


def test_everything_promised_is_there():
    assert set(WORDS.moves) >= PROMISED_MOVES
    assert set(WORDS.pacings) >= {"slow", "steady", "fast", "rhythmic", "drifting"}
    assert set(WORDS.looks) >= PROMISED_LOOKS


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.id)
def test_a_move_has_a_phrase_for_every_degree_and_pacing(move):
    assert set(move.phrases) == set(DEGREES)
    if move.moves:
        assert len(set(move.phrases.values())) == len(DEGREES)
    for pacing in (None, *WORDS.pacings.values()):
        for intensity in (0.3, 1.0, 1.4):
            phrase = move.phrase(intensity, pacing)
            assert "{" not in phrase
            assert "  " not in phrase


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.id)
def test_a_move_says_how_it_loops(move):
    if move.loop == LOOPS_THERE_AND_BACK:
        assert set(move.loop_phrases) == set(DEGREES)
        assert set(move.loop_phrases.values()).isdisjoint(move.phrases.values())
    else:
        assert not move.loop_phrases
        assert WORDS.looping(move).loop in (LOOPS_AS_IS, LOOPS_THERE_AND_BACK)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.id)
def test_our_own_phrases_are_heard_as_the_move_they_are(move):
    for intensity in (0.3, 1.0, 1.4):
        said = find_cues(move.phrase(intensity, WORDS.pacings["slow"]), WORDS)
        assert {heard.id for heard in said.moves} == {move.id}
        # A looping form may be no move of its own ("floats up and sinks back"), never another's.
        looping = move.phrase(intensity, WORDS.pacings["slow"], loop=True)
        assert {heard.id for heard in find_cues(looping, WORDS).moves} <= {move.id}


@pytest.mark.parametrize("look", list(WORDS.looks.values()), ids=lambda look: look.id)
def test_a_look_has_at_most_four_aesthetic_terms_and_none_when_drawn(look):
    assert look.medium in MEDIA
    assert len(look.terms) <= 4
    if look.medium == "drawn":
        assert not look.terms
        assert "artwork" in look.excludes


def test_exclusions_name_tags_that_exist():
    tags = {tag for word in WORDS.negatives for tag in word.tags}
    assert tags == {"static", "artwork", "vivid", "soft", "grey", "overexposed"}
    assert all(look.excludes <= tags for look in WORDS.looks.values())


def test_pacings_contradict_each_other_both_ways():
    for pacing in WORDS.pacings.values():
        for other in pacing.opposes:
            assert pacing.id in WORDS.pacings[other].opposes


@pytest.mark.parametrize(
    ("intensity", "degree"),
    [(0, "gentle"), (0.59, "gentle"), (0.6, "normal"), (1.1, "normal"), (1.11, "strong")],
)
def test_the_degree_follows_the_intensity(intensity, degree):
    assert degree_of(intensity) == degree
