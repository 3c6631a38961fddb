"""Encodes known clips through ComfyUI's own VAE, whole and shortened; for `encode.py`.

Runs in ComfyUI's interpreter. Prints a JSON object: for each case, a list of runs with what each
way took and how far its latents are from the whole encode's.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

ROOT = Path(__file__).resolve().parents[2]

CASES = {"first frame": (1, 0), "first and last frame": (1, 1), "5 frames": (5, 0)}
"""Frames that are known at the start and at the end."""

TOLERANCES = (1e-5, 1e-3)
WHOLE = "whole"

Way = Callable[[Any], tuple[torch.Tensor, int]]


def our_package() -> None:
    """Lets `wanderlens` be imported; the repository's own folder must be on no search path here."""
    folder = ROOT / "wanderlens"
    spec = importlib.util.spec_from_file_location(
        "wanderlens", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["wanderlens"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def comfy_vae(comfyui: Path, file: Path) -> Any:
    """A VAE as ComfyUI loads it, on the CPU."""
    sys.path.insert(0, str(comfyui))
    import comfy.cli_args  # pyright: ignore[reportMissingImports]

    comfy.cli_args.args.cpu = True
    import comfy.sd  # pyright: ignore[reportMissingImports]

    return comfy.sd.VAE(sd=load_file(file))


def known_clip(photo: torch.Tensor, frames: int, head: int, tail: int) -> Any:
    """A clip of which some frames of a camera move are known."""
    from wanderlens.engines.base import KnownClip
    from wanderlens.shot import KnownFrames

    return KnownClip(frames, KnownFrames(head, tail), photo[:head], photo[len(photo) - tail :])


def ways(vae: Any) -> dict[str, Way]:
    """How a clip can be encoded, by name: to latents, and how many frames that took."""
    from wanderlens.engines.short_encode import encode_short

    def whole(clip: Any) -> tuple[torch.Tensor, int]:
        return vae.encode(clip.padded()), clip.frames

    def settled(clip: Any, tolerance: float) -> tuple[torch.Tensor, int]:
        made = encode_short(vae.encode, clip, tolerance)
        return made.latents, made.encoded

    shortened = {f"{each:g}": functools.partial(settled, tolerance=each) for each in TOLERANCES}
    return {WHOLE: whole, **shortened}


def compared(encode: dict[str, Way], clip: Any, first: int) -> dict[str, dict[str, float]]:
    """What each way takes and makes of a clip.

    Args:
        encode: The ways.
        clip: The clip.
        first: Which way begins; the others follow in their order.
    """
    names = list(encode)
    found, latents = {}, {}
    for name in [*names[first:], *names[:first]]:
        start = time.perf_counter()
        latents[name], frames = encode[name](clip)
        found[name] = {"seconds": time.perf_counter() - start, "frames": frames}
    whole = latents[WHOLE]
    for name, made in latents.items():
        apart = made - whole
        found[name]["apart"] = float(apart.abs().max())
        found[name]["error"] = float(apart.square().mean() / whole.square().mean())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("comfyui", type=Path)
    parser.add_argument("vae", type=Path)
    parser.add_argument("photos", type=Path, help="safetensors of frames [n, H, W, 3], 0..1")
    parser.add_argument("frames", type=int)
    parser.add_argument("cases", nargs="+", choices=CASES)
    options = parser.parse_args()
    our_package()
    vae = comfy_vae(options.comfyui, options.vae)
    encode = ways(vae)
    photos = list(load_file(options.photos).values())
    runs: dict[str, list[Any]] = {case: [] for case in options.cases}
    with torch.inference_mode():
        vae.encode(known_clip(photos[0], 9, 1, 0).padded())  # does not count
        for index, photo in enumerate(photos):
            for case in options.cases:
                clip = known_clip(photo, options.frames, *CASES[case])
                runs[case].append(compared(encode, clip, index % len(encode)))
    print(json.dumps(runs))


if __name__ == "__main__":
    main()
