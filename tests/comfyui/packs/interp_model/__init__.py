"""Test only: nodes with the published signatures of ComfyUI's frame interpolation nodes.

They stand in for FrameInterpolationModelLoader and FrameInterpolate in a ComfyUI that does not
have them yet; the "model" blends. A third node runs the frame-rate conversion of the pack under
test and tells what came out.
"""

import importlib
import itertools
import json
import sys
from typing import Any

import comfy.model_management as mm  # pyright: ignore[reportMissingImports]
import torch
from comfy.model_patcher import ModelPatcher  # pyright: ignore[reportMissingImports]
from comfy_api.latest import ComfyExtension, io  # pyright: ignore[reportMissingImports]

CORE: Any = sys.modules["nodes"]
InterpModel = io.Custom("INTERP_MODEL")


class Blend(torch.nn.Module):
    """The smallest model there is: one weight, 1."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(1), requires_grad=False)

    def forward(self, first, second, share):
        return self.gain * (first + share * (second - first))


class FrameInterpolationModelLoader(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="FrameInterpolationModelLoader",
            category="loaders",
            inputs=[io.Combo.Input("model_name", options=["blend.safetensors"])],
            outputs=[InterpModel.Output()],
        )

    @classmethod
    def execute(cls, model_name):
        assert model_name == "blend.safetensors"
        offload = mm.unet_offload_device()
        return io.NodeOutput(ModelPatcher(Blend(), mm.get_torch_device(), offload))


class FrameInterpolate(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="FrameInterpolate",
            category="image/video",
            inputs=[
                InterpModel.Input("interp_model"),
                io.Image.Input("images"),
                io.Int.Input("multiplier", default=2, min=2, max=16),
            ],
            outputs=[io.Image.Output()],
        )

    @classmethod
    def execute(cls, interp_model, images, multiplier):
        if len(images) < 2 or multiplier < 2:
            return io.NodeOutput(images)
        mm.load_models_gpu([interp_model])
        device = interp_model.load_device
        made = [images[0]]
        for first, second in itertools.pairwise(images):
            for step in range(1, multiplier):
                share = step / multiplier
                between = interp_model.model(first.to(device), second.to(device), share)
                made.append(between.to(images.device))
            made.append(second)
        return io.NodeOutput(torch.stack(made).clamp_(0, 1))


class TellFrameRate(io.ComfyNode):
    """Counts from 0 to 1 in `length` frames, converts, and tells each frame's mean."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="TellFrameRate",
            category="test",
            inputs=[
                io.Int.Input("length"),
                io.Int.Input("native_fps"),
                io.Int.Input("output_fps"),
                io.Boolean.Input("loop"),
                InterpModel.Input("interp_model", optional=True),
            ],
            outputs=[io.String.Output()],
        )

    @classmethod
    def execute(cls, length, native_fps, output_fps, loop, interp_model=None):
        pack = CORE.NODE_CLASS_MAPPINGS["PresetSelector"].__module__.rsplit(".nodes.", 1)[0]
        motion = importlib.import_module(f"{pack}.wanderlens.motion")
        interpolator = None
        if interp_model is not None:
            interpolator = motion.interpolator_from_model(interp_model, CORE.NODE_CLASS_MAPPINGS)
        made = motion.convert_frame_rate(
            torch.linspace(0, 1, length).view(-1, 1, 1, 1).expand(-1, 8, 8, 3).contiguous(),
            native_fps=native_fps,
            output_fps=output_fps,
            loop=loop,
            interpolator=interpolator,
        )
        return io.NodeOutput(json.dumps(made.mean((1, 2, 3)).tolist()))


class Extension(ComfyExtension):
    async def get_node_list(self):
        core = {FrameInterpolationModelLoader, FrameInterpolate}
        missing = [node for node in core if node.__name__ not in CORE.NODE_CLASS_MAPPINGS]
        return [*missing, TellFrameRate]


async def comfy_entrypoint():
    return Extension()
