"""Measures the nano model on photos that it was not trained on.

    python tools/nano/evaluate.py PHOTOS REPORT [--vae FILE --high FILE --low FILE]

PSNR of the VAE on pictures and clips; camera motion (fitted to dense flow) of eight moves over ten
photos, asked in the composer's sentences; the same with the captions shuffled; how well known
frames and end frames are kept; how long a shot of 33 frames takes through our engine on diffusers'
classes. Without names it measures the bundled files. Writes `report.json`, `report.md` and
`contact-sheet.jpg`. Runs that are in `runs.jsonl` are not made again.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict
from pathlib import Path

import clips
import cv2
import numpy as np
import photos
import torch
from camera_motion import EXPECTED, Motion, is_right, measure
from PIL import Image, ImageDraw
from sampling import Nano, load_nano, make
from torch import Tensor
from train_vae import held_out_pictures
from training import half_precision, psnr, to_video

from wanderlens.direction import Brief, compose
from wanderlens.engines.base import Expert
from wanderlens.engines.diffusers.engine import DiffusersEngine
from wanderlens.engines.diffusers.load_models import Files
from wanderlens.engines.diffusers.models import Placement
from wanderlens.nano import HashTextEncoder, nano_files
from wanderlens.pipeline.image_to_video import animate
from wanderlens.pipeline.input_image import checked_picture
from wanderlens.shot import ShotRequest

WIDTH, HEIGHT, FRAMES = 128, 96, 17
#: A static clip counts as right when it moves less than this share of the moving clips' median.
STILL = 0.25
#: The photos of the contact sheet; their licence (CC-BY-4.0) allows it with the names below.
SHOWN = ("aitzgorri_by_Aitzol_Berasategi", "Picture_1A_by_freespace")
NEGATIVE = compose(Brief(camera="push in")).negative


def to_frames(video: Tensor) -> np.ndarray:
    """[1, 3, t, h, w], -1 to 1, to [t, h, w, 3], uint8."""
    scaled = (video[0].clamp(-1, 1) + 1) * 127.5
    return scaled.round().byte().permute(1, 2, 3, 0).contiguous().numpy()


def still(photo: np.ndarray, index: int) -> np.ndarray:
    """A picture of the clip's size out of a photo: [HEIGHT, WIDTH, 3], uint8."""
    return clips.crop(photo, WIDTH, HEIGHT, random.Random(index), least=0.8)


def camera_runs(
    nano: Nano, pictures: dict[str, np.ndarray], log: Path, shuffled: bool, seed: int = 11
) -> list[dict]:
    """Every move over every photo; what was asked, what moved, how long it took."""
    asked = [(move, name) for name in sorted(pictures) for move in clips.JUDGED]
    said = [move for move, _ in asked]
    if shuffled:
        random.Random(seed).shuffle(said)
    done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows = [row for row in done if row["shuffled"] == shuffled]
    for index, ((move, name), word) in enumerate(zip(asked, said, strict=True)):
        if index < len(rows):
            continue
        picture = to_video(still(pictures[name], index // len(clips.JUDGED))[None])
        caption, _ = clips.caption_of(word, "none", 1.0, loop=False)
        start = time.monotonic()
        video = to_frames(make(nano, picture, FRAMES, caption, NEGATIVE, seed=seed + index))
        row = {
            "move": move, "said": word, "photo": name, "shuffled": shuffled,
            "seconds": round(time.monotonic() - start, 2), **asdict(measure(video)),
        }  # fmt: skip
        rows.append(row)
        with log.open("a") as handle:
            handle.write(json.dumps(row) + "\n")
        print(row, flush=True)
    return rows


def motion_of(row: dict) -> Motion:
    """The measured motion of a run."""
    return Motion(row["right"], row["down"], row["zoom"], row["turn"])


def camera_table(rows: list[dict]) -> dict[str, dict[str, float]]:
    """Per move: runs with the right sign, runs, and the mean of the measures."""
    moving = [motion_of(row).size for row in rows if row["move"] != "static"]
    limit = STILL * float(np.median(moving))
    table: dict[str, dict[str, float]] = {}
    for move in clips.JUDGED:
        own = [motion_of(row) for row in rows if row["move"] == move]
        right = [m.size < limit if move == "static" else is_right(move, m) for m in own]
        table[move] = {
            "right": sum(right),
            "runs": len(own),
            "size": float(np.mean([m.size for m in own])),
        }
        if move in EXPECTED:
            name, sign = EXPECTED[move]
            table[move]["asked"] = float(np.mean([getattr(m, name) * sign for m in own]))
    return table


@torch.no_grad()
def vae_quality(nano: Nano, folder: Path) -> dict[str, float]:
    """Mean PSNR on held-out photos: pictures, and clips of several moves by length."""

    def through(video: Tensor) -> Tensor:
        with half_precision():
            return nano.vae.decode(nano.vae.encode(video)).float()

    stills = [psnr(through(x), x) for x in held_out_pictures(folder)]
    found = {"pictures": float(np.mean(stills))}
    originals = sorted(photos.load(folder, "held out").items())
    for frames in (9, 17, 33, 49):
        each, ends = [], []
        for index, (_, photo) in enumerate(originals[:6]):
            move = clips.JUDGED[1 + index]
            _, settled = clips.caption_of(move, "none", 1.0, loop=False)
            large = [round(side * clips.OVERSAMPLING) for side in (WIDTH, HEIGHT)]
            picture = clips.crop(photo, large[0], large[1], random.Random(index), least=0.8)
            video = to_video(clips.render(picture, settled, frames, (WIDTH, HEIGHT)))
            made = through(video)
            each.append(psnr(made, video))
            ends.append(psnr(made[:, :, -4:], video[:, :, -4:]))
        found[f"{frames} frames"] = float(np.mean(each))
        found[f"{frames} frames, last 4"] = float(np.mean(ends))
    return found


def kept_frames(nano: Nano, pictures: dict[str, np.ndarray]) -> dict[str, float]:
    """Mean PSNR of frames that were given: the first, five at the start, the last of a loop."""
    sums: dict[str, list[float]] = {"first": [], "five at the start": [], "last, as the first": []}
    sums["change at the loop's seam over change between frames"] = []
    for index, (_, photo) in enumerate(sorted(pictures.items())[:6]):
        _, settled = clips.caption_of("pan right", "none", 1.0, loop=False)
        large = [round(side * clips.OVERSAMPLING) for side in (WIDTH, HEIGHT)]
        picture = clips.crop(photo, large[0], large[1], random.Random(index), least=0.8)
        truth = to_video(clips.render(picture, settled, FRAMES, (WIDTH, HEIGHT)))
        caption, _ = clips.caption_of("pan right", "none", 1.0, loop=False)
        five = make(nano, truth[:, :, :5], FRAMES, caption, NEGATIVE, seed=index)
        sums["five at the start"].append(psnr(five[:, :, :5], truth[:, :, :5]))
        caption, _ = clips.caption_of("pan right", "none", 1.0, loop=True)
        first = truth[:, :, :1]
        loop = make(nano, first, FRAMES, caption, NEGATIVE, seed=index, tail=first)
        sums["first"].append(psnr(loop[:, :, :1], first))
        sums["last, as the first"].append(psnr(loop[:, :, -1:], first))
        steps = (loop[:, :, 1:-1] - loop[:, :, :-2]).abs().mean(dim=(0, 1, 3, 4))
        seam = (loop[:, :, -2] - loop[:, :, 0]).abs().mean()
        sums["change at the loop's seam over change between frames"].append(
            float(seam / steps.median())
        )
    return {name: float(np.mean(values)) for name, values in sums.items()}


def contact_sheet(nano: Nano, pictures: dict[str, np.ndarray], target: Path) -> None:
    """A row per move: frames of a clip from the first to the last."""
    columns = (0, 4, 8, 12, 16)
    sheet = Image.new("RGB", ((WIDTH * len(columns) + 8) * len(SHOWN), (HEIGHT + 12) * 8), "white")
    draw = ImageDraw.Draw(sheet)
    for block, name in enumerate(SHOWN):
        left = block * (WIDTH * len(columns) + 8)
        for row, move in enumerate(clips.JUDGED):
            picture = to_video(still(pictures[name], sorted(pictures).index(name))[None])
            caption, _ = clips.caption_of(move, "none", 1.0, loop=False)
            video = to_frames(make(nano, picture, FRAMES, caption, NEGATIVE, seed=row))
            top = row * (HEIGHT + 12)
            draw.text((left + 2, top), f"{move}  ({name.replace('_', ' ')})", fill="black")
            for column, frame in enumerate(columns):
                image = Image.fromarray(video[frame])
                sheet.paste(image, (left + column * WIDTH, top + 12))
    sheet.save(target, quality=80)


def bar_size_seconds(files: dict[str, Path], picture: np.ndarray, runs: int = 3) -> float:
    """Least seconds of a shot of 33 frames at 128 × 96 by `wanderlens animate`'s engine."""
    experts: dict[Expert, Path] = {"high_noise": files["high"], "low_noise": files["low"]}
    placement = Placement(torch.device("cpu"), torch.float32, "none")
    models = Files(experts, files["vae"], nano=True).load(placement)
    caption, _ = clips.caption_of("pan right", "none", 1.0, loop=False)
    still = checked_picture(torch.from_numpy(picture).float()[None] / 255, "photo")
    request = ShotRequest(still.width, still.height, duration=2.0, resolution="nano", seed=1)
    taken = []
    for _ in range(runs):
        start = time.monotonic()
        texts = HashTextEncoder().encode([caption, NEGATIVE])
        clip = animate(DiffusersEngine(models, texts[:1], texts[1:]), request, still)
        taken.append(time.monotonic() - start)
        assert clip.frames.shape == (33, HEIGHT, WIDTH, 3)
    return min(taken)


def markdown(report: dict) -> str:
    """The report's tables."""
    lines = ["| VAE, held-out photos | PSNR, dB |", "|---|---|"]
    lines += [f"| {name} | {value:.1f} |" for name, value in report["vae"].items()]
    lines += [
        "", "| move | right sign | with shuffled captions | asked motion | all motion |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    for move, row in report["camera"].items():
        other = report["shuffled"][move]
        asked = f"{row['asked']:+.3f}" if "asked" in row else ""
        lines.append(
            f"| {move} | {row['right']} of {row['runs']} | {other['right']} of {other['runs']} "
            f"| {asked} | {row['size']:.3f} |"
        )
    lines += ["", "| known frames | |", "|---|---|"]
    lines += [f"| {name} | {value:.2f} |" for name, value in report["known"].items()]
    directed = [row for move, row in report["camera"].items() if move != "static"]
    lines += [
        "",
        f"All moves: {sum(row['right'] for row in report['camera'].values())} of "
        f"{sum(row['runs'] for row in report['camera'].values())}; with shuffled captions "
        f"{sum(row['right'] for row in report['shuffled'].values())}. Static moves "
        f"{report['camera']['static']['size'] / min(row['size'] for row in directed):.2f} times as "
        "much as the move that moves least.",
        "",
        f"A shot of 33 frames at {WIDTH}x{HEIGHT}: {report['seconds']:.1f} s.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the nano model.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("report", type=Path)
    experts, vae = nano_files()
    for name, file in (
        ("--vae", vae), ("--high", experts["high_noise"]), ("--low", experts["low_noise"])
    ):  # fmt: skip
        parser.add_argument(name, type=Path, default=file)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    arguments.report.mkdir(parents=True, exist_ok=True)
    nano = load_nano(arguments.vae, arguments.high, arguments.low)
    pictures = photos.load(arguments.photos, "held out")
    log = arguments.report / "runs.jsonl"
    contact_sheet(nano, pictures, arguments.report / "contact-sheet.jpg")
    report: dict = {
        "camera": camera_table(camera_runs(nano, pictures, log, shuffled=False)),
        "shuffled": camera_table(camera_runs(nano, pictures, log, shuffled=True)),
        "known": kept_frames(nano, pictures),
        "vae": vae_quality(nano, arguments.photos),
        "seconds": bar_size_seconds(
            {"high": arguments.high, "low": arguments.low, "vae": arguments.vae},
            still(pictures[SHOWN[0]], 0),
        ),
    }
    (arguments.report / "report.json").write_text(json.dumps(report, indent=1))
    (arguments.report / "report.md").write_text(markdown(report))
    print(markdown(report))


if __name__ == "__main__":
    main()
