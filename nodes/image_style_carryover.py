"""ImageStyleCarryover: reads the prompt and style that a still was made with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from ..wanderlens.checks import on_or_off
from ..wanderlens.errors import InputError
from ._host import picture_folders, warn_of_taken_ids
from ._inputs import CATEGORY, STYLE_TYPE, boolean, combo, link, text


class ImageStyleCarryover:
    """Finds the prompt and the style a still was made with."""

    CATEGORY = CATEGORY
    DESCRIPTION = (
        "Finds the prompt and the style the still was made with: in its file, in the graph that "
        "makes it, in a text, or in its pixels. Link 'image_style' into Cinematic Direction; the "
        "picture passes through. Nothing is sent anywhere."
    )
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE", STYLE_TYPE, "STRING", "STRING", "STRING")
    RETURN_NAMES = ("image", "image_style", "prompt", "negative", "report")
    OUTPUT_TOOLTIPS = (
        "The picture, as it came in.",
        "What carries over, for Cinematic Direction.",
        "What the still shows and how it looks, cleaned, as a text.",
        "The still's own negative words, cleaned.",
        "Where the words came from, and what was left out.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Its inputs."""
        from ..wanderlens.style.carry import SOURCES

        warn_of_taken_ids()
        return {
            "required": {
                "image": link("IMAGE", "The still, from a Load Image node or straight from a VAE."),
                "include": boolean(True, "Off: nothing carries over."),
                "source": combo(
                    SOURCES,
                    "Where to look. 'auto' takes the first that has words: prompt_text, "
                    "image_file, then what the graph leads to, a loader's file or a sampler's "
                    "text. The others look in one place only; 'pixels' goes by how the picture "
                    "looks.",
                ),
            },
            "optional": {
                "image_file": text(
                    "A file in ComfyUI's input, output or temp folder, such as 'still.png' or "
                    "'still.png [output]', where the graph does not lead to it."
                ),
                "prompt_text": text(
                    "The still's prompt, typed here or linked from a captioning node.",
                    multiline=True,
                ),
            },
            "hidden": {"prompt": "PROMPT", "dynprompt": "DYNPROMPT", "unique_id": "UNIQUE_ID"},
        }

    @classmethod
    def IS_CHANGED(cls, image_file: Any = None, include: Any = True, **_: Any) -> str:
        """Changes with the content of image_file; a loader's file is the loader's own affair."""
        if include is not True or not isinstance(image_file, str) or not image_file.strip():
            return ""
        from ..wanderlens.metadata.containers.source import content_key
        from ..wanderlens.metadata.folders import find_in_folders
        from ..wanderlens.metadata.limits import MetadataError

        try:
            return content_key(find_in_folders(image_file.strip(), picture_folders()))
        except MetadataError as error:
            return hashlib.sha256(str(error).encode("utf-8", "replace")).hexdigest()

    def execute(
        self,
        image: Any,
        include: bool,
        source: str,
        image_file: str = "",
        prompt_text: str = "",
        prompt: Any = None,
        dynprompt: Any = None,
        unique_id: Any = None,
    ) -> dict[str, Any]:
        """Finds what carries over; what cannot be read is said in the report.

        Raises:
            InputError: If a linked value is not one its widget would take.
        """
        from ..wanderlens.metadata.folders import find_in_folders
        from ..wanderlens.style.carry import Still, carry_over, check_source, nothing

        on_or_off(include, "include")
        check_source(source)
        nodes = _node_lookup(prompt, dynprompt)
        still = Still(
            text=_text(prompt_text, "prompt_text"),
            file=_text(image_file, "image_file"),
            nodes=nodes,
            link=_own_link(nodes(str(unique_id))),
            find_file=lambda name: find_in_folders(name, picture_folders()),
            pixels=lambda: _first_picture(image),
        )
        carried = carry_over(still, source) if include else nothing()
        style = carried.style
        return {
            "ui": {"text": (carried.report,), "wanderlens_style": (carried.as_json(),)},
            "result": (image, style, style.text, style.negative, carried.report),
        }


def _text(value: Any, widget: str) -> str:
    """A text, if the value is one.

    Raises:
        InputError: If it is not.
    """
    if not isinstance(value, str):
        raise InputError(f"{widget} must be text", value, "Type a text, or link one.", widget)
    return value


def _node_lookup(prompt: Any, dynprompt: Any) -> Callable[[str], Any]:
    """Gives a node of the executing graph, those that nodes expanded into included; else None."""

    def look_up(node_id: str) -> Any:
        if dynprompt is not None and dynprompt.has_node(node_id):
            return dynprompt.get_node(node_id)
        return prompt.get(node_id) if isinstance(prompt, dict) else None

    return look_up


def _own_link(node: Any) -> Any:
    """Where the picture comes from, as the node's own entry in the graph says; None if nowhere."""
    inputs = node.get("inputs") if isinstance(node, dict) else None
    return inputs.get("image") if isinstance(inputs, dict) else None


def _first_picture(image: Any) -> Any:
    """The batch's first picture, [height, width, 3], uint8; None for what is no picture.

    Args:
        image: [batch, height, width, 3 or more], RGB, 0 to 1, float.
    """
    shape = tuple(getattr(image, "shape", ()))
    if len(shape) != 4 or shape[0] < 1 or shape[3] < 3:
        return None
    first = image[0, :, :, :3].detach().cpu().float()
    return (first.nan_to_num(0.0).clamp(0, 1) * 255).round().byte().numpy()
