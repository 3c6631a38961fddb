"""The bundled workflows made small enough for a CPU: tiny weights, tiny frames, no text encoder."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

from loading import load

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
WORKFLOWS = REPOSITORY / "workflows"
PACKS = {"wanderlens": REPOSITORY, "test_nodes": HERE / "packs" / "test_nodes"}

TITLES = sorted(file.stem for file in WORKFLOWS.glob("*.json"))
#: The clips that the workflows name.
CLIPS = ("clip.mp4", "next_clip.mp4")
FOLDERS = {
    "unet_name": "diffusion_models",
    "clip_name": "text_encoders",
    "vae_name": "vae",
    "lora_name": "loras",
}


def api_workflow(title: str) -> dict[str, Any]:
    """A bundled workflow in API format."""
    return json.loads((WORKFLOWS / "api" / f"{title}.json").read_text(encoding="utf-8"))


def write_stand_ins(models_dir: Path) -> None:
    """Lays a file under the name of each loader's: tiny weights, or an empty text encoder.

    Needs torch and safetensors.
    """
    from safetensors.torch import save_file  # pyright: ignore[reportMissingImports]

    weights = load("comfyui/weights.py")
    for title in TITLES:
        for node in api_workflow(title).values():
            for widget, folder in FOLDERS.items():
                if widget not in node["inputs"]:
                    continue
                file = models_dir / folder / node["inputs"][widget]
                if file.exists():
                    continue
                file.parent.mkdir(parents=True, exist_ok=True)
                if widget == "clip_name":
                    file.touch()
                    continue
                if widget == "unet_name":
                    size = (48, 48) if "5B" in file.name else (36, 16)
                    content = weights.transformer(len(file.name), in_dim=size[0], out_dim=size[1])
                elif widget == "vae_name":
                    content = weights.vae(6)
                else:
                    content = weights.lora(7)
                save_file(content, file)


def write_nano_models(models_dir: Path) -> None:
    """Lays the nano model under the names of the loaders' files; LoRAs are tiny.

    Needs torch and safetensors. The text encoder's file is empty: the pack nano_text stands in.
    """
    from safetensors.torch import save_file  # pyright: ignore[reportMissingImports]

    nano = REPOSITORY / "wanderlens" / "nano"
    for title in TITLES:
        for node in api_workflow(title).values():
            for widget, folder in FOLDERS.items():
                if widget not in node["inputs"]:
                    continue
                file = models_dir / folder / node["inputs"][widget]
                file.parent.mkdir(parents=True, exist_ok=True)
                if widget == "unet_name":
                    expert = "low" if "low" in file.name else "high"
                    shutil.copy(nano / f"nano_{expert}_noise.safetensors", file)
                elif widget == "vae_name":
                    shutil.copy(nano / "nano_vae.safetensors", file)
                elif widget == "lora_name":
                    save_file(load("comfyui/weights.py").lora(7), file)
                else:
                    file.touch()


def write_clip(file: Path) -> Path:
    """A clip of one turn of a camera on a circle, 24 frames of 64 × 64 at 16 fps, and one more.

    Needs torch and PyAV.
    """
    from wanderlens.video import write_video

    circle = load("support/scenes.py").circle(range(25), 24, size=(64, 64))
    write_video(file, ((frame * 255).byte().numpy() for frame in circle), 16)
    return file


def upload_files(host: Any, folder: Path) -> None:
    """Lays the picture and the clips that the workflows name into ComfyUI's input folder.

    Needs torch and PyAV.
    """
    assert host.upload_image(REPOSITORY / "wanderlens" / "assets" / "example.png") == "example.png"
    clip = write_clip(folder / "clip.mp4")
    for name in CLIPS:
        assert host.upload_image(clip, name=name) == name


def tiny(title: str, side: int = 64) -> dict[str, Any]:
    """A bundled workflow with square frames of a few pixels, 2 steps, and test-only encoders.

    It lasts a second, unless a preset says how long; one of several shots has two of them; what is
    added to a clip lasts half a second.
    """
    prompt = copy.deepcopy(api_workflow(title))
    for node_id, node in list(prompt.items()):
        kind, inputs = node["class_type"], node["inputs"]
        if kind == "CLIPLoader":
            del prompt[node_id]
        elif kind == "CLIPTextEncode":
            prompt[node_id] = {
                "class_type": "TestConditioning",
                "inputs": {"text": inputs["text"], "width": 4096},
            }
        elif kind == "VAELoader" and inputs["vae_name"] == "wan2.2_vae.safetensors":
            # ComfyUI loads Wan 2.2's VAE in its full size only.
            prompt["900"] = node
            prompt[node_id] = {"class_type": "TestVAE22", "inputs": {"vae": ["900", 0]}}
        elif kind == "Wan22ImageToVideo":
            inputs.update(resolution="custom", width=side, height=side)
            if not isinstance(inputs["duration"], list):
                inputs["duration"] = 1.0 if inputs["duration"] <= 5 else 5.25
            if inputs["quality"] != "fast":
                inputs.update(quality="custom", steps=2)
        elif kind == "FrameContinuityExtend":
            inputs.update(duration=0.5, quality="custom", steps=2)
    return prompt


def node_of(prompt: dict[str, Any], kind: str) -> str:
    """The id of a prompt's only node of a class."""
    (node_id,) = [each for each, node in prompt.items() if node["class_type"] == kind]
    return node_id
