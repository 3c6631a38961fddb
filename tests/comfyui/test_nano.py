"""The nano model in a real ComfyUI: stock loaders, both engines alike, and `--server`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from loading import load
from shots import shot_request

if TYPE_CHECKING:
    from .host import ComfyHost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
EXAMPLE = REPOSITORY / "wanderlens" / "assets" / "example.png"
NANO = REPOSITORY / "wanderlens" / "nano"
PROMPT = "The camera pans left across the scene."
NEGATIVE = "blurry, watermark"
WIDTH, HEIGHT, STEPS, CFG, SEED = 128, 96, 4, 3.0, 21
#: What is promised of the latents of the two engines on the same weights.
TOLERANCE = 1e-3

graphs = load("comfyui/engine/graphs.py")


@pytest.fixture(scope="module")
def nano(tmp_path_factory: pytest.TempPathFactory, comfy_host: ModuleType) -> Iterator[ComfyHost]:
    """A ComfyUI that finds the bundled files as its user's own, by extra_model_paths."""
    pytest.importorskip("diffusers", reason="needs the headless extra")
    base_dir = tmp_path_factory.mktemp("comfyui-nano")
    paths = base_dir / "extra.yaml"
    paths.write_text(
        f"nano:\n  base_path: {NANO}\n  diffusion_models: .\n  vae: .\n", encoding="utf-8"
    )
    packs = {"wanderlens": REPOSITORY, "test_nodes": graphs.TEST_NODES}
    options = ["--extra-model-paths-config", str(paths)]
    env = {"TEST_VAE_DIM": "16"}  # for cores before 0.4, whose loader knows the full size only
    with comfy_host.ComfyHost(packs, base_dir=base_dir, extra_args=options, env=env) as started:
        yield started


def prompt(**changes: Any) -> dict[str, Any]:
    """A clip by stock loaders and our node."""
    settings = {"width": WIDTH, "height": HEIGHT, "steps": STEPS, "cfg": CFG, "seed": SEED}
    return {
        "high": graphs.node(
            "UNETLoader", unet_name="nano_high_noise.safetensors", weight_dtype="default"
        ),
        "low": graphs.node(
            "UNETLoader", unet_name="nano_low_noise.safetensors", weight_dtype="default"
        ),
        "vae": graphs.node("VAELoader", vae_name="nano_vae.safetensors"),
        "positive": graphs.node("TestNanoText", text=PROMPT),
        "negative": graphs.node("TestNanoText", text=NEGATIVE),
        "still": graphs.node("LoadImage", image="example.png"),
        "ours": graphs.ours(**(settings | changes)),
        "save": graphs.save_latent("ours", 2, "nano"),
    }


@pytest.mark.parametrize("end_image", [False, True])
def test_both_engines_make_the_same_latents(nano: ComfyHost, end_image: bool):
    import torch
    from safetensors.torch import load_file

    from wanderlens.commands.job import read_picture
    from wanderlens.engines.diffusers.engine import DiffusersEngine
    from wanderlens.engines.diffusers.load_models import Files
    from wanderlens.engines.diffusers.models import Placement
    from wanderlens.nano import HashTextEncoder, nano_files
    from wanderlens.pipeline.image_to_video import animate

    nano.upload_image(EXAMPLE)
    changes = {"end_image": ["still", 0]} if end_image else {}
    entry = nano.run(prompt(**changes))
    saved = entry["outputs"]["save"]["latents"][0]
    theirs = load_file(nano.output_dir / saved["subfolder"] / saved["filename"])["latent_tensor"]

    placement = Placement(torch.device("cpu"), torch.float32, offload="none")
    experts, vae = nano_files()
    texts = HashTextEncoder().encode([PROMPT, NEGATIVE])
    engine = DiffusersEngine(Files(experts, vae, nano=True).load(placement), texts[:1], texts[1:])
    still = read_picture(EXAMPLE, "photo")
    request = shot_request(
        still.width, still.height, duration=1.0, resolution="custom", width=WIDTH, height=HEIGHT,
        quality="custom", steps=STEPS, cfg=CFG, seed=SEED, has_end_image=end_image,
    )  # fmt: skip
    ours = animate(engine, request, still, still if end_image else None).latents
    assert ours.shape == theirs.shape == (1, 16, 5, HEIGHT // 8, WIDTH // 8)
    assert theirs.std() > 0.5
    assert (ours - theirs).abs().max().item() <= TOLERANCE
    assert "2 steps high-noise, 2 low-noise" in entry["outputs"]["ours"]["text"][0]


def workflow(file: Path, **changes: Any) -> Path:
    """An API workflow as a user would save one, with everything from still to file."""
    graph = prompt(**changes)
    del graph["save"]
    graph |= {
        "shot": graphs.node(
            "CinematicDirection", direction="", camera="from preset", pacing="from preset",
            look="from preset",
        ),
        "video": graphs.node("CreateVideo", images=["ours", 0], fps=["ours", 1]),
        "file": graphs.node(
            "SaveVideo", video=["video", 0], filename_prefix="video/x", format="auto", codec="auto"
        ),
    }  # fmt: skip
    graph["positive"]["inputs"]["text"] = ["shot", 0]
    graph["negative"]["inputs"]["text"] = ["shot", 1]
    file.write_text(json.dumps(graph), encoding="utf-8")
    return file


def command(nano: ComfyHost, workflow: Path, *options: str) -> list[str]:
    return [
        "animate", str(EXAMPLE), "--server", nano.url, "--workflow", str(workflow),
        "--resolution", f"{WIDTH}x{HEIGHT}", "--seed", str(SEED), *options,
    ]  # fmt: skip


def test_the_command_line_renders_on_the_server(nano: ComfyHost, tmp_path: Path, capsys):
    av = pytest.importorskip("av")
    from wanderlens.cli import main

    file = tmp_path / "clip.mp4"
    saved = workflow(tmp_path / "mine.json")
    options = ["--direction", "mist drifts", "--camera", "pan left", "--duration", "0.5"]
    options += ["--fps", "32", "--steps", "2"]
    options += ["--json", "-o", str(file)]
    assert main(command(nano, saved, *options)) == 0
    (made,) = json.loads(capsys.readouterr().out)["clips"]
    assert "Frames: 0.5 s, 9 made at 16 fps, 17 at 32 fps" in made["report"]
    assert made["prompt"].endswith("The camera pans left across the scene.")
    with av.open(file) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (WIDTH, HEIGHT)
        assert sum(1 for _ in container.decode(stream)) == 17
    assert sorted(each.name for each in tmp_path.iterdir()) == ["clip.mp4", "mine.json"]
    uploaded = nano.input_dir / "wanderlens" / "example.png"
    assert uploaded.read_bytes() == EXAMPLE.read_bytes()
    assert main(["inspect", "--json", str(file)]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["badge"] == "file"
    assert "mist drifts" in read["raw_prompt"]


def test_what_the_server_refuses_is_said(nano: ComfyHost, tmp_path: Path, capsys):
    from wanderlens.cli import main

    saved = workflow(tmp_path / "mine.json")
    options = ["--high-noise", "gone.safetensors", "-o", str(tmp_path / "clip.mp4")]
    assert main(command(nano, saved, *options)) == 1
    error = capsys.readouterr().err
    assert "UNETLoader" in error
    assert "gone.safetensors" in error
    # Our node's own words for what it refuses while it runs.
    options = ["--end-image", str(EXAMPLE), "--loop", "-o", str(tmp_path / "clip.mp4")]
    assert main(command(nano, saved, *options)) == 1
    assert "a loop ends where it starts and takes no end image" in capsys.readouterr().err
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_takes_the_prompt_back(nano: ComfyHost, tmp_path: Path):
    saved = workflow(tmp_path / "mine.json")
    options = command(nano, saved, "--duration", "30", "-o", str(tmp_path / "clip.mp4"))
    process = subprocess.Popen(
        [sys.executable, "-m", "wanderlens.cli", *options], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not nano.get_json("/queue")["queue_running"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    while nano.get_json("/queue")["queue_running"]:
        assert time.monotonic() < deadline + 60
        time.sleep(0.2)
    assert not (tmp_path / "clip.mp4").exists()
