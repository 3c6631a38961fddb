"""What `animate --server` makes of the bundled workflows; a real server runs in tests/comfyui."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from wanderlens.cli import _parser
from wanderlens.commands.workflow import set_options, workflow_of
from wanderlens.errors import InputError
from wanderlens.workflows.fill import CLIP, fill_picture

LINKS = ("image", "end_image", "high_noise", "low_noise", "vae", "model", "positive")


def options(*given: str) -> argparse.Namespace:
    arguments = _parser().parse_args(["animate", "--server", "http://x", "--seed", "7", *given])
    assert arguments.command == "animate:run"
    return arguments


def prompt_of(*given: str) -> dict:
    arguments = options(*given)
    graph = workflow_of(arguments)
    set_options(graph, arguments)
    fill_picture(graph, "image", "wanderlens/photo.png")
    return graph.prompt


def inputs(prompt: dict, kind: str) -> dict:
    (found,) = [node["inputs"] for node in prompt.values() if node["class_type"] == kind]
    return found


def test_the_options_become_widgets():
    prompt = prompt_of(
        "--direction", "mist drifts", "--camera", "orbit left", "--fps", "32", "--duration", "3",
        "--loop", "--resolution", "720p", "--no-image-style", "--negative", "people",
    )  # fmt: skip
    shot, clip = inputs(prompt, "CinematicDirection"), inputs(prompt, "Wan22ImageToVideo")
    assert shot["direction"] == "mist drifts"
    assert (shot["camera"], shot["negative"], shot["loop"]) == ("orbit left", "people", True)
    assert (shot["include_image_prompt"], shot["include_image_style"]) == (True, False)
    assert (clip["fps"], clip["duration"], clip["loop"], clip["seed"]) == (32, 3.0, True, 7)
    assert (clip["resolution"], clip["quality"]) == ("720p", "standard")
    assert inputs(prompt, "LoadImage")["image"] == "wanderlens/photo.png"


def test_a_preset_comes_as_its_node_with_its_timing():
    prompt = prompt_of("--preset", "social/scroll stopper", "--intensity", "0.8")
    assert inputs(prompt, "PresetSelector") == {
        "preset": "social/scroll stopper",
        "intensity": 0.8,
    }
    (node_id,) = [k for k, node in prompt.items() if node["class_type"] == "PresetSelector"]
    assert inputs(prompt, "CinematicDirection")["preset"] == [node_id, 0]
    clip = inputs(prompt, "Wan22ImageToVideo")
    assert (clip["fps"], clip["duration"]) == (32, 3.0)


def test_quality_and_model_choose_the_workflow():
    assert "LoraLoaderModelOnly" in {
        n["class_type"] for n in prompt_of("--quality", "fast").values()
    }
    small = prompt_of("--model", "5B")
    assert "low_noise" not in inputs(small, "Wan22ImageToVideo")
    custom = inputs(prompt_of("--steps", "12", "--resolution", "640x384"), "Wan22ImageToVideo")
    assert (custom["quality"], custom["steps"]) == ("custom", 12)
    assert (custom["resolution"], custom["width"], custom["height"]) == ("custom", 640, 384)


def test_file_names_reach_the_loaders_through_loras():
    prompt = prompt_of(
        "--quality", "fast", "--high-noise", "mine_high.safetensors", "--vae", "v.safetensors",
        "--text-encoder", "t.safetensors",
    )  # fmt: skip
    names = [n["inputs"]["unet_name"] for n in prompt.values() if n["class_type"] == "UNETLoader"]
    assert sorted(names)[0] == "mine_high.safetensors"
    assert "low_noise" in sorted(names)[1]
    assert inputs(prompt, "VAELoader")["vae_name"] == "v.safetensors"
    assert inputs(prompt, "CLIPLoader")["clip_name"] == "t.safetensors"
    with pytest.raises(InputError, match="low_noise needs a loader"):
        prompt_of("--model", "5B", "--low-noise", "x.safetensors")


def test_an_end_image_gets_a_loader_of_its_own():
    graph = workflow_of(options())
    fill_picture(graph, "end_image", "wanderlens/end.png")
    prompt = graph.prompt
    link = inputs(prompt, "Wan22ImageToVideo")["end_image"]
    assert prompt[link[0]]["inputs"] == {"image": "wanderlens/end.png"}
    (still,) = [k for k, n in prompt.items() if n.get("_meta", {}).get("title") == "The still"]
    assert prompt[still]["inputs"]["image"] == "example.png"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no json", "workflow in API format"),
        (json.dumps({"nodes": []}), "workflow in API format"),
        ("[" * 100_000, "workflow in API format"),
        ("{" + '"a":{' * 100_000, "workflow in API format"),
        ("\udcff", "workflow in API format"),
        *(
            (json.dumps(content), "workflow in API format")
            for content in (
                [], None, 5, "x", {"1": None}, {"1": []}, {"1": {"class_type": "x"}},
                {"1": {"class_type": CLIP, "inputs": None}},
                {"1": {"class_type": CLIP, "inputs": []}},
                {"1": {"class_type": [CLIP], "inputs": {}}},
                {"1": {"class_type": CLIP, "inputs": {}}, "2": 5},
            )
        ),
        (
            json.dumps({"1": {"class_type": "KSampler", "inputs": {}}}),
            "Wan 2.2 Image to Video node",
        ),
    ],
)  # fmt: skip
def test_other_workflows_are_refused(tmp_path: Path, content: str, message: str):
    file = tmp_path / "workflow.json"
    file.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InputError, match=message):
        workflow_of(options("--workflow", str(file)))


def test_a_huge_workflow_is_refused(tmp_path: Path):
    file = tmp_path / "workflow.json"
    with file.open("wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(InputError, match="workflow in API format"):
        workflow_of(options("--workflow", str(file)))


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], ["x"], ["x", 0], ["clip", 0], {"a": 1}, [[], 0]]
)
def test_links_of_any_type_end(tmp_path: Path, junk: object):
    """Also those that lead round in a circle."""
    nodes = {"clip": {"class_type": CLIP, "inputs": dict.fromkeys(LINKS, junk)}}
    nodes["shot"] = {"class_type": "CinematicDirection", "inputs": {"preset": junk}}
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps(nodes), encoding="utf-8")
    prompt = prompt_of("--workflow", str(file), "--direction", "rain")
    assert inputs(prompt, "LoadImage")["image"] == "wanderlens/photo.png"


def mine(tmp_path: Path) -> Path:
    """A workflow of the user's own: the carry-over and a scaler before the clip, fps linked."""
    prompt = workflow_of(options()).prompt
    (carry,) = [k for k, n in prompt.items() if n["class_type"] == "ImageStyleCarryover"]
    prompt["50"] = {"class_type": "ImageScale", "inputs": {"image": [carry, 0], "width": 64}}
    clip, shot = inputs(prompt, "Wan22ImageToVideo"), inputs(prompt, "CinematicDirection")
    clip |= {"image": ["50", 0], "fps": ["51", 2], "duration": 3.5, "quality": "best"}
    shot |= {"direction": "my words", "camera": "roll"}
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(prompt), encoding="utf-8")
    return file


def test_the_users_workflow_keeps_what_was_not_asked_for(tmp_path: Path):
    prompt = prompt_of("--workflow", str(mine(tmp_path)), "--look", "film shot")
    clip, shot = inputs(prompt, "Wan22ImageToVideo"), inputs(prompt, "CinematicDirection")
    assert (clip["fps"], clip["duration"], clip["quality"]) == (["51", 2], 3.5, "best")
    assert clip["seed"] == 7
    assert (shot["direction"], shot["camera"], shot["look"]) == ("my words", "roll", "film shot")
    # The still is set where the carry-over reads it too.
    assert inputs(prompt, "LoadImage")["image"] == "wanderlens/photo.png"
    assert clip["image"] == ["50", 0]


def test_a_qualitys_other_settings_stay_its_own():
    clip = inputs(prompt_of("--quality", "best", "--cfg", "3"), "Wan22ImageToVideo")
    assert (clip["quality"], clip["steps"], clip["cfg"]) == ("custom", 40, 3.0)
    clip = inputs(prompt_of("--model", "5B", "--steps", "30"), "Wan22ImageToVideo")
    assert (clip["steps"], clip["cfg"], clip["sampler_name"]) == (30, 5.0, "uni_pc")
    assert clip["fps"] == 24
    clip = inputs(prompt_of("--loop", "--steps", "30"), "Wan22ImageToVideo")
    assert (clip["cfg"], clip["shift"]) == (4.0, 8.0)
    with pytest.raises(InputError, match="quality fast hands over after two steps"):
        prompt_of("--quality", "fast", "--shift", "8")


def test_options_without_a_place_are_refused(tmp_path: Path):
    prompt = workflow_of(options()).prompt
    (shot,) = [k for k, n in prompt.items() if n["class_type"] == "CinematicDirection"]
    del prompt[shot]
    (loader,) = [k for k, n in prompt.items() if n["class_type"] == "CLIPLoader"]
    prompt[loader]["class_type"] = "CLIPLoaderGGUF"
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(prompt), encoding="utf-8")
    prompt_of("--workflow", str(file))
    for option, value in (("camera", "roll"), ("direction", "rain"), ("text-encoder", "t.gguf")):
        with pytest.raises(InputError, match=option.replace("-", "_")):
            prompt_of("--workflow", str(file), f"--{option}", value)
