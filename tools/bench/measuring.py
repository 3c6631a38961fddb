"""What the benchmarks share: memory of a process, tables, models of random weights."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NANO_VAE = ROOT / "wanderlens" / "nano" / "nano_vae.safetensors"
sys.path.insert(0, str(ROOT / "tests" / "support"))

from loading import load  # noqa: E402

MEGABYTE = 1e6

GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": str(64 * 1024)}
"""Environment of a process that gives memory back to the system as soon as it is freed.

What is resident is then what is in use. By its own rule (mallopt(3)) glibc takes a mapping of its
own only for what is larger than anything freed before, up to 32 MB, and what it keeps for later
differs between runs of the same by some MB, and by more between sizes. Page faults cost time.
"""


def resident(pid: int | str = "self") -> int:
    """Resident memory of a process now, in bytes."""
    return _status("VmRSS", pid)


def peak(pid: int | str = "self") -> int:
    """Most resident memory of a process since `reset_peak`, in bytes."""
    return _status("VmHWM", pid)


def reset_peak(pid: int | str = "self") -> None:
    """Lets the kernel count a process's peak from what it has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _status(name: str, pid: int | str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise RuntimeError(f"process {pid} has no {name}; this needs Linux")


def worked(pid: int) -> float:
    """Seconds of CPU that a process has taken, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def median(values: Iterable[float]) -> float:
    """The middle one, or the mean of the two in the middle."""
    return statistics.median(values)


def ratio(ours: float, theirs: float, least: float = 0.0) -> str:
    """Ours by theirs; nothing where theirs is too little to divide by."""
    return f"{ours / theirs:.2f}" if theirs > least else "–"


def megabytes(size: float, digits: int = 0) -> str:
    """Bytes in MB."""
    return f"{size / MEGABYTE:,.{digits}f}"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table; each row is shown as soon as it is there."""
    print(f"\n| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|", flush=True)
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)


def print_machine() -> None:
    """What the figures were taken on."""
    name = "an unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    threads = os.environ.get("OMP_NUM_THREADS", "as many as cores")
    print(f"{name}, {os.cpu_count()} cores; threads: {threads}", flush=True)


def measured(
    script: str | Path,
    *arguments: object,
    python: Path | str = sys.executable,
    env: Mapping[str, str] | None = None,
) -> Any:
    """What a script in a process of its own gives: JSON in the last line that it prints."""
    command = [str(python), str(script), *map(str, arguments)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **(env or {})}
    made = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)
    return json.loads(made.stdout.decode().splitlines()[-1])


@dataclass(frozen=True, slots=True)
class ModelSize:
    """How large a Wan-shaped model is; its experts have random weights.

    Attributes:
        dim: Width of the experts, a multiple of 128.
        blocks: Transformer blocks of each.
        vae_dim: Channels, at the size of the picture, of a VAE of random weights; 0 for the bundled
            one made twice as wide, 32. Wan's own has 96.
        vae: A file to take instead.
    """

    dim: int = 512
    blocks: int = 8
    vae_dim: int = 0
    vae: Path | None = None

    def __str__(self) -> str:
        """For a table's title."""
        kind = f"random VAE of width {self.vae_dim}" if self.vae_dim else "trained VAE of width 32"
        vae = self.vae.name if self.vae else kind
        return f"experts of width {self.dim} and {self.blocks} blocks, {vae}"


QUICK = ModelSize(128, 2, 8)
"""Only to try a script."""


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Adds the model's size and where its files are kept."""
    size = ModelSize()
    parser.add_argument("--dim", type=int, default=size.dim, help="width of the experts")
    parser.add_argument("--blocks", type=int, default=size.blocks, help="blocks of each expert")
    parser.add_argument(
        "--vae-dim", type=int, default=0, help="width of a VAE of random weights, instead"
    )
    parser.add_argument("--vae", type=Path, help="a VAE's file, instead")
    parser.add_argument("--models", type=Path, help="a folder to keep the models' files in")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to try the script")


def model_size(arguments: argparse.Namespace) -> ModelSize:
    """What `add_model_options` was given."""
    if arguments.quick:
        return replace(QUICK, vae=arguments.vae)
    return ModelSize(arguments.dim, arguments.blocks, arguments.vae_dim, arguments.vae)


def wide_vae() -> dict[str, Any]:
    """The bundled VAE, trained, with every channel twice: it does the same at four times the work.

    Weights that nobody trained would not do: what they make of grey never settles.
    """
    from safetensors.torch import load_file

    made = {}
    for name, weight in load_file(NANO_VAE).items():
        wide = weight.float()
        if not name.startswith(("conv1.", "conv2.")):  # these two are between the latents
            if not name.startswith(("encoder.head.2.", "decoder.head.2.")):
                wide = wide.repeat_interleave(2, 0)
            inner = name.endswith("weight") and name not in (
                "encoder.conv1.weight",
                "decoder.conv1.weight",
            )
            if inner:
                wide = wide.repeat_interleave(2, 1) / 2
            if ".to_qkv." in name:  # twice the channels make the scores larger by this
                wide[: len(wide) // 3] /= 2**0.5
        made[name] = wide.contiguous()
    return made


def write_models(folder: Path, size: ModelSize) -> dict[str, Path]:
    """Files of random weights in ComfyUI's layout: "high", "low" and "vae".

    Args:
        folder: Where to; files that are there already are taken.
        size: How large.
    """
    from safetensors.torch import save_file

    weights = load("comfyui/weights.py")

    def expert(seed: int) -> Any:
        return weights.transformer(seed, in_dim=36, out_dim=16, dim=size.dim, blocks=size.blocks)

    shape = f"{size.dim}x{size.blocks}"
    make: dict[str, tuple[str, Callable[[], Any]]] = {
        "high": (f"high-{shape}", lambda: expert(1)),
        "low": (f"low-{shape}", lambda: expert(2)),
        "vae": (
            f"vae-{size.vae_dim or 'wide'}",
            lambda: weights.vae(6, dim=size.vae_dim) if size.vae_dim else wide_vae(),
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, (stem, weights_of) in make.items():
        if name == "vae" and size.vae is not None:
            files[name] = size.vae
            continue
        files[name] = folder / f"{stem}.safetensors"
        if not files[name].is_file():
            partial = files[name].with_suffix(".partial")
            save_file(weights_of(), partial)
            partial.replace(files[name])
    return files
