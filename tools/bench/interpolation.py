"""Compare ways to double the frame rate on camera moves over photographs.

Each photograph is filmed by a virtual camera at 32 frames per second. Every second frame is given
to each method, which has to make the frames held back: `convert_frame_rate`, repeating a frame,
blending two, and FFmpeg's `minterpolate` with its default and with its best settings. One run
prints PSNR and SSIM (Wang et al. 2004, on luma) of the frames made and the output frames per
second, with the ratio to `minterpolate`.

    python tools/bench/interpolation.py                      # scikit-image's photographs
    python tools/bench/interpolation.py --photos folder      # your own
"""

import argparse
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from wanderlens.motion import convert_frame_rate

Array = NDArray[Any]
Method = Callable[[Array], Array]

NATIVE_FPS, OUTPUT_FPS = 16, 32
NATIVE_FRAMES = 21
ENDS = 2  # native frames at both ends that are given but not judged
MOVES = ("push", "pan", "tilt", "roll", "orbit", "handheld", "parallax")
PHOTOS = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
BEST = "mc_mode=aobmc:me_mode=bidir:vsbmc=1"


def camera(move: str, u: float, size: int, photo: tuple[int, ...], closer: float = 1) -> Array:
    """The homography from photo to frame at the time u of 0..1, for a layer `closer` times nearer.

    The camera covers about an eighth of the frame's width, or a quarter of its size, per second.
    """
    zoom, angle, tilt = 1.3, 0.0, 0.0
    shift = np.zeros(2)
    if move == "push":
        zoom = 1.12 * math.exp(0.25 * u * closer)
    elif move == "pan":
        shift[0] = 0.16 * (u - 0.5)
    elif move == "tilt":
        shift[1] = 0.14 * (u - 0.5)
    elif move == "roll":
        angle = 0.2 * (u - 0.5)
    elif move == "orbit":
        tilt, shift[0] = 0.5 * (u - 0.5), -0.1 * (u - 0.5)
    elif move == "handheld":
        t = math.tau * u
        shift[:] = 0.02 * math.sin(t) + 0.006 * math.sin(2.7 * t + 1), 0.018 * math.cos(1.2 * t)
        angle, zoom = 0.015 * math.sin(1.4 * t), 1.3 + 0.02 * math.sin(0.9 * t)
    elif move == "parallax":
        shift[:] = 0.1 * (u - 0.5), 0.02 * math.sin(math.tau * u)
    height, width = photo[:2]
    scale = zoom * size / min(height, width)
    centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    lean = np.array([[1, 0, 0], [0, 1, 0], [tilt / width, 0, 1]])
    turn = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0]])
    view = np.vstack([turn * scale, [0, 0, 1]])
    view[:2, 2] += size * (0.5 + shift * closer)
    return view @ lean @ centre


def film(photo: Array, cutout: Array, move: str, size: int, times: Iterable[float]) -> Array:
    """A clip [frames, size, size, 3] uint8 of a move at times of 0..1, twice supersampled.

    In "parallax", an ellipse cut out of another photograph moves in front, 2.5 times as fast.
    """
    mask = np.zeros(cutout.shape[:2], np.float32)
    height, width = cutout.shape[:2]
    cv2.ellipse(mask, (width // 2, height // 2), (width // 6, height // 5), 0, 0, 360, (1,), -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 2)
    frames = []
    shape = (2 * size, 2 * size)
    for u in times:
        view = camera(move, u, 2 * size, photo.shape)
        frame: Array = cv2.warpPerspective(
            photo, view, shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        if move == "parallax":
            view = camera(move, u, 2 * size, cutout.shape, closer=2.5)
            front = cv2.warpPerspective(
                cutout, view, shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
            share = cv2.warpPerspective(mask, view, shape)[..., None]
            frame = frame + share * (front - frame)
        small = cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA)
        frames.append(np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8))
    return np.stack(frames)


def clips(photos: list[Path], size: int) -> Iterator[tuple[str, Array]]:
    """Every photograph with every move."""
    pictures = [read(path, size) for path in photos]
    times = np.linspace(0, 1, 2 * NATIVE_FRAMES - 1)
    for index, picture in enumerate(pictures):
        for move in MOVES:
            yield move, film(picture, pictures[index - 1], move, size, times)


def read(path: Path, size: int) -> Array:
    """A photograph [H, W, 3] RGB float32 in 0..1, no larger than twice supersampling needs."""
    picture: Array | None = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        sys.exit(f"{path} is not a picture")
    scale = 3 * size / min(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return picture[..., ::-1].astype(np.float32) / 255


def ours(given: Array) -> Array:
    """`convert_frame_rate`."""
    made = convert_frame_rate(
        torch.from_numpy(given.astype(np.float32) / 255),
        native_fps=NATIVE_FPS,
        output_fps=OUTPUT_FPS,
        loop=False,
    )
    return made.numpy()


def repeat(given: Array) -> Array:
    """Every frame twice."""
    return np.repeat(given, 2, 0)[:-1].astype(np.float32) / 255


def blend(given: Array) -> Array:
    """The mean of two frames between them."""
    made = repeat(given)
    made[1::2] = (made[:-1:2] + made[2::2]) / 2
    return made


def minterpolate(options: str = "") -> Method:
    """FFmpeg's filter."""
    options = f"fps={OUTPUT_FPS}:mi_mode=mci" + (f":{options}" if options else "")
    return lambda given: filtered(given, NATIVE_FPS, f"minterpolate={options}") / np.float32(255)


def filtered(clip: Array, fps: int, filters: str) -> Array:
    """What FFmpeg's filters make of a clip, uint8, without loss of colour resolution on the way."""
    height, width = clip.shape[1:3]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    command = ["ffmpeg", "-v", "error", *raw, "-s", f"{width}x{height}", "-r", str(fps), "-i", "-"]
    command += ["-vf", f"format=yuv444p,{filters}", *raw, "-"]
    out = subprocess.run(command, input=clip.tobytes(), stdout=subprocess.PIPE, check=True)
    return np.frombuffer(out.stdout, np.uint8).reshape(-1, height, width, 3)


def align(made: Array, truth: Array) -> Array:
    """The frames made, shifted in time to fit best; `minterpolate` leaves out some at the ends."""
    best, found = math.inf, made
    middle = slice(2 * ENDS, len(truth) - 2 * ENDS)
    for offset in range(-2 * ENDS, 2 * ENDS + 1):
        places = np.arange(len(truth)) - offset
        shifted = made[np.clip(places, 0, len(made) - 1)]
        error = float(np.square(shifted[middle] - truth[middle]).mean())
        if error < best:
            best, found = error, shifted
    return found


def psnr(made: Array, truth: Array) -> float:
    """Peak signal-to-noise ratio in dB of values in 0..1."""
    return -10 * math.log10(max(1e-10, float(np.square(made - truth).mean())))


def ssim(made: Array, truth: Array) -> float:
    """Structural similarity of luma: Gaussian window of 11 pixels and sigma 1.5."""
    x, y = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (made, truth))

    def local(image: Array) -> Array:
        return cv2.GaussianBlur(image, (11, 11), 1.5)

    mx, my = local(x), local(y)
    vx, vy, cov = local(x * x) - mx * mx, local(y * y) - my * my, local(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    similar = (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(similar.mean())


def main() -> None:
    """Run all methods on all clips and print the tables."""
    parser = argparse.ArgumentParser(description="Compare ways to double the frame rate.")
    parser.add_argument("--photos", type=Path, help="folder of photographs; else scikit-image's")
    parser.add_argument("--size", type=int, default=256, help="side of the frames in pixels")
    args = parser.parse_args()
    photos = photographs(args.photos)
    methods: dict[str, Method] = {"wanderlens": ours, "repeat": repeat, "blend": blend}
    if shutil.which("ffmpeg"):
        methods |= {"minterpolate": minterpolate(), "minterpolate, best": minterpolate(BEST)}
    else:
        print("ffmpeg is not installed: minterpolate is left out")

    quality: dict[str, dict[str, list[float]]] = {name: {m: [] for m in MOVES} for name in methods}
    similar: dict[str, list[float]] = {name: [] for name in methods}
    seconds, frames = dict.fromkeys(methods, 0.0), 0
    for move, truth_8bit in clips(photos, args.size):
        truth = truth_8bit.astype(np.float32) / 255
        frames += len(truth)
        for name, method in methods.items():
            start = time.perf_counter()
            made = method(np.ascontiguousarray(truth_8bit[::2]))
            seconds[name] += time.perf_counter() - start
            made = align(made, truth)
            held_back = range(2 * ENDS + 1, len(truth) - 2 * ENDS, 2)
            quality[name][move] += [psnr(made[index], truth[index]) for index in held_back]
            similar[name] += [ssim(made[index], truth[index]) for index in held_back]

    count = len(similar["wanderlens"])
    print(
        f"{len(photos)} photographs, {len(MOVES)} moves, {args.size} x {args.size}, {count} frames"
    )
    reference = seconds.get("minterpolate")
    print(f"{'PSNR in dB':20}" + "".join(f"{move:>10}" for move in MOVES), end="")
    print(f"{'all':>10}{'SSIM':>10}{'frames/s':>10}{'ratio':>10}")
    for name in methods:
        row = [*quality[name].values(), [v for values in quality[name].values() for v in values]]
        print(f"{name:20}" + "".join(f"{np.mean(values):10.2f}" for values in row), end="")
        print(f"{np.mean(similar[name]):10.4f}{frames / seconds[name]:10.1f}", end="")
        print(f"{reference / seconds[name]:10.2f}" if reference else f"{'-':>10}")


def photographs(folder: Path | None) -> list[Path]:
    """The photographs of a folder, or those that come with scikit-image."""
    if folder is not None:
        return sorted(folder.iterdir())
    try:
        import skimage.data  # pyright: ignore[reportMissingImports]
    except ImportError:
        sys.exit("Install scikit-image, or name a folder with --photos.")
    return [Path(skimage.data.__file__).parent / name for name in PHOTOS]


if __name__ == "__main__":
    main()
