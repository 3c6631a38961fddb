"""Writes locales/en/nodeDefs.json from the nodes' own words.

``python tools/locales.py`` writes the file; ``--check`` says whether it is current, and which
languages lack a text that English has. The other languages are written by people.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "locales"
ENGLISH = "en"
FILES = ("nodeDefs.json", "commands.json", "settings.json", "main.json")


def load_pack() -> ModuleType:
    """The package by its file, as ComfyUI loads it: `nodes` is also the name of a core module."""
    name = "wanderlens_of_locales"
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None
    assert spec.loader is not None
    pack = importlib.util.module_from_spec(spec)
    sys.modules[name] = pack
    spec.loader.exec_module(pack)
    return pack


def node_definitions(pack: ModuleType) -> dict[str, Any]:
    """The nodes' words in ComfyUI's layout of ``nodeDefs.json``."""
    names = pack.NODE_DISPLAY_NAME_MAPPINGS
    return {
        _key(node_id): _definition(node, names[node_id])
        for node_id, node in pack.NODE_CLASS_MAPPINGS.items()
    }


def _definition(node: Any, display_name: str) -> dict[str, Any]:
    types = node.INPUT_TYPES()
    specs = {**types.get("required", {}), **types.get("optional", {})}
    outputs = zip(node.RETURN_NAMES, node.OUTPUT_TOOLTIPS, strict=True)
    return {
        "display_name": display_name,
        "description": node.DESCRIPTION,
        "inputs": {
            _key(name): _slot(name, options.get("tooltip")) for name, (_, options) in specs.items()
        },
        "outputs": {str(index): _slot(*words) for index, words in enumerate(outputs)},
    }


def _slot(name: str, tooltip: str | None) -> dict[str, str]:
    return {"name": name} if tooltip is None else {"name": name, "tooltip": tooltip}


def _key(name: str) -> str:
    """A name as ComfyUI's page looks it up: a dot would lead one level down."""
    return name.replace(".", "_")


def as_text(tree: Mapping[str, Any]) -> str:
    """A locale file's content."""
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def read(language: str, file: str) -> dict[str, Any]:
    """A locale file; empty where there is none."""
    path = LOCALES / language / file
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def languages() -> list[str]:
    """The languages there are, without English."""
    return sorted(
        folder.name for folder in LOCALES.iterdir() if folder.is_dir() and folder.name != ENGLISH
    )


def texts(tree: Mapping[str, Any], *path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each text of a tree with its keys from the root on."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from texts(value, *path, key)
        else:
            yield (*path, key), value


def missing() -> Iterator[str]:
    """What English has and another language has not, one line for each text."""
    for file in FILES:
        wanted = dict(texts(read(ENGLISH, file)))
        for language in languages():
            there = dict(texts(read(language, file)))
            for path, text in wanted.items():
                if path not in there:
                    yield f"{language}/{file}: {'.'.join(path)} is missing: {text}"


def main() -> int:
    """Writes or checks; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if not current")
    arguments = parser.parse_args()
    definitions = node_definitions(load_pack())
    path = LOCALES / ENGLISH / "nodeDefs.json"
    current = read(ENGLISH, path.name) == definitions
    if not arguments.check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_text(definitions), encoding="utf-8")
        return 0
    if not current:
        print(f"{path.relative_to(ROOT)} is not current: run python tools/locales.py")
    gaps = list(missing())
    print("\n".join(gaps) if gaps else "every language has every text")
    return int(bool(gaps) or not current)


if __name__ == "__main__":
    sys.exit(main())
