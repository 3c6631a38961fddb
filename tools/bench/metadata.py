"""Time of reading a still's metadata, ours against sd-parsers, on the same files in the same run.

The files are PNGs of 1024 by 1024 pixels of noise with each tool's texts, as a generator would
write them. "read" is what sd-parsers does too: prompt, negative words, model and seed. "inspect"
adds our cleaning, "with pixels" decodes the picture and measures its look as well.

    pip install sd-parsers
    python tools/bench/metadata.py
"""

import argparse
import importlib
import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wanderlens.metadata.containers import read_carrier
from wanderlens.metadata.formats import read_file
from wanderlens.style.carry import Still, carry_over

ROOT = Path(__file__).resolve().parents[2]
SIDE = 1024
# Formats that both read; sd-parsers has no reader for the others.
NAMES = (
    "AUTOMATIC1111 PNG",
    "ComfyUI PNG",
    "Fooocus PNG",
    "InvokeAI 3 PNG",
    "InvokeAI 2 PNG",
    "NovelAI 1 PNG",
)


def samples() -> ModuleType:
    """The tests' files."""
    path = ROOT / "tests" / "support" / "still_samples.py"
    spec = importlib.util.spec_from_file_location("still_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["still_samples"] = module
    spec.loader.exec_module(module)
    return module


def write(folder: Path, mode: str) -> dict[str, Path]:
    """The files: noise with the texts of the tests' small ones."""
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, len(mode)), np.uint8)
    files = {}
    for name in NAMES:
        info = PngInfo()
        for key, text in read_carrier(samples().SAMPLES[name].make()).texts.items():
            info.add_text(key, text.text)
        files[name] = folder / f"{name}.png"
        Image.fromarray(noise).save(files[name], pnginfo=info)
    return files


def seconds(work: Callable[[], Any], repeats: int) -> float:
    """Median of the seconds that some work takes."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def pixels(file: Path) -> Any:
    """The picture, [height, width, 3], uint8."""
    with Image.open(file) as opened:
        return np.asarray(opened.convert("RGB"))


def main() -> None:
    """Prints one row for each format, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=51)
    repeats = parser.parse_args().repeats
    theirs: Any = importlib.import_module("sd_parsers").ParserManager()
    print("| Format | sd-parsers | read | ratio | inspect | with pixels | prompts agree |")
    print(f"|{'---|' * 7}")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for name, file in write(Path(folder), "RGB").items():
            still = Still(file=file.name, find_file=lambda _, file=file: file)
            full = Still(file=file.name, find_file=still.find_file, pixels=lambda f=file: pixels(f))
            parsed, found = theirs.parse(file), read_file(file)
            prompts = {prompt.value for prompt in parsed.prompts} if parsed else set()
            other = seconds(lambda file=file: theirs.parse(file), repeats)
            ours = seconds(lambda file=file: read_file(file), repeats)
            clean = seconds(lambda still=still: carry_over(still), repeats)
            look = seconds(lambda full=full: carry_over(full), max(3, repeats // 10))
            ratios.append(ours / other)
            print(
                f"| {name} | {other * 1e3:.2f} ms | {ours * 1e3:.2f} ms | {ours / other:.2f} | "
                f"{clean * 1e3:.2f} ms | {look * 1e3:.0f} ms | {found.prompt in prompts} |"
            )
    print(f"\nGeometric mean of read over sd-parsers: {statistics.geometric_mean(ratios):.2f}")


if __name__ == "__main__":
    main()
