"""A direction: what a shot says, resolved from menus, presets and the user's words."""

from __future__ import annotations

from dataclasses import dataclass

from ..camera.path import CameraPath
from .load_vocabulary import vocabulary


@dataclass(frozen=True, slots=True)
class Direction:
    """What a shot says; a link of type WANDERLENS_DIRECTION carries it.

    Attributes:
        text: What moves in the scene.
        camera: Id of a camera move; empty when none is asked for.
        pacing: Id of a pacing; empty when none is asked for.
        look: Id of a look; empty when none is asked for.
        negative: Negative words of the user and the preset, separated by commas, without the
            model's own.
        intensity: How strong the camera move is, 0 to 1.5; 1 is as the move is meant.
        loop: The shot is to end where it begins.
        preset: Id of the preset it comes from; empty when there is none.
    """

    text: str = ""
    camera: str = ""
    pacing: str = ""
    look: str = ""
    negative: str = ""
    intensity: float = 1.0
    loop: bool = False
    preset: str = ""

    def path(self, seconds: float, *, loop: bool | None = None) -> CameraPath:
        """Where the camera goes in this shot.

        Args:
            seconds: Length of the clip, or of the period when it loops.
            loop: Overrides this direction's own `loop`.
        """
        words = vocabulary()
        loops = self.loop if loop is None else loop
        move = words.moves[self.camera or "static"]
        return (words.looping(move) if loops else move).path(
            intensity=self.intensity,
            pacing=words.pacings.get(self.pacing),
            seconds=seconds,
            loop=loops,
        )
