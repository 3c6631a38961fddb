"""Adapts ComfyUI's frame interpolation models (RIFE, FILM) to the `Interpolator` interface.

ComfyUI 0.20 and later load such a model with the node FrameInterpolationModelLoader (type
INTERP_MODEL) and run it with the node FrameInterpolate. That node runs the model here too, so that
device, precision, memory, progress and cancelling are ComfyUI's. Its published signature
(`comfy_extras/nodes_frame_interpolation.py`): `execute(interp_model, images, multiplier)` returns
(N-1)·m + 1 RGB images for N images and a whole multiplier m, without an input for loops. The
node's widget takes multipliers from 2 to 16; the function takes larger ones too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    import torch

NODE = "FrameInterpolate"
"""The id of ComfyUI's node that runs an INTERP_MODEL."""


def interpolator_from_model(
    interp_model: object, node_classes: Mapping[str, Any]
) -> Callable[[torch.Tensor, int], torch.Tensor]:
    """Make an interpolator for `convert_frame_rate` from ComfyUI's INTERP_MODEL.

    Args:
        interp_model: What FrameInterpolationModelLoader returns. Not changed.
        node_classes: ComfyUI's node classes by id (`nodes.NODE_CLASS_MAPPINGS`).

    Returns:
        A function of images [N, H, W, 3] and a whole multiplier m above 1 that returns
        [(N-1)·m + 1, H, W, 3].

    Raises:
        InputError: this ComfyUI has no such node. The interpolator raises it for images that are
            not RGB.
    """
    node_class = node_classes.get(NODE)
    if node_class is None:
        raise InputError(
            f"interp_model needs ComfyUI's node {NODE}",
            "a ComfyUI without it",
            "Update ComfyUI to 0.20 or later, or disconnect interp_model.",
            "interp_model",
        )

    def interpolate(images: torch.Tensor, multiplier: int) -> torch.Tensor:
        if images.shape[-1] != 3:
            raise InputError(
                "interp_model takes RGB frames",
                f"{images.shape[-1]} channels",
                "Disconnect interp_model, or convert the frames to RGB.",
                "interp_model",
            )
        output = _call(node_class)(interp_model=interp_model, images=images, multiplier=multiplier)
        return _first_result(output)

    return interpolate


def _call(node_class: Any) -> Callable[..., Any]:
    """The function of a node: the class method `execute` in V3, a method named FUNCTION in V1."""
    if hasattr(node_class, "define_schema"):
        return node_class.execute
    return getattr(node_class(), node_class.FUNCTION)


def _first_result(output: Any) -> Any:
    """The first output of a node, from V3's NodeOutput, or V1's tuple or dictionary."""
    if isinstance(output, Mapping):
        output = output.get("result")
    output = getattr(output, "result", output)
    if not output:
        raise InputError(
            f"{NODE} must return frames",
            output,
            "Disconnect interp_model or connect another model.",
            "interp_model",
        )
    return output[0]
