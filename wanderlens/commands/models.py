"""Which models `animate` runs on this machine, and the text encoder that goes with them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from ..engines.base import Expert
    from ..engines.text_encoders import TextEncoder
    from ..engines.wan_files import Lora
    from ..engines.wan_models import Placement, WanModels

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
        default=NANO,
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
        ("--lora", "a LoRA for both experts"),
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
        "--vae-tiling", action="store_true", help="encode and decode in tiles, to save memory"
    )


def load_models(arguments: argparse.Namespace) -> tuple[WanModels, TextEncoder]:
    """The models that the options name, and their text encoder.

    Raises:
        InputError: an option or a file is refused.
        OSError: a model cannot be had.
    """
    from diffusers.utils import logging as diffusers_logging

    diffusers_logging.set_verbosity_error()
    placement = _placement(arguments)
    loras = _loras(arguments)
    if arguments.high_noise:
        return _from_files(arguments, placement, loras)
    for option in ("low_noise", "vae"):
        if getattr(arguments, option):
            raise InputError(
                f"{option} goes with high_noise",
                getattr(arguments, option),
                "Give the file of the high-noise expert too.",
                option,
            )
    if arguments.model == NANO:
        if loras:
            raise InputError(
                "lora is for Wan 2.2, not for the nano model",
                str(loras[0].file),
                "Choose a model.",
                "lora",
            )
        from ..engines.wan_files import load_files
        from ..nano import HashTextEncoder, nano_files

        experts, vae = nano_files()
        return load_files(experts, vae, placement, nano=True), HashTextEncoder()
    from ..engines.text_encoders import from_folder
    from ..engines.wan_files import load_folder

    encoder = _text_encoder(arguments.text_encoder, placement) if arguments.text_encoder else None
    models = load_folder(arguments.model, placement, loras)
    return models, encoder or from_folder(arguments.model, placement)


def _from_files(
    arguments: argparse.Namespace, placement: Placement, loras: list[Lora]
) -> tuple[WanModels, Any]:
    from ..engines.wan_files import load_files

    for option in ("vae", "text_encoder"):
        if not getattr(arguments, option):
            raise InputError(
                f"{option} is needed with high_noise",
                None,
                "Give its file too.",
                option,
            )
    experts: dict[Expert, Path] = {"high_noise": Path(arguments.high_noise)}
    if arguments.low_noise:
        experts["low_noise"] = Path(arguments.low_noise)
    encoder = _text_encoder(arguments.text_encoder, placement)
    return load_files(experts, Path(arguments.vae), placement, loras), encoder


def _text_encoder(name: str, placement: Placement) -> Any:
    from ..engines import text_encoders

    if name.endswith(".safetensors"):
        return text_encoders.from_file(Path(name), placement)
    return text_encoders.from_folder(name, placement)


def _placement(arguments: argparse.Namespace) -> Placement:
    from dataclasses import replace

    import torch

    from ..engines.wan_models import Placement

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
        if device.type == "cpu":
            placement = Placement(device, torch.float32, offload="none")
        else:
            placement = Placement(device, torch.bfloat16)
    if arguments.dtype:
        placement = replace(placement, dtype=getattr(torch, arguments.dtype))
    if arguments.offload:
        placement = replace(placement, offload=arguments.offload)
    return replace(placement, vae_tiling=arguments.vae_tiling)


def _loras(arguments: argparse.Namespace) -> list[Lora]:
    from ..engines.wan_files import Lora

    one_model = bool(arguments.high_noise) and not arguments.low_noise
    experts: dict[str, tuple[Expert, ...]] = {
        "lora": ("high_noise",) if one_model else ("high_noise", "low_noise"),
        "lora_high": ("high_noise",),
        "lora_low": ("low_noise",),
    }
    found = []
    for option, changed in experts.items():
        for text in getattr(arguments, option):
            file, strength = _file_and_strength(text, option)
            found += [Lora(file, expert, strength) for expert in changed]
    return found


def _file_and_strength(text: str, option: str) -> tuple[Path, float]:
    """`FILE:0.8` as both parts; a file whose own name has a colon stays whole."""
    name, colon, number = text.rpartition(":")
    strength = 1.0
    if colon and not Path(text).exists():
        try:
            strength = float(number)
        except ValueError:
            name = text
    else:
        name = text
    file = Path(name)
    if not file.is_file():
        raise InputError(f"{option} must name a file", text, "Check its path.", option)
    return file, strength
