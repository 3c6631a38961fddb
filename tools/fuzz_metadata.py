"""Fuzz every reader of wanderlens.style, guided by coverage.

Needs atheris (pip install atheris). Each target runs in a process of its own, one after the other,
from the files of the tests as seeds. Any exception but MetadataError is a crash, and so is an input
that takes more than 5 seconds or 1 GiB. What crashed is kept in the corpus folder.

    python tools/fuzz_metadata.py --seconds 660 --corpus /tmp/corpus
"""

import argparse
import importlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT, MEMORY = 5, 1024
HEADS = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8",
    "webp": b"RIFF",
    "isobmff": b"",
    "matroska": b"\x1a\x45\xdf\xa3",
}
KINDS = ("KSampler", "SamplerCustomAdvanced", "CFGGuider", "CLIPTextEncode", "ConditioningCombine",
         "ControlNetApplyAdvanced", "StringConcatenate", "StringReplace", "ImpactSwitch",
         "ComfySwitchNode", "Any Switch (rgthree)", "ShowText|pysssss", "Florence2Run", "LoadImage",
         "SaveImage", "VAEDecode", "FaceDetailer", "ToBasicPipe", "LoraLoader",
         "CheckpointLoaderSimple", "Reroute", "PrimitiveString")  # fmt: skip
INPUTS = (
    "positive", "negative", "text", "prompt", "conditioning_1", "conditioning_2",
    "clip", "model", "guider", "images", "image", "samples",
    "latent_image", "string_a", "string_b", "find", "replace", "string",
    "delimiter", "select", "switch", "on_true", "on_false", "input1",
    "input2", "basic_pipe", "lora_name", "ckpt_name", "seed", "noise",
    "denoise", "text_0", "t5xxl", "text_g", "text_l", "value",
    "filename_prefix",
)  # fmt: skip
KEYS = ("parameters", "prompt", "workflow", "Comment", "Description", "Exif UserComment", "Dream",
        "XMP description", "sd-metadata", "invokeai_metadata", "other")  # fmt: skip


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


def seeds(target: str) -> list[bytes]:
    """What a target's first inputs are."""
    made = [sample.make() for sample in samples().SAMPLES.values()]
    if target in HEADS:
        head = HEADS[target]
        marks = {"isobmff": lambda data: data[4:8] == b"ftyp"}
        fits = marks.get(target, lambda data: data.startswith(head))
        return [data[len(head) :] for data in made if fits(data)]
    if target == "records":
        from wanderlens.metadata.containers import read_carrier

        texts = [text.text for data in made for text in read_carrier(data).texts.values()]
        return [bytes([number % 256]) + text.encode() for number, text in enumerate(texts)]
    if target == "prompt":
        return [samples().PROMPT.encode(), b"(a:1.2) [b|c] {d|e} <lora:f:1> g++ 1.2::h:: __i__"]
    return [bytes(range(256)), bytes(64)]


def read_bytes(head: bytes) -> Callable[[bytes], None]:
    """A target that reads a file with a given head."""
    from wanderlens.metadata.formats import read_file
    from wanderlens.metadata.limits import MetadataError

    def run(data: bytes) -> None:
        try:
            found = read_file(head + data)
        except MetadataError:
            return
        (found.prompt + found.negative).encode("utf-8")

    return run


def read_records(data: bytes) -> None:
    """A text under one of the names that are looked at, as JSON or not."""
    from wanderlens.metadata.containers import Carrier, Text
    from wanderlens.metadata.formats.trust import _read_plain, read_texts

    if not data:
        return
    text = Text(data[1:].decode("utf-8", "replace"), "fuzz")
    carrier = Carrier("PNG", {KEYS[data[0] % len(KEYS)]: text})
    found = read_texts(carrier) or _read_plain(carrier)
    if found:
        (found.prompt + found.negative + found.model).encode("utf-8")


def read_graphs(data: bytes) -> None:
    """A graph of up to 24 nodes, in API form and in the editor's."""
    from wanderlens.metadata.graph import read_api_graph, read_ui_graph
    from wanderlens.style.carry import Still, carry_over

    atheris: Any = importlib.import_module("atheris")
    take = atheris.FuzzedDataProvider(data)
    nodes = {}
    for number in range(take.ConsumeIntInRange(1, 24)):
        inputs = {}
        for _ in range(take.ConsumeIntInRange(0, 6)):
            name = INPUTS[take.ConsumeIntInRange(0, len(INPUTS) - 1)]
            values = [
                [str(take.ConsumeIntInRange(0, 24)), take.ConsumeIntInRange(0, 3)],
                take.ConsumeUnicode(12),
                take.ConsumeInt(4),
                take.ConsumeBool(),
                None,
                "a.png",
            ]
            inputs[name] = values[take.ConsumeIntInRange(0, len(values) - 1)]
        kind = KINDS[take.ConsumeIntInRange(0, len(KINDS) - 1)]
        nodes[str(number)] = {"class_type": kind, "inputs": inputs}
    read_api_graph(nodes, "fuzz")
    carry_over(Still(nodes=nodes.get, link=["0", 0]))
    editor = [
        {"id": int(key), "type": node["class_type"], "mode": len(key) * 2,
         "widgets_values": list(node["inputs"].values()),
         "inputs": [{"name": name, "link": 1} for name in node["inputs"]]}
        for key, node in nodes.items()
    ]  # fmt: skip
    read_ui_graph({"nodes": editor, "links": [[1, 0, 0, 1, 0, "*"]]}, "fuzz")


def clean(data: bytes) -> None:
    """A prompt of any characters."""
    from wanderlens.style.cleaning import clean_negative, clean_prompt

    if data[:1] == b"\0":  # any code units, lone surrogates too
        text = "".join(
            chr(low | high << 8) for low, high in zip(data[::2], data[1::2], strict=False)
        )
    else:
        text = data.decode("utf-8", "replace")
    cleaned = clean_prompt(text)
    json.dumps([cleaned.prompt, *cleaned.style, *cleaned.dropped], ensure_ascii=False).encode()
    clean_negative(text)


def read_hidden_bits(data: bytes) -> None:
    """Bits of a picture that begin with one of the signatures."""
    import numpy as np

    from wanderlens.metadata.containers.hidden import _SIGNATURES, _read_bits
    from wanderlens.metadata.limits import MetadataError

    if len(data) < 8:
        return
    signature = list(_SIGNATURES)[data[0] % len(_SIGNATURES)]
    bits = np.unpackbits(np.frombuffer(signature + data[1:], np.uint8))
    height = 8 * (1 + data[1] % 8)
    planes = (3,) if b"rgb" in signature else ()
    size = height * (3 if planes else 1)
    bits = np.concatenate([bits, np.zeros(-len(bits) % size, np.uint8)])
    pixels = np.swapaxes(bits.reshape(-1, height, *planes), 0, 1)
    try:
        _read_bits(pixels)
    except MetadataError:
        return


def target_of(name: str) -> Callable[[bytes], None]:
    """A target's function."""
    if name in HEADS:
        return read_bytes(HEADS[name])
    return {
        "records": read_records,
        "graph": read_graphs,
        "prompt": clean,
        "hidden": read_hidden_bits,
    }[name]


TARGETS = (*HEADS, "records", "graph", "prompt", "hidden")


def fuzz(name: str, arguments: list[str]) -> None:
    """Runs one target in this process; libFuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["wanderlens.metadata", "wanderlens.style"]):
        import wanderlens.metadata.containers.isobmff
        import wanderlens.metadata.containers.jpeg
        import wanderlens.metadata.containers.matroska
        import wanderlens.metadata.containers.png
        import wanderlens.metadata.containers.webp
        import wanderlens.style.carry  # noqa: F401
    run = target_of(name)
    atheris.Setup([sys.argv[0], *arguments], lambda data: run(bytes(data)))
    atheris.Fuzz()


def main() -> None:
    """Runs all targets, or one, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=660, help="for all targets together")
    parser.add_argument("--corpus", type=Path, help="a folder to keep inputs in")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this one")
    parser.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.append(str(ROOT))
    if options.inside:
        fuzz(options.inside[0], options.inside[1:])
        return
    targets = options.target or TARGETS
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="fuzz-style-"))
    print("| Target | Inputs | Edges covered | Slowest input | Peak memory | Crashes |")
    print(f"|{'---|' * 6}")
    failed = False
    for name in targets:
        folder = corpus / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(seeds(name)):
            (folder / f"seed-{number}").write_bytes(data)
        command = [
            sys.executable, __file__, "--inside", name, str(folder),
            f"-max_total_time={options.seconds // len(targets)}", f"-timeout={TIMEOUT}",
            f"-rss_limit_mb={MEMORY}", "-print_final_stats=1", "-max_len=65536",
            f"-artifact_prefix={corpus}/{name}-",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        (corpus / f"{name}.log").write_text(done.stderr, encoding="utf-8")
        failed |= done.returncode != 0
        print(_row(name, done.stderr, done.returncode), flush=True)
    print(f"\nLogs and inputs: {corpus}")
    sys.exit(1 if failed else 0)


def _row(name: str, log: str, code: int) -> str:
    def stat(key: str) -> str:
        found = re.findall(rf"stat::{key}:\s+(\d+)", log)
        return found[-1] if found else "?"

    edges = re.findall(r"cov: (\d+)", log)
    crashes = "0" if code == 0 else "1"
    inputs = f"{int(stat('number_of_executed_units')):,}" if stat("peak_rss_mb") != "?" else "?"
    slowest = f"{stat('slowest_unit_time_sec')} s"
    memory = f"{stat('peak_rss_mb')} MiB"
    edge = edges[-1] if edges else "?"
    return f"| {name} | {inputs} | {edge} | {slowest} | {memory} | {crashes} |"


if __name__ == "__main__":
    main()
