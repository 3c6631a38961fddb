"""Hints on a shot that may come out too static or too chaotic."""

from __future__ import annotations

import re

from .direction import Direction
from .resolve import Resolved
from .words import count_words

#: Scene motion shorter than this says too little for the model to move anything, in words.
_LEAST_MOTION_WORDS = 3
#: Wan's own prompts have at most this many words; a longer text rarely directs one shot.
_MANY_WORDS = 100
#: More of these than this in one text pull the model in many directions.
_MANY_ADVERBS = 5
_ADVERB = re.compile(r"\b\w{3,}ly\b", re.IGNORECASE)
#: Looks and pacings that loop best.
_LOOP_LOOKS = frozenset({"abstract motion", "dreamlike", "illustration"})


def hints(text: str, preset: Direction, shot: Resolved, loop: bool) -> list[str]:
    """Advice on a shot, most important first; empty when it is fine.

    Args:
        text: The user's own text.
        preset: The preset's direction; an empty one for none.
        shot: The shot, settled.
        loop: The shot is to end where it begins.
    """
    said = shot.said
    motion_words = count_words(text) + count_words(shot.preset_text)
    camera_moves = said.camera or (shot.move is not None and preset.intensity > 0)
    camera_moves = camera_moves and (shot.move is None or shot.move.moves)
    found: list[str] = []
    if motion_words < _LEAST_MOTION_WORDS and not camera_moves:
        found.append(
            "this may come out too static. Say what moves, or add a directional cue such as "
            "'slow push forward' or 'camera drift'."
        )
    elif motion_words < _LEAST_MOTION_WORDS:
        found.append("one more cue helps: say what moves in the scene, such as 'leaves sway'.")
    elif shot.move is None and not said.camera:
        found.append(
            "one more cue helps: choose a camera move, or 'static' to hold the camera still."
        )
    if _is_chaotic(text, preset, shot, {heard.id for heard in said.moves}):
        found.append(
            "this may come out chaotic. Keep one camera move and one action, drop adjectives and "
            "adverbs, or lower the intensity."
        )
    if loop and not _loops_well(shot):
        found.append("ambient, subtle and abstract shots loop best.")
    if preset.loop and not loop:
        found.append("the preset is made to loop. Link its loop output into loop, or switch it on.")
    return found


def _is_chaotic(text: str, preset: Direction, shot: Resolved, moves: set[str]) -> bool:
    fast = shot.pacing is not None and shot.pacing.id == "fast"
    restless = fast and shot.move is not None and shot.move.moves and preset.intensity > 1.1
    return (
        len(moves - {"handheld"}) > 1
        or count_words(text) > _MANY_WORDS
        or len(_ADVERB.findall(text)) > _MANY_ADVERBS
        or restless
    )


def _loops_well(shot: Resolved) -> bool:
    return shot.calm or (shot.look is not None and shot.look.id in _LOOP_LOOKS)
