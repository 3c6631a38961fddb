"""Prepares an IMAGE to be the first or last frame of a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from ..errors import InputError
from ..shot import FrameSize


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture.

    Attributes:
        pixels: [1, height, width, 3], float32, 0..1, on the CPU; never to be written to.
        notes: What was done to it, for the report.
    """

    pixels: torch.Tensor
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Pixels."""
        return self.pixels.shape[1]

    @property
    def width(self) -> int:
        """Pixels."""
        return self.pixels.shape[2]


def checked_picture(image: object, widget: str) -> Picture:
    """Check a picture and bring it to RGB.

    The first picture of a batch is taken. Grey becomes RGB. Transparent pixels are laid on white,
    as picture editors do when they flatten. Values outside 0..1 are cut to it. A picture that
    needs none of this is passed on as it is, bit for bit.

    Args:
        image: [batch, height, width, channels] with 1, 3 or 4 channels, any float dtype, 0..1.
        widget: The input's name, for errors and notes.

    Raises:
        InputError: it is no such tensor, is empty, or holds NaN or infinity.
    """
    if not isinstance(image, torch.Tensor) or not image.is_floating_point():
        raise _refused(widget, "must be an image", _kind(image), "Connect a Load Image node.")
    shape = tuple(image.shape)
    if image.ndim != 4 or 0 in shape or shape[-1] not in (1, 3, 4):
        raise _refused(
            widget,
            "must have the shape batch × height × width × channels, with 1, 3 or 4 channels",
            shape,
            "Connect the image output of a Load Image node.",
        )
    notes = []
    pixels = image[:1].to("cpu", torch.float32)
    if not torch.isfinite(pixels).all():
        raise _refused(
            widget,
            "must hold finite numbers only",
            "NaN or infinity",
            "The node before it has failed; VAEs in half precision do that.",
        )
    if shape[0] > 1:
        notes.append(f"{widget} holds {shape[0]} pictures; the first is used.")
    if pixels.min() < 0 or pixels.max() > 1:
        notes.append(f"{widget} has values outside 0..1, which were cut.")
        pixels = pixels.clamp(0, 1)
    if shape[-1] == 1:
        pixels = pixels.repeat(1, 1, 1, 3)
    elif shape[-1] == 4:
        alpha = pixels[..., 3:]
        if (alpha < 1).any():
            notes.append(f"The transparent parts of {widget} were laid on white.")
        pixels = pixels[..., :3] * alpha + (1 - alpha)
    return Picture(pixels, tuple(notes))


def fit_picture(picture: Picture, size: FrameSize) -> torch.Tensor:
    """Scale and crop a picture to the frames of a clip.

    Lanczos with antialiasing, in float32 throughout. A picture that already has the size is
    returned bit for bit.

    Args:
        picture: The picture.
        size: How it becomes frames; made for a picture of this size.

    Returns:
        [1, size.height, size.width, 3], float32, 0..1; never to be written to.
    """
    if size.untouched:
        return picture.pixels
    pixels = picture.pixels[0]
    scaled = (size.scaled_width, size.scaled_height)
    if scaled != (picture.width, picture.height):
        channels = [_scaled(pixels[..., channel], scaled) for channel in range(3)]
        # Lanczos overshoots at edges.
        pixels = torch.stack(channels, dim=-1).clamp(0, 1)
    top, left = size.crop_top, size.crop_left
    cropped = pixels[top : top + size.height, left : left + size.width]
    return cropped.unsqueeze(0).contiguous()


def _scaled(channel: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """One channel [height, width], float32, at another size (width, height)."""
    plane = Image.fromarray(np.ascontiguousarray(channel.numpy()))
    return torch.from_numpy(np.array(plane.resize(size, Image.Resampling.LANCZOS)))


def _refused(widget: str, rule: str, value: object, remedy: str) -> InputError:
    return InputError(f"{widget} {rule}", value, remedy, widget)


def _kind(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of {value.dtype}"
    return type(value).__name__
