"""`wanderlens animate`'s engine beside diffusers' `WanImageToVideoPipeline`: seconds and memory.

Both make the same clip on the same Wan-shaped model of random weights, noise and noise levels, with
the prompts' embeddings given, and write it to an MP4 with the same writer (ours). Each clip is made
in a process of its own; they take turns, and medians are shown. What is loaded and imported before
does not count. On a CPU our engine computes the VAE's convolutions in another way (see
`wanderlens/engines/diffusers/cpu_conv3d.py`); "diffusers, our convolution" is the pipeline with
that too, which shows what else differs.

    python tools/bench/headless.py               # beside diffusers
    python tools/bench/headless.py --lengths     # our memory against the clip's length
    python tools/bench/headless.py --quick       # only to try the script
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from headless_runs import FPS, METHODS, STAGES, STEPS
from measuring import (
    GIVES_BACK,
    add_model_options,
    measured,
    median,
    megabytes,
    model_size,
    print_machine,
    print_table,
    ratio,
    write_models,
)

from wanderlens.video import read_video

LENGTHS = (1.0, 5.0, 10.0, 20.0)
SCRIPT = Path(__file__).with_name("headless_runs.py")
Found = dict[str, Any]


class Bench:
    """Clips of one model, each made in a process of its own."""

    def __init__(self, files: Mapping[str, Path], size: Sequence[int], folder: Path) -> None:
        """Nothing runs yet."""
        self._files = [part for name, file in files.items() for part in (f"--{name}", file)]
        self._size = size
        self._folder = folder

    def output(self, method: str) -> Path:
        """A method's latest clip."""
        return self._folder / f"{METHODS.index(method)}.mp4"

    def run(self, method: str, seconds: float, env: Mapping[str, str] | None = None) -> Found:
        """Makes a clip."""
        arguments = (method, seconds, self.output(method), "--size", *self._size, *self._files)
        return measured(SCRIPT, *arguments, env=env)

    def compare(self, seconds: float, methods: Sequence[str], runs: int) -> Iterator[list[object]]:
        """Rows of a table: medians of all methods, and ours by diffusers'."""
        found: dict[str, list[Found]] = {method: [] for method in methods}
        for index in range(runs):
            for method in methods if index % 2 == 0 else reversed(methods):
                found[method].append(self.run(method, seconds))
        values = {
            **{f"{stage}, s": [stage] for stage in STAGES},
            "**whole, s**": list(STAGES),
        }
        for name, stages in values.items():
            taken = [
                median(sum(run["seconds"][stage] for stage in stages) for run in found[method])
                for method in methods
            ]
            cells = [f"{spent:.2f}" for spent in taken]
            yield [name, *cells, ratio(taken[methods.index("ours")], taken[0], 0.05)]
        for name, key in (("**peak, MB**", "peak"), ("beyond the loaded models, MB", "beyond")):
            sizes = [median(run[key] for run in found[method]) for method in methods]
            cells = [megabytes(size) for size in sizes]
            yield [name, *cells, ratio(sizes[methods.index("ours")], sizes[0])]

    def difference(self, method: str) -> tuple[float, int]:
        """Mean and greatest difference of our clip's pixels from a method's, before H.264."""
        mine, theirs = (
            np.fromfile(self.output(name).with_suffix(".rgb"), np.uint8).astype(np.int16)
            for name in ("ours", method)
        )
        found = np.abs(mine - theirs)
        return float(found.mean()), int(found.max())

    def grow(self, lengths: Sequence[float]) -> Iterator[list[object]]:
        """Rows of a table: our time and memory against the clip's length."""
        width, height = self._size
        for seconds in lengths:
            run = self.run("ours", seconds, GIVES_BACK)
            frames = len(read_video(self.output("ours")).frames)
            spent = sum(run["seconds"].values())
            floats = frames * height * width * 12
            yield [
                frames, f"{frames / FPS:.1f}", f"{spent:.1f}", f"{spent / frames:.2f}",
                megabytes(run["beyond"]), megabytes(floats),
            ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_options(parser)
    parser.add_argument("--runs", type=int, default=3, help="of each")
    parser.add_argument("--frames", type=int, nargs="+", default=[33, 81], metavar="4N+1")
    parser.add_argument("--size", type=int, nargs=2, default=[480, 272], metavar=("W", "H"))
    parser.add_argument("--lengths", action="store_true", help="memory against length instead")
    options = parser.parse_args()
    size, frames, runs, lengths = options.size, options.frames, options.runs, LENGTHS
    if options.quick:
        size, frames, runs, lengths = [96, 64], [9], 1, (0.5, 6.0)
    model = model_size(options)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        bench = Bench(write_models(options.models or folder, model), size, folder)
        print(f"{model}; {size[0]}×{size[1]}, {STEPS} steps")
        print_machine()
        if options.lengths:
            columns = ("frames", "s of clip", "s", "s per frame", "beyond the models, MB",
                       "frames as float32, MB")  # fmt: skip
            print_table(columns, bench.grow(lengths))
            return
        methods = [METHODS[1], METHODS[2], METHODS[0]]
        for count in frames:
            columns = (f"{count} frames, medians of {runs}", *methods, "ours by diffusers")
            print_table(columns, bench.compare((count - 1) / FPS, methods, runs))
            for method in methods[:-1]:
                mean, most = bench.difference(method)
                print(f"\nPixels of {method} and ours: {mean:.4f} of 255 apart on average, "
                      f"{most} at most.")  # fmt: skip


if __name__ == "__main__":
    main()
