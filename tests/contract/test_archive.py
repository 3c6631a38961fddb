"""The archive that the Comfy registry gives out: packed as `comfy node publish` does it.

comfy-cli packs the files that git tracks, less those that .comfyignore names in git's own pattern
language, plus [tool.comfy] includes (which we leave empty).
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

pathspec = pytest.importorskip("pathspec", reason="needs the test extra")

ROOT = Path(__file__).resolve().parents[2]
#: Bytes; an archive takes seconds to fetch at this size.
LARGEST = 12_000_000

#: What the archive holds at its top level.
TOP = {
    "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "__init__.py", "locales", "nodes",
    "pyproject.toml", "requirements.txt", "wanderlens", "web", "workflows", ".comfyignore",
}  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    lines = (ROOT / ".comfyignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    ignored = pathspec.PathSpec.from_lines("gitignore", patterns)
    file = tmp_path_factory.mktemp("archive") / "node.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in filter(None, listed.stdout.split("\0")):
            if not ignored.match_file(name) and (ROOT / name).exists():
                packed.write(ROOT / name, name)
    return file


@pytest.fixture(scope="module")
def names(archive: Path) -> set[str]:
    """The paths inside."""
    with zipfile.ZipFile(archive) as packed:
        return set(packed.namelist())


def below(*folders: str) -> set[str]:
    """Files of the repository below folders, as paths from its root."""
    return {
        file.relative_to(ROOT).as_posix()
        for folder in folders
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_all_that_comfyui_loads_is_in_it(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} <= TOP
    assert below("web", "nodes", "locales", "workflows") <= names, "help pages among them"
    code = {name for name in below("wanderlens") if name.endswith((".py", ".json"))}
    assert code <= names
    assert {"__init__.py", "pyproject.toml", "requirements.txt", "LICENSE", "README.md"} <= names


def test_nothing_else_is_in_it(names: set[str]) -> None:
    assert not [name for name in names if name.endswith((".safetensors", ".webp", ".mp4"))]
    assert not [name for name in names if name.startswith("wanderlens/assets")]


def test_it_is_small(archive: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        sizes = Counter[str]()
        for entry in packed.infolist():
            sizes[entry.filename.split("/")[0]] += entry.compress_size
    listing = "\n".join(f"{size:>10,} {name}" for name, size in sizes.most_common())
    assert archive.stat().st_size < LARGEST, f"packed bytes:\n{listing}"


def test_it_loads_as_a_pack(archive: Path, tmp_path: Path) -> None:
    """In an interpreter without any installed package, as when ComfyUI imports it."""
    folder = tmp_path / "wanderlens"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    code = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "pack", {str(folder / "__init__.py")!r}, submodule_search_locations=[{str(folder)!r}])
pack = importlib.util.module_from_spec(spec)
sys.modules["pack"] = pack
spec.loader.exec_module(pack)
selector = pack.NODE_CLASS_MAPPINGS["PresetSelector"]()
print(len(pack.NODE_CLASS_MAPPINGS), selector.execute("cinematic/hero push-in", 1.0)[2])
for node in pack.NODE_CLASS_MAPPINGS.values():
    node.INPUT_TYPES()
"""
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.stdout.split() == ["6", "16"], result.stderr
