"""What the pack adds to ComfyUI's start, and how soon the command line answers.

A real ComfyUI is started several times. In each start it loads an empty pack and ours, by its own
function, and notes the seconds and the modules that were not there before. A bare interpreter
imports the pack as well: what that brings in comes from us and not from ComfyUI. Then
`wanderlens --help` is called, beside an interpreter that does nothing.

    export COMFYUI_PATH=… COMFYUI_PYTHON=…
    python tools/bench/startup.py
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from measuring import ROOT, load, median, print_machine, print_table, ratio

hosts = load("comfyui/host.py")

#: Python keeps what it has compiled, as it does for users.
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}

IMPORT_LIMIT, HELP_LIMIT = 0.050, 0.200
HEAVY = ("torch", "diffusers", "transformers", "cv2", "av", "numpy", "PIL", "safetensors")

_BARE = """
import importlib.util, json, sys
known = set(sys.modules)
spec = importlib.util.spec_from_file_location("pack", {file!r})
sys.modules["pack"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps(sorted(set(sys.modules) - known)))
"""


def starts(count: int, folder: Path) -> list[list[dict[str, Any]]]:
    """What ComfyUI noted in each start: of an empty pack, of another, and of ours."""
    packs = []
    for name in ("first", "second"):  # the first pays for what ComfyUI loads for any pack
        packs.append(folder / name)
        packs[-1].mkdir()
        (packs[-1] / "__init__.py").write_text("NODE_CLASS_MAPPINGS = {}\n", encoding="utf-8")
    packs.append(folder / "wanderlens")
    packs[-1].symlink_to(ROOT, target_is_directory=True)
    probe = Path(__file__).with_name("startup_probe.py")
    found = []
    for index in range(count + 1):
        base, result = folder / f"comfyui-{index}", folder / f"{index}.json"
        base.mkdir()
        env = {
            **_COMPILED,
            "STARTUP_PROBE_PACKS": os.pathsep.join(map(str, packs)),
            "STARTUP_PROBE_RESULT": str(result),
        }
        with hosts.ComfyHost({"startup_probe.py": probe}, base_dir=base, env=env) as host:
            if not result.is_file():
                sys.exit(f"ComfyUI has not loaded the packs:\n{host.log_text()}")
        found.append(json.loads(result.read_text(encoding="utf-8")))
    return found[1:]  # in the first start Python compiles


def of_others(modules: Iterable[str], own: str) -> list[str]:
    """Packages that are neither Python's own nor of the pack."""
    names = {name.partition(".")[0] for name in modules if not name.startswith(own)}
    return sorted(names - set(sys.stdlib_module_names) - {"__main__"})


def bare_modules() -> list[str]:
    """The modules that a bare interpreter has more after importing the pack."""
    code = _BARE.format(file=str(ROOT / "__init__.py"))
    made = subprocess.run(
        [sys.executable, "-I", "-c", code], stdout=subprocess.PIPE, check=True, cwd="/"
    )
    return json.loads(made.stdout)


def seconds(command: Sequence[str], count: int) -> tuple[float, float]:
    """Medians of the seconds that a command takes and works, after one that does not count."""
    taken, env = [], {**os.environ, **_COMPILED}
    for _ in range(count + 1):
        start, worked = time.perf_counter(), _of_children()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=env)
        taken.append((time.perf_counter() - start, _of_children() - worked))
    spent, cpu = zip(*taken[1:], strict=True)
    return median(spent), median(cpu)


def _of_children() -> float:
    """Seconds of CPU that ended child processes took."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def verdict(spent: float, limit: float) -> str:
    """Milliseconds against a limit."""
    return f"{1000 * limit:.0f} ms: {'kept' if spent <= limit else '**missed**'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--starts", type=int, default=5, help="of ComfyUI")
    parser.add_argument("--runs", type=int, default=10, help="of the command line")
    parser.add_argument("--quick", action="store_true", help="one of each, to try the script")
    options = parser.parse_args()
    if options.quick:
        options.starts = options.runs = 1
    if hosts.find_comfyui() is None:
        sys.exit("Set COMFYUI_PATH to ComfyUI's folder, and COMFYUI_PYTHON to its interpreter.")
    print_machine()
    with tempfile.TemporaryDirectory() as folder:
        found = starts(options.starts, Path(folder))
    empty, ours = (
        tuple(median(start[index][kind] for start in found) for kind in ("seconds", "cpu"))
        for index in (1, 2)
    )
    cli = [sys.executable, "-m", "wanderlens.cli", "--help"]
    installed = Path(sys.executable).with_name("wanderlens")
    helped = seconds([str(installed), "--help"] if installed.exists() else cli, options.runs)
    nothing = seconds([sys.executable, "-c", "pass"], options.runs)
    rows = (
        ("the pack in ComfyUI", "an empty pack", empty, ours, IMPORT_LIMIT),
        ("`wanderlens --help`", "`python -c pass`", nothing, helped, HELP_LIMIT),
    )
    print_table(
        ("what", "peer", "peer, ms", "ours, ms", "of it CPU", "ratio", "limit"),
        (
            [what, peer, f"{1e3 * theirs[0]:.1f}", f"{1e3 * mine[0]:.1f}", f"{1e3 * mine[1]:.1f}",
             ratio(mine[0], theirs[0]), verdict(mine[0], limit)]
            for what, peer, theirs, mine, limit in rows
        ),
    )  # fmt: skip
    start, bare = found[-1][2], bare_modules()
    heavy = [name for name in HEAVY if name in {module.partition(".")[0] for module in bare}]
    print(f"\nModules of ours that are loaded with the pack: {start['own']}")
    print(f"Packages that ComfyUI did not have before: {of_others(start['new'], '/') or 'none'}")
    print(f"Packages of others in a bare interpreter: {of_others(bare, 'pack') or 'none'}")
    print(f"Heavy ones among them: {heavy or 'none'}", flush=True)


if __name__ == "__main__":
    main()
