"""Resolves which camera, pacing and look win when text, menus and preset disagree.

The order is always: the user's own text, then the menus, then the preset. Whatever loses is left
out of the prompt and named in a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..style import ImageStyle
from .cues import Cues, Heard, find_cues, without_clause
from .direction import Direction
from .vocabulary import LOOPS_AS_IS, LOOPS_THERE_AND_BACK, Look, Move, Pacing, Vocabulary

#: A move that comes back to where it began, in the user's words.
_RETURNS = re.compile(
    r"\b(?:back (?:again|in|out|up|down|level|to)|and back|returns?|breathes?|from side to side)\b",
    re.IGNORECASE,
)
_MEDIUM_NAMES = {"live": "a photograph", "drawn": "drawn", "rendered": "a 3D rendering"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a menu and the preset ask for.

    Attributes:
        menu: The menu's choice: an id, "" for none, or None when the preset decides.
        preset: The preset's choice: an id, or "".
    """

    menu: str | None
    preset: str

    @property
    def id(self) -> str:
        """The one that counts."""
        return self.preset if self.menu is None else self.menu

    @property
    def origin(self) -> str:
        """Whose it is, for notes."""
        return "preset" if self.menu is None else "menu"


@dataclass(slots=True)
class Resolved:
    """What the shot says, settled.

    Attributes:
        said: What the user's own text says.
        move: The camera move, from the text or from us; None when the text uses its own words or
            nobody asks for one.
        say_move: Our phrase for the move goes into the prompt.
        pacing: The pacing, from the text or from us.
        say_pacing: Our words for the pacing go into the prompt.
        look: The look, from the text or from us.
        say_look: Our words for the look go into the prompt.
        preset_text: The preset's scene motion, as far as it is used.
        image_style: The still's style words, as far as they are used.
        medium: "live", "drawn", "rendered", "abstract", or empty when unknown.
        returns: The user's text says itself that the move comes back.
        notes: What was left out or changed, and why.
    """

    said: Cues = field(default_factory=Cues)
    move: Move | None = None
    say_move: bool = False
    pacing: Pacing | None = None
    say_pacing: bool = False
    look: Look | None = None
    say_look: bool = False
    preset_text: str = ""
    image_style: tuple[str, ...] = ()
    medium: str = ""
    returns: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def calm(self) -> bool:
        """The shot may be still."""
        still_camera = self.move is not None and not self.move.moves
        return still_camera or (self.pacing is not None and self.pacing.calm)


def resolve(
    text: str,
    camera: Choice,
    pacing: Choice,
    look: Choice,
    preset: Direction,
    image: ImageStyle,
    words: Vocabulary,
) -> Resolved:
    """Settles camera, pacing, look and the preset's text.

    Args:
        text: The user's own text.
        camera: Ids of camera moves.
        pacing: Ids of pacings.
        look: Ids of looks.
        preset: Its text is used as far as it does not contradict, and at intensity 0 our move is
            static; an empty one for no preset.
        image: The still's style words, as far as they are to be carried over.
        words: The vocabulary.
    """
    said = find_cues(text, words)
    result = Resolved(said=said)
    preset_text = preset.text if preset.text not in text else ""
    _resolve_pacing(result, said, pacing, words)
    while clash := _opposing(result.pacing, find_cues(preset_text, words), words):
        preset_text = _without(preset_text, clash, f"{_name(result.pacing)} pacing", result.notes)
    preset_said = find_cues(preset_text, words)
    _resolve_camera(result, text, said, preset_said, camera, words)
    settled_by_preset_text = preset_said.moves and _name(result.move) == preset_said.moves[0].id
    while not settled_by_preset_text and (
        other := _other_move(result.move, find_cues(preset_text, words))
    ):
        preset_text = _without(preset_text, other, _name(result.move), result.notes)
    result.preset_text = preset_text
    _resolve_look(result, said, look, image, words)
    _settle_look_and_pacing(result, look, pacing)
    if preset.intensity == 0 and result.say_move:
        result.move = words.moves["static"]
    return result


def _without(preset_text: str, clash: Heard, winner: str, notes: list[str]) -> str:
    """The preset's text less the clause that contradicts what was settled."""
    notes.append(
        f"The preset's text says {clash.words!r}, which contradicts {winner}; that part of it is "
        "left out."
    )
    return without_clause(preset_text, clash)


def _resolve_camera(
    result: Resolved,
    text: str,
    said: Cues,
    preset_said: Cues,
    camera: Choice,
    words: Vocabulary,
) -> None:
    chosen = words.moves.get(camera.id)
    if said.moves:
        asked = said.moves[0]
        result.move = words.moves[asked.id]
        result.returns = bool(_RETURNS.search(text))
        if chosen and chosen.id != asked.id:
            result.notes.append(
                f"Your text asks for {asked.words!r}, so the {camera.origin}'s {chosen.id} "
                "is left out."
            )
        others = [h for h in said.moves if h.id not in (asked.id, "handheld")]
        if others and asked.id != "handheld":
            result.notes.append(
                f"Your text has more than one camera move ({asked.words!r} and "
                f"{others[0].words!r}); the model follows one best. It is kept as you wrote it."
            )
    elif said.camera:
        if chosen:
            result.notes.append(
                f"Your text directs the camera in its own words, so the {camera.origin}'s "
                f"{chosen.id} is left out."
            )
    elif camera.menu is None and preset_said.moves:
        result.move = words.moves[preset_said.moves[0].id]
    elif chosen and chosen.id in said.forbidden:
        result.notes.append(
            f"Your text does not want {chosen.id}, so the {camera.origin}'s is left out."
        )
    else:
        result.move = chosen
        result.say_move = chosen is not None


def _resolve_pacing(result: Resolved, said: Cues, pacing: Choice, words: Vocabulary) -> None:
    chosen = words.pacings.get(pacing.id)
    asked = [words.pacings[heard.id] for heard in said.pacings]
    if clash := next((b.id for a in asked for b in asked if b.id in a.opposes), None):
        result.notes.append(
            f"Your text is both {asked[0].id} and {clash if clash != asked[0].id else asked[-1].id}"
            "; the model follows one best. It is kept as you wrote it."
        )
    if chosen and (clash := _opposing(chosen, said, words)):
        result.notes.append(
            f"Your text says {clash.words!r}, so the {pacing.origin}'s {chosen.id} pacing is "
            "left out."
        )
        chosen = None
    result.pacing = chosen or next(iter(asked), None)
    result.say_pacing = chosen is not None


def _resolve_look(
    result: Resolved, said: Cues, look: Choice, image: ImageStyle, words: Vocabulary
) -> None:
    chosen = words.looks.get(look.id)
    asked = [words.looks[heard.id] for heard in said.looks]
    if chosen and asked and chosen not in asked:
        result.notes.append(
            f"Your text asks for {said.looks[0].words!r}, so the {look.origin}'s {chosen.id} look "
            "is left out."
        )
        chosen = None
    result.image_style = image.style
    still = image.medium or _medium_of(", ".join((*image.style, image.prompt)), words)
    if chosen and {still, chosen.medium} - {"", "abstract"} > {chosen.medium}:
        if look.menu is None:
            result.notes.append(
                f"The still is {_MEDIUM_NAMES[still]}, so the preset's {chosen.id} look is left "
                "out: a shot directs the picture, it does not redraw it."
            )
            chosen = None
        else:
            result.notes.append(
                f"The {chosen.id} look contradicts the still's own style "
                f"({', '.join(image.style) or _MEDIUM_NAMES[still]}), which is left out."
            )
            result.image_style = ()
            still = ""
    result.look = chosen or next(iter(asked), None)
    result.say_look = chosen is not None
    heard_medium = result.look.medium if result.look else ""
    result.medium = heard_medium if result.say_look else still or heard_medium


def _settle_look_and_pacing(result: Resolved, look: Choice, pacing: Choice) -> None:
    """A slow-motion look and a fast pacing do not go together."""
    if not (result.look and result.pacing and result.say_look and result.say_pacing):
        return
    if result.pacing.id not in result.look.opposes:
        return
    if look.menu is None and pacing.menu is not None:
        loser, winner = f"preset's {result.look.id} look", f"{result.pacing.id} pacing"
        result.look, result.say_look = None, False
    else:
        loser, winner = f"{pacing.origin}'s {result.pacing.id} pacing", f"{result.look.id} look"
        result.pacing, result.say_pacing = None, False
    result.notes.append(f"The {loser} contradicts the {winner} and is left out.")


def _medium_of(text: str, words: Vocabulary) -> str:
    looks = find_cues(text, words).looks
    return words.looks[looks[0].id].medium if looks else ""


def _opposing(pacing: Pacing | None, said: Cues, words: Vocabulary) -> Heard | None:
    """What contradicts a pacing; None when nothing does or when it is said as well."""
    if pacing is None or any(heard.id == pacing.id for heard in said.pacings):
        return None
    return next(
        (
            heard
            for heard in said.pacings
            if heard.id in pacing.opposes or pacing.id in words.pacings[heard.id].opposes
        ),
        None,
    )


def _other_move(move: Move | None, said: Cues) -> Heard | None:
    """A move in a text that is not the one that was settled."""
    if move is None:
        return None
    return next((heard for heard in said.moves if heard.id not in (move.id, "handheld")), None)


def _name(entry: Move | Pacing | None) -> str:
    return entry.id if entry else ""


def loop_note(shot: Resolved, words: Vocabulary) -> str:
    """What looping does to a shot's move, for the report; empty when it loops as it is.

    Args:
        shot: The shot, settled.
        words: The vocabulary.
    """
    move = shot.move
    if move is None or move.loop == LOOPS_AS_IS or shot.returns:
        return ""
    if not shot.say_move:
        return (
            f"Loop: your text asks for {move.id}, which does not end where it begins, and is kept "
            "as you wrote it. For a loop, write a move that returns, such as "
            f"'{words.looping(move).phrase(1.0, None, loop=True)}'."
        )
    if move.loop == LOOPS_THERE_AND_BACK:
        return f"Loop: {move.id} goes there and back, to end where it begins."
    return f"Loop: {move.id} cannot end where it begins; it becomes {move.loop}, there and back."
