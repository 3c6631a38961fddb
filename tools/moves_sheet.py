"""Renders the README's sheet of camera moves: the example picture moved along six looping paths.

Run it as ``python tools/moves_sheet.py docs/images/moves.webp``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from wanderlens.camera.animatic import render_animatic
from wanderlens.cli import EXAMPLE
from wanderlens.direction import vocabulary
from wanderlens.still_image import open_picture

MOVES = ("push in", "orbit left", "pan right", "crane up", "dolly zoom", "roll")
COLUMNS = 3
SIZE = (288, 162)
FRAMES, FPS = 40, 10


def labelled(frame: np.ndarray, text: str) -> np.ndarray:
    """A frame with a name in its corner."""
    picture = Image.fromarray(frame)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(14)
    draw.text((8, 6), text, fill="white", font=font, stroke_width=2, stroke_fill="black")
    return np.asarray(picture)


def main() -> None:
    """Renders the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    # Rendered at twice the size and scaled down: the moves are slow, edges must not crawl.
    large = (SIZE[0] * 2, SIZE[1] * 2)
    picture = np.asarray(open_picture(EXAMPLE).resize(large, Image.Resampling.LANCZOS))
    words = vocabulary()
    cells = []
    for name in MOVES:
        path = words.moves[name].path(seconds=FRAMES / FPS, loop=True)
        frames = (
            np.asarray(Image.fromarray(frame).resize(SIZE, Image.Resampling.LANCZOS))
            for frame in render_animatic(picture, path, FRAMES)
        )
        cells.append([labelled(frame, name) for frame in frames])
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    sheet = [
        Image.fromarray(
            np.concatenate([np.concatenate([c[i] for c in row], axis=1) for row in rows], axis=0)
        )
        for i in range(FRAMES)
    ]
    sheet[0].save(
        output, save_all=True, append_images=sheet[1:], duration=1000 // FPS, loop=0,
        quality=60, method=4,
    )  # fmt: skip


if __name__ == "__main__":
    main()
