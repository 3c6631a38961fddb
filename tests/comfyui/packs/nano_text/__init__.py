"""Test only: CLIPLoader gives the nano model's text encoder, whatever file it is told to load.

The bundled workflows then run unchanged, with the nano model's files under the names of Wan's.
ComfyUI must reach this folder by a link: the encoder is read from the repository.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
CORE: Any = sys.modules["nodes"]


def _load(file: Path) -> ModuleType:
    """A module by its file: the pack under test may have any name."""
    spec = importlib.util.spec_from_file_location(f"{__name__}.{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ENCODER = _load(REPOSITORY / "wanderlens" / "nano" / "text.py").HashTextEncoder()


class NanoTextEncoder:
    """What CLIPTextEncode asks of a CLIP."""

    def tokenize(self, text: str) -> str:
        return text

    def encode_from_tokens_scheduled(self, tokens: str) -> list[list[Any]]:
        return [[ENCODER.encode([tokens]), {}]]


def load_clip(_loader: Any, **_widgets: Any) -> tuple[NanoTextEncoder]:
    return (NanoTextEncoder(),)


CORE.NODE_CLASS_MAPPINGS["CLIPLoader"].load_clip = load_clip

NODE_CLASS_MAPPINGS: dict[str, Any] = {}
