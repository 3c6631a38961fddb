"""A tiny umt5: out of a diffusers folder and out of ComfyUI's single file it says the same."""

from __future__ import annotations

import io

import pytest

torch = pytest.importorskip("torch", reason="needs torch")
transformers = pytest.importorskip("transformers", reason="needs the headless extra")
sentencepiece = pytest.importorskip("sentencepiece", reason="needs the headless extra")

from wanderlens.engines.diffusers import text_encoders  # noqa: E402
from wanderlens.engines.diffusers.models import Placement  # noqa: E402
from wanderlens.errors import InputError  # noqa: E402

CPU = Placement(torch.device("cpu"), torch.float32, offload="none")
SENTENCE = "the camera pans left right pushes in slowly toward a lake while mist drifts"
WORDS = SENTENCE.split()


@pytest.fixture(scope="module")
def vocabulary() -> bytes:
    """A sentencepiece model with umt5's special tokens: 0 pad, 1 end, 2 unknown."""
    model = io.BytesIO()
    sentences = iter([" ".join(WORDS[i:] + WORDS[:i]) for i in range(len(WORDS))] * 20)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences, model_writer=model, vocab_size=60, model_type="unigram",
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


@pytest.fixture(scope="module")
def model(vocabulary):
    size = sentencepiece.SentencePieceProcessor(model_proto=vocabulary).vocab_size()
    torch.manual_seed(0)
    config = transformers.UMT5Config(
        vocab_size=size, d_model=128, d_ff=96, d_kv=64, num_heads=2, num_layers=2,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return transformers.UMT5EncoderModel(config).eval()


@pytest.fixture(scope="module")
def comfy_file(model, vocabulary, tmp_path_factory):
    from safetensors.torch import save_file

    weights = {k: v.contiguous() for k, v in model.state_dict().items() if "embed_tokens" not in k}
    weights["spiece_model"] = torch.frombuffer(bytearray(vocabulary), dtype=torch.uint8)
    file = tmp_path_factory.mktemp("umt5") / "umt5.safetensors"
    save_file(weights, file)
    return file


@pytest.fixture(scope="module")
def folder(model, vocabulary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("diffusers")
    model.save_pretrained(folder / "text_encoder")
    pieces = sentencepiece.SentencePieceProcessor(model_proto=vocabulary)
    words = [(pieces.id_to_piece(i), pieces.get_score(i)) for i in range(pieces.vocab_size())]
    tokenizer = transformers.T5Tokenizer(vocab=words, extra_ids=0)
    tokenizer.save_pretrained(folder / "tokenizer")
    return folder


TEXTS = ["the camera pans left", "mist drifts  slowly\ntoward a lake", ""]


def test_both_forms_encode_alike(folder, comfy_file):
    from_folder = text_encoders.from_folder(str(folder), CPU).encode(TEXTS)
    from_file = text_encoders.from_file(comfy_file, CPU).encode(TEXTS)
    assert from_folder.shape == (3, 512, 128)
    assert torch.allclose(from_folder, from_file, atol=1e-5)


def test_zeros_after_the_last_token(comfy_file):
    encoded = text_encoders.from_file(comfy_file, CPU).encode(TEXTS)
    lengths = [int(row.abs().sum(-1).gt(0).sum()) for row in encoded]
    assert lengths[2] == 1  # the closing token alone
    for row, length in zip(encoded, lengths, strict=True):
        assert row[:length].abs().sum(-1).gt(0).all()
        assert not row[length:].any()


def test_padding_does_not_change_a_text(comfy_file):
    encoder = text_encoders.from_file(comfy_file, CPU)
    alone, beside = encoder.encode(TEXTS[:1]), encoder.encode(TEXTS)
    assert torch.allclose(alone[0], beside[0], atol=1e-5)


@pytest.mark.parametrize("offload", ["model", "group"])
def test_offloading_changes_nothing(comfy_file, folder, offload):
    placement = Placement(torch.device("cpu"), torch.float32, offload=offload)
    wanted = text_encoders.from_file(comfy_file, CPU).encode(TEXTS)
    for encoder in (
        text_encoders.from_file(comfy_file, placement),
        text_encoders.from_folder(str(folder), placement),
    ):
        for _ in range(2):
            assert torch.allclose(encoder.encode(TEXTS), wanted, atol=1e-5)


def test_long_texts_end_with_the_closing_token(comfy_file):
    encoder = text_encoders.from_file(comfy_file, CPU)
    assert encoder.encode(["lake " * 2000])[0].abs().sum(-1).gt(0).all()


def test_another_file_is_refused(tiny_files):
    with pytest.raises(InputError, match="umt5_xxl_fp16"):
        text_encoders.from_file(tiny_files["high"], CPU)
