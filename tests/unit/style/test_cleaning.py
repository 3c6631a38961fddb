"""Prompts become words that Wan understands: subject and style apart, everything else out."""

import re

import pytest

from wanderlens.style import MEDIA
from wanderlens.style.cleaning import (
    MAX_NEGATIVE_WORDS,
    MAX_STYLE_WORDS,
    clean_negative,
    clean_prompt,
)
from wanderlens.style.cleaning_words import DATA, KINDS, WordListError, cleaning_words
from wanderlens.style.shorten import MAX_SUBJECT_WORDS, count_words


@pytest.mark.parametrize(
    ("written", "prompt"),
    [
        ("(a fox:1.2) in ((snow))", "a fox in snow"),
        ("a \\(red\\) fox", "a (red) fox"),
        ("[a fox|a dog] in snow", "a fox in snow"),
        ("[a dog:a fox:0.4] in snow", "a fox in snow"),
        ("[a fox:0.4] in snow", "a fox in snow"),
        ("[a fox::0.4] in snow", "a fox in snow"),
        ("{a fox|a dog} in snow", "a fox in snow"),
        ("{2$$a fox|a dog}", "a fox"),
        ("{{a fox}}, [[snow]]", "a fox, snow"),
        ("1.3::a fox ::, snow", "a fox, snow"),
        ("(a fox)++ in snow--, trees+", "a fox in snow, trees"),
        ("a fox BREAK in snow AND trees", "a fox, in snow, trees"),
        ("a fox <lora:snow:0.8>, trees <hypernet:x:1>", "a fox, trees"),
        ("a fox, embedding:easyfox:1.1, EasyNegative", "a fox"),
        ("a fox in a __place__", "a fox in a"),
        ("a <random:fox,dog> running", "a fox running"),
        ("a fox <segment:face> close eyes", "a fox"),
        ("a fox --ar 16:9 --v 6", "a fox"),
        ("a fox /* not this */ running", "a fox running"),
        ("1girl, 2boys, long_hair, looking_at_viewer",
         "one girl, two boys, long hair, looking at the camera"),
        ("6+girls", "six girls"),
        ("a fox, ^_^, :d, >_<", "a fox"),
        ("a fox, red fox, fox", "a fox, red fox"),
        ("A fox runs. It jumps! Snow falls", "A fox runs, It jumps, Snow falls"),
        ("一只红狐，雪地。", "一只红狐, 雪地"),
        ("masterpiece, best quality, (8k uhd:1.3), score_9, score_8_up, a fox", "a fox"),
        ("a highly detailed fox, absurdres, trending on artstation, award-winning", "a fox"),
        ("a fox, by greg rutkowski, style of someone else, artist:name", "a fox"),
        ("a fox by the lake, by the river", "a fox by the lake, by the river"),
        ("f/1.8, iso 100, a fox", "a fox"),
        ("", ""),
        ("((((", ""),
        ("masterpiece", ""),
    ],
)  # fmt: skip
def test_syntax_and_boilerplate_go(written, prompt):
    cleaned = clean_prompt(written)
    # Opening "a" of a lone wildcard is all that may be left hanging.
    assert cleaned.prompt == prompt


@pytest.mark.parametrize(
    ("written", "prompt", "style", "medium"),
    [
        ("oil painting of a fox, soft golden light", "a fox",
         ("oil painting", "soft golden light"), "drawn"),
        ("a fox, film photograph, shot on Kodak Portra 400, shallow depth of field", "a fox",
         ("film photograph", "shot on Kodak Portra 400", "shallow depth of field"), "live"),
        ("anime, a fox, cel shading, vibrant colors", "a fox",
         ("anime", "cel shading", "vibrant colors"), "drawn"),
        ("3d render, octane render, a fox", "a fox", ("3d render", "octane render"), "rendered"),
        ("abstract art, flowing paint", "flowing paint", ("abstract art",), "abstract"),
        ("cinematic lighting, a fox, dutch angle, film grain", "a fox",
         ("cinematic lighting", "film grain", "dutch angle"), ""),
        ("a fox in soft golden light", "a fox in soft golden light", (), ""),
        ("black and white photo of a fox, high contrast", "a fox",
         ("black and white photo", "high contrast"), "live"),
        ("a painting of a fox on a wall", "a fox on a wall", ("painting",), "drawn"),
        ("a bowl of fruit, still life", "a bowl of fruit, still life", (), ""),
    ],
)  # fmt: skip
def test_style_words_stand_on_their_own(written, prompt, style, medium):
    cleaned = clean_prompt(written)
    assert (cleaned.prompt, cleaned.style, cleaned.medium) == (prompt, style, medium)


def test_the_checkpoint_tells_the_medium_where_no_words_do():
    assert clean_prompt("a fox", model="animagineXL_v3").medium == "drawn"
    assert clean_prompt("a fox", model="realisticVisionV51").medium == "live"
    assert clean_prompt("photo of a fox", model="animagineXL_v3").medium == "live"
    assert clean_prompt("a fox", model="sd_xl_base_1.0").medium == ""


def test_a_tools_styles_count_where_they_name_one():
    cleaned = clean_prompt("a fox", ["Fooocus V2", "SAI Anime", "SAI Film Noir"])
    assert cleaned.style == ("anime", "film noir")


def test_the_subject_and_what_happens_stay_when_room_is_short():
    hair = ", ".join(
        f"{colour} hair ribbon number {n}"
        for n, colour in enumerate(
            ["red", "blue", "green", "gold", "pink", "grey", "white", "black", "teal", "brown"]
        )
    )
    cleaned = clean_prompt(f"a dancer on a stage, {hair}, an empty theatre, leaves falling")
    assert count_words(cleaned.prompt) <= MAX_SUBJECT_WORDS
    assert cleaned.prompt.startswith("a dancer on a stage")
    assert cleaned.prompt.endswith("an empty theatre, leaves falling")
    assert any(line.startswith("details the picture shows: ") for line in cleaned.dropped)


def test_one_endless_sentence_is_cut_at_a_word_that_can_end_it():
    cleaned = clean_prompt("a dancer " + "turning on a stage with a " * 30)
    assert count_words(cleaned.prompt) <= MAX_SUBJECT_WORDS
    assert not re.search(r"(?:with|a|on)$", cleaned.prompt)


def test_no_more_style_words_than_wan_makes_use_of():
    words = ("soft light, warm colours, film grain, bokeh, wide angle, low angle, vignette, "
             "moody, sepia, lens flare, anime")  # fmt: skip
    cleaned = clean_prompt(words)
    assert len(cleaned.style) == MAX_STYLE_WORDS
    assert cleaned.style[0] == "anime"
    assert any(line.startswith("more style words: ") for line in cleaned.dropped)


def test_what_was_left_out_is_told_by_reason():
    dropped = clean_prompt("masterpiece, a fox, by greg rutkowski, <segment:face> x").dropped
    assert "quality words: masterpiece" in dropped
    assert "names: by greg rutkowski" in dropped


def test_negative_words():
    kept, dropped = clean_negative(
        "(worst quality:1.4), bad anatomy, extra fingers, EasyNegative, motion blur, static, "
        "people, cars, (text:1.2), people"
    )
    assert kept == "people, cars, text"
    assert any("motion blur" in line for line in dropped)
    many, _ = clean_negative(", ".join(f"thing{n} of mine" for n in range(60)))
    assert count_words(many) <= MAX_NEGATIVE_WORDS


def test_the_vocabulary_is_sound():
    words = cleaning_words()
    assert {group.kind for group in words.style} == set(KINDS)
    assert {group.medium for group in words.style} - {""} == set(MEDIA)
    for tag, meaning in words.tags.items():
        assert tag == tag.lower()
        assert "_" not in tag + meaning
    for pattern in (words.anywhere, words.whole, words.negative, words.motion, words.appearance):
        assert not pattern.fullmatch("")
    assert sorted(file.name for file in DATA.glob("*.json")) == [
        "cleaning.json",
        "style_words.json",
    ]


@pytest.mark.parametrize(
    "word",
    ["photograph", "oil painting", "watercolour", "anime", "3d render", "golden hour", "film noir",
     "rim light", "35mm", "bokeh", "wide-angle lens", "muted colours", "low angle", "cyberpunk",
     "volumetric lighting", "kodak portra 400", "shallow depth of field", "pixel art"],
)  # fmt: skip
def test_common_style_words_are_known(word):
    assert clean_prompt(f"a fox, {word}").style == (word,)


@pytest.mark.parametrize(
    "phrase",
    ["a photographer at work", "a film crew in the rain", "paint on the floor", "a light house",
     "a lamp", "an old camera on a table", "portraits on the wall", "a red car", "animals",
     "rain falling", "the light of dawn fills the room"],
)  # fmt: skip
def test_things_are_not_taken_for_style(phrase):
    cleaned = clean_prompt(f"a fox, {phrase}")
    assert cleaned.prompt == f"a fox, {phrase}"
    assert cleaned.style == ()


def test_a_vocabulary_of_another_version_is_refused(monkeypatch, tmp_path):
    for file in DATA.glob("*.json"):
        text = file.read_text(encoding="utf-8").replace('"version": 1', '"version": 2')
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr("wanderlens.style.cleaning_words.DATA", tmp_path)
    with pytest.raises(WordListError, match="version must be 1, got 2"):
        cleaning_words.__wrapped__()
