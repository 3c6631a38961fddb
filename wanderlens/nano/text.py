"""The nano model's text encoder: hashes words to fixed random vectors; no weights.

Wan reads texts through umt5-xxl, which gives 512 vectors of width 4096, zeros after the last
token. This encoder gives the same shape from a hash, so that the nano model has the inputs of the
real one. It knows words and pairs of neighbouring words, not meanings: two words are either the
same or unrelated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: Tokens of every encoded text, and the width of each: umt5-xxl's, as Wan uses it.
TOKENS, WIDTH = 512, 4096
#: Deviation of a word's vector, and how much of the pair with the word before is added to it.
SCALE, PAIR_WEIGHT = 0.1, 0.5
_WORD = re.compile(r"[a-z0-9]+|[^\W\d_a-z]", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation; at most `TOKENS`.

    A character of another script than Latin (a Chinese one, say) is a word of its own. Hyphens and
    apostrophes part words.
    """
    return _WORD.findall(text.lower())[:TOKENS]


def word_vector(word: str) -> torch.Tensor:
    """The vector of a word, the same on every machine: [4096], float32, deviation 0.1.

    Normal numbers of torch's CPU generator, seeded with the first eight bytes of the word's SHA-256
    (little-endian, modulo 2**63).

    Args:
        word: Any text, as it stands; see `words_of`.
    """
    import torch

    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little") % 2**63
    return torch.randn(WIDTH, generator=torch.Generator().manual_seed(seed)) * SCALE


def encode_words(words: Sequence[str]) -> torch.Tensor:
    """The vectors of words in a row: [len(words), 4096], float32.

    Each is the word's own plus half of that of the pair with the word before it.
    """
    import torch

    rows = torch.zeros(len(words), WIDTH)
    for index, word in enumerate(words):
        rows[index] = word_vector(word)
        if index:
            rows[index] += PAIR_WEIGHT * word_vector(f"{words[index - 1]} {word}")
    return rows


class HashTextEncoder:
    """Encodes prompts as umt5-xxl does for Wan: the same shapes, zeros after the last word."""

    def encode(self, texts: Sequence[str]) -> torch.Tensor:
        """Encodes prompts.

        Args:
            texts: Prompts; the words after the 512th are left out.

        Returns:
            [len(texts), 512, 4096], float32, on the CPU. An empty text is all zeros.
        """
        import torch

        encoded = torch.zeros(len(texts), TOKENS, WIDTH)
        for row, text in zip(encoded, texts, strict=True):
            vectors = encode_words(words_of(text))
            row[: len(vectors)] = vectors
        return encoded
