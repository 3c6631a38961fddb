"""The house's own rules: which way imports run, and that importing is free."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: What each room imports of the others: exactly this, no more and no less. A room is a folder of
#: `wanderlens/`, or a module beside these; docs/ARCHITECTURE.md draws them.
ROOMS: dict[str, set[str]] = {
    "camera": set(),
    "latents": set(),
    "metadata": set(),
    "motion": set(),
    "nano": set(),
    "shot": set(),
    "still_image": set(),
    "video": set(),
    "client": set(),
    "activity": {"shot"},
    "style": {"metadata"},
    "workflows": {"shot"},
    "direction": {"camera", "shot", "style"},
    "engines": {"activity", "latents", "motion", "shot"},
    "library": {"direction", "metadata"},
    "pipeline": {"engines", "latents", "motion", "shot"},
    "routes": {
        "activity", "camera", "direction", "library", "metadata", "shot", "still_image", "style",
        "workflows",
    },
    "commands": {
        "camera", "client", "direction", "engines", "latents", "metadata", "motion", "nano",
        "pipeline", "shot", "still_image", "style", "video", "workflows",
    },
    "cli": {"commands"},
    "nodes": {
        "activity", "direction", "engines", "metadata", "motion", "pipeline", "routes", "shot",
        "style",
    },
}  # fmt: skip
#: Modules that every room may use, and that use only one another.
SHARED = {"errors", "checks", "disk", "file_formats", "text"}
#: Rooms that never see a host or a heavy engine, not even inside a function.
PURE = {
    "metadata", "style", "shot", "camera", "motion", "direction", "latents", "activity", "library",
    "routes", "workflows",
}  # fmt: skip
HOSTS = {"comfy", "nodes", "folder_paths", "execution", "server", "comfy_extras", "diffusers"}
HEAVY = ("torch", "diffusers", "transformers", "cv2", "numpy", "PIL", "av", "comfy")

FILES = sorted((ROOT / "wanderlens").rglob("*.py"))
NODES = [*sorted((ROOT / "nodes").glob("*.py")), ROOT / "__init__.py"]


def module_of(file: Path) -> str:
    """A file's dotted name, counted from the repository's root."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file) for file in (*FILES, *NODES)}


def imports(file: Path) -> list[tuple[str, bool]]:
    """Every import of a file: the module's absolute dotted name, and whether it is relative."""
    package = file.relative_to(ROOT).parent.parts
    result = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            result.extend((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                name = f"{module}.{alias.name}".strip(".")
                result.append((name if name in MODULES else module, node.level > 0))
    return result


def room_of(module: str) -> str:
    """The room of a module of ours."""
    first, *rest = module.split(".")
    return rest[0] if first == "wanderlens" and rest else first


def test_every_room_imports_what_the_rules_say():
    actual: dict[str, set[str]] = {}
    for file in (*FILES, *NODES):
        module = module_of(file)
        if module in ("", "wanderlens"):  # what ComfyUI loads, and the version
            continue
        room = room_of(module)
        edges = actual.setdefault(room, set())
        for name, relative in imports(file):
            assert relative or name.split(".")[0] != "wanderlens", f"{file}: import relatively"
            if relative and name not in ("", "wanderlens") and room_of(name) not in (room, *SHARED):
                edges.add(room_of(name))
    assert not any(actual.pop(room) for room in SHARED)
    assert actual == ROOMS


def test_rooms_have_floors():
    """No circle among the rooms, and none among the files."""
    tuple(TopologicalSorter(ROOMS).static_order())
    files = {module_of(file): {name for name, relative in imports(file) if relative}
             for file in (*FILES, *NODES)}  # fmt: skip
    for module, targets in files.items():
        targets.discard(module)  # a package that imports its own modules
    tuple(TopologicalSorter(files).static_order())


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_pure_rooms_see_no_host(file):
    if room_of(module_of(file)) in PURE:
        for name, relative in imports(file):
            assert name.split(".")[0] not in HOSTS or relative, f"must not import {name}"


def test_nothing_that_is_shipped_imports_tools_or_tests():
    for file in (*FILES, *NODES):
        assert not {name.split(".")[0] for name, _ in imports(file)} & {"tools", "tests"}


@pytest.mark.parametrize("file", NODES, ids=lambda file: str(file.relative_to(ROOT)))
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


# -- nothing is run that came from outside -------------------------------------------------------

#: What runs text or unpacks objects, by its full name; of a module all of it.
NEVER = {
    "eval", "exec", "compile", "__import__", "breakpoint", "input",
    "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml",
    "subprocess", "pty", "multiprocessing", "code", "codeop", "ctypes", "runpy", "telnetlib",
    "xml.etree", "xml.dom", "xml.sax", "lxml", "zipfile", "tarfile", "shutil.unpack_archive",
    "torch.load", "torch.hub", "numpy.load", "np.load", "tempfile.mktemp",
    "os.system", "os.popen", "os.startfile", "os.execv", "os.execl", "os.spawnv", "os.spawnl",
    "urllib.request", "ftplib", "smtplib", "http.client", "requests",
}  # fmt: skip
#: Arguments that switch a guard off.
UNGUARDED = {
    "shell": True, "trust_remote_code": True, "weights_only": False, "allow_pickle": True,
    "verify": False, "use_safetensors": False,
}  # fmt: skip
SHIPPED = [*FILES, *NODES]
each_shipped = pytest.mark.parametrize(
    "file", SHIPPED, ids=lambda file: str(file.relative_to(ROOT))
)


def full_names(tree: ast.AST) -> list[str]:
    """All names and dotted names of a module, imported ones by where they come from."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Name):
            found.append(node.id)
    return found


def is_never(name: str) -> bool:
    return any(name == never or name.startswith(f"{never}.") for never in NEVER)


@each_shipped
def test_nothing_runs_text_unpacks_objects_or_starts_programs(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    # A parameter or a variable may be called `input` or `code`: a name counts where it is called.
    called = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    dotted = {name for name in full_names(tree) if "." in name}
    imported = {
        alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
    }
    assert not [name for name in {*called, *dotted, *imported} if is_never(name)]


@each_shipped
def test_no_guard_is_switched_off(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant):
            assert UNGUARDED.get(node.arg or "", ...) is not node.value.value, node.arg


@pytest.mark.parametrize(
    "text",
    [
        "eval(x)", "import pickle", "from pickle import loads", "import os\nos.system(x)",
        "import torch\ntorch.load(x)", "import subprocess as s\ns.run(x)", "from os import system",
        "import yaml", "from urllib.request import urlopen", "from torch import load",
    ],
)  # fmt: skip
def test_the_rule_sees_what_it_forbids(tmp_path, text):
    file = tmp_path / "module.py"
    file.write_text(text)
    with pytest.raises(AssertionError):
        test_nothing_runs_text_unpacks_objects_or_starts_programs(file)


@pytest.mark.parametrize("text", ["f(shell=True)", "f(weights_only=False)"])
def test_the_rule_of_guards_sees_what_it_forbids(tmp_path, text):
    file = tmp_path / "module.py"
    file.write_text(text)
    with pytest.raises(AssertionError):
        test_no_guard_is_switched_off(file)


def test_what_pip_is_told_to_install_is_known():
    """No address, no other index, no option: `pip install -r` of a pack runs unseen."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line.strip() and not line.startswith("#")]
    assert wanted == ["opencv-python-headless>=4.9"]


def test_no_script_of_ours_runs_when_the_pack_is_installed():
    """ComfyUI's managers run these files of a pack."""
    for name in ("install.py", "prestartup_script.py", "uninstall.py", "setup.py", "update.py"):
        assert not (ROOT / name).exists()


# -- the page -------------------------------------------------------------------------------------

#: Ways by which a text becomes markup, a script or an address that is one.
SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|setHTMLUnsafe"
    r"|document\.write|srcdoc|javascript:|\beval\(|new Function|Function\(|postMessage"
    r"|addEventListener\(\s*[\"']message[\"']|document\.cookie|\bXMLHttpRequest\b|\bWebSocket\(|"
    r"set(?:Timeout|Interval)\(\s*[\"'`]|setAttribute\(\s*[\"'`]on|\.(?:href|src)\s*=\s*`"
)
#: Another server is named in the page only where people are led to it.
ADDRESS = re.compile(r"[\"'`](?:https?:)?//[\w.-]+[^\"'`]*")
KNOWN = {"https://registry.comfy.org/nodes/wanderlens", "http://www.w3.org/2000/svg"}
SCRIPTS = [*sorted((ROOT / "web").rglob("*.mjs")), *sorted((ROOT / "web").rglob("*.js"))]
each_script = pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: str(file.relative_to(ROOT)))


@each_script
def test_no_text_becomes_markup_or_a_script(file):
    text = file.read_text(encoding="utf-8")
    assert not SINKS.findall(text)
    assert {found[0][1:] for found in ADDRESS.finditer(text)} <= KNOWN
    for target in re.findall(r"(?<![\w\"'])(?:from|import)\s*\(?\s*\"([^\"]+)\"", text):
        assert target.startswith(".") or target in ("/scripts/app.js", "/scripts/api.js"), target


def test_the_rule_of_the_page_sees_what_it_forbids():
    for text in ("a.innerHTML = b", "eval(x)", "setTimeout(\"x\")", "a.href = `javascript:${x}`",
                 "x.insertAdjacentHTML(y)", "window.addEventListener('message', f)"):  # fmt: skip
        assert SINKS.search(text), text


@pytest.mark.parametrize(
    "file", sorted((ROOT / "locales").rglob("*.json")), ids=lambda f: f.parent.name
)
def test_no_text_of_a_language_is_markup(file):
    """ComfyUI shows some of them as they are."""
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"<\s*/?\s*[a-zA-Z!]|javascript:|on\w+\s*=\s*[\"']", text)
