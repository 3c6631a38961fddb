"""Thumbnails of the bundled workflows: the example picture, moved along the shot's camera path."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from workflow_graphs import Workflow

from wanderlens.camera.animatic import render_animatic
from wanderlens.direction import Brief, PresetLibrary, compose

EXAMPLE = Path(__file__).resolve().parents[1] / "wanderlens" / "assets" / "example.png"
SIZE = (512, 288)
SUPERSAMPLED = 2
SECONDS, FRAMES = 5.0, 41
#: How far the cuts between the frames lean, in pixels of the thumbnail.
LEAN = 26


def write_thumbnails(folder: Path, workflows: Iterable[Workflow]) -> None:
    """Writes one JPEG per workflow, of its file's name."""
    for workflow in workflows:
        file = folder / f"{workflow.title}.jpg"
        thumbnail(workflow).save(file, quality=84, optimize=True, subsampling="4:2:0")


def thumbnail(workflow: Workflow) -> Image.Image:
    """First, middle and last frame side by side, each showing its own middle."""
    width, height = (side * SUPERSAMPLED for side in SIZE)
    with Image.open(EXAMPLE) as opened:
        still = opened.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    preset = PresetLibrary()[workflow.preset].direction(1.0) if workflow.preset else None
    brief = Brief(
        camera=workflow.camera or "from preset",
        pacing="slow" if workflow.camera else "from preset",
        preset=preset,
        loop=workflow.loop,
    )
    path = compose(brief).direction.path(SECONDS)
    frames = list(render_animatic(np.asarray(still), path, FRAMES))
    shown = [Image.fromarray(frames[index]) for index in (0, FRAMES // 2, FRAMES - 1)]

    picture = Image.new("RGB", (width, height))
    lean, third = LEAN * SUPERSAMPLED, width / 3
    draw = ImageDraw.Draw(picture)
    for number, frame in enumerate(shown):
        mask = Image.new("L", (width, height))
        left, right = number * third, (number + 1) * third
        outline = [(left + lean, 0), (right + lean, 0), (right - lean, height)]
        ImageDraw.Draw(mask).polygon([*outline, (left - lean, height)], fill=255)
        if number == 0:  # up to the picture's own borders
            ImageDraw.Draw(mask).rectangle([0, 0, int(third / 2), height], fill=255)
        if number == len(shown) - 1:
            ImageDraw.Draw(mask).rectangle([int(right - third / 2), 0, width, height], fill=255)
        # The cabin, a little right of the middle, stands in each third.
        moved = frame.transform(
            frame.size, Image.Transform.AFFINE, (1, 0, (1 - number) * third + 0.05 * width, 0, 1, 0)
        )
        picture.paste(moved, mask=mask)
        if number:
            cut = [(left + lean, 0), (left - lean, height)]
            draw.line(cut, fill="white", width=3 * SUPERSAMPLED)
    _draw_badge(draw, workflow.badge)
    return picture.resize(SIZE, Image.Resampling.LANCZOS)


def _draw_badge(draw: ImageDraw.ImageDraw, text: str) -> None:
    font = ImageFont.load_default(24 * SUPERSAMPLED)
    left, bottom = 14 * SUPERSAMPLED, (SIZE[1] - 14) * SUPERSAMPLED
    box = draw.textbbox((left, bottom), text, font=font, anchor="ls")
    pad = 9 * SUPERSAMPLED
    top = bottom - 40 * SUPERSAMPLED
    draw.rounded_rectangle(
        [left, top, box[2] + 2 * pad, bottom], radius=8 * SUPERSAMPLED, fill=(18, 20, 26)
    )
    middle = (top + bottom) / 2
    draw.text((left + pad, middle), text, font=font, anchor="lm", fill="white")
