"""LoopBlend: makes any clip loop without a visible seam."""

from __future__ import annotations

from typing import Any

from ._host import progress_bar, warn_of_taken_ids
from ._inputs import CATEGORY, boolean, combo, integer, link


class LoopBlend:
    """Closes a clip into a loop and measures its seam."""

    CATEGORY = CATEGORY
    DESCRIPTION = (
        "Closes any clip into a loop, without a model: trims repeated frames, finds the best cut, "
        "blends the ends along their motion, or plays it back. The report measures the seam. "
        "Clips that were made as a loop need it only for touching up."
    )
    FUNCTION = "execute"
    RETURN_TYPES = ("IMAGE", "FLOAT", "STRING")
    RETURN_NAMES = ("frames", "seam", "report")
    OUTPUT_TOOLTIPS = (
        "One turn of the loop.",
        "Closure: the step from the last frame to the first, over the usual step between frames. "
        "1 is perfect.",
        "What was done, and the measures of the seam.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Its inputs."""
        from ..wanderlens.motion import LOOP_METHODS, MAX_BLEND

        warn_of_taken_ids()
        return {
            "required": {
                "frames": link("IMAGE", "The clip, at least 2 frames."),
                "method": combo(
                    LOOP_METHODS,
                    "'auto' takes the first method that leaves no visible seam and says why. "
                    "'motion crossfade' blends the ends along their motion, 'best cut' searches "
                    "the clip for two moments that match.",
                ),
                "blend_frames": integer(
                    8, 1, MAX_BLEND,
                    "Frames that the crossfades blend; the loop is shorter by as many.",
                ),
                "match_exposure": boolean(
                    True,
                    "Bring exposure and colour of the end to those of the start, spread over the "
                    "whole turn. Measured where both ends show the same.",
                ),
            }
        }  # fmt: skip

    def execute(
        self, frames: Any, method: str, blend_frames: int, match_exposure: bool
    ) -> dict[str, Any]:
        """Closes the clip.

        Raises:
            InputError: If an input is refused; the error names it.
        """
        from ..wanderlens.motion import loop_of_tensor

        loop, closed = loop_of_tensor(
            frames, method, blend_frames, match_exposure, progress=progress_bar()
        )
        return {
            "ui": {"text": (closed.report,)},
            "result": (loop, closed.measures.closure, closed.report),
        }
