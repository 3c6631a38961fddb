import json
import logging
import os

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from wanderlens.latents.files import save_latent
from wanderlens.latents.recovery import Recovery, recover_on_failure

LATENTS = torch.randn(1, 16, 2, 8, 8, generator=torch.Generator().manual_seed(0))


class CancelledError(Exception):
    """Stands for the engine's own."""


def is_cancellation(error):
    return isinstance(error, CancelledError)


def test_the_file_is_what_load_latent_reads(tmp_path):
    file = tmp_path / "deep" / "er" / "a.latent"
    prompt = {"1": {"class_type": "X", "inputs": {"a": 1}, "is_changed": [float("nan")]}}
    save_latent(LATENTS.transpose(3, 4), file, prompt)
    content = load_file(file)
    assert torch.equal(content["latent_tensor"], LATENTS.transpose(3, 4))
    assert "latent_format_version_0" in content
    with safe_open(file, framework="pt") as opened:
        assert json.loads(opened.metadata()["prompt"]) == {
            "1": {"class_type": "X", "inputs": {"a": 1}}
        }
    assert list(file.parent.iterdir()) == [file]


def fail(error, shots, recovery):
    with recover_on_failure(recovery, shots, is_cancellation):
        raise error


def test_a_failure_says_where_the_latents_are_and_what_to_do(tmp_path):
    recovery = Recovery(tmp_path, "seed7")
    with pytest.raises(RuntimeError, match="the decoder broke") as caught:
        fail(ValueError("the decoder broke"), [LATENTS], recovery)
    assert "Queue the same prompt again" not in str(caught.value)
    (file,) = tmp_path.glob("*.latent")
    assert str(file) in str(caught.value)
    assert "Load Latent" in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)
    assert torch.equal(load_file(file)["latent_tensor"], LATENTS)


def test_the_advice_suits_what_was_kept_and_how_shots_join(tmp_path):
    recovery = Recovery(tmp_path, "s", cached=True, context=5)
    with pytest.raises(RuntimeError) as caught:
        fail(ValueError("x"), [LATENTS, LATENTS], recovery)
    assert "Queue the same prompt again" in str(caught.value)
    assert "but the first begins with 5 frames of what came before" in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_others_may_read_what_was_rescued(tmp_path):
    save_latent(LATENTS, tmp_path / "a.latent")
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "a.latent").stat().st_mode == plain.stat().st_mode


def test_each_shot_has_its_file_and_none_is_overwritten(tmp_path):
    recovery = Recovery(tmp_path, "seed7")
    for _ in range(3):
        with pytest.raises(RuntimeError):
            fail(ValueError("x"), [LATENTS, 2 * LATENTS], recovery)
    assert len(list(tmp_path.glob("*.latent"))) == 6


def test_out_of_memory_stays_out_of_memory(tmp_path):
    with pytest.raises(torch.cuda.OutOfMemoryError, match="no room") as caught:
        fail(torch.cuda.OutOfMemoryError("no room"), [LATENTS], Recovery(tmp_path, "s"))
    assert "Nothing sampled is lost" in str(caught.value)


@pytest.mark.parametrize("error", [CancelledError(), KeyboardInterrupt(), SystemExit(1)])
def test_a_cancel_passes_through_and_the_log_says_where(tmp_path, caplog, error):
    caplog.set_level(logging.WARNING)
    with pytest.raises(type(error)) as caught:
        fail(error, [LATENTS], Recovery(tmp_path, "s"))
    assert caught.value is error
    (file,) = tmp_path.glob("*.latent")
    assert str(file) in caplog.text


@pytest.mark.parametrize("shots", [[], [LATENTS]])
def test_without_work_to_lose_or_a_place_errors_pass_as_they_are(tmp_path, shots):
    error = ValueError("x")
    with pytest.raises(ValueError, match="x") as caught:
        fail(error, shots, None if shots else Recovery(tmp_path, "s"))
    assert caught.value is error
    assert not list(tmp_path.iterdir())


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_what_the_folder_does_not_take_goes_to_the_temporary_files(tmp_path, temporary, caplog):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RuntimeError, match="the decoder broke") as caught:
        fail(
            ValueError("the decoder broke"),
            [LATENTS, 2 * LATENTS],
            Recovery(tmp_path / "file" / "x", "s"),
        )
    assert "could not be saved" in caplog.text
    files = sorted(temporary.rglob("*.latent"))
    assert torch.equal(load_file(files[1])["latent_tensor"], 2 * LATENTS)
    told = str(caught.value)
    assert "Nothing sampled is lost" in told
    assert f"{files[0]}, {files[1]}" in told
    assert "did not take them all" in told


@pytest.mark.parametrize("kept", [False, True])
def test_latents_that_nothing_takes_are_told_of(tmp_path, monkeypatch, kept):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    recovery = Recovery(tmp_path / "file" / "x", "s", cached=kept)
    with pytest.raises(RuntimeError, match="the decoder broke") as caught:
        fail(ValueError("the decoder broke"), [LATENTS], recovery)
    told = str(caught.value)
    assert f"could not be saved in {recovery.folder}" in told
    assert "Make room there" in told
    assert ("Queue the same prompt again" in told) == kept
    assert "Nothing sampled is lost" not in told


@pytest.mark.parametrize("problem", [MemoryError(), RuntimeError("not enough memory")])
def test_no_memory_to_save_does_not_hide_the_first_error(tmp_path, temporary, monkeypatch, problem):
    def out_of_memory(*_arguments, **_more):
        raise problem

    monkeypatch.setattr("wanderlens.latents.files.save", out_of_memory)
    with pytest.raises(torch.cuda.OutOfMemoryError, match="no room") as caught:
        fail(torch.cuda.OutOfMemoryError("no room"), [LATENTS], Recovery(tmp_path / "x", "s"))
    assert "could not be saved" in str(caught.value)
    assert not list(temporary.rglob("*.*"))


def test_what_a_dead_process_left_goes_with_the_next_rescue(tmp_path):
    names = (f".a.7-{'0' * 32}.partial.latent", f".b.7-{'1' * 32}.partial.latent", ".theirs.latent")
    for name in names:
        (tmp_path / name).write_bytes(b"half")
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (0, 0))
    with pytest.raises(RuntimeError):
        fail(ValueError("x"), [LATENTS], Recovery(tmp_path, "s"))
    left = {file.name for file in tmp_path.glob(".*")}
    assert left == set(names[1:]), "the second may still be written, the third is not ours"


def test_a_name_never_stands_for_half_a_file(tmp_path, monkeypatch):
    file = tmp_path / "a.latent"
    save_latent(LATENTS, file)

    def full_disk(*_arguments, **_more):
        raise OSError("no space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full_disk)
    with pytest.raises(OSError, match="no space left"):
        save_latent(2 * LATENTS, file)
    assert torch.equal(load_file(file)["latent_tensor"], LATENTS)
    assert list(tmp_path.iterdir()) == [file]


def test_a_long_label_still_makes_a_name(tmp_path):
    (file,) = Recovery(tmp_path, "長い名前" * 60).save([LATENTS]).files
    assert torch.equal(load_file(file)["latent_tensor"], LATENTS)


def test_a_prompt_that_cannot_be_written_costs_no_latents(tmp_path, caplog):
    circle: dict = {"inputs": {}}
    circle["inputs"]["again"] = circle
    saved = Recovery(tmp_path, "s", {"1": circle}).save([LATENTS])
    assert len(saved.files) == 1
    assert saved.lost == 0
    assert "The prompt is not laid into" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="names that long are another error elsewhere")
def test_a_folder_that_cannot_even_be_looked_at_is_passed_over(tmp_path):
    """Such as one on a machine that is gone; a name that is too long fails in the same call."""
    saved = Recovery(tmp_path / ("x" * 300), "s").save([LATENTS])
    (file,) = saved.files
    assert torch.equal(load_file(file)["latent_tensor"], LATENTS)
    assert saved.problem
    file.unlink()
    file.parent.rmdir()
