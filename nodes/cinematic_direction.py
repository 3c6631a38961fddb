"""CinematicDirection: composes the prompt of a shot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._host import warn_of_taken_ids
from ._inputs import (
    CATEGORY,
    DIRECTION_TYPE,
    STYLE_TYPE,
    boolean,
    direction_menu,
    integer,
    link,
    text,
)

if TYPE_CHECKING:
    from ..wanderlens.direction import Direction
    from ..wanderlens.style import ImageStyle


class CinematicDirection:
    """Composes the prompt of a shot from the user's words, menus, a preset and the still."""

    CATEGORY = CATEGORY
    DESCRIPTION = (
        "Directs the shot: what moves, what the camera does, how fast, and in what style. Your own "
        "words stand in the prompt as written and win over menus and preset; the report says what "
        "was left out and why. Link 'positive' and 'negative' into text encoders."
    )
    FUNCTION = "execute"
    RETURN_TYPES = ("STRING", "STRING", DIRECTION_TYPE, "STRING")
    RETURN_NAMES = ("positive", "negative", "direction", "report")
    OUTPUT_TOOLTIPS = (
        "The prompt, for the positive text encoder.",
        "The negative prompt, for the negative text encoder.",
        "The shot, settled.",
        "What was used, left out and changed, and hints.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Its inputs."""
        from ..wanderlens.direction import MAX_WORDS, vocabulary

        warn_of_taken_ids()
        words = vocabulary()
        return {
            "required": {
                "direction": text(
                    "What moves in the picture and how the camera films it, in your own words: "
                    "'slow push forward, her hair moves in the wind'. Describe what changes, not "
                    "what the picture already shows.",
                    multiline=True,
                    placeholder="what moves, and how the camera films it",
                ),
                "camera": direction_menu(
                    words.moves, "The camera move. Camera words in your own text win over it."
                ),
                "pacing": direction_menu(words.pacings, "How fast and in what rhythm."),
                "look": direction_menu(
                    words.looks, "The style. 'none' leaves the still's own style alone."
                ),
            },
            "optional": {
                "preset": link(DIRECTION_TYPE, "The shot to start from, from a Preset Selector."),
                "image_style": link(
                    STYLE_TYPE, "The prompt and style the still was made with, carried over."
                ),
                "include_image_prompt": boolean(
                    True, "Carry over what the still shows. Needs image_style."
                ),
                "include_image_style": boolean(
                    True, "Carry over the still's style words. Needs image_style."
                ),
                "negative": text("What the shot should not have, before the model's own list."),
                "max_words": integer(
                    100, 1, MAX_WORDS,
                    "Most words of the prompt. Carried-over words are cut first, yours never.",
                    advanced=True,
                ),
                "loop": boolean(
                    False, "Use camera moves that end where they begin. Link a preset's loop here."
                ),
            },
        }  # fmt: skip

    def execute(
        self,
        direction: str,
        camera: str,
        pacing: str,
        look: str,
        preset: Direction | None = None,
        image_style: ImageStyle | None = None,
        include_image_prompt: bool = True,
        include_image_style: bool = True,
        negative: str = "",
        max_words: int = 100,
        loop: bool = False,
    ) -> tuple[str, str, Direction, str]:
        """Composes the prompt.

        Raises:
            InputError: If a linked value is not one its widget would take.
        """
        from ..wanderlens.direction import Brief, compose

        composition = compose(
            Brief(
                text=direction,
                camera=camera,
                pacing=pacing,
                look=look,
                preset=preset,
                image=image_style,
                include_image_prompt=include_image_prompt,
                include_image_style=include_image_style,
                negative=negative,
                max_words=max_words,
                loop=loop,
            )
        )
        return (
            composition.positive,
            composition.negative,
            composition.direction,
            composition.report,
        )
