"""What the bundled workflows consist of: nodes, values, links, groups and notes.

`workflows.py` writes the files from these descriptions. Node ids count through a workflow's nodes
in the order they stand here, so append rather than insert where a file's readers may know an id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

_WAN22 = "https://huggingface.co/Comfy-Org/Wan_2.2_ComfyUI_Repackaged/resolve/main/split_files"
_WAN21 = "https://huggingface.co/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"


class Out(NamedTuple):
    """An output of another node of the workflow: the node's key, the output's name."""

    node: str
    output: str


class Model(NamedTuple):
    """A file that a loader needs: name, folder below ComfyUI's models, download address."""

    name: str
    directory: str
    url: str


Value = str | int | float | bool | Out


@dataclass(frozen=True)
class Node:
    """A node.

    Attributes:
        class_type: The node's id in ComfyUI.
        inputs: What differs from the widgets' defaults, and the links.
        title: Shown instead of the node's own name.
        model: The file a loader loads.
        size: Width and height on the canvas instead of the class's usual ones.
    """

    class_type: str
    inputs: dict[str, Value] = field(default_factory=dict)
    title: str = ""
    model: Model | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Group:
    """Nodes that stand below one another in a frame; one title in two columns is one frame."""

    title: str
    nodes: dict[str, Node]


@dataclass(frozen=True)
class Workflow:
    """A workflow.

    Attributes:
        title: The name of its files, and what ComfyUI's template browser shows.
        note: Markdown of the note at the top left, 3 to 6 lines.
        columns: Groups below one another, columns from left to right.
        badge: What stands on its thumbnail.
        camera: The move that its thumbnail shows.
        preset: The preset that its thumbnail shows, in place of a move.
        loop: Whether its thumbnail shows a clip that loops.
    """

    title: str
    note: str
    columns: tuple[tuple[Group, ...], ...]
    badge: str
    camera: str = ""
    preset: str = ""
    loop: bool = False


def _model(name: str, directory: str, root: str = _WAN22) -> Model:
    return Model(name, directory, f"{root}/{directory}/{name}")


HIGH_NOISE = _model("wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors", "diffusion_models")
LOW_NOISE = _model("wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors", "diffusion_models")
ONE_MODEL = _model("wan2.2_ti2v_5B_fp16.safetensors", "diffusion_models")
TEXT_ENCODER = _model("umt5_xxl_fp8_e4m3fn_scaled.safetensors", "text_encoders", _WAN21)
VAE_A14B = _model("wan_2.1_vae.safetensors", "vae")
VAE_5B = _model("wan2.2_vae.safetensors", "vae")
HIGH_LORA = _model("wan2.2_i2v_lightx2v_4steps_lora_v1_high_noise.safetensors", "loras")
LOW_LORA = _model("wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors", "loras")


def _diffusion_model(model: Model, title: str) -> Node:
    return Node("UNETLoader", {"unet_name": model.name}, title, model)


def _lora(model: Model, source: str, title: str) -> Node:
    inputs: dict[str, Value] = {"model": Out(source, "MODEL"), "lora_name": model.name}
    return Node("LoraLoaderModelOnly", inputs, title, model)


def _models(vae: Model, *experts: tuple[str, Node]) -> Group:
    encoder: dict[str, Value] = {"clip_name": TEXT_ENCODER.name, "type": "wan"}
    return Group(
        "Models",
        dict(experts)
        | {
            "clip": Node("CLIPLoader", encoder, "Text encoder", TEXT_ENCODER),
            "vae": Node("VAELoader", {"vae_name": vae.name}, "VAE", vae),
        },
    )


A14B = _models(
    VAE_A14B,
    ("high", _diffusion_model(HIGH_NOISE, "High-noise expert")),
    ("low", _diffusion_model(LOW_NOISE, "Low-noise expert")),
)
A14B_WITH_LORAS = _models(
    VAE_A14B,
    ("high_file", _diffusion_model(HIGH_NOISE, "High-noise expert")),
    ("high", _lora(HIGH_LORA, "high_file", "4-step LoRA, high noise")),
    ("low_file", _diffusion_model(LOW_NOISE, "Low-noise expert")),
    ("low", _lora(LOW_LORA, "low_file", "4-step LoRA, low noise")),
)
TI2V_5B = _models(VAE_5B, ("high", _diffusion_model(ONE_MODEL, "Wan 2.2 5B")))

#: What every node that samples is linked to.
MODELS_AND_PROMPTS: dict[str, Value] = {
    "high_noise": Out("high", "MODEL"),
    "positive": Out("positive", "CONDITIONING"),
    "negative": Out("negative", "CONDITIONING"),
    "vae": Out("vae", "VAE"),
}


def _picture(**titles: str) -> Group:
    return Group(
        "Picture",
        {
            key: Node("LoadImage", {"image": "example.png"}, title)
            for key, title in (titles or {"image": "The still"}).items()
        },
    )


def _carried(node: str, output: str) -> Group:
    """The prompt and style that a picture or clip was made with."""
    return Group(
        "Carried over", {"style": Node("ImageStyleCarryover", {"image": Out(node, output)})}
    )


CARRIED = _carried("image", "IMAGE")


def _clip(title: str, file: str, key: str = "parts", name: str = "") -> Group:
    """A video file and what is in it: frames, sound and frame rate, under `key`."""
    return Group(
        title,
        {
            f"{key}_file": Node("LoadVideo", {"file": file}, name),
            key: Node("GetVideoComponents", {"video": Out(f"{key}_file", "VIDEO")}),
        },
    )


def _preset(preset: str, width: int) -> Group:
    node = Node("PresetSelector", {"preset": preset}, size=(width, 480))
    return Group("Preset", {"preset": node})


def _direction(**inputs: Value) -> Group:
    carried: dict[str, Value] = {"image_style": Out("style", "image_style")}
    nodes = {"direction": Node("CinematicDirection", carried | inputs)}
    for sign in ("positive", "negative"):
        nodes[sign] = Node(
            "CLIPTextEncode",
            {"text": Out("direction", sign), "clip": Out("clip", "CLIP")},
            f"{sign.capitalize()} prompt",
        )
    return Group("Direction", nodes)


def _video(file: str, two_experts: bool = True, **inputs: Value) -> tuple[Group, Group]:
    links: dict[str, Value] = {"image": Out("image", "IMAGE"), **MODELS_AND_PROMPTS}
    if two_experts:
        links["low_noise"] = Out("low", "MODEL")
    return _saved(Node("Wan22ImageToVideo", links | inputs), file)


def _extended(file: str, **inputs: Value) -> tuple[Group, Group]:
    """A clip from "parts" made longer; its sound passes around the node."""
    links: dict[str, Value] = {
        "frames": Out("parts", "images"),
        "clip_fps": Out("parts", "fps"),
        "low_noise": Out("low", "MODEL"),
        **MODELS_AND_PROMPTS,
    }
    node = Node("FrameContinuityExtend", links | inputs)
    return _saved(node, file, audio=Out("parts", "audio"))


def _saved(maker: Node, file: str, **video: Value) -> tuple[Group, Group]:
    """The node that makes a clip, and those that save and report it."""
    frames: dict[str, Value] = {
        "images": Out("clip_frames", "frames"),
        "fps": Out("clip_frames", "fps"),
    }
    save: dict[str, Value] = {
        "video": Out("video", "VIDEO"),
        "filename_prefix": f"video/{file}",
    }
    finish = {
        "video": Node("CreateVideo", frames | video),
        "save": Node("SaveVideo", save),
        "report": Node("PreviewAny", {"source": Out("clip_frames", "report")}, "Report"),
    }
    return Group("Video", {"clip_frames": maker}), Group("Video", finish)


def _preview(node: str, output: str, title: str, height: int) -> Node:
    return Node("PreviewAny", {"source": Out(node, output)}, title, size=(520, height))


_START = (
    "Choose a picture, say in **Cinematic Direction** what moves and how the camera films it, "
    "press Run."
)
_FILES = "Missing models: ComfyUI offers the downloads, about {} GB in all."
_A14B_FILES = _FILES.format(36)


def _image_to_video() -> Workflow:
    words = "a light wind moves hair and grass, clouds pass by, slow push forward"
    make, finish = _video("wanderlens")
    return Workflow(
        "Image to video A14B",
        "## A still becomes a clip\n"
        f"{_START}\n\n"
        "Wan 2.2 A14B at 480p, 5 seconds, 16 fps. Set fps to 32 for fluid motion: only the frames "
        "in between are made anew.\n\n"
        f"{_A14B_FILES}",
        ((_picture(), CARRIED), (A14B,), (_direction(direction=words),), (make,), (finish,)),
        badge="A14B",
        camera="push in",
    )


def _four_steps() -> Workflow:
    words = "a light wind moves hair and grass, clouds pass by"
    make, finish = _video("wanderlens", quality="fast")
    return Workflow(
        "Image to video A14B 4 steps",
        "## Fast: 4 steps instead of 20\n"
        f"{_START}\n\n"
        "The two LoRAs and quality *fast* belong together: 4 steps without guidance, handed over "
        "after the second. Motion comes out slower than with *standard*, so ask for more of it.\n\n"
        f"{_FILES.format(38)}",
        (
            (_picture(), CARRIED),
            (A14B_WITH_LORAS,),
            (_direction(direction=words, camera="truck right", pacing="fast"),),
            (make,),
            (finish,),
        ),
        badge="A14B · 4 steps",
        camera="truck right",
    )


def _one_model() -> Workflow:
    words = "a light wind moves hair and grass, clouds pass by"
    make, finish = _video("wanderlens", two_experts=False, fps=24, resolution="720p")
    return Workflow(
        "Image to video 5B",
        "## The small model, 24 fps\n"
        f"{_START}\n\n"
        "Wan 2.2 5B is one model: *low_noise* stays open. It makes 24 fps by itself and is at its "
        "best at 720p.\n\n"
        f"{_FILES.format(18)}",
        (
            (_picture(), CARRIED),
            (TI2V_5B,),
            (_direction(direction=words, camera="orbit left", pacing="slow"),),
            (make,),
            (finish,),
        ),
        badge="5B · 24 fps",
        camera="orbit left",
    )


def _preset_and_direction() -> Workflow:
    make, finish = _video(
        "wanderlens",
        fps=Out("preset", "fps"),
        duration=Out("preset", "duration"),
        loop=Out("preset", "loop"),
    )
    direction = _direction(
        direction="a light wind picks up",
        preset=Out("preset", "direction"),
        loop=Out("preset", "loop"),
    )
    return Workflow(
        "Preset and custom direction",
        "## A preset, and your own words\n"
        "Pick a shot in **Preset Selector**: it brings camera, pacing, look, fps, duration and "
        "loop.\n\n"
        "What you type or choose in **Cinematic Direction** wins over the preset. Unlink fps, "
        "duration or loop to set them yourself.\n\n"
        f"{_A14B_FILES}",
        (
            (_picture(), CARRIED),
            (A14B, _preset("landscape/morning mist", 360)),
            (direction,),
            (make,),
            (finish,),
        ),
        badge="preset + your words",
        preset="landscape/morning mist",
    )


def _loop() -> Workflow:
    words = "water ripples softly, light glimmers"
    make, finish = _video("wanderlens_loop", loop=True, duration=4.0)
    return Workflow(
        "Loop",
        "## A clip that repeats without a gap\n"
        "*loop* is on twice: in **Cinematic Direction** it picks camera moves that end where they "
        "begin, in **Wan 2.2** it makes the last frame lead into the first.\n\n"
        "Ambient, subtle and abstract shots loop best. 4 seconds at 16 fps are 64 frames, none of "
        "them double.\n\n"
        f"{_A14B_FILES}",
        (
            (_picture(), CARRIED),
            (A14B,),
            (_direction(direction=words, camera="push in", pacing="drifting", loop=True),),
            (make,),
            (finish,),
        ),
        badge="loop",
        preset="ambient-loop/harbour sway",
        loop=True,
    )


def _first_and_last_frame() -> Workflow:
    words = "the scene changes smoothly from the first picture to the last"
    make, finish = _video("wanderlens", end_image=Out("end_image", "IMAGE"))
    return Workflow(
        "First and last frame",
        "## From one picture to another\n"
        "Choose two pictures: the clip starts on the first and ends on the second. Two views of "
        "one scene, of the same shape, work best.\n\n"
        "Say in **Cinematic Direction** what happens in between.\n\n"
        f"{_A14B_FILES}",
        (
            (_picture(image="First frame", end_image="Last frame"),),
            (A14B, CARRIED),
            (_direction(direction=words, camera="static"),),
            (make,),
            (finish,),
        ),
        badge="first to last",
        camera="crane up",
    )


def _direct_a_shot() -> Workflow:
    direction = Node(
        "CinematicDirection",
        {
            "direction": "birds rise from the trees",
            "preset": Out("preset", "direction"),
            "loop": Out("preset", "loop"),
        },
    )
    shown = {
        "shown_positive": _preview("direction", "positive", "Prompt", 190),
        "shown_report": _preview("direction", "report", "Report", 200),
        "shown_negative": _preview("direction", "negative", "Negative prompt", 160),
    }
    return Workflow(
        "Direct a shot",
        "## Write the prompt only\n"
        "Needs no models and runs at once: change the preset, the menus or your own words, press "
        "Run, and read the prompt.\n\n"
        "The report says what was used, what was left out, and why.",
        (
            (_preset("landscape/valley flight", 300),),
            (Group("Direction", {"direction": direction}),),
            (Group("Prompt", shown),),
        ),
        badge="prompt only",
        preset="landscape/valley flight",
    )


def _make_any_clip_loop() -> Workflow:
    loop = {"loop": Node("LoopBlend", {"frames": Out("parts", "images")})}
    video = {
        "video": Node("CreateVideo", {"images": Out("loop", "frames"), "fps": Out("parts", "fps")}),
        "save": Node(
            "SaveVideo",
            {"video": Out("video", "VIDEO"), "filename_prefix": "video/wanderlens_loop"},
        ),
    }
    return Workflow(
        "Make any clip loop",
        "## A clip of yours becomes a loop\n"
        "Needs no models. Choose a clip and press Run: *auto* trims it, cuts it or blends its ends "
        "along their motion, whichever leaves no visible seam, and the report says why.\n\n"
        "The sound is left out, because it would not loop.",
        (
            (_clip("Clip", "clip.mp4"),),
            (
                Group("Loop", loop),
                Group("Report", {"report": _preview("loop", "report", "Report", 220)}),
            ),
            (Group("Video", video),),
        ),
        badge="any clip",
        preset="ambient-loop/harbour sway",
        loop=True,
    )


def _extend_a_clip() -> Workflow:
    words = "the movement goes on, a light wind picks up"
    make, finish = _extended("wanderlens_extended")
    return Workflow(
        "Extend a clip",
        "## A clip of yours goes on\n"
        "Choose a clip, say in **Cinematic Direction** what happens next, press Run: 5 seconds are "
        "added that go on from its last frames, their motion and their colours.\n\n"
        "The clip itself stays as it is, and its sound ends where it ends now. What it was made "
        "with carries over, if its file says so.\n\n"
        f"{_A14B_FILES}",
        (
            (_clip("Clip", "clip.mp4"),),
            (A14B, _carried("parts", "images")),
            (_direction(direction=words),),
            (make,),
            (finish,),
        ),
        badge="extend",
        camera="truck left",
    )


def _bridge_two_clips() -> Workflow:
    words = "the scene changes smoothly from the first clip to the next"
    make, finish = _extended(
        "wanderlens_bridged",
        next_frames=Out("next_parts", "images"),
        next_fps=Out("next_parts", "fps"),
        duration=2.0,
    )
    return Workflow(
        "Bridge two clips",
        "## Two clips become one\n"
        "Choose two clips: 2 seconds are made that lead from the end of the first, in motion, into "
        "the start of the next. Say in **Cinematic Direction** what happens in between.\n\n"
        "The next clip takes on size and frame rate of the first; the sound is the first one's. To "
        "join without models, choose another *join*.\n\n"
        f"{_A14B_FILES}",
        (
            (_clip("First clip", "clip.mp4", name="First clip"),),
            (_clip("Next clip", "next_clip.mp4", "next_parts", "Next clip"),),
            (A14B, _carried("parts", "images")),
            (_direction(direction=words, camera="static"),),
            (make,),
            (finish,),
        ),
        badge="bridge",
        camera="pan right",
    )


def _ten_seconds() -> Workflow:
    words = "a light wind moves hair and grass, clouds pass by"
    make, finish = _video("wanderlens_long", duration=10.0)
    return Workflow(
        "Ten seconds from one photo",
        "## Longer than the model makes at once\n"
        f"{_START}\n\n"
        "The model makes 5 seconds at once, so there are two shots: the second goes on from the "
        "last frames of the first, in motion and colours. Each is kept once it is made: after a "
        "crash, Run goes on from there.\n\n"
        f"{_A14B_FILES}",
        (
            (_picture(), CARRIED),
            (A14B,),
            (_direction(direction=words, camera="pull back", pacing="slow"),),
            (make,),
            (finish,),
        ),
        badge="10 seconds",
        camera="pull back",
    )


WORKFLOWS = (
    _image_to_video(),
    _four_steps(),
    _one_model(),
    _preset_and_direction(),
    _loop(),
    _make_any_clip_loop(),
    _first_and_last_frame(),
    _ten_seconds(),
    _extend_a_clip(),
    _bridge_two_clips(),
    _direct_a_shot(),
)
