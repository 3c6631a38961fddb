"""The house's own rules: which way imports run, and that importing is free."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: What each part may import of the others, beside the shared `errors` and `checks`.
ALLOWED = {
    "style": set(),
    "shot": set(),
    "motion": {"shot"},
    "direction": {"style", "shot"},
    "video": {"shot"},
    "nano": {"shot"},
    "activity": {"shot"},
    "library": {"style", "direction", "shot"},
    "engines": {"activity", "style", "shot", "motion", "direction", "video", "nano"},
    "routes": {"activity", "library", "style", "direction", "shot", "pictures"},
}
SHARED = {"errors", "checks", "__version__"}
#: Parts that never see a host or a heavy engine, not even inside a function.
PURE = {"style", "shot", "motion", "direction", "activity", "library", "routes"}
HOSTS = {"comfy", "nodes", "folder_paths", "execution", "server", "comfy_extras", "diffusers"}
HEAVY = ("torch", "diffusers", "transformers", "cv2", "numpy", "PIL", "av", "comfy")

FILES = sorted((ROOT / "wanderlens").rglob("*.py"))


def imports(file: Path) -> list[tuple[str, bool]]:
    """Every import in a file: (absolute dotted name, whether it is relative)."""
    package = file.relative_to(ROOT).parent.parts
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.extend((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                found.append((node.module or "", False))
                continue
            base = package[: len(package) - node.level + 1]
            module = [*base, *(node.module.split(".") if node.module else [])]
            if len(module) == 1:  # from .. import x
                found.extend((".".join([*module, alias.name]), True) for alias in node.names)
            else:
                found.append((".".join(module), True))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_one_way(file):
    part = file.relative_to(ROOT / "wanderlens").parts[0]
    for name, relative in imports(file):
        first, *rest = name.split(".")
        assert first != "wanderlens" or relative, f"{name}: inside the package, import relatively"
        if first == "wanderlens" and rest and part in ALLOWED:
            assert rest[0] in ALLOWED[part] | SHARED | {part}, f"{part} must not import {name}"
        if part in PURE:
            assert first not in HOSTS or relative, f"{part} must not import {name}"


@pytest.mark.parametrize(
    "file",
    [*sorted((ROOT / "nodes").glob("*.py")), ROOT / "__init__.py"],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_no_host_module_is_imported_at_the_top(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & HOSTS
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").split(".")[0] not in HOSTS


def run_bare(code: str) -> str:
    """Runs code in an interpreter without any installed package; gives what it prints."""
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


LOAD_PACK = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "pack", {str(ROOT / "__init__.py")!r}, submodule_search_locations=[{str(ROOT)!r}])
pack = importlib.util.module_from_spec(spec)
sys.modules["pack"] = pack
spec.loader.exec_module(pack)
"""


def test_the_package_works_in_a_bare_interpreter_and_loads_nothing_heavy():
    output = run_bare(
        LOAD_PACK
        + f"""
for node_id, node in pack.NODE_CLASS_MAPPINGS.items():
    node.INPUT_TYPES()
    print(node_id)
heavy = [name for name in {HEAVY!r} if name in sys.modules]
assert not heavy, heavy
assert "nodes" not in sys.modules
"""
    )
    assert "PresetSelector" in output
    assert "CinematicDirection" in output


def test_importing_the_package_reads_no_file_of_ours():
    run_bare(
        """
import sys
opened = []
def audit(event, args):
    if event == "open" and str(args[0]).endswith(".json"):
        opened.append(args[0])
sys.addaudithook(audit)
"""
        + LOAD_PACK
        + "assert not opened, opened\n"
    )


def test_the_numeric_nodes_run_in_a_bare_interpreter():
    output = run_bare(
        LOAD_PACK
        + """
selector = pack.NODE_CLASS_MAPPINGS["PresetSelector"]()
direction, text, fps, duration, loop = selector.execute("ambient-loop/rainy window", 1.0)
director = pack.NODE_CLASS_MAPPINGS["CinematicDirection"]()
positive, *_ = director.execute("", "from preset", "from preset", "from preset", direction)
print(positive, fps, duration, loop)
"""
    )
    assert "aindrops trickle" in output
    assert "16 6.0 True" in output
