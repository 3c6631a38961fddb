"""Chooses the frame size for a picture: how far to scale it, what to crop."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..checks import as_whole, one_of, whole_between
from ..errors import InputError
from .family import NOMINAL_SIZES, Family

_FREE_SIZES = ("match image", "custom")
RESOLUTIONS = (*NOMINAL_SIZES, *_FREE_SIZES)
"""The resolutions of Wan's own models."""

MIN_SIDE, MAX_SIDE = 64, 4096
"""Bounds of a clip's width and height, in pixels."""

MAX_MATCHED_AREA = 1920 * 1088
"""Most pixels per frame when a clip takes its picture's own size."""

MIN_PICTURE_SIDE = 16
MAX_ASPECT = 8


@dataclass(frozen=True, slots=True)
class FrameSize:
    """How a picture becomes frames: scaled to `scaled_*`, then cropped. All lengths in pixels.

    Attributes:
        picture_width: Width of the picture as it came.
        picture_height: Height of the picture as it came.
        width: Width of the frames.
        height: Height of the frames.
        scaled_width: Width of the picture after scaling, before the crop.
        scaled_height: Height of the picture after scaling, before the crop.
        crop_left: Columns to cut from the scaled picture's left side.
        crop_top: Rows to cut from its top.
        crop_right: Columns to cut from its right side.
        crop_bottom: Rows to cut from its bottom.
        scale: Factor of enlargement; below 1 the picture shrinks.
    """

    picture_width: int
    picture_height: int
    width: int
    height: int
    scaled_width: int
    scaled_height: int
    crop_left: int
    crop_top: int
    crop_right: int
    crop_bottom: int
    scale: float

    @property
    def crop_fraction(self) -> float:
        """Part of the scaled picture's area that is cut away, 0..1."""
        return 1 - self.width * self.height / (self.scaled_width * self.scaled_height)

    @property
    def untouched(self) -> bool:
        """Whether the picture is used pixel for pixel."""
        return (self.width, self.height) == (self.picture_width, self.picture_height)


def fit_size(
    picture_width: object,
    picture_height: object,
    resolution: object,
    family: Family,
    width: object = None,
    height: object = None,
) -> FrameSize:
    """Choose the size of the frames and how the picture is brought to it.

    The picture is scaled until it covers the frame, then cropped around its centre; "match image"
    only crops. A picture that already has the chosen size stays untouched.

    Args:
        picture_width: Pixels, at least 16.
        picture_height: Pixels, at least 16; at most 8 times the width, and at least an eighth.
        resolution: One of `RESOLUTIONS`, or of the family's own.
        family: The model family, whose `size_multiple` divides both sides of the frames.
        width: Pixels, 64 to 4096; read for "custom" only.
        height: Pixels, 64 to 4096; read for "custom" only.

    Raises:
        InputError: the picture is too small, too long or too large, or a value is not one of these.
    """
    picture = _checked_picture(picture_width, picture_height)
    choice = one_of(resolution, "resolution", (*family.nominal_sizes, *_FREE_SIZES))
    if choice == "match image":
        return _cropped(picture, picture, _matched(picture, family), 1.0)
    if choice == "custom":
        frame = _custom_side(width, "width", family), _custom_side(height, "height", family)
    else:
        frame = _budgeted(picture, choice, family)
    scale = max(frame[0] / picture[0], frame[1] / picture[1])
    return _cropped(picture, _covering(picture, frame), frame, scale)


def _checked_picture(width: object, height: object) -> tuple[int, int]:
    w, h = as_whole(width), as_whole(height)
    if w is None or h is None or min(w, h) < MIN_PICTURE_SIDE:
        raise InputError(
            f"the image must have at least {MIN_PICTURE_SIDE} pixels on each side",
            (width, height),
            "Use a larger picture.",
            "image",
        )
    if max(w, h) > MAX_ASPECT * min(w, h):
        raise InputError(
            f"the longer side of the image must be at most {MAX_ASPECT} times the shorter",
            (w, h),
            "Crop the picture to a shape nearer to a film frame.",
            "image",
        )
    return w, h


def _budgeted(picture: tuple[int, int], resolution: str, family: Family) -> tuple[int, int]:
    """Size of the least crop near the pixel budget.

    Equal crops: the picture's own size wins, then the larger area.
    """
    unit = family.size_multiple
    nominal_width, nominal_height = family.nominal_sizes[resolution]
    budget = (nominal_width // unit) * (nominal_height // unit)  # in squares of unit × unit
    least = -(-family.area_percent[0] * budget // 100)
    most = family.area_percent[1] * budget // 100

    def merit(frame: tuple[int, int]) -> tuple[Fraction, bool, int]:
        across, down = frame[0] * picture[1], frame[1] * picture[0]
        kept = Fraction(min(across, down), max(across, down))
        return kept, frame == picture, frame[0] * frame[1]

    return max(
        (
            (columns * unit, rows * unit)
            for rows in range(1, most + 1)
            for columns in range(-(-least // rows), most // rows + 1)
        ),
        key=merit,
    )


def _matched(picture: tuple[int, int], family: Family) -> tuple[int, int]:
    """Size of the picture cut down to whole multiples."""
    unit = family.size_multiple
    width, height = picture[0] // unit * unit, picture[1] // unit * unit
    if width * height > MAX_MATCHED_AREA:
        raise InputError(
            "to match the image, it must have at most 1920×1088 pixels",
            picture,
            "Choose resolution 720p.",
            "resolution",
        )
    if min(width, height) < MIN_SIDE:
        raise InputError(
            f"to match the image, its sides must have at least {MIN_SIDE} pixels",
            picture,
            "Choose resolution 480p.",
            "resolution",
        )
    return width, height


def _custom_side(value: object, widget: str, family: Family) -> int:
    unit = family.size_multiple
    remedy = f"Set {widget} to a multiple of {unit}, or choose resolution 480p."
    side = whole_between(value, widget, MIN_SIDE, MAX_SIDE, remedy)
    if side % unit:
        below = side - side % unit
        raise InputError(
            f"{widget} must be a multiple of {unit} for {family.id}",
            value,
            f"Set {widget} to {below} or {below + unit}.",
            widget,
        )
    return side


def _covering(picture: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """Size of the picture scaled to cover the frame, the longer overhang rounded to a pixel."""
    (from_width, from_height), (width, height) = picture, frame
    if width * from_height >= height * from_width:
        return width, (2 * from_height * width + from_width) // (2 * from_width)
    return (2 * from_width * height + from_height) // (2 * from_height), height


def _cropped(
    picture: tuple[int, int], scaled: tuple[int, int], frame: tuple[int, int], scale: float
) -> FrameSize:
    spare_columns, spare_rows = scaled[0] - frame[0], scaled[1] - frame[1]
    left, top = spare_columns // 2, spare_rows // 2
    return FrameSize(
        picture_width=picture[0],
        picture_height=picture[1],
        width=frame[0],
        height=frame[1],
        scaled_width=scaled[0],
        scaled_height=scaled[1],
        crop_left=left,
        crop_top=top,
        crop_right=spare_columns - left,
        crop_bottom=spare_rows - top,
        scale=scale,
    )
