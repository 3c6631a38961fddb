"""Loads helpers of the tests by their path: the tests' folders are no packages."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

TESTS = Path(__file__).resolve().parents[1]


def load(path: str) -> ModuleType:
    """A module of the tests, loaded once.

    Args:
        path: Its file, from the tests' folder on, such as "comfyui/host.py".
    """
    name = f"wanderlens_tests.{path.removesuffix('.py').replace('/', '.')}"
    if name not in sys.modules:
        _make_packages(name, TESTS)
        spec = importlib.util.spec_from_file_location(name, TESTS / path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def _make_packages(name: str, folder: Path) -> None:
    """The packages that a module's relative imports start from; they hold nothing of their own."""
    package, *parts, _ = name.split(".")
    for part in ("", *parts):
        package, folder = (f"{package}.{part}", folder / part) if part else (package, folder)
        if package not in sys.modules:
            sys.modules[package] = ModuleType(package)
            sys.modules[package].__path__ = [str(folder)]
