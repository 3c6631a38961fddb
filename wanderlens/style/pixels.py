"""Measures a picture: light, contrast, colour, grain, focus, drawn or photographed.

Every measure is taken on a copy whose longer side is at most 512 pixels, but grain, which is taken
on a crop of the original: scaling would average it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Plane = npt.NDArray[Any]

_SIDE = 512
_CROP = 768
#: The longest side that is measured; a larger picture is thinned out first.
_LARGEST = 8192
_BLOCKS = 12
_COLOURS = 4


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of a picture.

    Attributes:
        key: Mean lightness, CIE L*, 0 to 100.
        contrast: L* at the 95th percentile less that at the 5th.
        colourfulness: M3 of Hasler and Süsstrunk, "Measuring colourfulness in natural images"
            (SPIE 2003): sigma(rg, yb) + 0.3 mu(rg, yb), on 0 to 255; 15 slightly, 33 moderately,
            59 quite, 109 extremely colourful.
        chroma: CIE C*ab at the 99th percentile; below about 4 a picture looks grey.
        hue_spread: Circular spread of hue weighted by chroma, 0 (one hue) to 1 (all alike).
        hue: Mean hue weighted by chroma, degrees in the plane of CIE a* and b*, 0 to 360.
        warmth: Mean CIE b* plus half the mean a*: above 0 is warm, below is cool.
        grain: Noise sigma on 0 to 255 after Immerkaer, "Fast noise variance estimation" (CVIU
            1996), over the flattest fifth of the picture.
        focus: Sharpness of the median block over that of the sharpest tenth (variance of the
            Laplacian, 12 by 12 blocks), 0 to 1: low means that a small part is sharp.
        flat: Share of pixels whose 3 by 3 neighbourhood spans at most 2 of 255 levels in each
            channel.
        outline: Share of strong edges that are as sharp as a pixel: drawn lines are, optics not.
        palette: Names of the colours that cover most, the largest first.
    """

    key: float
    contrast: float
    colourfulness: float
    chroma: float
    hue_spread: float
    hue: float
    warmth: float
    grain: float
    focus: float
    flat: float
    outline: float
    palette: tuple[str, ...]


def measure(picture: Pixels) -> Measures:
    """Measures a picture; takes some 50 ms for one of 1024 by 1024 pixels.

    Args:
        picture: [height, width, 3], RGB, 0 to 255, uint8; at least 16 pixels a side.
    """
    import cv2
    import numpy as np

    step = -(-max(picture.shape[:2]) // _LARGEST)
    picture = np.ascontiguousarray(picture[::step, ::step])
    height, width = picture.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small: Any = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    low, high = np.percentile(lightness, (5, 95))
    top, left = max(0, (height - _CROP) // 2), max(0, (width - _CROP) // 2)
    crop = cv2.cvtColor(picture[top : top + _CROP, left : left + _CROP], cv2.COLOR_RGB2GRAY)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return Measures(
        key=float(lightness.mean()),
        contrast=float(high - low),
        colourfulness=_colourfulness(small.astype(np.float32)),
        chroma=float(np.percentile(chroma, 99)),
        hue_spread=_hue_spread(a, b, chroma),
        hue=float(np.degrees(np.arctan2(b.sum(), a.sum())) % 360),
        warmth=float(b.mean() + a.mean() / 2),
        grain=_grain(crop.astype(np.float32)),
        focus=_focus(grey),
        flat=_flat(small),
        outline=_outline(grey),
        palette=_palette(lab),
    )


def _colourfulness(rgb: Plane) -> float:
    import numpy as np

    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def _hue_spread(a: Plane, b: Plane, chroma: Plane) -> float:
    import numpy as np

    total = float(chroma.sum())
    if total <= 0:
        return 0.0
    return 1.0 - float(np.hypot(a.sum(), b.sum())) / total


def _grain(grey: Plane) -> float:
    """Immerkaer's sigma over the pixels with the smallest gradients."""
    import cv2
    import numpy as np

    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))
    smooth = cv2.GaussianBlur(grey, (0, 0), 2.0)
    gradient = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    # Black and white clip noise away; such pixels say nothing.
    usable = (smooth > 12) & (smooth < 243)
    if usable.sum() < 256:
        return 0.0
    flattest = usable & (gradient <= np.percentile(gradient[usable], 20))
    return float(np.sqrt(np.pi / 2) / 6 * response[flattest].mean())


def _focus(grey: Plane) -> float:
    import cv2
    import numpy as np

    sharpness = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    blocks = cv2.resize(sharpness**2, (_BLOCKS, _BLOCKS), interpolation=cv2.INTER_AREA)
    best = float(np.percentile(blocks, 90))
    return float(np.median(blocks)) / best if best > 1 else 1.0


def _flat(small: Any) -> float:
    import cv2
    import numpy as np

    kernel = np.ones((3, 3), np.uint8)
    span = cv2.subtract(cv2.dilate(small, kernel), cv2.erode(small, kernel))
    return float((span.max(axis=2) <= 2).mean())


def _outline(grey: Plane) -> float:
    """Of the strongest edges, the share whose whole step lies within two pixels."""
    import cv2
    import numpy as np

    kernel = np.ones((3, 3), np.uint8)
    near = cv2.dilate(grey, kernel) - cv2.erode(grey, kernel)
    wide = np.ones((7, 7), np.uint8)
    far = cv2.dilate(grey, wide) - cv2.erode(grey, wide)
    strong = near >= max(24.0, float(np.percentile(near, 90)))
    if not strong.any():
        return 0.0
    return float((near[strong] >= 0.9 * far[strong]).mean())


def _palette(lab: Any) -> tuple[str, ...]:
    """k-means in Lab from a fixed start, named by lightness, chroma and hue."""
    import cv2
    import numpy as np

    points = cv2.resize(lab, (48, 48), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    order = np.argsort(points[:, 0], kind="stable")
    labels = np.empty((len(points), 1), np.int32)
    labels[order, 0] = np.arange(len(points)) * _COLOURS // len(points)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, labels, centres = cv2.kmeans(
        points, _COLOURS, labels, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS
    )
    counts = np.bincount(labels.ravel(), minlength=_COLOURS)
    named = [_colour_name(*centres[index]) for index in np.argsort(-counts, kind="stable")]
    return tuple(dict.fromkeys(named))


#: Hue angles in CIE Lab (degrees) at which each name ends.
_HUES = ((20, "pink"), (50, "red"), (75, "orange"), (105, "yellow"), (165, "green"),
         (220, "teal"), (308, "blue"), (335, "purple"), (361, "pink"))  # fmt: skip


def _colour_name(lightness: float, a: float, b: float) -> str:
    import math

    chroma = math.hypot(a, b)
    if lightness < 12:
        return "black"
    if chroma < 8:
        return "white" if lightness > 88 else "light grey" if lightness > 60 else "dark grey"
    hue = math.degrees(math.atan2(b, a)) % 360
    name = next(name for end, name in _HUES if hue < end)
    if name in ("orange", "red") and lightness < 50 and chroma < 45:
        name = "brown"
    shade = "dark " if lightness < 35 else "light " if lightness > 75 else ""
    return shade + name
