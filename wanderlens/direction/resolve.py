"""Settles what a shot says when text, menus and preset speak of the same thing.

The order is always: the user's own text, then the menus, then the preset. Whatever loses is left
out of the prompt and named in a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..style import ImageStyle
from .cues import Cues, find_cues
from .direction import Direction
from .vocabulary import LOOPS_AS_IS, LOOPS_THERE_AND_BACK, Look, Move, Pacing, Vocabulary


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
        notes: What was left out or changed, and why.
    """

    move: Move | None = None
    say_move: bool = False
    pacing: Pacing | None = None
    say_pacing: bool = False
    look: Look | None = None
    say_look: bool = False
    preset_text: str = ""
    image_style: tuple[str, ...] = ()
    medium: str = ""
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
        preset: Its text is used as far as it does not contradict; an empty one for no preset.
        image: The still's style words, as far as they are to be carried over.
        words: The vocabulary.
    """
    result = Resolved()
    said = find_cues(text, words)
    preset_text = preset.text if preset.text not in text else ""
    preset_said = find_cues(preset_text, words)
    _resolve_pacing(result, said, pacing, words)
    if clash := _opposing(result.pacing, preset_said, words):
        result.notes.append(
            f"The preset's text says {clash!r}, which contradicts {_name(result.pacing)} pacing; "
            "it is left out."
        )
        preset_text, preset_said = "", Cues()
    _resolve_camera(result, said, preset_said, camera, words)
    if _other_move(result.move, preset_said):
        result.notes.append(
            f"The preset's text says {preset_said.moves[0].words!r}, which contradicts "
            f"{_name(result.move)}; it is left out."
        )
        preset_text = ""
    result.preset_text = preset_text
    _resolve_look(result, said, look, image, words)
    return result


def _resolve_camera(
    result: Resolved, said: Cues, preset_said: Cues, camera: Choice, words: Vocabulary
) -> None:
    chosen = words.moves.get(camera.id)
    if said.moves:
        asked = said.moves[0]
        result.move = words.moves[asked.id]
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
    elif chosen and any(heard.id == chosen.id for heard in said.forbidden):
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
            f"Your text says {clash!r}, so the {pacing.origin}'s {chosen.id} pacing is left out."
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
    medium = image.medium or _medium_of(", ".join(image.style), words)
    if chosen and medium and "drawn" in (medium, chosen.medium) and medium != chosen.medium:
        if look.menu is None:
            result.notes.append(
                f"The still is {medium}, so the preset's {chosen.id} look is left out: a shot "
                "directs the picture, it does not redraw it."
            )
            chosen = None
        else:
            result.notes.append(
                f"The {chosen.id} look contradicts the still's own style "
                f"({', '.join(image.style) or medium}), which is left out."
            )
            result.image_style = ()
            medium = ""
    result.look = chosen or next(iter(asked), None)
    result.say_look = chosen is not None
    result.medium = result.look.medium if result.look else medium


def _medium_of(text: str, words: Vocabulary) -> str:
    looks = find_cues(text, words).looks
    return words.looks[looks[0].id].medium if looks else ""


def _opposing(pacing: Pacing | None, said: Cues, words: Vocabulary) -> str:
    """The words that contradict a pacing; empty when none do or when it is said as well."""
    if pacing is None or any(heard.id == pacing.id for heard in said.pacings):
        return ""
    return next(
        (
            heard.words
            for heard in said.pacings
            if heard.id in pacing.opposes or pacing.id in words.pacings[heard.id].opposes
        ),
        "",
    )


def _other_move(move: Move | None, said: Cues) -> bool:
    return move is not None and bool(said.moves) and said.moves[0].id != move.id


def _name(entry: Move | Pacing | None) -> str:
    return entry.id if entry else ""


def loop_note(move: Move, said_by_us: bool, words: Vocabulary) -> str:
    """What looping does to a move, for the report; empty when it loops as it is.

    Args:
        move: The move asked for.
        said_by_us: Our phrase for it is in the prompt; otherwise the user's own words are.
        words: The vocabulary.
    """
    if move.loop == LOOPS_AS_IS:
        return ""
    if not said_by_us:
        return (
            f"Loop: your text asks for {move.id}, which does not end where it begins, and is kept "
            "as you wrote it. For a loop, write a move that returns, such as "
            f"'{words.looping(move).phrase(1.0, None, loop=True)}'."
        )
    if move.loop == LOOPS_THERE_AND_BACK:
        return f"Loop: {move.id} goes there and back, to end where it begins."
    return f"Loop: {move.id} cannot end where it begins; it becomes {move.loop}, there and back."
