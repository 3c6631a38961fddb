"""What a clip's file says of how it was made; `inspect` and the nodes read it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import __version__


def clip_metadata(prompt: str, negative: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a clip's file.

    Args:
        prompt: The composed prompt.
        negative: The negative prompt.
        settings: Whatever else makes the clip again: seed, model, frame rate and so on.

    Returns:
        "title", for players, and "comment": one JSON object in ASCII, which every format can hold.
    """
    record = {"version": __version__, "prompt": prompt, "negative": negative, **settings}
    return {"title": prompt[:200], "comment": json.dumps({"wanderlens": record})}
