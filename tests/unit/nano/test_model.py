"""The bundled model does what its card says, on the bundled picture, which it never saw."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("cv2", reason="needs the headless extra")
pytest.importorskip("diffusers", reason="needs the headless extra")

from wanderlens.cli import EXAMPLE  # noqa: E402
from wanderlens.commands.job import read_picture  # noqa: E402
from wanderlens.direction import Brief, compose  # noqa: E402
from wanderlens.engines.diffusers.engine import DiffusersEngine  # noqa: E402
from wanderlens.engines.diffusers.load_models import Files  # noqa: E402
from wanderlens.engines.diffusers.models import Placement  # noqa: E402
from wanderlens.nano import HashTextEncoder, nano_files  # noqa: E402
from wanderlens.pipeline.image_to_video import animate  # noqa: E402
from wanderlens.shot import ShotRequest  # noqa: E402

TOOLS = Path(__file__).parents[3] / "tools" / "nano"
CPU = Placement(torch.device("cpu"), torch.float32, offload="none")


@pytest.fixture
def camera_motion(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("camera_motion")


@pytest.fixture(scope="module")
def models():
    experts, vae = nano_files()
    return Files(experts, vae, nano=True).load(CPU)


@pytest.fixture(scope="module")
def clip_of(models):
    """A clip by its camera move, made once."""
    return cache(lambda camera, **options: make_clip(models, camera, **options))


def make_clip(models, camera: str, **options):
    """A clip of 17 frames at 128 x 80, one second."""
    shot = compose(Brief(camera=camera))
    texts = HashTextEncoder().encode([shot.positive, shot.negative])
    still = read_picture(EXAMPLE, "photo")
    request = ShotRequest(
        still.width, still.height, duration=1.0, resolution="custom", width=128, height=80,
        quality="standard", seed=3, **options,
    )  # fmt: skip
    return animate(DiffusersEngine(models, texts[:1], texts[1:]), request, still)


def test_it_obeys_the_camera_words(clip_of, camera_motion):
    motions = {}
    for move in ("pan left", "pan right", "tilt up", "tilt down", "static"):
        frames = clip_of(move).frames
        motions[move] = camera_motion.measure((frames * 255).byte().numpy())
    for move in ("pan left", "pan right", "tilt up", "tilt down"):
        assert camera_motion.is_right(move, motions[move]), (move, motions[move])
    still = motions.pop("static").size
    assert still < 0.5 * min(motion.size for motion in motions.values())


def test_it_starts_with_the_picture(clip_of):
    from PIL import Image

    clip = clip_of("pan left")
    with Image.open(EXAMPLE) as opened:
        scaled = opened.convert("RGB").resize((142, 80), Image.Resampling.LANCZOS)
    wanted = torch.tensor(list(scaled.crop((7, 0, 135, 80)).getdata())).reshape(80, 128, 3) / 255
    error = (clip.frames[0] - wanted).square().mean()
    assert -10 * error.log10() > 22
