"""Renders camera moves over photos: the clips that the nano model learns from.

    python tools/nano/clips.py PHOTOS CLIPS --count 1500

Each clip follows a path of the direction vocabulary, rendered by the animatic, and has the caption
that our own composer writes for that shot, so that the model learns the camera words inside the
sentences it will be given. Nothing in the picture moves by itself. There is one `.npz` per clip:
its frames, [n, height, width, 3], uint8, and what it shows. Clips come in groups of four: the same
part of the same photo under different moves, so that what differs between them is what the words
say. Clip i depends on the seed and i alone, so a broken run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import photos

from wanderlens.camera.animatic import render_animatic
from wanderlens.direction import Brief, CameraPath, Direction, compose, vocabulary
from wanderlens.style import ImageStyle

#: The moves that the model is judged on, and how often they are drawn together.
JUDGED = (
    "static", "push in", "pull back", "pan left", "pan right", "tilt up", "tilt down", "roll",
)  # fmt: skip
JUDGED_SHARE = 0.65
#: The judged moves by axis; a group of judged moves takes both sides of two axes.
AXES = (JUDGED[1:3], JUDGED[3:5], JUDGED[5:7], (JUDGED[7], JUDGED[0]))
GROUP = 4
FPS = 16
#: Frames and sizes (width, height), with their weights. The first of each is the usual shot.
FRAMES = {17: 40, 33: 33, 25: 12, 9: 6, 49: 9}
SIZES = {
    (96, 96): 34, (128, 96): 30, (96, 128): 10, (160, 96): 12, (128, 128): 8, (192, 112): 5,
    (112, 192): 2,
}  # fmt: skip
#: The picture is rendered this much larger and then scaled down, which keeps it sharp.
OVERSAMPLING = 1.5
TEXTS = (
    "Leaves sway in the wind.", "Water ripples softly.", "Clouds pass overhead.", "Her hair moves.",
    "The light shifts across the wall.", "Grass bends in the breeze.", "Smoke rises.",
    "A cat turns its head.", "People walk by.", "Petals tremble.", "Dust glitters in the light.",
    "The waves roll onto the beach.", "Snow falls.", "Flags wave.", "He looks up and smiles.",
)  # fmt: skip
IMAGE_PROMPTS = (
    "a mountain lake at dawn", "portrait of a woman in a red coat", "an old stone bridge",
    "a forest path in autumn", "a cup of coffee on a wooden table", "city street at night",
    "macro photo of a flower", "a dragonfly on a blade of grass", "abstract coloured waves",
)  # fmt: skip
IMAGE_STYLES = ("photograph", "soft focus", "oil painting", "35mm", "vivid colours", "bokeh")


@dataclass(frozen=True)
class Clip:
    """What one clip shows.

    Attributes:
        move: Id of the camera move.
        pacing: Id of the pacing; empty for none.
        intensity: Factor on the move.
        loop: Ends on its first frame.
        caption: The composer's prompt.
        photo: Name of the photo.
        width: Pixels.
        height: Pixels.
        frames: 4n+1.
    """

    move: str
    pacing: str
    intensity: float
    loop: bool
    caption: str
    photo: str
    width: int
    height: int
    frames: int


def caption_of(
    move: str, pacing: str, intensity: float, loop: bool, rng: random.Random | None = None
) -> tuple[str, Direction]:
    """The composer's prompt for a shot and what it settled on.

    Args:
        move: Id of the camera move.
        pacing: Id of the pacing, or "none".
        intensity: 0 to 1.5.
        loop: Ends where it begins.
        rng: Adds scene texts, looks and carried-over prompts now and then; None for none.
    """
    text, look, image = "", "none", None
    if rng is not None and rng.random() < 0.45:
        text = rng.choice(TEXTS)
    if rng is not None and rng.random() < 0.35:
        look = rng.choice(tuple(vocabulary().looks))
    if rng is not None and rng.random() < 0.3:
        style = (rng.choice(IMAGE_STYLES),) if rng.random() < 0.5 else ()
        image = ImageStyle(prompt=rng.choice(IMAGE_PROMPTS), style=style)
    made = compose(
        Brief(
            text=text, camera=move, pacing=pacing, look=look, image=image, loop=loop,
            preset=Direction(intensity=intensity),
        )
    )  # fmt: skip
    return made.positive, made.direction


def path_of(settled: Direction, frames: int) -> CameraPath:
    """The path of a settled shot."""
    words = vocabulary()
    move = words.moves[settled.camera]
    if settled.loop:
        move = words.looping(move)
    pacing = words.pacings[settled.pacing] if settled.pacing else None
    return move.path(
        intensity=settled.intensity,
        pacing=pacing if move.moves else None,
        seconds=(frames - 1) / FPS,
        loop=settled.loop,
    )


def crop(
    picture: np.ndarray, width: int, height: int, rng: random.Random, least: float = 0.45
) -> np.ndarray:
    """A random part of a photo, mirrored half the time, scaled to width × height.

    Args:
        picture: [rows, columns, 3], uint8.
        width: Pixels.
        height: Pixels.
        rng: Where and how large.
        least: The smallest part, as a share of the largest that fits.
    """
    rows, columns = picture.shape[:2]
    scale = min(columns / width, rows / height) * rng.uniform(least, 1.0)
    across, down = min(int(width * scale), columns), min(int(height * scale), rows)
    left, top = rng.randint(0, columns - across), rng.randint(0, rows - down)
    part = picture[top : top + down, left : left + across]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    return cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=cv2.INTER_AREA)


def render(picture: np.ndarray, settled: Direction, frames: int, size: tuple[int, int]):
    """The clip: [frames, height, width, 3], uint8.

    Args:
        picture: [rows, columns, 3], uint8, `OVERSAMPLING` times the size.
        settled: The shot.
        frames: 4n+1; a loop's last frame is its first.
        size: Width and height in pixels.
    """
    path = path_of(settled, frames)
    made = render_animatic(picture, path, frames - 1 if settled.loop else frames)
    small = [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in made]
    return np.stack(small + small[:1] if settled.loop else small)


def draw(index: int, seed: int, names: Sequence[str], pictures):
    """Clip number `index`: what it shows, and its frames [n, height, width, 3], uint8."""
    # What the clips of a group share, and what is each one's own.
    group, rng = random.Random(f"{seed}:{index // GROUP}"), random.Random(f"{seed}:own:{index}")
    if group.random() < JUDGED_SHARE:
        moves = [move for axis in group.sample(AXES, GROUP // 2) for move in axis]
    else:
        moves = group.sample([move for move in vocabulary().moves if move not in JUDGED], GROUP)
    loop = group.random() < 0.12
    frames = group.choices(tuple(FRAMES), tuple(FRAMES.values()))[0]
    width, height = group.choices(tuple(SIZES), tuple(SIZES.values()))[0]
    if frames > 33:
        width, height = 96, 96
    photo = group.choice(names)
    large = round(width * OVERSAMPLING), round(height * OVERSAMPLING)
    part = crop(pictures[photo], *large, group)
    pacing = rng.choice(("none", "none", "none", *vocabulary().pacings))
    intensity = rng.choice((0.5, 1.0, 1.0, 1.0, 1.3))
    caption, settled = caption_of(moves[index % GROUP], pacing, intensity, loop, rng)
    video = render(part, settled, frames, (width, height))
    clip = Clip(
        settled.camera, settled.pacing, intensity, loop, caption, photo, width, height, frames
    )
    return clip, video


def main() -> None:
    parser = argparse.ArgumentParser(description="Renders the clips.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--split", choices=("train", "held out"), default="train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", type=int, default=0, help="of --parts processes, this one")
    parser.add_argument("--parts", type=int, default=1)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    pictures = photos.load(arguments.photos, arguments.split)
    names = sorted(pictures)
    arguments.clips.mkdir(parents=True, exist_ok=True)
    for index in range(arguments.part, arguments.count, arguments.parts):
        file = arguments.clips / f"{index:05}.npz"
        if file.exists():
            continue
        clip, video = draw(index, arguments.seed, names, pictures)
        with file.with_suffix(".part").open("wb") as handle:
            np.savez(handle, video=video, clip=json.dumps(asdict(clip)))
        file.with_suffix(".part").rename(file)
        if index % 100 == 0:
            print(index, clip, flush=True)


def load(file: Path) -> tuple[Clip, np.ndarray]:
    """A clip and its frames [n, height, width, 3], uint8."""
    with np.load(file) as data:
        return Clip(**json.loads(str(data["clip"]))), data["video"]


if __name__ == "__main__":
    main()
