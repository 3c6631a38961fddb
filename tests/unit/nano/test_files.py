"""The model's files, where they are bundled; and how its camera motion is measured."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import wanderlens.nano
from wanderlens.errors import InputError

FOLDER = Path(wanderlens.nano.__file__).parent
TOOLS = Path(__file__).parents[3] / "tools" / "nano"


@pytest.fixture
def camera_motion(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("cv2", reason="needs the headless extra")
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("camera_motion")


def test_the_files_are_all_there_and_small(monkeypatch: pytest.MonkeyPatch):
    from safetensors.torch import load_file

    monkeypatch.syspath_prepend(str(TOOLS))
    export = importlib.import_module("export")
    found = {file.name: file.stat().st_size for file in FOLDER.glob("*.safetensors")}
    assert set(found) == set(export.FILES.values())
    experts, vae = wanderlens.nano.nano_files()
    assert {file.name for file in (*experts.values(), vae)} == set(found)
    assert sum(found.values()) <= export.MOST_BYTES
    for part, name in export.FILES.items():
        weights = load_file(FOLDER / name)
        layout = export.vae_layout() if part == "vae" else export.layout_of_expert(weights)
        assert {key: tuple(value.shape) for key, value in weights.items()} == layout
    assert (FOLDER / "README.md").is_file()
    assert (FOLDER / "contact-sheet.jpg").stat().st_size <= 300_000


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wanderlens.nano, "_FOLDER", Path())  # an error cuts a long path
    with pytest.raises(InputError, match=r"nano_high_noise.*another --model"):
        wanderlens.nano.nano_files()


def _scene(right: float, down: float, zoom: float, turn: float) -> np.ndarray:
    """A dotted picture that moves evenly over 9 frames; the measures are of the whole clip."""
    import cv2

    height, width = 96, 128
    noise = np.random.default_rng(0).integers(0, 255, (height * 2, width * 2, 3), np.uint8)
    noise = cv2.GaussianBlur(noise, (0, 0), 3)
    noise = cv2.normalize(noise, np.zeros_like(noise), 0, 255, cv2.NORM_MINMAX)
    frames = []
    for time in np.linspace(0, 1, 9):
        size = math.exp(zoom * time)
        cos, sin = size * math.cos(turn * time), size * math.sin(turn * time)
        x, y = width / 2 * (1 + right * time), height / 2 + width / 2 * down * time
        matrix = np.array(
            [
                [cos, -sin, x - cos * width + sin * height],
                [sin, cos, y - sin * width - cos * height],
            ]
        )
        frames.append(cv2.warpAffine(noise, matrix, (width, height)))
    return np.stack(frames)


@pytest.mark.parametrize(
    ("name", "value"),
    [("right", 0.2), ("right", -0.2), ("down", 0.15), ("zoom", 0.15), ("turn", -0.1)],
)
def test_measured_camera_motion(camera_motion: ModuleType, name: str, value: float):
    asked = dict.fromkeys(("right", "down", "zoom", "turn"), 0.0) | {name: value}
    motion = camera_motion.measure(_scene(**asked))
    for key, wanted in asked.items():
        assert getattr(motion, key) == pytest.approx(wanted, abs=0.06)
    assert getattr(motion, name) * value > 0


def test_still_clip_has_no_motion(camera_motion: ModuleType):
    assert camera_motion.measure(_scene(0, 0, 0, 0)).size < 0.01


def test_signs_of_the_moves(camera_motion: ModuleType):
    assert camera_motion.is_right("pan left", camera_motion.Motion(0.3, 0, 0, 0))
    assert not camera_motion.is_right("pan right", camera_motion.Motion(0.3, 0, 0, 0))
    assert camera_motion.is_right("roll", camera_motion.Motion(0, 0, 0, -0.1))
