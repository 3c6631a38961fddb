"""The composer: order, length, whose words win, loops, negatives, hints."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanderlens.direction import (
    FROM_PRESET,
    NONE,
    Brief,
    Direction,
    PresetLibrary,
    compose,
    vocabulary,
)
from wanderlens.direction.words import count_words
from wanderlens.errors import InputError
from wanderlens.style import ImageStyle

WORDS = vocabulary()
PRESETS = list(PresetLibrary())
STILL = ImageStyle(
    prompt="a small wooden cabin by a lake, pine trees, mountains behind, an old red boat",
    style=("film photograph", "soft golden light", "35mm lens"),
    negative="lowres, blurry",
    source="PNG text",
)
DRAWN = ImageStyle(prompt="a girl with a fox", style=("anime", "flat colours"))


def report_of(**brief) -> str:
    return compose(Brief(**brief)).report


def in_order(text: str, *parts: str) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


briefs = st.builds(
    Brief,
    text=st.one_of(
        st.text(max_size=120),
        st.sampled_from(
            ["", "slow push in, snow falls", "static camera", "anime, fast pan left, zoom out"]
        ),
    ),
    camera=st.sampled_from([FROM_PRESET, NONE, *WORDS.moves]),
    pacing=st.sampled_from([FROM_PRESET, NONE, *WORDS.pacings]),
    look=st.sampled_from([FROM_PRESET, NONE, *WORDS.looks]),
    preset=st.one_of(
        st.none(),
        st.builds(
            lambda preset, intensity: preset.direction(intensity),
            st.sampled_from(PRESETS),
            st.floats(0, 1.5),
        ),
    ),
    image=st.sampled_from([None, STILL, DRAWN]),
    include_image_prompt=st.booleans(),
    include_image_style=st.booleans(),
    negative=st.sampled_from(["", "hats, cats", "静态，hats"]),
    max_words=st.integers(1, 400),
    loop=st.booleans(),
)


@given(briefs)
def test_the_users_words_survive_and_the_rest_keeps_within_max_words(brief):
    composition = compose(brief)
    assert brief.text.strip() in composition.positive
    assert composition.negative.startswith(brief.negative)
    if count_words(composition.positive) > brief.max_words:
        # Then it is the user's text alone, closed with at most a full stop.
        assert composition.positive.removesuffix(".") == brief.text.strip().removesuffix(".")


@given(briefs)
def test_the_same_brief_gives_the_same_prompt(brief):
    assert compose(brief) == compose(brief)


@given(briefs)
def test_what_is_switched_off_does_not_carry_over(brief):
    without = compose(
        Brief(
            text=brief.text,
            image=STILL,
            include_image_prompt=False,
            include_image_style=False,
            max_words=400,
        )
    )
    assert without == compose(Brief(text=brief.text, max_words=400))


@given(briefs)
def test_a_composed_direction_can_be_directed_again(brief):
    settled = compose(brief).direction
    again = compose(Brief(preset=settled, max_words=400, loop=brief.loop))
    assert settled.text.casefold() in again.positive.casefold()
    assert settled.path(5.0).at(0).position == pytest.approx((0, 0, 0))


def test_the_order_is_style_still_motion_camera_pacing():
    positive = compose(
        Brief(
            text="snow begins to fall",
            camera="orbit left",
            pacing="slow",
            look="film shot",
            image=STILL,
        )
    ).positive
    assert in_order(
        positive,
        "Cinematic film shot",
        "A small wooden cabin by a lake",
        "soft golden light",
        "snow begins to fall",
        "The camera slowly orbits left",
        "Slow, unhurried pacing",
    )


def test_every_preset_changes_the_prompt_measurably():
    text = "the wind picks up"
    plain = set(compose(Brief(text=text)).positive.lower().split())
    for preset in PRESETS:
        composed = set(
            compose(Brief(text=text, preset=preset.direction())).positive.lower().split()
        )
        assert len(composed - plain) >= 12, preset.id


def test_no_two_presets_compose_the_same_text_nor_nearly_so():
    composed = {
        preset.id: set(compose(Brief(preset=preset.direction())).positive.lower().split())
        for preset in PRESETS
    }
    for (a, left), (b, right) in itertools.combinations(composed.items(), 2):
        shared = len(left & right) / len(left | right)
        assert shared < 0.75, (a, b, shared)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_preset_says_all_it_holds_and_contradicts_nothing(preset):
    composition = compose(Brief(preset=preset.direction()))
    assert composition.positive.lower().count(preset.text.lower()) == 1
    assert WORDS.looks[preset.look].head in composition.positive
    assert "left out:" not in composition.report
    assert "is left out" not in composition.report
    settled = composition.direction
    assert (settled.camera, settled.pacing, settled.look) == (
        preset.camera,
        preset.pacing,
        preset.look,
    )


# Whose words win.


@pytest.mark.parametrize(
    ("text", "settled", "quoted"),
    [
        ("static camera, snow falls", "static", "static camera"),
        ("the camera pulls back from the cabin", "pull back", "pulls back"),
        ("slow zoom in", "push in", "zoom in"),
    ],
)
def test_a_move_in_the_text_wins_over_menu_and_preset(text, settled, quoted):
    preset = Direction(text="leaves sway", camera="pan left", preset="mine")
    for brief in (
        Brief(text=text, camera="orbit right"),
        Brief(text=text, preset=preset),
    ):
        composition = compose(brief)
        assert composition.direction.camera == settled
        assert repr(quoted) in composition.report
        assert "orbit" not in composition.positive
        assert "pans" not in composition.positive


def test_a_camera_directed_in_other_words_keeps_ours_out():
    composition = compose(Brief(text="the camera glides over the lake", camera="push in"))
    assert composition.positive == "the camera glides over the lake."
    assert "in its own words" in composition.report
    assert composition.direction.camera == ""


def test_a_move_the_text_does_not_want_is_left_out():
    composition = compose(Brief(text="leaves rustle, no zoom in", camera="push in"))
    assert "camera" not in composition.positive
    assert "does not want push in" in composition.report


def test_the_menu_wins_over_the_preset_silently():
    preset = PresetLibrary()["cinematic/hero push-in"].direction()
    composition = compose(Brief(preset=preset, camera="tilt up", pacing="fast", look="noir"))
    assert composition.direction.camera == "tilt up"
    assert composition.positive.startswith("Film noir")
    assert "quickly tilts up" in composition.positive
    assert "left out" not in composition.report


def test_none_says_nothing():
    preset = PresetLibrary()["cinematic/hero push-in"].direction()
    composition = compose(Brief(preset=preset, camera=NONE, pacing=NONE, look=NONE))
    assert composition.positive.lower() == f"{preset.text}."


@pytest.mark.parametrize(
    ("text", "pacing", "says"),
    [
        ("she slowly turns", "fast", "'slowly'"),
        ("a fast train passes", "slow", "'fast'"),
        ("a fast train passes", "drifting", "'fast'"),
    ],
)
def test_the_texts_pacing_wins(text, pacing, says):
    composition = compose(Brief(text=text, camera="push in", pacing=pacing))
    assert WORDS.pacings[pacing].phrase not in composition.positive.lower()
    assert WORDS.pacings[pacing].adverb not in composition.positive.replace(text, "")
    assert says in composition.report


def test_a_slow_motion_look_and_a_fast_pacing_do_not_go_together():
    slow = Direction(text="water bursts", look="slow motion", preset="user/splash")
    both = compose(Brief(text="water bursts", look="slow motion", pacing="fast"))
    assert "energetic" not in both.positive
    assert "contradicts the slow motion look" in both.report
    menu = compose(Brief(preset=slow, pacing="fast"))
    assert "Slow-motion" not in menu.positive
    assert "energetic" in menu.positive


def test_contradictions_within_the_text_are_kept_and_reported():
    report = report_of(text="push in, then pan left slowly and fast")
    assert "more than one camera move" in report
    assert "both slow and fast" in report


def test_the_part_of_a_presets_text_that_contradicts_is_left_out():
    mine = Direction(text="gulls cry, the boat drifts by; ropes creak", preset="user/boat")
    composition = compose(Brief(text="waves break", preset=mine, pacing="fast"))
    assert composition.positive.startswith("waves break. Gulls cry; ropes creak. Fast")
    assert "'drifts'" in composition.report
    filmed = Direction(text="the camera pans left over the boats", preset="user/pan")
    assert compose(Brief(preset=filmed)).direction.camera == "pan left"
    composition = compose(Brief(text="push in", preset=filmed))
    assert composition.positive == "push in."
    assert "'pans left'" in composition.report


def test_a_look_in_the_text_wins():
    composition = compose(Brief(text="anime, her hair moves", look="film shot"))
    assert "film" not in composition.positive
    assert "anime" in composition.report


def test_a_drawn_still_is_not_redrawn_by_a_preset_but_by_a_menu():
    preset = PresetLibrary()["cinematic/hero push-in"].direction()
    carried = compose(Brief(preset=preset, image=DRAWN))
    assert "anime" in carried.positive
    assert "film shot" not in carried.positive.lower()
    assert "does not redraw" in carried.report
    chosen = compose(Brief(look="film shot", image=DRAWN))
    assert "Cinematic film shot" in chosen.positive
    assert "anime" not in chosen.positive


def test_a_stills_prompt_tells_its_medium_too():
    still = ImageStyle(prompt="anime girl with a fox, flat colours")
    preset = PresetLibrary()["cinematic/hero push-in"].direction()
    assert "film shot" not in compose(Brief(preset=preset, image=still)).positive.lower()
    rendered = ImageStyle(prompt="a robot", style=("3d render",))
    assert "film shot" not in compose(Brief(preset=preset, image=rendered)).positive.lower()


def test_a_look_only_heard_brings_no_words_of_its_own():
    composition = compose(Brief(text="film noir, a black cat jumps"))
    assert composition.negative.startswith("色调艳丽")
    drawn = compose(Brief(text="documentary style, a crew sets up", image=DRAWN))
    assert "画作" not in drawn.negative


# Length.


def test_carried_over_words_are_cut_first_and_the_users_never():
    text = "snow begins to fall and the lamp in the window flickers"
    full = compose(Brief(text=text, camera="push in", pacing="slow", look="film shot", image=STILL))
    assert "35mm lens" in full.positive
    words = count_words(full.positive)
    composition = full
    for max_words in range(words, 0, -1):
        composition = compose(
            Brief(
                text=text,
                camera="push in",
                pacing="slow",
                look="film shot",
                image=STILL,
                max_words=max_words,
            )
        )
        assert text in composition.positive
        if "to fit max_words" in composition.report:
            assert "35mm lens" not in composition.positive
        if "cabin" in composition.positive:
            assert "pushes in" in composition.positive
    assert composition.positive == f"{text}."
    assert "more than 1 words" in composition.report


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("slow push-in, then hold.", 4),
        ("镜头缓慢推进", 3),
        ("the 镜头 pans", 3),
        ("it's 4K — really", 3),
    ],
)
def test_words_are_counted(text, words):
    assert count_words(text) == words


# Loops.


@pytest.mark.parametrize("move", list(WORDS.moves), ids=str)
def test_a_loop_uses_a_move_that_ends_where_it_begins(move):
    composition = compose(Brief(text="leaves sway", camera=move, loop=True))
    path = composition.direction.path(5.0)
    assert path.at(1).position == pytest.approx(path.at(0).position, abs=1e-6)
    said = WORDS.looping(WORDS.moves[move]).phrase(1.0, None, loop=True)
    assert said in composition.positive.lower()
    changed = WORDS.moves[move].loop != "as is"
    assert (f"Loop: {move}" in composition.report) == changed
    assert (said != WORDS.moves[move].phrase(1.0, None)) == changed


def test_a_push_in_becomes_breathing_and_an_orbit_an_arc_there_and_back():
    assert "breathes" in compose(Brief(camera="push in", loop=True)).positive
    orbit = compose(Brief(camera="orbit left", loop=True)).positive
    assert "arc" in orbit
    assert "back again" in orbit


@pytest.mark.parametrize("move", [m for m in WORDS.moves.values() if m.loop_phrases],
                         ids=lambda move: move.id)  # fmt: skip
def test_a_move_that_returns_in_the_users_words_needs_no_way_out(move):
    text = move.phrase(1.0, None, loop=True)
    assert "write a move that returns" not in report_of(text=text, loop=True)


def test_a_looping_presets_loop_is_to_be_linked():
    preset = PresetLibrary()["ambient-loop/storybook breeze"].direction()
    assert preset.loop
    assert "made to loop" in report_of(preset=preset)
    assert "made to loop" not in report_of(preset=preset, loop=True)


def test_intensity_0_holds_still_in_every_output():
    preset = Direction(text="leaves sway", camera="push in", intensity=0, preset="user/x")
    composition = compose(Brief(preset=preset, loop=True))
    assert "Fixed camera" in composition.positive
    assert "Camera: static." in composition.report
    assert "there and back" not in composition.report
    assert composition.direction.camera == "static"
    assert "静态" not in composition.negative


def test_the_users_own_move_is_kept_in_a_loop_with_a_way_out():
    composition = compose(Brief(text="push in on the lamp", loop=True))
    assert composition.positive == "push in on the lamp."
    assert "write a move that returns" in composition.report


def test_restless_loops_get_the_hint_and_ambient_ones_do_not():
    assert "loop best" in report_of(text="he runs", camera="tracking", loop=True)
    assert "loop best" not in report_of(text="rain falls", camera="static", loop=True)
    assert "loop best" not in report_of(text="he runs", camera="tracking")


# Negatives.


def test_the_negative_prompt_is_wans_own_unless_the_shot_speaks_against_it():
    composition = compose(Brief(text="he runs through the rain", camera="tracking"))
    assert composition.negative == (
        "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，"
        "JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，"
        "形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走"
    )


@pytest.mark.parametrize("brief", [{"camera": "static"}, {"pacing": "slow"}, {"text": "slow rain"}])
def test_nothing_against_stillness_for_calm_shots(brief):
    negative = compose(Brief(**brief)).negative
    assert not {"静态", "静止", "静止不动的画面"} & set(negative.split("，"))
    assert "最差质量" in negative


@pytest.mark.parametrize(
    "brief",
    [{"look": "anime"}, {"image": DRAWN}, {"text": "watercolour, leaves sway"}],
    ids=["look", "still", "text"],
)
def test_nothing_against_illustration_for_illustrations(brief):
    words = set(compose(Brief(**brief)).negative.replace(", ", "，").split("，"))
    assert not {"风格", "作品", "画作"} & words


def test_nothing_against_what_the_prompt_asks_for():
    assert "背景人很多" not in compose(Brief(text="the crowd cheers")).negative
    assert "倒着走" not in compose(Brief(text="he walks backwards")).negative
    mine = Direction(negative="hands, text", preset="user/x")
    negative = compose(Brief(text="her hands knead the dough", preset=mine)).negative
    assert negative.startswith("text, ")


def test_what_the_text_refuses_stays_in_the_negative():
    preset = PresetLibrary()["cinematic/hero push-in"].direction()
    negative = compose(Brief(text="she smiles, not talking, no text", preset=preset)).negative
    assert negative.startswith("distorted face, talking, ")
    negative = compose(Brief(text="empty street, no crowd, no blur, no subtitles")).negative
    assert {"背景人很多", "字幕"} <= set(negative.split("，"))


@pytest.mark.parametrize("text", ["he still runs at full speed", "static electricity crackles"])
def test_a_still_that_is_no_stillness_keeps_the_words_against_it(text):
    assert "静态" in compose(Brief(text=text, camera="tracking", pacing="fast")).negative


def test_negative_words_come_once_and_the_users_first():
    preset = Direction(negative="hats, dogs", preset="user/x")
    composition = compose(Brief(negative="Hats, 过曝", preset=preset, image=STILL))
    assert composition.negative.startswith("Hats, 过曝, dogs, lowres, blurry, ")
    assert composition.negative.count("过曝") == 1


# Hints.


@pytest.mark.parametrize(
    ("brief", "hint"),
    [
        ({}, "too static"),
        ({"camera": "static"}, "too static"),
        ({"camera": "push in"}, "say what moves"),
        ({"text": "leaves sway in the wind"}, "choose a camera move"),
        ({"text": "push in then pan left, leaves sway"}, "chaotic"),
        ({"text": "very " * 101}, "chaotic"),
        ({"preset": Direction(text="he runs and jumps", camera="tracking", pacing="fast",
                              intensity=1.5)}, "chaotic"),
    ],
)  # fmt: skip
def test_hints(brief, hint):
    assert hint in report_of(**brief)


def test_a_good_shot_needs_no_hint():
    assert "Hint" not in report_of(text="leaves sway in the wind", camera="push in")


# Refusals.


@pytest.mark.parametrize(
    ("brief", "widget"),
    [
        ({"camera": "sideways"}, "camera"),
        ({"pacing": ""}, "pacing"),
        ({"look": "cubist"}, "look"),
        ({"max_words": 0}, "max_words"),
        ({"max_words": 401}, "max_words"),
        ({"max_words": float("nan")}, "max_words"),
        ({"max_words": True}, "max_words"),
        ({"text": None}, "direction"),
        ({"negative": 3}, "negative"),
        ({"preset": Direction(intensity=float("nan"))}, "intensity"),
        ({"preset": Direction(intensity=1.6)}, "intensity"),
    ],
)
def test_what_no_widget_would_give_is_refused(brief, widget):
    with pytest.raises(InputError) as refused:
        compose(Brief(**brief))
    assert refused.value.widget == widget
    assert f"(widget: {widget})" in str(refused.value)
    assert f"got {refused.value.value!r}" in str(refused.value)
