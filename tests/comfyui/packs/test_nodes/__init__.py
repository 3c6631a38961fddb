"""Nodes for tests only: prompts without a text encoder, bad inputs, and counters."""

from __future__ import annotations

import copy
import ctypes
import gc
import hashlib
import importlib.util
import math
import os
import time
from pathlib import Path
from typing import Any

import torch

CATEGORY = "test"
#: Width of the VAE that cores before 0.4, which know only the full size, are taught.
SMALL_DIM = int(os.environ.get("TEST_VAE_DIM", "8"))


def generator(text: str) -> torch.Generator:
    """Random numbers that depend on a text alone."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") % 2**63
    return torch.Generator().manual_seed(seed)


def module_of(file: Path) -> Any:
    """A file of this repository as a module; its folders are on no search path here."""
    spec = importlib.util.spec_from_file_location(f"test_nodes_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestConditioning:
    """A prompt's words as random vectors of the text encoder's width."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {
            "required": {
                "text": ("STRING", {"default": "", "multiline": True}),
                "width": ("INT", {"default": 4096}),
            }
        }

    def execute(self, text: str, width: int) -> tuple[Any]:
        tokens = torch.zeros(1, 512, width)
        for position, word in enumerate(text.split()[:512]):
            tokens[0, position] = 0.1 * torch.randn(width, generator=generator(word))
        return ([[tokens, {}]],)


class TestNanoText:
    """A prompt through the nano model's own text encoder."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"text": ("STRING", {"default": "", "multiline": True})}}

    def execute(self, text: str) -> tuple[Any]:
        module = module_of(Path(__file__).resolve().parents[4] / "wanderlens" / "nano" / "text.py")
        return ([[module.HashTextEncoder().encode([text]), {}]],)


class TestPicture:
    """A picture: smooth colours from a seed, or something broken."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {
            "required": {
                "width": ("INT", {"default": 96, "min": 1, "max": 65536}),
                "height": ("INT", {"default": 64, "min": 1, "max": 65536}),
                "kind": (["plain", "nan", "batch", "rgba", "grey"],),
                "seed": ("INT", {"default": 0}),
            }
        }

    def execute(self, width: int, height: int, kind: str, seed: int) -> tuple[Any]:
        small = torch.rand(1, 3, 4, 4, generator=generator(str(seed)))
        size = (height, width)
        smooth = torch.nn.functional.interpolate(small, size=size, mode="bilinear")
        picture = smooth.movedim(1, -1).contiguous()
        if kind == "nan":
            picture[0, 0, 0, 0] = math.nan
        elif kind == "batch":
            picture = torch.cat([picture, 1 - picture])
        elif kind == "rgba":
            picture = torch.cat([picture, picture[..., :1]], dim=-1)
        elif kind == "grey":
            picture = picture[..., :1]
        return (picture,)


class TestClip:
    """A clip of a textured scene, the camera moving at an even speed."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {
            "required": {
                "width": ("INT", {"default": 64}),
                "height": ("INT", {"default": 64}),
                "frames": ("INT", {"default": 9}),
                "speed": ("FLOAT", {"default": 1.0, "tooltip": "Pixels per frame."}),
                "start": ("FLOAT", {"default": 0.0, "tooltip": "Pixels."}),
            }
        }

    def execute(
        self, width: int, height: int, frames: int, speed: float, start: float
    ) -> tuple[Any]:
        scenes = module_of(Path(__file__).resolve().parents[3] / "support" / "scenes.py")
        places = [start + speed * index for index in range(frames)]
        return (torch.stack([scenes.scene(at, 0.4 * at, (height, width)) for at in places]),)


class TestCountSteps:
    """A MODEL that notes each of its calls as one byte of a file in the output folder.

    The byte is the number of latents that it is called with.
    """

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("MODEL",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {
            "required": {"model": ("MODEL",), "name": ("STRING", {"default": "calls"})},
            "optional": {"pause": ("FLOAT", {"default": 0.0, "tooltip": "Seconds before a call."})},
        }

    def execute(self, model: Any, name: str, pause: float = 0.0) -> tuple[Any]:
        import folder_paths  # pyright: ignore[reportMissingImports]

        file = Path(folder_paths.get_output_directory()) / name
        counted = model.clone()

        def call(function: Any, arguments: dict[str, Any]) -> torch.Tensor:
            with file.open("ab") as calls:
                calls.write(bytes([arguments["input"].shape[2]]))
            time.sleep(pause)
            return function(arguments["input"], arguments["timestep"], **arguments["c"])

        counted.set_model_unet_function_wrapper(call)
        return (counted,)


class TestFadingVAE:
    """A VAE of which each latent keeps a part of the one before it; quick, and settles at will.

    It notes each encode as one byte of a file in the output folder: the number of frames.
    """

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("VAE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {
            "required": {
                "vae": ("VAE",),
                "keeps": ("FLOAT", {"default": 0.3}),
                "name": ("STRING", {"default": "encodes"}),
            }
        }

    def execute(self, vae: Any, keeps: float, name: str) -> tuple[Any]:
        import folder_paths  # pyright: ignore[reportMissingImports]

        file = Path(folder_paths.get_output_directory()) / name

        def encode(frames: torch.Tensor) -> torch.Tensor:
            with file.open("ab") as encodes:
                encodes.write(bytes([len(frames)]))
            seen = 4 * torch.nn.functional.avg_pool2d(frames.movedim(-1, 1), 8) - 1
            latents = [seen[0]]
            for group in seen[1:].split(4):
                latents.append(keeps * latents[-1] + (1 - keeps) * group.mean(0))
            return torch.stack(latents, 1).repeat(6, 1, 1, 1)[None, :16]

        def decode(latents: torch.Tensor) -> torch.Tensor:
            frames = latents[0, :3].movedim(0, -1).sigmoid()  # [t, h, w, 3]
            frames = torch.cat([frames[:1], frames[1:].repeat_interleave(4, 0)])
            return frames.repeat_interleave(8, 1).repeat_interleave(8, 2)[None]

        quick = copy.copy(vae)
        quick.encode, quick.decode = encode, decode
        return (quick,)


class TestBrokenVAE:
    """A VAE that encodes but cannot decode."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("VAE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        kinds = ["memory", "error", "cancel"]
        return {"required": {"vae": ("VAE",), "kind": (kinds,)}}

    def execute(self, vae: Any, kind: str) -> tuple[Any]:
        import comfy.model_management as management  # pyright: ignore[reportMissingImports]

        def decode(*_: Any, **__: Any) -> torch.Tensor:
            if kind == "memory":
                raise management.OOM_EXCEPTION("out of memory in a test")
            if kind == "cancel":
                raise management.InterruptProcessingException
            raise ValueError("the decoder broke")

        broken = copy.copy(vae)
        broken.decode = decode
        return (broken,)


class TestVAE22:
    """Wan 2.2's VAE with few channels; ComfyUI's loader knows only the full size."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("VAE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"vae": ("VAE", {"tooltip": "Any VAE, for its devices."})}}

    def execute(self, vae: Any) -> tuple[Any]:
        import comfy.model_patcher  # pyright: ignore[reportMissingImports]
        from comfy.ldm.wan.vae2_2 import WanVAE  # pyright: ignore[reportMissingImports]

        with torch.inference_mode(False), torch.no_grad():
            model = WanVAE(
                dim=8, dec_dim=8, z_dim=48, dim_mult=[1, 2, 4, 4],
                temperal_downsample=[False, True, True],
            ).eval()  # fmt: skip
            for name, parameter in model.named_parameters():
                scale = 0.0 if name.endswith("bias") else parameter[0].numel() ** -0.5
                if not name.endswith("gamma"):
                    parameter.copy_(scale * torch.randn(parameter.shape, generator=generator(name)))
        tiny = copy.copy(vae)
        tiny.first_stage_model = model.to(vae.vae_dtype)
        tiny.patcher = comfy.model_patcher.ModelPatcher(
            tiny.first_stage_model, vae.patcher.load_device, vae.patcher.offload_device
        )
        tiny.latent_channels = 48
        tiny.upscale_ratio = (vae.upscale_ratio[0], 16, 16)
        tiny.downscale_ratio = (vae.downscale_ratio[0], 16, 16)
        tiny.upscale_index_formula = tiny.downscale_index_formula = (4, 16, 16)
        return (tiny,)


class AnyType(str):
    """A type that ComfyUI lets link to every input."""

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


class TestAny:
    """A text that links to any input."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = (AnyType("*"),)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"value": ("STRING", {"default": ""})}}

    def execute(self, value: str) -> tuple[str]:
        return (value,)


class TestAlwaysNew:
    """A MODEL that says it is another one each time."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ("MODEL",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"model": ("MODEL",)}}

    @classmethod
    def IS_CHANGED(cls, **_: Any) -> float:
        return float("nan")  # a new object each time: ComfyUI compares it by identity

    def execute(self, model: Any) -> tuple[Any]:
        return (model,)


class TestStrengths:
    """A list of numbers."""

    CATEGORY = "test"
    FUNCTION = "execute"
    RETURN_TYPES = ("FLOAT",)
    OUTPUT_IS_LIST = (True,)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    def execute(self):
        return ([0.0, 3.0],)


class TestShape:
    """Shows the shape of pictures, and that they are finite and within 0..1."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ()
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"images": ("IMAGE",)}}

    def execute(self, images: torch.Tensor) -> dict[str, Any]:
        if not ((images >= 0) & (images <= 1)).all():
            raise ValueError("pictures outside 0..1")
        return {"ui": {"text": (str(tuple(images.shape)),)}}


class TestFrames:
    """Shows a hash of each frame: frames that are the same have the same one."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ()
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"images": ("IMAGE",)}}

    def execute(self, images: torch.Tensor) -> dict[str, Any]:
        if not ((images >= 0) & (images <= 1)).all():
            raise ValueError("pictures outside 0..1")
        size = str(tuple(images.shape[1:])).encode()
        frames = (frame.contiguous().cpu().float().numpy().tobytes() for frame in images)
        return {"ui": {"text": [hashlib.sha256(size + frame).hexdigest() for frame in frames]}}


class TestTrim:
    """Gives freed memory back to the system, so that what is resident is in use (Linux)."""

    CATEGORY = CATEGORY
    FUNCTION = "execute"
    RETURN_TYPES = ()
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"number": ("INT", {"default": 0, "max": 2**63 - 1})}}

    def execute(self, number: int) -> dict[str, Any]:
        del number
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        return {}


def let_old_loaders_take_small_vaes() -> None:
    """Older ComfyUIs build Wan 2.1's VAE at full size without a look at the file."""
    import comfy.ldm.wan.vae as module  # pyright: ignore[reportMissingImports]

    class SmallVAE(module.WanVAE):
        def __init__(self, dim: int = 128, **config: Any) -> None:
            super().__init__(dim=SMALL_DIM if dim == 96 else dim, **config)

    module.WanVAE = SmallVAE


let_old_loaders_take_small_vaes()

NODE_CLASS_MAPPINGS = {
    node.__name__: node
    for node in (
        TestConditioning,
        TestNanoText,
        TestPicture,
        TestClip,
        TestCountSteps,
        TestFadingVAE,
        TestBrokenVAE,
        TestVAE22,
        TestAny,
        TestAlwaysNew,
        TestShape,
        TestFrames,
        TestTrim,
        TestStrengths,
    )
}
