"""Tells the Wan family of a ComfyUI MODEL, and refuses models and VAEs that do not fit.

Everything is read from the objects themselves, so that quantised, compiled and patched models of
any loader are told too. Nothing of ComfyUI is imported.
"""

from __future__ import annotations

from typing import Any

from ...errors import InputError
from ...shot import I2V_A14B, TI2V_5B, Family

_LOAD = "Load a Wan 2.2 I2V-A14B or TI2V-5B model."

_VAE_FILES = {I2V_A14B.id: "wan_2.1_vae.safetensors", TI2V_5B.id: "wan2.2_vae.safetensors"}


def model_family(model: Any, widget: str) -> Family:
    """The family of a MODEL.

    A Wan 2.1 image-to-video model has 36 channels too, but asks for CLIP vision and knows no
    experts; it is refused. So are text-to-video, VACE, camera, speech and other variants.

    Args:
        model: ComfyUI's MODEL.
        widget: The input's name, for errors.

    Raises:
        InputError: it is not a Wan 2.2 image-to-video model.
    """
    base = getattr(model, "model", None)
    config = _config(base)
    if not _is_wan(base, config):
        name = config.get("image_model") or type(model if base is None else base).__name__
        raise _not_ours(widget, name, _LOAD)
    kind = config.get("model_type", "t2v")  # ComfyUI's word for a Wan model without CLIP vision
    channels = _input_channels(model, config)
    latents = getattr(model.get_model_object("latent_format"), "latent_channels", None)
    for family in (I2V_A14B, TI2V_5B):
        if (channels, latents) == (family.model_channels, family.latent_channels):
            if kind == "t2v":
                return family
            if kind == "i2v" and family is I2V_A14B:
                raise _not_ours(widget, "a Wan 2.1 image-to-video model", _LOAD)
    if kind == "t2v" and channels == latents:
        raise _not_ours(
            widget,
            f"a Wan text-to-video model ({channels} channels)",
            "Load the I2V file instead: wan2.2_i2v_high_noise_14B and wan2.2_i2v_low_noise_14B.",
        )
    raise _not_ours(widget, f"a Wan model of type {kind} with {channels} channels", _LOAD)


def check_low_noise(low_noise: Any, family: Family) -> None:
    """Check the MODEL of the second expert.

    Args:
        low_noise: ComfyUI's MODEL, or None.
        family: The family of the first.

    Raises:
        InputError: it is missing, not needed, or of another family.
    """
    if low_noise is None:
        if family.two_experts:
            raise InputError(
                f"low_noise must be connected for {family.id}",
                None,
                "Connect the low-noise expert; for a merged checkpoint, the same model as "
                "high_noise.",
                "low_noise",
            )
        return
    if not family.two_experts:
        raise InputError(
            f"low_noise must be left open for {family.id}, which is one model",
            "a model",
            "Disconnect it.",
            "low_noise",
        )
    other = model_family(low_noise, "low_noise")
    if other is not family:
        raise InputError(
            f"low_noise must be of the same family as high_noise, {family.id}",
            other.id,
            "Load the low-noise file of the same model.",
            "low_noise",
        )


def check_vae(vae: Any, family: Family) -> None:
    """Check that a VAE makes the latents of a family.

    Raises:
        InputError: its channels or its stride differ, or it is not for video.
    """
    channels = getattr(vae, "latent_channels", None)
    dimensions = getattr(vae, "latent_dim", None)
    stride = vae.spacial_compression_encode() if hasattr(vae, "spacial_compression_encode") else 0
    if (channels, dimensions, stride) != (family.latent_channels, 3, family.spatial_stride):
        kind = "a video VAE" if dimensions == 3 else "a picture VAE"
        raise InputError(
            f"vae must have {family.latent_channels} channels and a stride of "
            f"{family.spatial_stride} for {family.id}",
            f"{kind} with {channels} channels and a stride of {stride}",
            f"Load {_VAE_FILES[family.id]}.",
            "vae",
        )


def check_conditioning(conditioning: Any, model: Any, widget: str) -> None:
    """Check that a CONDITIONING comes from a text encoder of the model's width.

    Raises:
        InputError: it is empty, or its width is another.
    """
    if not conditioning:
        raise InputError(
            f"{widget} must hold a prompt", conditioning, "Connect CLIP Text Encode.", widget
        )
    expected = getattr(model.get_model_object("diffusion_model"), "text_dim", None)
    width = conditioning[0][0].shape[-1]
    if expected is not None and width != expected:
        raise InputError(
            f"{widget} must come from a text encoder of width {expected}",
            width,
            "Load umt5_xxl with Load CLIP, type wan.",
            widget,
        )


def _config(base: Any) -> dict[str, Any]:
    config = getattr(getattr(base, "model_config", None), "unet_config", None)
    return config if isinstance(config, dict) else {}


def _is_wan(base: Any, config: dict[str, Any]) -> bool:
    if "image_model" in config:
        return config["image_model"] == "wan2.1"  # 2.2 as well
    return any(parent.__name__ == "WAN21" for parent in type(base).__mro__)


def _input_channels(model: Any, config: dict[str, Any]) -> int | None:
    if "in_dim" in config:
        return config["in_dim"]
    embedding = getattr(model.get_model_object("diffusion_model"), "patch_embedding", None)
    weight = getattr(embedding, "weight", None)
    return None if weight is None else weight.shape[1]


def _not_ours(widget: str, value: str, remedy: str) -> InputError:
    return InputError(f"{widget} must be a Wan 2.2 image-to-video model", value, remedy, widget)
