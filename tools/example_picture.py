"""Render Wanderlens' example still: a cabin by a misty mountain lake at dawn.

The PNG carries a `prompt` and a `workflow` text chunk as ComfyUI writes them. That graph is only
a description: the picture itself is rendered by this script, from a fixed seed, and the text is
there so that metadata carry-over can be tried.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

Array = NDArray[Any]
OUT = Path(__file__).resolve().parents[1] / "wanderlens" / "assets" / "example.png"
W, H = 2560, 1440  # twice the size of the picture
F, EYE, HORIZON = 2200.0, 4.5, 850.0  # focal length in pixels, metres above the lake, a row
SUN, SHORE = (930.0, 506.0), 1052  # a point; the row where the cabin's shore meets the water
COLS, ROWS = np.meshgrid(np.arange(W, dtype=np.float32), np.arange(H, dtype=np.float32))
RNG = np.random.default_rng(22)
GOOD = "a small wooden cabin by a misty mountain lake at dawn, pine trees, soft golden light, "
BAD = "blurry, lowres, oversaturated, watermark, text"
SAMPLER = {"seed": 22, "steps": 28, "cfg": 6.0, "sampler_name": "euler", "scheduler": "normal"}
LINKS = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
GRAPH: list[tuple[str, str, dict[str, Any]]] = [  # each node's type, outputs and inputs
    ("CheckpointLoaderSimple", "MODEL CLIP VAE", {"ckpt_name": "model.safetensors"}),
    ("CLIPTextEncode", "CONDITIONING", {"text": GOOD + "film photograph", "clip": ["1", 1]}),
    ("CLIPTextEncode", "CONDITIONING", {"text": BAD, "clip": ["1", 1]}),
    ("EmptyLatentImage", "LATENT", {"width": 1280, "height": 720, "batch_size": 1}),
    ("KSampler", "LATENT", {**SAMPLER, "denoise": 1.0, **LINKS}),
    ("VAEDecode", "IMAGE", {"samples": ["5", 0], "vae": ["1", 2]}),
    ("SaveImage", "", {"filename_prefix": "cabin", "images": ["6", 0]}),
]


def rgb(*values: float) -> Array:
    """Return a linear-light colour."""
    return np.array(values, np.float32)


def mix(a: Array, b: Array, t: Array | float) -> Array:
    """Blend two images or colours; one weight a pixel covers its channels."""
    return a + (b - a) * np.asarray(t, np.float32)[..., None]


def step(low: float, high: float, x: Array) -> Array:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def fbm(shape: tuple[int, int], cells: tuple[int, int], octaves: int, gain: float = 0.5) -> Array:
    """Sum octaves of smooth random grids; about 0 to 1."""
    total = np.zeros(shape, np.float32)
    for k in range(octaves):
        grid = RNG.random((cells[0] << k, cells[1] << k), np.float32)
        total += gain**k * cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(total / sum(gain**k for k in range(octaves)), 0, 1)


def sample(image: Array, x: Array, y: Array) -> Array:
    """Look an image up at fractional positions."""
    x, y = (np.ascontiguousarray(v, np.float32) for v in (x, y))
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def sheet(base: Array) -> Array:
    """Return an empty drawing: square-root light and coverage; soft edges fade to `base`."""
    return np.full((H, W, 4), [*(np.sqrt(base) * 255), 0]).astype(np.uint8)


def draw(layer: Array, points: Any, color: Array, width: float = 0) -> None:
    """Fill an anti-aliased polygon, or stroke a line where there is a width."""
    pts = [np.rint(np.asarray(points, np.float64) * 16).astype(np.int32)]
    ink = (*(float(v) for v in np.sqrt(np.clip(color, 0, 1)) * 255), 255.0)
    if width:
        cv2.polylines(layer, pts, False, ink, max(1, int(width)), cv2.LINE_AA, 4)
    else:
        cv2.fillPoly(layer, pts, ink, cv2.LINE_AA, 4)


def over(layer: Array, image: Array) -> Array:
    """Composite a drawing over an image; full red, a lamp, becomes brighter than white."""
    light = (layer / np.float32(255)) ** 2
    light[..., :3] *= 1 + 2.6 * (layer[..., :1] > 250)
    return mix(image, light[..., :3], np.sqrt(light[..., 3]))


def sky() -> Array:
    """Paint the dawn gradient, the sun's glow and soft clouds."""
    up = np.clip((HORIZON - ROWS) / HORIZON, 0, 1)
    away = np.hypot((COLS - SUN[0]) / 1.5, ROWS - SUN[1])
    image = mix(rgb(0.95, 0.52, 0.30), rgb(0.40, 0.42, 0.51), step(0.1, 0.66, up))
    image = mix(image, rgb(0.08, 0.17, 0.37), step(0.35, 1.1, up))
    image = image * mix(rgb(1, 1, 1), rgb(0.72, 0.84, 1.08), step(300, 1500, away))
    near = np.exp(-away / 240)
    noise = fbm((2048, 2048), (10, 7), 7, 0.55)
    at = ((COLS - SUN[0]) / F / (up + 0.16) * 420 + 1000, 260 / (up + 0.16))
    cover, toward = (sample(noise, at[0] + d * 7, at[1] + d * 9) for d in (0, 1))
    lit = np.clip(0.5 + (cover - toward) * 9, 0, 1) * 0.75 + 0.2 * near
    cloud = mix(rgb(0.28, 0.29, 0.40), rgb(1.15, 0.68, 0.49), lit) * (0.75 + 0.6 * near)[..., None]
    image = mix(image, cloud, step(0.43, 0.66, cover) * step(0.02, 0.3, up) * 0.9)
    disc = step(27, 14, np.hypot(COLS - SUN[0], ROWS - SUN[1]))[..., None] * rgb(16, 12, 7)
    halo = np.exp(-away / 55)[..., None] * rgb(2.6, 1.5, 0.6)
    return image + near[..., None] * rgb(0.85, 0.44, 0.14) + halo + disc


def heights(size: int = 2048) -> Array:
    """Build the terrain, in metres: ridges 12 km wide and deep, with a valley to the sun."""
    total, weight = np.zeros((size, size), np.float32), np.ones((size, size), np.float32)
    for k in range(8):
        ridge = (1 - np.abs(2 * fbm((size, size), (9 << k, 9 << k), 1) - 1)) ** 1.6 * weight
        weight = np.clip(0.25 + ridge * 1.3, 0, 1)
        total += (0.46 + 0.012 * k) ** k * ridge
    warp = [fbm((size, size), (9, 9), 4) * 130 - 65 for _ in "xy"]
    x, z = np.meshgrid(np.linspace(-6000, 6000, size), np.linspace(0, 12000, size))
    total = sample(total, (x / 12000 + 0.5) * size + warp[0], z / 12000 * size + warp[1])
    total = (total - total.min()) / np.ptp(total)
    valley = np.abs(x + 0.19 * z + 260 * np.sin(z / 800)) / (200 + 0.16 * z)
    rise = step(500, 6500, z + 0.45 * np.abs(x)) * (0.36 + 0.64 * step(0.2, 2.6, valley))
    hills = 105 * step(560, 1500, z) * total**1.7
    return (1800 * total**1.2 * rise + hills).astype(np.float32) - 6


def veil(color: Array, far: Array, high: Array, cols: Array, rows: Array) -> Array:
    """Fade a colour into haze with distance, and into the mist that lies low in the valleys."""
    warm = np.exp(-np.hypot((cols - SUN[0]) / 1.6, rows - SUN[1]) / 380)
    air = mix(rgb(0.26, 0.34, 0.52), rgb(1.25, 0.70, 0.38), warm)
    fog = mix(rgb(0.58, 0.54, 0.59), rgb(1.25, 0.80, 0.52), warm)
    color = mix(color, air, 1 - np.exp(-far / 14000))
    return mix(color, fog, 1 - np.exp(-far / 2300 * np.exp(-high / 62)))


def relief(ground: Array, cell: float) -> Array:
    """Shade the terrain's rock, forest floor and snow in a low sun from the left."""
    (dz, dx), size = np.gradient(ground, cell), len(ground)
    climb = np.arange(size, dtype=np.float32) * cell * 0.30
    shadow = np.maximum.accumulate(ground + climb, 1) - climb - ground
    sun = np.clip((dx * 0.9 - dz * 0.25 + 0.22) / np.sqrt(1 + dx**2 + dz**2), 0, 1)
    sun = (sun * step(45, 0, cv2.GaussianBlur(shadow, (0, 0), 1.5)))[..., None]
    rough = fbm((size, size), (64, 64), 5)
    snow = step(420, 760, ground + 700 * (rough - 0.5)) * step(2.5, 1.0, np.hypot(dx, dz))
    bare = step(250, 700, ground + 400 * rough)
    rock = mix(rgb(0.03, 0.04, 0.03), rgb(0.14, 0.12, 0.115), bare)
    rock = mix(rock * (0.2 + 1.6 * rough)[..., None], rgb(0.8, 0.82, 0.86), snow)
    return rock * (sun * rgb(4.2, 2.1, 1.0) + (0.5 + 0.3 * sun) * rgb(0.28, 0.36, 0.55))


def land(image: Array) -> tuple[Array, Array]:
    """Project the terrain over the sky; also returns its distance."""
    ground, cell = heights(), 12000 / 2048
    depth = np.geomspace(420, 11900, 1500).astype(np.float32)[:, None]
    x = (np.arange(W, dtype=np.float32) - W / 2) / F * depth
    at = ((x + 6000) / cell, np.broadcast_to(depth / cell, x.shape))
    rows = np.maximum.accumulate((sample(ground, *at) - EYE) * F / depth, 0)
    index, want = np.zeros((H, W), np.float32), HORIZON - np.arange(H)
    for col, top in enumerate(rows.T):
        i = np.clip(np.searchsorted(top, want), 1, len(top) - 1)
        part = np.clip((want - top[i - 1]) / np.maximum(top[i] - top[i - 1], 1e-6), 0, 1)
        index[:, col] = i - 1 + part
    seen = (rows[-1] >= HORIZON - ROWS) & (ROWS < HORIZON + 30)
    far = np.interp(index, np.arange(len(depth)), depth[:, 0]).astype(np.float32)
    color = sample(sample(relief(ground, cell), *at), COLS, index)
    color = veil(color, far, np.clip(HORIZON - ROWS, 0, H) * far / F, COLS, ROWS)
    return mix(image, color, seen), np.where(seen, far, 0)


def forest(image: Array, far: Array, count: int = 26000) -> Array:
    """Scatter small conifers over the lower slopes, the farthest first."""
    layer, clump = sheet(rgb(0.05, 0.06, 0.06)), fbm((H, W), (12, 40), 3)
    y, x = RNG.integers(300, int(HORIZON), count * 9), RNG.integers(0, W, count * 9)
    z, high = far[y, x], (HORIZON - y) * far[y, x] / F
    keep = (RNG.random(len(z)) < (z / 2600) ** 1.6) & (high < 640 * clump[y, x] ** 1.5 + 40)
    order = np.argsort(-z[keep], kind="stable")[-count:]
    x, y, z, high = (v[keep][order] for v in (x, y, z, high))
    tall, tone = RNG.uniform(6, 22, len(z)) * F / z, RNG.uniform(0.2, 1.8, (len(z), 1))
    color = veil(rgb(0.016, 0.022, 0.015) * tone**2, z, high + 8, x, y)
    for px, py, t, c in zip(x, y, tall, color, strict=True):
        draw(layer, [(px, py - t), (px - t * 0.21, py), (px + t * 0.21, py)], c)
    return over(layer, image)


def conifer(layer: Array, x: float, foot: float, tall: float, dark: Array, rim: Array) -> None:
    """Draw one spruce: whorls of drooping boughs hung with twigs, rimmed on the sun's side."""
    draw(layer, [(x - tall / 120, foot), (x + tall / 120, foot), (x, foot - tall)], dark)
    for t in np.linspace(0.06, 0.985, int(np.clip(tall / 8, 16, 100))):
        for side in np.cos(RNG.uniform(0, np.pi, 6)) * RNG.uniform(0.7, 1.15, 6):
            reach = tall * (0.20 * (1 - t) ** 0.8 + 0.007)
            hang = reach * (0.42 - 0.5 * t + RNG.uniform(-0.1, 0.2))
            along = np.linspace(0, 1, int(np.clip(abs(side) * reach / 5, 4, 20)))
            down = foot - tall * t + hang * along**1.3 - reach * 0.1 * along**4
            bough = np.stack([x + side * reach * along, down], 1)
            draw(layer, bough, dark, tall / 400)
            glow = np.clip(0.15 - 0.8 * side, 0, 1) * RNG.random(len(along)) ** 4 * along
            size = reach * RNG.uniform(0.10, 0.24, len(along)) * (1.15 - 0.6 * along)
            lean = np.sign(side) * RNG.uniform(0.1, 1, len(along)) * size
            tips = bough + np.stack([lean, RNG.uniform(0.1, 1, len(along)) * size], 1)
            for root, tip, color in zip(bough, tips, mix(dark, rim, glow), strict=True):
                draw(layer, [root, tip], color, max(2, tall / 420))


def grass(layer: Array, top: Array, foot: Array, size: float, count: int, tint: Array) -> None:
    """Cover a bank between two rows of each column with blades, the lowest last."""
    for down in np.sort(RNG.random(count)):
        x = RNG.integers(0, W)
        root = top[x] + (foot[x] - top[x]) * down
        if top[x] < foot[x] - 1 and root < H + 60:
            tall, lean = size * RNG.uniform(0.4, 1.2), RNG.normal(0.15, 0.35) * size
            blade = [(x, root), (x + lean * 0.3, root - tall * 0.6), (x + lean, root - tall)]
            draw(layer, blade, tint * RNG.uniform(0.25, 1) ** 2, size / 22)


def place(point: Any, mirror: bool = False) -> tuple[float, float]:
    """Project a point in metres; `mirror` gives its image in the lake."""
    x, y, z = point
    return W / 2 + F * x / z, HORIZON + F * (EYE + y if mirror else EYE - y) / z


def cabin(layer: Array) -> None:
    """Draw the log cabin with its lit windows."""

    def face(color: Array, *at: tuple[float, ...], width: int = 0) -> None:
        turned = [(3.1 - 0.75 * i + 0.66 * j, y + 0.95, 49 + 0.66 * i + 0.75 * j) for i, j, y in at]
        draw(layer, [place(p) for p in turned], color, width)

    front, side, roof = rgb(0.17, 0.09, 0.047), rgb(0.05, 0.038, 0.032), rgb(0.066, 0.076, 0.1)
    face(side * 0.5, (4.9, -0.6, 2.05), (2.2, -0.6, 4.6), (2.2, 0, 4.4), (4.3, 0, 2.0))
    face(front, (0, 0, -0.6), (4.4, 0, -0.6), (4.4, 0, 2.5), (2.2, 0, 4.5), (0, 0, 2.5))
    face(side, (0, 0, -0.6), (0, 6, -0.6), (0, 6, 2.5), (0, 0, 2.5))
    for y in np.arange(-0.3, 4.4, 0.26):
        inset, tone = max(0.0, (y - 2.5) * 1.1), RNG.uniform(0.9, 1.6)
        face(front * 0.3, (inset, 0, y), (4.4 - inset, 0, y), width=3)
        face(front * tone, (inset, 0, y - 0.1), (4.4 - inset, 0, y - 0.1), width=3)
        if y < 2.5:
            face(side * 0.4, (0, 0, y), (0, 6, y), width=3)
    face(front * 0.35, (0.7, 0, -0.2), (1.6, 0, -0.2), (1.6, 0, 1.9), (0.7, 0, 1.9))
    for i, j, p, q in ((2.45, 0, 3.55, 0), (0, 1.1, 0, 2.1), (0, 3.6, 0, 4.6)):
        pane = [(i, j, 0.8), (p, q, 0.8), (p, q, 1.8), (i, j, 1.8)]
        face(rgb(1, 0.5, 0.14), *pane)
        face(front * 0.25, *pane, pane[0], width=5)
        mid = ((i + p) / 2, (j + q) / 2)
        for bar in (((*mid, 0.8), (*mid, 1.8)), ((i, j, 1.3), (p, q, 1.3))):
            face(front * 0.25, *bar, width=2)
    for p, q, tone in (((1.3, 4), (1.3, 4.8), 0.35), ((1.3, 4), (2.0, 4), 0.8)):
        face(front * tone, (*p, 3.2), (*q, 3.2), (*q, 5.3), (*p, 5.3))
    for k in np.linspace(0, 1, 12):
        course = [(2.2 - 2.7 * k, j, 4.62 - 2.52 * k) for j in (-0.6, 6.5)]
        face(roof * RNG.uniform(0.75, 1.2), *course, (-0.5, 6.5, 2.1), (-0.5, -0.6, 2.1))
        face(roof * 0.4, *course, width=2)
    for i in (-0.5, 4.9):
        face(rgb(0.24, 0.135, 0.07), (i, -0.6, 2.05), (2.2, -0.6, 4.6), width=7)


def jetty(mirror: bool) -> Array:
    """Draw the plank jetty that runs from the cabin's shore towards the viewer."""
    layer, across = sheet(rgb(0.03, 0.025, 0.02)), np.array([0.85, 0, -0.21])
    start, end = np.array([1.6, 0.55, 48.0]), np.array([-3.6, 0.55, 27.0])
    for k in np.linspace(0, 1, 8):
        for x, _, z in (start + (end - start) * k + across, start + (end - start) * k - across):
            ends = [place((x, y, z), mirror) for y in (-0.02, 0.95 if k == 1 else 0.5)]
            draw(layer, ends, rgb(0.035, 0.027, 0.022), 440 / z)
    for k in np.linspace(0, 1, 90)[:-1]:
        p, q = (start + (end - start) * t for t in (k, k + 0.0098))
        corners = [place(c, mirror) for c in (p + across, q + across, q - across, p - across)]
        tone = RNG.uniform(0.6, 1.3) * (0.25 if mirror else 1)
        draw(layer, corners, rgb(0.19, 0.145, 0.12) * tone)
    rim = [place(end + s * across - [0, 0.08, 0], mirror) for s in (-1, 1)]
    draw(layer, rim, rgb(0.03, 0.02, 0.02), 11)
    return layer


def headland(start: int = 1085) -> Array:
    """Draw the wooded point with the cabin."""
    layer, x = sheet(rgb(0.02, 0.025, 0.022)), np.arange(W)
    rough = fbm((1, W), (1, 24), 5)[0] - 0.5
    foot = SHORE + 10 + 12 * rough + 34 * step(1500, 2560, x)
    bank = 62 * step(start, 1420, x) + 100 * step(1560, 2500, x) + 26 * rough
    top = foot - bank * step(start, start + 110, x)
    dark, rim = rgb(0.018, 0.027, 0.026), rgb(0.20, 0.13, 0.06)
    for lift, count, tone in ((12, 24, 1.9), (-6, 26, 1.0)):
        for px in np.sort(RNG.integers(1640, W, count)):
            size = RNG.uniform(240, 460) + 190 * float(step(1700, 2300, px))
            conifer(layer, px, top[px] - lift, size, dark * tone, rim)
    for px, size in ((1236, 190), (1268, 310), (1196, 120), (1300, 240)):
        conifer(layer, px, top[px] + 6, size, dark, rim)
    both = np.concatenate([x[start:], x[:start:-1]]), np.concatenate([top[start:], foot[:start:-1]])
    draw(layer, np.stack(both, 1), rgb(0.03, 0.032, 0.02))
    cabin(layer)
    grass(layer, top, foot, 14, 22000, rgb(0.17, 0.13, 0.06))
    return layer


def lake(image: Array, point: Array) -> Array:
    """Fill the water with the rippled reflection of all that stands above it."""
    glass = sample(image, COLS, 2 * HORIZON - ROWS)
    glass = over(sample(point, COLS, 2 * SHORE + 4 - ROWS), glass)
    glass = cv2.GaussianBlur(over(jetty(mirror=True), glass), (5, 13), 0.8, sigmaY=3)
    below = np.clip(ROWS - HORIZON, 1, None)
    z = F * EYE / below
    x = (COLS - W / 2) / F * z
    noise, swell = fbm((2048, 2048), (128, 128), 3), np.zeros((H, W), np.float32)
    for size, height in ((2.6, 76), (0.9, 66), (0.33, 40)):
        k = 16 / size
        wave = sample(noise, (x * 0.3 + z * 0.05 + 400) * k, (z + 0.04 * x) * k) - 0.5
        swell += height * wave * np.exp(-(z**2) / F / EYE / size * 1.3)
    wind = step(0.42, 0.62, sample(noise, x * 0.12 + 900, z * 0.9 + 40))
    swell *= 0.4 + 1.1 * wind
    bent = sample(glass, COLS + swell * 0.25, np.maximum(ROWS + swell, HORIZON + 2))
    water = mix(rgb(0.010, 0.030, 0.040), bent, 0.93 - 0.45 * step(0, 620, below))
    water = mix(water, rgb(0.62, 0.50, 0.46), 0.18 * wind * step(420, 30, below))
    return mix(image, water, ROWS > HORIZON)


def mist(image: Array, row: float, spread: float, strength: float) -> Array:
    """Lay a drifting bank of mist along a row."""
    drift = step(0.28, 0.72, fbm((H, W), (26, 7), 5)) * np.exp(-(((ROWS - row) / spread) ** 2))
    warm = np.exp(-np.abs(COLS - SUN[0]) / 700)
    return mix(image, mix(rgb(0.60, 0.56, 0.61), rgb(1.25, 0.85, 0.58), warm), strength * drift)


def smoke(image: Array) -> Array:
    """Let a thin plume of smoke rise from the chimney."""
    up = np.clip((800 - ROWS) / 330, 0, 1)
    sway = (fbm((H, 1), (14, 1), 4) - 0.5) * 130 * up - 150 * up**1.4 + 1478
    plume = np.exp(-(((COLS - sway) / (9 + 44 * up)) ** 2)) * step(1, 0.2, up) * step(0, 0.04, up)
    plume *= 0.65 * step(0.1, 0.75, fbm((H, W), (40, 60), 3))
    return mix(image, rgb(0.66, 0.60, 0.60), plume)


def frame() -> Array:
    """Draw the near shore: tall spruces at both sides over grassy banks."""
    layer, x = sheet(rgb(0.006, 0.009, 0.008)), np.arange(W)
    rough = fbm((1, W), (1, 14), 5)[0] - 0.5
    top = H + 34 - 190 * step(1000, 60, x) - 150 * step(1750, 2560, x) + 46 * rough
    for px, tall in ((330, 740), (90, 1400), (2290, 500), (2490, 1230)):
        conifer(layer, px, 1340, tall, rgb(0.006, 0.010, 0.009), rgb(0.15, 0.085, 0.033))
    draw(layer, [(0, H), *zip(x, top, strict=True), (W, H)], rgb(0.008, 0.010, 0.006))
    grass(layer, top, top + 210, 54, 8000, rgb(0.12, 0.095, 0.034))
    return layer


def grade(image: Array) -> Array:
    """Add bloom and a vignette, then map light to 8 bits at half the size, shadows coarsely."""
    image = cv2.resize(image, (W // 2, H // 2), interpolation=cv2.INTER_AREA)
    bright = cv2.resize(np.clip(image - 0.9, 0, 6), (W // 8, H // 8), interpolation=cv2.INTER_AREA)
    for sigma, gain in ((2.0, 0.22), (6.0, 0.13), (18.0, 0.08)):
        image += gain * cv2.resize(cv2.GaussianBlur(bright, (0, 0), sigma), (W // 2, H // 2))
    image *= (0.86 - 0.64 * np.hypot(COLS / W - 0.5, ROWS / H - 0.5)[::2, ::2] ** 2)[..., None]
    image = image * (2.51 * image + 0.02) / (image * (2.43 * image + 0.59) + 0.14)
    tone = np.rint(np.clip(image, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    return np.where(tone < 60, tone & 252 | 1, np.where(tone < 100, tone & 254, tone))


def render() -> Array:
    """Render the whole picture."""
    image = mist(forest(*land(sky())), HORIZON - 10, 20, 0.75)
    point = headland()
    image = smoke(mist(lake(image, point), HORIZON + 6, 16, 0.75))
    return grade(over(frame(), over(jetty(mirror=False), over(point, image))))


def metadata() -> PngInfo:
    """Write the graph in ComfyUI's two forms: the API's `prompt` and the editor's `workflow`."""
    prompt: dict[str, Any] = {}
    nodes: list[dict[str, Any]] = []
    links: list[list[Any]] = []
    for number, (kind, outputs, inputs) in enumerate(GRAPH, 1):
        prompt[str(number)] = {"inputs": inputs, "class_type": kind, "_meta": {"title": kind}}
        node = {"id": number, "type": kind, "pos": [number * 340 - 340, 100], "size": [315, 260]}
        node |= {"flags": {}, "order": number - 1, "mode": 0, "inputs": [], "widgets_values": []}
        node |= {"properties": {"Node name for S&R": kind}}
        node["outputs"] = [{"name": t, "type": t, "links": []} for t in outputs.split()]
        for name, value in inputs.items():
            if isinstance(value, list):
                port = nodes[int(value[0]) - 1]["outputs"][value[1]]
                link = [len(links) + 1, int(value[0]), value[1], number, len(node["inputs"])]
                links.append([*link, port["type"]])
                port["links"].append(link[0])
                node["inputs"].append({"name": name, "type": port["type"], "link": link[0]})
            else:
                node["widgets_values"] += [value, "fixed"] if name == "seed" else [value]
        nodes.append(node)
    workflow = {"last_node_id": len(nodes), "last_link_id": len(links), "nodes": nodes}
    workflow |= {"links": links, "groups": [], "config": {}, "extra": {}, "version": 0.4}
    info = PngInfo()
    info.add_text("prompt", json.dumps(prompt))
    info.add_text("workflow", json.dumps(workflow))
    return info


def main() -> None:
    """Render the picture and write it with its metadata."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=OUT, help="the PNG to write")
    path = parser.parse_args().output
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(render()).save(path, pnginfo=metadata(), optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
