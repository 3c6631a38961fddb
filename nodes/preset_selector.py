"""PresetSelector: picks a preset shot and gives what it recommends."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ..wanderlens.errors import InputError
from ._host import preset_library, warn_of_taken_ids
from ._inputs import CATEGORY, DIRECTION_TYPE, combo, number

if TYPE_CHECKING:
    from ..wanderlens.direction import Direction


class PresetSelector:
    """Picks a preset and gives what it recommends."""

    CATEGORY = CATEGORY
    DESCRIPTION = (
        "A shot that is ready to use. Link 'direction' into Cinematic Direction's preset, and fps, "
        "duration and loop into the widgets of the same name. Your own presets are JSON files in "
        "user/default/wanderlens/presets."
    )
    FUNCTION = "execute"
    RETURN_TYPES = (DIRECTION_TYPE, "STRING", "INT", "FLOAT", "BOOLEAN")
    RETURN_NAMES = ("direction", "text", "fps", "duration", "loop")
    OUTPUT_TOOLTIPS = (
        "The shot, for Cinematic Direction's preset.",
        "The shot as a prompt by itself.",
        "Recommended frames per second.",
        "Recommended length in seconds.",
        "Whether the shot is made to loop.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Its inputs; the menu holds the user's presets as their files are now."""
        warn_of_taken_ids()
        return {
            "required": {
                "preset": combo(
                    preset_library().ids, "The shot. Yours are listed last, under 'user/'."
                ),
                "intensity": number(
                    1.0, 0.0, 1.5, 0.05,
                    "How strong the camera move is: 0 holds still, below 0.6 is gentle, above 1.1 "
                    "is strong.",
                ),
            }
        }  # fmt: skip

    @classmethod
    def VALIDATE_INPUTS(cls, preset: str | None = None) -> bool | str:
        """Names the file of a preset that is gone."""
        if preset is None:  # linked: checked when the node runs
            return True
        try:
            preset_library()[preset]
        except InputError as error:
            return str(error)
        return True

    @classmethod
    def IS_CHANGED(cls, preset: str | None = None, **_: Any) -> str:
        """Changes when the preset's file does."""
        try:
            content = repr(preset_library()[preset]) if preset is not None else ""
        except InputError:
            content = ""
        return hashlib.sha256(content.encode()).hexdigest()

    def execute(self, preset: str, intensity: float) -> tuple[Direction, str, int, float, bool]:
        """Gives the preset's direction, prompt, fps, duration and loop.

        Raises:
            InputError: If the preset is gone or the intensity is not from 0 to 1.5.
        """
        from ..wanderlens.direction import Brief, check_intensity, compose

        chosen = preset_library()[preset]
        check_intensity(intensity)
        direction = chosen.direction(intensity)
        prompt = compose(Brief(preset=direction, loop=chosen.loop)).positive
        return direction, prompt, chosen.fps, chosen.duration, chosen.loop
