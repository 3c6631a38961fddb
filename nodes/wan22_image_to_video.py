"""Wan22ImageToVideo: makes a clip from a still with Wan 2.2."""

from __future__ import annotations

from typing import Any

from ._host import engine_and_context, warn_of_taken_ids
from ._inputs import CATEGORY, boolean, combo, integer, link, number, quality_menu, sampling_inputs


class Wan22ImageToVideo:
    """Makes a clip from a still with Wan 2.2."""

    CATEGORY = CATEGORY
    DESCRIPTION = (
        "Turns a still into a clip with Wan 2.2: sizes the picture, counts the frames, hands over "
        "between the experts at the right noise level, and makes loops and frame rates exact. The "
        "report says what was done."
    )
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE", "FLOAT", "LATENT", "STRING")
    RETURN_NAMES = ("frames", "fps", "latent", "report")
    OUTPUT_TOOLTIPS = (
        "The clip's frames.",
        "Frames per second, for Create Video.",
        "The sampled latents, before decoding; of the last segment, if the clip has several.",
        "Size, frames, experts, seed, settings, seconds per stage, and hints.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Its inputs; the menus of samplers and schedulers are those of the ComfyUI that runs."""
        from ..wanderlens.shot import RESOLUTIONS

        warn_of_taken_ids()
        return {
            "required": {
                "image": link("IMAGE", "The still that the clip starts with."),
                "high_noise": link(
                    "MODEL", "Wan 2.2 I2V's high-noise expert, or the 5B model alone."
                ),
                "positive": link("CONDITIONING", "The prompt, from a text encoder."),
                "negative": link("CONDITIONING", "The negative prompt, from a text encoder."),
                "vae": link("VAE", "Wan 2.1's VAE for the A14B models, Wan 2.2's for the 5B."),
                "fps": integer(
                    16, 16, 32,
                    "Frames per second of the clip: 16 is cinematic, 32 is fluid. 24 is what the "
                    "5B makes by itself.",
                    step=8,
                ),
                "duration": number(
                    5.0, 0.1, 120.0, 0.1,
                    "Seconds. Start short: beyond 5 seconds the clip is several segments, each "
                    "continuing the one before.",
                ),
                "loop": boolean(
                    False,
                    "Make a clip that repeats without a seam. The 5B's is blended closed along its "
                    "motion.",
                ),
                "resolution": combo(
                    RESOLUTIONS,
                    "How large the frames are; their shape follows the picture. 'match image' "
                    "takes the picture's own size, 'custom' the width and height below.",
                ),
                "quality": quality_menu(),
                "seed": integer(
                    0, 0, 2**64 - 1,
                    "The same seed and settings make the same clip.",
                    control_after_generate=True,
                ),
            },
            "optional": {
                "low_noise": link(
                    "MODEL",
                    "Wan 2.2 I2V's low-noise expert. Leave it open for the 5B; for a merged "
                    "checkpoint connect the same model as above.",
                ),
                "end_image": link("IMAGE", "A picture the clip ends on. A14B models only."),
                "interp_model": link(
                    "INTERP_MODEL",
                    "A RIFE or FILM model for the frames in between; without it optical flow "
                    "makes them. Used only where fps differs from what the model makes.",
                ),
                "width": integer(
                    832, 64, 4096, "Pixels, for resolution custom only.", step=16, advanced=True
                ),
                "height": integer(
                    480, 64, 4096, "Pixels, for resolution custom only.", step=16, advanced=True
                ),
                **sampling_inputs(),
            },
            "hidden": {"prompt": "PROMPT", "unique_id": "UNIQUE_ID"},
        }  # fmt: skip

    def execute(
        self,
        image: Any,
        high_noise: Any,
        positive: Any,
        negative: Any,
        vae: Any,
        fps: int,
        duration: float,
        loop: bool,
        resolution: str,
        quality: str,
        seed: int,
        low_noise: Any = None,
        end_image: Any = None,
        interp_model: Any = None,
        width: int = 832,
        height: int = 480,
        steps: int = 20,
        cfg: float = 3.5,
        shift: float = 5.0,
        sampler_name: str = "euler",
        scheduler: str = "simple",
        boundary: float = 0.9,
        prompt: Any = None,
        unique_id: Any = None,
    ) -> dict[str, Any]:
        """Makes the clip.

        Raises:
            InputError: If an input is refused; the error names it.
            RuntimeError: If something fails after the sampling; the error says where the sampled
                latents are.
        """
        from ..wanderlens.pipeline.image_to_video import animate
        from ..wanderlens.pipeline.input_image import checked_picture
        from ..wanderlens.shot import CustomSettings, ShotRequest

        still = checked_picture(image, "image")
        ending = None if end_image is None else checked_picture(end_image, "end_image")
        request = ShotRequest(
            picture_width=still.width, picture_height=still.height, fps=fps, duration=duration,
            loop=loop, resolution=resolution, width=width, height=height, quality=quality,
            seed=seed, has_end_image=ending is not None,
            custom=CustomSettings(steps, cfg, shift, sampler_name, scheduler, boundary),
        )  # fmt: skip
        engine, context = engine_and_context(
            (high_noise, low_noise), (positive, negative), vae, interp_model=interp_model,
            label=f"seed{seed}", prompt=prompt, unique_id=unique_id,
        )  # fmt: skip
        clip = animate(engine, request, still, ending, context=context)
        result = (clip.frames, clip.fps, {"samples": clip.latents}, clip.report)
        return {"ui": {"text": (clip.report,)}, "result": result}
