"""The composer: turns a brief into prompt, negative prompt and report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..checks import number_between, on_or_off, one_of, whole_between
from ..errors import InputError
from ..style import ImageStyle
from .advice import hints
from .direction import Direction
from .load_vocabulary import vocabulary
from .negative import Negative, compose_negative
from .prompt import Prompt, PromptParts, fit_prompt
from .resolve import Choice, Resolved, loop_note, resolve
from .vocabulary import Vocabulary, degree_of
from .words import closed, sentence

FROM_PRESET = "from preset"
NONE = "none"
MAX_WORDS = 400
MAX_INTENSITY = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Everything a shot's prompt is composed from.

    Attributes:
        text: The user's own words; they stand in the prompt as written.
        camera: A move's id, "from preset", or "none".
        pacing: A pacing's id, "from preset", or "none".
        look: A look's id, "from preset", or "none".
        preset: The preset's direction; None for no preset.
        image: What the still brings along; None for nothing.
        include_image_prompt: Carry over what the still shows, and its negative words.
        include_image_style: Carry over the still's style words.
        negative: The user's negative words.
        max_words: Most words of the prompt, 1 to 400. Wan's own prompts have at most 100.
        loop: The shot is to end where it begins.
    """

    text: str = ""
    camera: str = FROM_PRESET
    pacing: str = FROM_PRESET
    look: str = FROM_PRESET
    preset: Direction | None = None
    image: ImageStyle | None = None
    include_image_prompt: bool = True
    include_image_style: bool = True
    negative: str = ""
    max_words: int = 100
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Composition:
    """A composed prompt.

    Attributes:
        positive: The prompt.
        negative: The negative prompt.
        direction: What the shot says, settled: its camera move is the one the text asks for where
            it asks for one.
        report: What was used, left out and changed, and hints; lines of plain text.
    """

    positive: str
    negative: str
    direction: Direction
    report: str


def compose(brief: Brief) -> Composition:
    """Composes a prompt; the same brief gives the same prompt, always.

    Raises:
        InputError: If a choice is unknown or a number is out of its range.
    """
    words = vocabulary()
    _check(brief, words)
    preset = brief.preset or Direction()
    image = brief.image or ImageStyle()
    carried = image if brief.include_image_style else replace(image, style=(), medium="")
    shot = resolve(
        brief.text,
        _choice(brief.camera, preset.camera),
        _choice(brief.pacing, preset.pacing),
        _choice(brief.look, preset.look),
        preset,
        carried,
        words,
    )
    camera = _camera_phrase(shot, preset.intensity, brief.loop, words)
    prompt = fit_prompt(
        PromptParts(
            look=shot.look.head if shot.look and shot.say_look else "",
            look_terms=shot.look.terms if shot.look and shot.say_look else (),
            image_prompt=image.prompt if brief.include_image_prompt else "",
            image_style=shot.image_style,
            user_text=brief.text,
            preset_text=shot.preset_text,
            camera=camera,
            pacing=shot.pacing.phrase if shot.pacing and shot.say_pacing else "",
        ),
        brief.max_words,
    )
    negative = _negative(brief, preset, image, shot, prompt, words)
    direction = Direction(
        text=" ".join(text for text in (closed(brief.text), sentence(shot.preset_text)) if text),
        camera=shot.move.id if shot.move else "",
        pacing=shot.pacing.id if shot.pacing else "",
        look=shot.look.id if shot.look and shot.say_look else "",
        negative=negative.own,
        intensity=preset.intensity,
        loop=brief.loop,
        preset=preset.preset,
    )
    report = "\n".join(_report(brief, preset, image, shot, prompt, negative, words))
    return Composition(prompt.text, negative.text, direction, report)


def _check(brief: Brief, words: Vocabulary) -> None:
    for widget, value, known in (
        ("camera", brief.camera, words.moves),
        ("pacing", brief.pacing, words.pacings),
        ("look", brief.look, words.looks),
    ):
        one_of(value, widget, (FROM_PRESET, NONE, *known))
    for widget, value in (("direction", brief.text), ("negative", brief.negative)):
        if not isinstance(value, str):
            raise InputError(f"{widget} must be text", value, "Type a text, or link one.", widget)
    remedy = "Set 100, the most that Wan's own prompts have."
    whole_between(brief.max_words, "max_words", 1, MAX_WORDS, remedy)
    for widget in ("include_image_prompt", "include_image_style", "loop"):
        on_or_off(getattr(brief, widget), widget)
    if brief.preset is not None:
        check_intensity(brief.preset.intensity)


def check_intensity(intensity: object) -> float:
    """Gives an intensity back if it is a number from 0 to 1.5.

    Raises:
        InputError: If it is not.
    """
    remedy = "Set 1.0 for the move as it is meant, less for a gentler one."
    return number_between(intensity, "intensity", 0, MAX_INTENSITY, remedy)


def _choice(menu: str, preset: str) -> Choice:
    if menu == FROM_PRESET:
        return Choice(None, preset)
    return Choice("" if menu == NONE else menu, preset)


def _camera_phrase(shot: Resolved, intensity: float, loop: bool, words: Vocabulary) -> str:
    """What we say of the camera; empty when the user's text or nobody speaks of it."""
    if shot.move is None or not shot.say_move:
        return ""
    move = words.looping(shot.move) if loop else shot.move
    return move.phrase(intensity, shot.pacing if shot.say_pacing else None, loop)


def _negative(
    brief: Brief,
    preset: Direction,
    image: ImageStyle,
    shot: Resolved,
    prompt: Prompt,
    words: Vocabulary,
) -> Negative:
    look = shot.look if shot.say_look else None
    excluded = set(look.excludes) if look else set()
    if shot.calm:
        excluded.add("static")
    if shot.medium in ("drawn", "rendered"):
        excluded.add("artwork")
    return compose_negative(
        words,
        user=brief.negative,
        added=(
            preset.negative,
            ", ".join(look.negative) if look else "",
            image.negative if brief.include_image_prompt else "",
        ),
        excluded_tags=frozenset(excluded),
        positive=prompt.text,
        user_text=brief.text,
    )


def _report(
    brief: Brief,
    preset: Direction,
    image: ImageStyle,
    shot: Resolved,
    prompt: Prompt,
    negative: Negative,
    words: Vocabulary,
) -> list[str]:
    lines = [f"Prompt: {prompt.words} words, at most {brief.max_words}."]
    if preset.preset:
        lines.append(f"Preset: {preset.preset}, intensity {preset.intensity:g}.")
    settled = {
        "camera": _camera_in_report(shot, preset.intensity),
        "pacing": shot.pacing.id if shot.pacing else "",
        "look": shot.look.id if shot.look else "",
    }
    lines.append("; ".join(f"{k}: {v}" for k, v in settled.items() if v).capitalize() + ".")
    if image.source and (brief.include_image_prompt or brief.include_image_style):
        lines.append(f"Carried over from the still: {image.source}.")
    lines.extend(shot.notes)
    if prompt.trimmed:
        lines.append(f"Cut or left out to fit max_words: {', '.join(prompt.trimmed)}.")
    if prompt.words > brief.max_words:
        lines.append(
            f"Your own text has more than {brief.max_words} words; it is kept as you wrote it."
        )
    if brief.loop and (note := loop_note(shot, words)):
        lines.append(note)
    if negative.left_out:
        lines.append(
            f"Not in the negative prompt, to suit the shot: {', '.join(negative.left_out)}."
        )
    lines.extend(f"Hint: {hint}" for hint in hints(brief.text, preset, shot, brief.loop))
    return [line for line in lines if line != "."]


def _camera_in_report(shot: Resolved, intensity: float) -> str:
    if shot.move is None:
        return ""
    if shot.say_move and shot.move.moves:
        return f"{shot.move.id}, {degree_of(intensity)}"
    return shot.move.id
