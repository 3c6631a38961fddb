"""Load and faults: what is done to a real ComfyUI and to the command line, and what comes of it.

    COMFYUI_PATH=… COMFYUI_PYTHON=… python tools/faults/run.py [name ...]

Prints one Markdown table; a check that fails is in bold, is told again below the table, and makes
the exit status 1. The names:

- cancels: 50 queued prompts, random cancels.
- models_in_turn: two models in turn, 20 times; memory, and the same results.
- full_disk: disks that are full while something writes.
- read_only: folders that may not be written to.
- kills: the server killed, started again on the same folders, the prompt queued again.
- out_of_memory: at each stage.
- half_clips: what the page lists of clips that were cut off, at every length.
- command_line: `wanderlens animate`: signals, full disk, read-only folder.

Full disks and read-only folders are mounts, which need Linux and root; without them those rows are
skipped. Models are tiny, with random weights: everything runs on a CPU.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rows import Row, print_table
from server import hosts

NAMES = (
    "cancels",
    "models_in_turn",
    "full_disk",
    "read_only",
    "kills",
    "out_of_memory",
    "half_clips",
    "command_line",
)


def main() -> int:
    """Runs the cases that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES
    unknown = set(names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if set(names) != {"command_line"} and hosts.find_comfyui() is None:
        parser.error(f"{hosts.PATH_VARIABLE} must name a folder with ComfyUI's main.py")
    done = print_table(itertools.chain.from_iterable(_rows(name) for name in names))
    return 1 if any(row.failed for row in done) else 0


def _rows(name: str) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix=f"faults-{name}-") as folder:
        try:
            yield from importlib.import_module(name).rows(Path(folder))
        except (RuntimeError, OSError) as error:  # a server that does not start, among others
            row = Row(name)
            row.check("server", False, f"ended early: {str(error).strip().splitlines()[0]}")
            yield row


if __name__ == "__main__":
    sys.exit(main())
