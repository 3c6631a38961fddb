"""Options that choose the models on this machine, and loading them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    import torch

    from ..engines.base import Expert
    from ..engines.diffusers.engine import DiffusersEngine
    from ..engines.diffusers.load_models import Files, Folder
    from ..engines.diffusers.loras import Lora
    from ..engines.diffusers.models import Placement, WanModels
    from ..engines.diffusers.text_encoders import TextEncoder
    from ..pipeline.run_context import RunContext
    from .console import Console

NANO = "nano"
NANO_NOTICE = (
    "Nano demo model: small and rough, to try things without a GPU. For real quality pass "
    "--model Wan-AI/Wan2.2-I2V-A14B-Diffusers (on a GPU), or --server with a ComfyUI's address."
)


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose the models and where they run."""
    group = parser.add_argument_group("models on this machine")
    group.add_argument(
        "--model",
        metavar="nano|FOLDER|HUB-ID",
        help="a diffusers folder or hub id such as Wan-AI/Wan2.2-I2V-A14B-Diffusers (default: the "
        "bundled nano model)",
    )
    for option, text in (
        ("--high-noise", "the high-noise expert, or the 5B, as ComfyUI's file instead of --model"),
        ("--low-noise", "the low-noise expert's file"),
        ("--vae", "the VAE's file"),
        ("--text-encoder", "umt5-xxl: ComfyUI's file, or a diffusers folder or hub id that has it"),
    ):
        group.add_argument(option, metavar="FILE", help=text)
    for option, text in (
        ("--lora", "a LoRA for all experts"),
        ("--lora-high", "a LoRA for the high-noise expert"),
        ("--lora-low", "a LoRA for the low-noise expert"),
    ):
        group.add_argument(
            option, metavar="FILE[:STRENGTH]", action="append", default=[], help=f"{text}; repeat"
        )
    group.add_argument("--device", help="cuda, mps or cpu (default: the best there is)")
    group.add_argument(
        "--dtype", choices=("bfloat16", "float16", "float32"), help="(default: the device's)"
    )
    group.add_argument(
        "--offload",
        choices=("none", "model", "group"),
        help="keep in GPU memory: everything, the part that works (default), or single layers",
    )
    group.add_argument(
        "--exact-encode",
        action="store_true",
        help="encode every grey frame before the first step, for the very bits of diffusers' own "
        "pipeline; slower",
    )
    group.add_argument(
        "--vae-tiling", action="store_true", help="encode and decode in tiles, to save memory"
    )


def is_nano(arguments: argparse.Namespace) -> bool:
    """Whether the bundled model is asked for."""
    return not arguments.high_noise and arguments.model in (None, NANO)


def model_name(arguments: argparse.Namespace) -> str:
    """The model's name, for the clip's file."""
    if arguments.high_noise:
        return Path(arguments.high_noise).name
    return arguments.model or NANO


def model_source(arguments: argparse.Namespace) -> Files | Folder:
    """Where the models are; nothing is loaded.

    Raises:
        InputError: options do not go together, or a nano file is missing.
    """
    from ..engines.diffusers.load_models import Files, Folder

    if arguments.high_noise:
        if arguments.model:
            raise _together("model", "must be left out with high_noise", arguments.model)
        for option in ("vae", "text_encoder"):
            if not getattr(arguments, option):
                raise _together(option, "is needed with high_noise", None)
        experts: dict[Expert, Path] = {"high_noise": Path(arguments.high_noise)}
        if arguments.low_noise:
            experts["low_noise"] = Path(arguments.low_noise)
        return Files(experts, Path(arguments.vae))
    for option in ("low_noise", "vae"):
        if getattr(arguments, option):
            raise _together(option, "goes with high_noise", getattr(arguments, option))
    if not is_nano(arguments):
        return Folder(arguments.model)
    for option in ("lora", "lora_high", "lora_low", "text_encoder"):
        if getattr(arguments, option):
            raise _together(
                option, "is for Wan 2.2, not for the nano model", getattr(arguments, option)
            )
    from ..nano import nano_files

    return Files(*nano_files(), nano=True)


def load_text_encoder(arguments: argparse.Namespace, placement: Placement) -> TextEncoder:
    """The text encoder that goes with the models.

    Raises:
        InputError: its file is refused.
        OSError: it cannot be had.
    """
    if is_nano(arguments):
        from ..nano import HashTextEncoder

        return HashTextEncoder()
    from ..engines.diffusers import text_encoders

    name = arguments.text_encoder or arguments.model
    if name.endswith(".safetensors"):
        return text_encoders.from_file(Path(name), placement)
    return text_encoders.from_folder(name, placement)


def load(
    arguments: argparse.Namespace,
    source: Files | Folder,
    placement: Placement,
    loras: Sequence[Lora],
    prompts: Sequence[Sequence[str]],
    console: Console,
) -> tuple[list[torch.Tensor], WanModels]:
    """The encoded prompts, and the models.

    Args:
        arguments: With `add_model_options`.
        source: Where the models are.
        placement: Where they run.
        loras: What is merged into them.
        prompts: Texts that are encoded together, such as a prompt and its negative.
        console: Where progress is shown.

    Returns:
        Of each of `prompts` [texts, 512, text width], and the models.

    Raises:
        InputError: a file is refused.
        OSError: a model cannot be had.
    """
    # The text encoder first, and away with it: beside the experts it would take memory twice.
    console.progress("text", 0, 1)
    encoder = load_text_encoder(arguments, placement)
    encoded = [encoder.encode(list(texts)) for texts in prompts]
    del encoder
    console.progress("text", 1, 1)
    console.progress("load", 0, 1)
    models = source.load(placement, loras)
    console.progress("load", 1, 1)
    return encoded, models


def engine_on(
    models: WanModels, texts: torch.Tensor, arguments: argparse.Namespace, console: Console
) -> DiffusersEngine:
    """The engine that makes a clip with models.

    Args:
        models: The models.
        texts: The encoded prompt and the negative one, [2, 512, text width].
        arguments: With `add_model_options`.
        console: Where progress is shown.
    """
    from ..engines.diffusers.engine import DiffusersEngine
    from ..engines.short_encode import TOLERANCE

    tolerance = 0.0 if arguments.exact_encode else TOLERANCE
    return DiffusersEngine(
        models, texts[:1], texts[1:], tolerance=tolerance, progress=console.progress
    )


def run_context(arguments: argparse.Namespace, output: Path, seed: int) -> RunContext:
    """The context of a run here: latents are recovered beside the output; the nano model's are not.

    Args:
        arguments: With `add_model_options`.
        output: The file that is made.
        seed: For the names of recovered files.
    """
    from ..latents.recovery import Recovery
    from ..pipeline.run_context import RunContext

    if is_nano(arguments):  # it samples in seconds
        return RunContext()
    return RunContext(recovery=Recovery(output.parent, f"{output.stem}-seed{seed}"))


def placement_of(arguments: argparse.Namespace) -> Placement:
    """Where the models run.

    Raises:
        InputError: torch has no such device here.
    """
    import torch

    from ..engines.diffusers.models import Placement

    placement = Placement.automatic()
    if arguments.device:
        try:
            device = torch.device(arguments.device)
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                "device must be one that torch can use here",
                arguments.device,
                f"{str(error).splitlines()[0]}. Leave it out to take the best there is.",
                "device",
            ) from error
        placement = Placement.on(device)
    if arguments.dtype:
        placement = replace(placement, dtype=getattr(torch, arguments.dtype))
    if arguments.offload:
        placement = replace(placement, offload=arguments.offload)
    return replace(placement, vae_tiling=arguments.vae_tiling)


def loras_of(arguments: argparse.Namespace) -> list[Lora]:
    """The LoRAs of all options.

    Raises:
        InputError: there is no such file.
    """
    from ..engines.diffusers.loras import Lora

    experts: dict[str, Expert | None] = {
        "lora": None,
        "lora_high": "high_noise",
        "lora_low": "low_noise",
    }
    return [
        Lora(*_file_and_strength(text, option, expert), option)
        for option, expert in experts.items()
        for text in getattr(arguments, option)
    ]


def _file_and_strength(
    text: str, option: str, expert: Expert | None
) -> tuple[Path, Expert | None, float]:
    """`FILE:0.8` as file, expert and strength; a file whose own name has a colon stays whole."""
    name, colon, number = text.rpartition(":")
    strength = 1.0
    if not colon or Path(text).exists():
        name = text
    else:
        try:
            strength = float(number)
        except ValueError:
            name = text
    file = Path(name)
    if not file.is_file():
        raise InputError(f"{option} must name a file", text, "Check its path.", option)
    return file, expert, strength


def _together(option: str, rule: str, value: object) -> InputError:
    remedy = "Give its file too." if value is None else "See 'wanderlens animate --help'."
    return InputError(f"{option} {rule}", value, remedy, option)
