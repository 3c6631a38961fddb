"""Text encoders without ComfyUI: umt5-xxl from a diffusers folder or from ComfyUI's single file.

Both, and the nano model's, have one method, `encode(texts)`: see `TextEncoder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from ...errors import InputError
from .models import TEXT_TOKENS, Placement, place
from .weights import read_weights

_END, _PADDING = 1, 0
_HEAD_WIDTH = 64
"""Channels of a head of umt5-xxl (`d_kv` of google/umt5-xxl)."""


class TextEncoder(Protocol):
    """Turns prompts into what Wan reads."""

    def encode(self, texts: Sequence[str]) -> torch.Tensor:
        """[len(texts), 512, width], float32, on the CPU; zeros after the last token."""
        ...


class Umt5TextEncoder:
    """umt5-xxl, or any model of its kind."""

    def __init__(
        self, model: Any, tokens_of: Callable[[str], list[int]], placement: Placement
    ) -> None:
        """Nothing runs yet.

        Args:
            model: transformers' UMT5EncoderModel.
            tokens_of: The token ids of a text, the closing one among them.
            placement: Where it runs.
        """
        self._model = model
        self._tokens_of = tokens_of
        self._placement = placement
        self._resident: list[Any] = []

    def encode(self, texts: Sequence[str]) -> torch.Tensor:
        """See `TextEncoder`; what does not fit into 512 tokens is left out."""
        tokens = torch.full((len(texts), TEXT_TOKENS), _PADDING)
        mask = torch.zeros_like(tokens)
        for row, text in enumerate(texts):
            ids = self._tokens_of(" ".join(text.split()))
            if len(ids) > TEXT_TOKENS:
                ids = [*ids[: TEXT_TOKENS - 1], _END]
            tokens[row, : len(ids)] = torch.tensor(ids)
            mask[row, : len(ids)] = 1
        place(self._model, self._placement, self._resident)
        device = self._placement.device
        with torch.inference_mode():
            made = self._model(tokens.to(device), mask.to(device)).last_hidden_state
        return made.to("cpu", torch.float32) * mask[..., None]


def from_folder(name: str, placement: Placement) -> Umt5TextEncoder:
    """The text encoder of a diffusers folder or hub id.

    Raises:
        OSError: it has none, or it cannot be had.
    """
    from transformers import AutoTokenizer, UMT5EncoderModel

    tokenizer = AutoTokenizer.from_pretrained(name, subfolder="tokenizer")
    model = UMT5EncoderModel.from_pretrained(
        name, subfolder="text_encoder", dtype=placement.dtype, use_safetensors=True
    )
    return Umt5TextEncoder(model.eval(), lambda text: tokenizer(text).input_ids, placement)


def from_file(file: Path, placement: Placement) -> Umt5TextEncoder:
    """The text encoder out of ComfyUI's file, such as umt5_xxl_fp16.safetensors.

    The file holds the tokenizer's vocabulary too. Scaled 8-bit weights are unpacked.

    Raises:
        InputError: the file is no such encoder.
    """
    import sentencepiece
    from transformers import UMT5Config, UMT5EncoderModel

    weights = read_weights(file, placement.dtype, keep=("spiece_model",), widget="text_encoder")
    vocabulary = weights.pop("spiece_model", None)
    if vocabulary is None or "shared.weight" not in weights:
        raise InputError(
            "the text encoder must be ComfyUI's umt5-xxl, with its vocabulary inside",
            str(file),
            "Take umt5_xxl_fp16.safetensors or umt5_xxl_fp8_e4m3fn_scaled.safetensors.",
            "text_encoder",
        )
    prefix = "encoder.block.0.layer"
    config = UMT5Config(
        vocab_size=weights["shared.weight"].shape[0],
        d_model=weights["shared.weight"].shape[1],
        d_ff=weights[f"{prefix}.1.DenseReluDense.wi_0.weight"].shape[0],
        d_kv=_HEAD_WIDTH,
        num_heads=weights[f"{prefix}.0.SelfAttention.q.weight"].shape[0] // _HEAD_WIDTH,
        num_layers=len({name.split(".")[2] for name in weights if ".block." in name}),
        feed_forward_proj="gated-gelu",
    )
    with torch.device("meta"):
        model = UMT5EncoderModel(config)
    weights.setdefault("encoder.embed_tokens.weight", weights["shared.weight"])
    model.load_state_dict(weights, assign=True)
    model.tie_weights()
    pieces = sentencepiece.SentencePieceProcessor(
        model_proto=vocabulary.to(torch.uint8).numpy().tobytes()
    )
    return Umt5TextEncoder(model.eval(), lambda text: [*pieces.encode(text), _END], placement)
