"""Two prompts in turn, on the pair of the A14B and on the 5B: memory, and the same results.

ComfyUI holds the results of the last prompt only, and our kept latents are switched off, so each
run loads its models and samples anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from .checks import check_files, check_next
from .figures import resident
from .prompts import shot, shot_5b
from .rows import Row
from .server import Server

TURNS = 20
_MOST_GROWTH = 0.02


def rows(base: Path) -> Iterator[Row]:
    """The one row of this case."""
    row = Row(f"A14B pair and 5B in turn, {TURNS} times")
    prompts = {"A14B": shot(1, duration=0.5), "5B": shot_5b(1)}
    memory: dict[str, list[float]] = {name: [] for name in prompts}
    results: dict[str, set[tuple[str, ...]]] = {name: set() for name in prompts}
    with Server(base, {"WANDERLENS_KEEP_LATENTS": "0"}) as server:
        for _ in range(TURNS):
            for name, prompt in prompts.items():
                before = len(server.plan.calls())
                entry = server.run(prompt)
                results[name].add(tuple(entry["outputs"]["hashes"]["text"]))
                memory[name].append(resident(server.pid) / 1e6)
                if len(server.plan.calls()) == before:
                    row.check("finished work", False, f"{name} was not sampled again")
        for name, values in memory.items():
            settled, last = mean(values[TURNS // 4 : TURNS // 2]), mean(values[-TURNS // 4 :])
            growth = last / settled - 1
            figures = f"{name}: {values[0]:.0f} first, {settled:.0f}, {last:.0f} last"
            row.check("MB", growth < _MOST_GROWTH, f"{figures} ({growth:+.1%})")
            each = " ".join(f"{value:.0f}" for value in values)
            row.notes.append(f"Resident memory after each run of {name}, MB: {each}")
            same = len(results[name]) == 1
            row.check("finished work", same, f"{name}: {len(results[name])} result of {TURNS} runs")
        row.check("server", server.host.is_running(), "alive")
        check_files(row, server)
        check_next(row, server, 999)
    yield row
