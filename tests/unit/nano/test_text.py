from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wanderlens.nano import HashTextEncoder
from wanderlens.nano.text import (
    PAIR_WEIGHT,
    SCALE,
    TOKENS,
    WIDTH,
    encode_words,
    word_vector,
    words_of,
)

KNOWN = {
    "camera": [-0.00685102, 0.1137931, 0.13494462, 0.00350267],
    "pans left": [-0.08389006, -0.02763973, -0.15324059, -0.07014386],
}


def test_words_are_lower_case_without_punctuation():
    assert words_of("The camera slowly PANS left, past the café.") == [
        "the", "camera", "slowly", "pans", "left", "past", "the", "caf", "é",
    ]  # fmt: skip
    assert words_of("3d-render, it's") == ["3d", "render", "it", "s"]
    assert words_of("镜头 left") == ["镜", "头", "left"]
    assert words_of("… , —") == []


def test_known_vectors():
    # These values must never change: the weights were trained on them.
    assert word_vector("camera")[:4].tolist() == pytest.approx(KNOWN["camera"], abs=1e-7)
    assert word_vector("pans left")[:4].tolist() == pytest.approx(KNOWN["pans left"], abs=1e-7)


def test_vectors_have_the_right_size_and_are_unrelated():
    a, b = word_vector("push"), word_vector("pull")
    assert a.dtype == torch.float32
    assert a.std().item() == pytest.approx(SCALE, rel=0.05)
    assert abs(a.mean().item()) < 0.01
    assert abs(torch.corrcoef(torch.stack((a, b)))[0, 1].item()) < 0.06


def test_encode_pads_with_zeros():
    encoded = HashTextEncoder().encode(["The camera tilts up.", ""])
    assert encoded.shape == (2, TOKENS, WIDTH)
    assert encoded.dtype == torch.float32
    assert encoded[0, :4].any(dim=1).all()
    assert not encoded[0, 4:].any()
    assert not encoded[1].any()


def test_a_word_carries_its_neighbour():
    first, second = encode_words(["pans", "left"])
    assert torch.equal(first, word_vector("pans"))
    assert torch.allclose(second, word_vector("left") + PAIR_WEIGHT * word_vector("pans left"))


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=80))
def test_any_text_encodes_the_same_every_time(text: str):
    encoder = HashTextEncoder()
    once, again = encoder.encode([text]), encoder.encode([text])
    assert torch.equal(once, again)
    assert torch.isfinite(once).all()
    assert int(once[0].any(dim=1).sum()) == len(words_of(text))


def test_at_most_512_words():
    encoded = HashTextEncoder().encode(["left " * 600])
    assert encoded.shape == (1, TOKENS, WIDTH)
    assert encoded[0, -1].any()
