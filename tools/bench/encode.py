"""The encode of what is known of a clip: whole, as the stock node does it, and shortened.

ComfyUI's own VAE class, in its own interpreter, encodes clips of which the first frame, the first
and the last, or five frames are known, grey elsewhere. The shortened encode leaves out grey frames
whose latents have settled within a tolerance. Each photograph is one run of each way, in turns.
Shown are medians of the seconds and of the frames that were encoded; of all photographs the largest
error (mean square of the difference from the whole encode by the mean square of that, as the
tolerance is given) and the greatest difference of a single value.

    export COMFYUI_PATH=… COMFYUI_PYTHON=…
    python tools/bench/encode.py                   # scikit-image's photographs
    python tools/bench/encode.py --photos folder   # your own
    python tools/bench/encode.py --quick           # only to try the script
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import torch
from encode_runs import CASES, TOLERANCES, WHOLE
from interpolation import photographs, read
from measuring import (
    NANO_VAE,
    add_model_options,
    load,
    measured,
    median,
    model_size,
    print_machine,
    print_table,
    ratio,
    write_models,
)

hosts = load("comfyui/host.py")

SCRIPT = Path(__file__).with_name("encode_runs.py")
#: Frames of each camera move: five for the start, and one for the end.
KNOWN = 6


def moves(files: Sequence[Path], width: int, height: int) -> dict[str, torch.Tensor]:
    """A camera that glides over each photograph by 2 pixels a frame, [frames, H, W, 3]."""
    found = {}
    for file in files:
        picture = read(file, height)
        scale = max((width + 2 * KNOWN) / picture.shape[1], height / picture.shape[0])
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        large = torch.from_numpy(cv2.resize(picture, size, interpolation=cv2.INTER_AREA).copy())
        frames = [large[:height, 2 * index : 2 * index + width] for index in range(KNOWN)]
        found[file.stem] = torch.stack(frames).clamp(0, 1).contiguous()
    return found


def rows(name: str, runs: Mapping[str, list[Any]]) -> Iterator[list[object]]:
    """Rows of the table, of one VAE."""
    for case, made in runs.items():
        whole = median(run[WHOLE]["seconds"] for run in made)
        for tolerance in TOLERANCES:
            found = [run[f"{tolerance:g}"] for run in made]
            spent = median(run["seconds"] for run in found)
            yield [
                name, case, f"{tolerance:g}", f"{whole:.2f}", f"{spent:.2f}", ratio(spent, whole),
                f"{median(run['frames'] for run in found):g}",
                f"{max(run['error'] for run in found):.1e}",
                f"{max(run['apart'] for run in found):.1e}",
            ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_options(parser)
    parser.add_argument("--photos", type=Path, help="a folder of photographs")
    parser.add_argument("--known", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--frames", type=int, default=81, metavar="4N+1")
    parser.add_argument("--size", type=int, nargs=2, default=[480, 272], metavar=("W", "H"))
    options = parser.parse_args()
    (width, height), frames, files = options.size, options.frames, photographs(options.photos)
    cases = options.known
    if options.quick:  # smaller or shorter ones are never shortened
        (width, height), frames, files, cases = (256, 192), 49, files[:1], cases[:1]
    comfyui = hosts.find_comfyui()
    if comfyui is None:
        sys.exit("Set COMFYUI_PATH to ComfyUI's folder, and COMFYUI_PYTHON to its interpreter.")
    size, python = model_size(options), hosts.find_python(comfyui)
    from safetensors.torch import save_file

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        clips = folder / "photos.safetensors"
        save_file(moves(files, width, height), clips)
        vaes = {
            "trained, width 32": write_models(options.models or folder, size)["vae"],
            "trained, width 16": NANO_VAE,
        }
        print(f"{frames} frames of {width}×{height}, medians of {len(files)} photographs")
        print_machine()
        columns = ("VAE", "known", "tolerance", "whole, s", "shortened, s", "ratio",
                   "frames", "error", "greatest difference")  # fmt: skip

        def all_rows() -> Iterator[list[object]]:
            for name, file in vaes.items():
                options = (comfyui, file, clips, frames, *cases)
                yield from rows(name, measured(SCRIPT, *options, python=python))

        print_table(columns, all_rows())


if __name__ == "__main__":
    main()
