"""Our node beside ComfyUI's own graph in one real ComfyUI: seconds and memory by stage.

Both make the same clip: Wan-shaped experts of random weights and a trained VAE, four Euler steps
without guidance, two by each expert, from a still to decoded frames. Every run has a new still, so
that neither ComfyUI's cache nor our kept latents serve it; runs of ours and of the stock graph take
turns, and medians are shown. The first run of each is not counted; it also tells how far the
latents differ.

    export COMFYUI_PATH=… COMFYUI_PYTHON=…
    python tools/bench/stock.py                # by stage, and the same still with another seed
    python tools/bench/stock.py --vae-dim 32   # a VAE of random weights, which does not settle
    python tools/bench/stock.py --growth       # how both grow with frames and with pixels
    python tools/bench/stock.py --memory       # memory alone, exactly; also with --growth
    python tools/bench/stock.py --quick        # only to try the script

A stage ends where ComfyUI, or our node, tells of the next one. Memory is the server's resident
memory at its highest, and how much of that was not there before the run. What the C library holds
for later is part of it, and differs between runs of the same by some MB; with --memory it gives
back at once what is freed, which takes time.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from comfy_runs import STAGES, Run, Server, graphs
from measuring import (
    MEGABYTE,
    add_model_options,
    median,
    megabytes,
    model_size,
    print_machine,
    print_table,
    ratio,
)

FPS, STEPS, HIGH_STEPS = 16, 4, 2
GROWTH_FRAMES = (17, 33, 49, 81)
GROWTH_SIZES = ((320, 176), (480, 272), (640, 368))
GROWTH_SIZE_FRAMES = 33
#: Seconds and bytes below which a ratio says nothing.
LEAST_SECONDS, LEAST_BYTES = 0.05, 5 * MEGABYTE

_STAGE_OF = {"known": "encode", "first": "sampling", "second": "sampling", "decode": "decode"}


@dataclass(frozen=True, slots=True)
class Case:
    """A clip to make."""

    width: int
    height: int
    frames: int

    def __str__(self) -> str:
        return f"{self.width}×{self.height}, {self.frames} frames"

    def sources(self, picture: int) -> dict[str, Any]:
        """Models, prompts and the still with a number."""
        prompt = graphs.sources()
        prompt["still"]["inputs"].update(width=self.width, height=self.height, seed=picture)
        return prompt

    def ours(self, picture: int, seed: int) -> dict[str, Any]:
        """Our node; its frames are looked at."""
        made = graphs.ours(
            duration=(self.frames - 1) / FPS, width=self.width, height=self.height, seed=seed,
            steps=STEPS, cfg=1.0,
        )  # fmt: skip
        shape = graphs.node("TestShape", images=["ours", 0])
        return {**self.sources(picture), "ours": made, "shape": shape}

    def stock(self, picture: int, seed: int) -> dict[str, Any]:
        """The stock graph; its frames are looked at."""
        made = graphs.stock(high_steps=HIGH_STEPS, steps=STEPS, cfg=1.0, seed=seed)
        made["known"]["inputs"].update(width=self.width, height=self.height, length=self.frames)
        made["decode"] = graphs.node("VAEDecode", samples=["second", 0], vae=["vae", 0])
        shape = graphs.node("TestShape", images=["decode", 0])
        return {**self.sources(picture), **made, "shape": shape}


class Bench:
    """Runs of both kinds in one server."""

    def __init__(self, server: Server) -> None:
        """Nothing runs yet."""
        self._server = server
        self._pictures = itertools.count(1000)
        self._pairs = itertools.count()

    def warm_up(self, case: Case) -> tuple[float, float]:
        """One run of each that does not count; gives how far the latents differ, of how much."""
        from safetensors.torch import load_file

        picture, latents = next(self._pictures), []
        for kind, prompt, source in (
            ("ours", case.ours(picture, 42), ("ours", 2)),
            ("stock", case.stock(picture, 42), ("second", 0)),
        ):
            prompt["save"] = graphs.save_latent(*source, kind)
            saved = self._server.run(prompt, _STAGE_OF).outputs["save"]["latents"][0]
            file = self._server.host.output_dir / saved["subfolder"] / saved["filename"]
            latents.append(load_file(file)["latent_tensor"])
        ours, stock = latents
        return float((ours - stock).abs().max()), float(stock.abs().max())

    def new_picture(self, case: Case, runs: int) -> tuple[list[Run], list[Run]]:
        """Runs of ours and of the stock graph, in turns, each with a still of its own."""

        def run(make: Callable[[int, int], dict[str, Any]]) -> Run:
            self._server.clear()
            return self._server.run(make(next(self._pictures), 42), _STAGE_OF)

        return self._in_turns(case, runs, run)

    def another_seed(self, case: Case, runs: int) -> tuple[list[Run], list[Run]]:
        """The same, each run after one of the same still that does not count."""

        def run(make: Callable[[int, int], dict[str, Any]]) -> Run:
            picture = next(self._pictures)
            self._server.run(make(picture, 42), _STAGE_OF)
            return self._server.run(make(picture, 43), _STAGE_OF)

        return self._in_turns(case, runs, run)

    def _in_turns(
        self, case: Case, runs: int, run: Callable[[Callable[[int, int], dict[str, Any]]], Run]
    ) -> tuple[list[Run], list[Run]]:
        ours, stock = [], []
        for _ in range(runs):
            # Who is first changes, so that what a machine does over time serves both alike.
            pair = [(ours, case.ours), (stock, case.stock)]
            for found, make in pair if next(self._pairs) % 2 == 0 else reversed(pair):
                found.append(run(make))
        return ours, stock


def compared(
    name: object,
    ours: list[Run],
    stock: list[Run],
    value: Callable[[Run], float],
    show: Callable[[float], str],
    least: float = 0.0,
) -> list[object]:
    """A row of a table: medians of a value of the runs, and their ratio."""
    mine, theirs = median(map(value, ours)), median(map(value, stock))
    return [name, show(theirs), show(mine), ratio(mine, theirs, least)]


def seconds_by_stage(ours: list[Run], stock: list[Run]) -> Iterator[list[object]]:
    """Rows of a table: medians of seconds."""

    def row(name: str, value: Callable[[Run], float]) -> list[object]:
        return compared(name, ours, stock, value, "{:.2f}".format, LEAST_SECONDS)

    for stage in STAGES:
        yield row(f"{stage}, s", lambda run, stage=stage: run.seconds[stage])
    yield row("**whole, s**", lambda run: run.whole)
    yield row("of CPU, s", lambda run: run.cpu)


def memory_by_stage(ours: list[Run], stock: list[Run], digits: int = 0) -> Iterator[list[object]]:
    """Rows of a table: medians of bytes."""
    show = partial(megabytes, digits=digits)

    def row(name: str, value: Callable[[Run], float]) -> list[object]:
        return compared(name, ours, stock, value, show, LEAST_BYTES)

    yield row("**peak, MB**", lambda run: run.peak)
    yield row("beyond what was there before, MB", lambda run: run.beyond())
    for stage in STAGES[:3]:
        yield row(f"the same in {stage}, MB", lambda run, stage=stage: run.beyond(stage))


def pairs(ours: list[Run], stock: list[Run]) -> str:
    """What each pair took: of runs side by side in time, between which a machine drifts least."""
    found = [(mine.whole, theirs.whole) for mine, theirs in zip(ours, stock, strict=True)]
    each = ", ".join(f"{theirs:.1f} and {mine:.1f}" for mine, theirs in found)
    by_pair = median(mine / theirs for mine, theirs in found)
    return f"{each} (stock and ours); median of the pairs' ratios {by_pair:.2f}."


def stages(bench: Bench, cases: list[Case], runs: int, seeds: int) -> None:
    """The tables by stage."""
    columns = ("stock graph", "Wanderlens", "ratio")
    for case in cases:
        apart, largest = bench.warm_up(case)
        found = bench.new_picture(case, runs)
        rows = itertools.chain(seconds_by_stage(*found), memory_by_stage(*found))
        print_table((str(case), *columns), rows)
        print(f"\nThe latents differ by {apart:.1e} at most, of {largest:.2f}.")
        print(f"Whole runs in their order, s: {pairs(*found)}", flush=True)
        if seeds:
            found = bench.another_seed(case, seeds)
            print_table((f"{case}, same still, another seed", *columns), seconds_by_stage(*found))


def memory_alone(bench: Bench, cases: list[Case], runs: int) -> None:
    """The tables of memory."""
    for case in cases:
        bench.warm_up(case)
        found = bench.new_picture(case, runs)
        print_table((str(case), "stock graph", "Wanderlens", "ratio"), memory_by_stage(*found, 1))


def growth(bench: Bench, tables: dict[str, list[Case]], memory: bool) -> None:
    """How both grow, one run each: their seconds, or their memory."""

    def rows(cases: list[Case]) -> Iterator[list[object]]:
        for case in cases:
            found = bench.new_picture(case, 1)
            if memory:
                # What a larger case leaves behind goes with the first prompt after it.
                before = min(run.before for run in itertools.chain(*found))
                beyond = lambda run, before=before: run.peak - before  # noqa: E731
                yield compared(case, *found, beyond, partial(megabytes, digits=1))
            else:
                yield compared(case, *found, lambda run: run.whole, "{:.1f}".format)

    unit = "MB" if memory else "s"
    bench.warm_up(tables["by frames"][0])
    for title, cases in tables.items():
        print_table((title, f"stock, {unit}", f"Wanderlens, {unit}", "ratio"), rows(cases))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_options(parser)
    parser.add_argument("--runs", type=int, default=5, help="runs of each that count")
    parser.add_argument("--seeds", type=int, default=2, help="of each with another seed")
    parser.add_argument("--frames", type=int, nargs="+", default=[33, 81], metavar="4N+1")
    parser.add_argument("--size", type=int, nargs=2, default=[480, 272], metavar=("W", "H"))
    parser.add_argument("--growth", action="store_true", help="how both grow instead")
    parser.add_argument("--memory", action="store_true", help="memory alone, exactly, instead")
    options = parser.parse_args()
    (width, height), frames, runs = options.size, options.frames, options.runs
    by_frames, by_pixels, pixel_frames = GROWTH_FRAMES, GROWTH_SIZES, GROWTH_SIZE_FRAMES
    if options.quick:
        (width, height), frames, runs = (96, 64), [9], 1
        by_frames, by_pixels, pixel_frames = (9, 17), ((64, 64), (96, 64)), 17
    size = model_size(options)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "comfyui")
        models = options.models or Path(folder, "models")
        with Server(base, models, size, gives_back=options.memory) as server:
            counted = "one run each" if options.growth else f"medians of {runs}"
            print(f"{server.versions()}; {size}; {STEPS} steps, {counted}")
            print_machine()
            bench = Bench(server)
            cases = [Case(width, height, each) for each in frames]
            if options.growth:
                tables = {
                    "by frames": [Case(width, height, count) for count in by_frames],
                    "by pixels": [Case(*each, pixel_frames) for each in by_pixels],
                }
                growth(bench, tables, options.memory)
            elif options.memory:
                memory_alone(bench, cases, runs)
            else:
                stages(bench, cases, runs, options.seeds)


if __name__ == "__main__":
    main()
