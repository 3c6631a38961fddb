"""FrameContinuityExtend: makes a clip longer, or joins it with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..wanderlens.checks import one_of
from ..wanderlens.errors import InputError
from ._host import engine_and_context, interpolator, progress_bar, warn_of_taken_ids
from ._inputs import CATEGORY, boolean, combo, integer, link, number, quality_menu, sampling_inputs

if TYPE_CHECKING:
    from ..wanderlens.pipeline.input_video import InputClips

GENERATE = "generate"
UNUSED_END = "end_image is for join 'generate' and was not used."


class FrameContinuityExtend:
    """Goes on from a clip with Wan 2.2, bridges two clips, or joins them without a model."""

    CATEGORY = CATEGORY
    DESCRIPTION = (
        "Makes a clip longer: Wan 2.2 goes on from its last frames, with their motion and their "
        "colours, to an open end, to a picture, to the next clip (a bridge) or back to its own "
        "start (a loop). Or joins two clips without a model. Every joint is measured in the report."
    )
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE", "IMAGE", "FLOAT", "STRING")
    RETURN_NAMES = ("frames", "new_frames", "fps", "report")
    OUTPUT_TOOLTIPS = (
        "The whole clip: what came in, what was added, and the next clip if there is one.",
        "What was added or changed, without what came in.",
        "Frames per second, for Create Video: those of the clip.",
        "What was done, the measures of every joint, and hints.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Its inputs; the menus of samplers and schedulers are those of the ComfyUI that runs."""
        from ..wanderlens.motion import JOIN_METHODS, MAX_BLEND
        from ..wanderlens.shot import LAYOUTS

        warn_of_taken_ids()
        return {
            "required": {
                "frames": link("IMAGE", "The clip that is made longer."),
                "clip_fps": number(
                    16.0, 1.0, 240.0, 0.001,
                    "Frames per second of the clip. Link the fps of Wan 2.2 Image to Video or Get "
                    "Video Components.",
                ),
                "join": combo(
                    (GENERATE, *JOIN_METHODS),
                    "'generate' has Wan 2.2 make what is added. The others need next_frames and no "
                    "model: 'motion crossfade' blends the clips along their motion, 'cut' puts one "
                    "after the other.",
                ),
                "duration": number(
                    5.0, 0.05, 120.0, 0.05,
                    "Seconds to add; with next_frames, the length of the bridge. More than 5 "
                    "seconds are made in several segments. For generate only.",
                ),
                "context_frames": integer(
                    5, 1, 13,
                    "Frames, at the model's own rate, that motion goes on from. 1 knows where "
                    "things are but not how they move. For generate only.",
                    step=4,
                ),
                "color_match": number(
                    1.0, 0.0, 1.0, 0.05,
                    "How far the colours of what is added are held to the clip's. Lower it where "
                    "the light is meant to change.",
                ),
                "close_loop": boolean(
                    False,
                    "Lead back to the clip's own start, so that the result repeats without a seam.",
                ),
                "quality": quality_menu(),
                "seed": integer(
                    0, 0, 2**64 - 1,
                    "The same seed and settings make the same clip. Each segment has the next one.",
                    control_after_generate=True,
                ),
            },
            "optional": {
                "high_noise": link(
                    "MODEL", "Wan 2.2 I2V's high-noise expert, or the 5B model alone."
                ),
                "low_noise": link(
                    "MODEL", "Wan 2.2 I2V's low-noise expert. Leave it open for the 5B."
                ),
                "positive": link("CONDITIONING", "The prompt of what is added."),
                "negative": link("CONDITIONING", "The negative prompt."),
                "vae": link("VAE", "Wan 2.1's VAE for the A14B models, Wan 2.2's for the 5B."),
                "next_frames": link(
                    "IMAGE",
                    "The clip that comes next; it takes on the size and rate of the first. Bridges "
                    "need the A14B models.",
                ),
                "next_fps": number(
                    16.0, 1.0, 240.0, 0.001, "Frames per second of next_frames."
                ),
                "end_image": link("IMAGE", "A picture to end on. A14B models only."),
                "interp_model": link(
                    "INTERP_MODEL",
                    "A RIFE or FILM model for the frames in between; without it optical flow "
                    "makes them. Used where clip_fps is not what the model makes, or next_fps "
                    "differs from it.",
                ),
                **sampling_inputs(),
                "continue_from": combo(
                    LAYOUTS,
                    "'SVI anchor' is for the LoRAs of Stable Video Infinity 2.0 Pro, which take "
                    "the clip's first frame and the latents of its end.",
                    advanced=True,
                ),
                "blend_frames": integer(
                    8, 1, MAX_BLEND,
                    "Frames that the crossfades blend; the result is shorter by as many.",
                    advanced=True,
                ),
            },
            "hidden": {"prompt": "PROMPT", "unique_id": "UNIQUE_ID"},
        }  # fmt: skip

    def execute(
        self,
        frames: Any,
        clip_fps: float,
        join: str,
        duration: float,
        context_frames: int,
        color_match: float,
        close_loop: bool,
        quality: str,
        seed: int,
        high_noise: Any = None,
        low_noise: Any = None,
        positive: Any = None,
        negative: Any = None,
        vae: Any = None,
        next_frames: Any = None,
        next_fps: float = 16.0,
        end_image: Any = None,
        interp_model: Any = None,
        steps: int = 20,
        cfg: float = 3.5,
        shift: float = 5.0,
        sampler_name: str = "euler",
        scheduler: str = "simple",
        boundary: float = 0.9,
        continue_from: str = "context frames",
        blend_frames: int = 8,
        prompt: Any = None,
        unique_id: Any = None,
    ) -> dict[str, Any]:
        """Extends, bridges or joins.

        Raises:
            InputError: If an input is refused; the error names it.
            RuntimeError: If something fails after the sampling; the error says where the sampled
                latents are.
        """
        from ..wanderlens.motion import JOIN_METHODS
        from ..wanderlens.pipeline.extend import extend, extension_request
        from ..wanderlens.pipeline.input_video import prepared_clips
        from ..wanderlens.shot import CustomSettings

        generates = one_of(join, "join", (GENERATE, *JOIN_METHODS)) == GENERATE
        if generates:
            _check_needed(high_noise=high_noise, positive=positive, negative=negative, vae=vae)
        clips = prepared_clips(
            frames, clip_fps, next_frames, next_fps, end_image if generates else None,
            interpolator=interpolator(interp_model), progress=progress_bar(),
        )  # fmt: skip
        if not generates:
            unused = () if end_image is None else (UNUSED_END,)
            return _joined(clips, join, blend_frames, color_match, close_loop, unused)
        engine, context = engine_and_context(
            (high_noise, low_noise), (positive, negative), vae, interp_model=interp_model,
            label=f"extend-seed{seed}", prompt=prompt, unique_id=unique_id,
        )  # fmt: skip
        request = extension_request(
            clips, duration=duration, context_frames=context_frames, color_match=color_match,
            close_loop=close_loop, quality=quality, seed=seed, layout=continue_from,
            custom=CustomSettings(steps, cfg, shift, sampler_name, scheduler, boundary),
        )  # fmt: skip
        extended = extend(
            engine, request, clips.clip, clips.following, clips.ending,
            notes=clips.notes, context=context,
        )  # fmt: skip
        return _outputs(extended.frames, extended.new_frames, extended.fps, extended.report)


def _joined(
    clips: InputClips,
    join: str,
    blend_frames: int,
    color_match: float,
    close_loop: bool,
    notes: tuple[str, ...],
) -> dict[str, Any]:
    """Joins clips without a model."""
    from ..wanderlens.motion import join_of_tensors

    frames, (start, count), joined = join_of_tensors(
        clips.clip, clips.following, join, blend_frames, color_match,
        close_loop=close_loop, fps=float(clips.fps), progress=progress_bar(),
    )  # fmt: skip
    lines = [joined.report, *(f"Note: {note}" for note in (*clips.notes, *notes))]
    return _outputs(frames, frames[start : start + count], clips.fps, "\n".join(lines))


def _check_needed(**inputs: Any) -> None:
    """Refuses a missing model.

    Raises:
        InputError: An input that generate needs is not connected.
    """
    for name, given in inputs.items():
        if given is None:
            raise InputError(
                f"{name} must be connected for join 'generate'",
                None,
                "Connect it, or choose a join that needs no model.",
                name,
            )


def _outputs(frames: Any, new_frames: Any, fps: Any, report: str) -> dict[str, Any]:
    return {"ui": {"text": (report,)}, "result": (frames, new_frames, float(fps), report)}
