"""Optical flow between two frames, and interpolation of the frames between them.

Dense flow is OpenCV's DIS (Kroeger et al. 2016, arXiv:1603.03590), calculated in both directions.
A frame at a time between a pair of frames is computed in three steps:

1. For each pixel, where its point lies in either frame. Points move with their flow and, as in
   Xu et al. 2019 (arXiv:1911.00627), with the acceleration that the neighbouring pairs show. The
   path is inverted by fixed-point iteration, once from each side.
2. Both sides' estimates are averaged, weighted by how far the two flows agree (the
   forward-backward check of Sundaram et al. 2010) and how well the inversion fits.
3. Both frames are sampled there and blended by time; where the check says that a point is hidden
   in one frame, or it lies outside of that frame, the other one is used.

Arrays: images and luma [H, W, C] or [H, W]; flows [H, W, 2] float32, x before y, in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bytes = NDArray[np.uint8]

MIN_SIDE = 16
"""Frames with a side shorter than this, in pixels, are too small for DIS; they count as still."""

CUT_DIFFERENCE = 0.06
"""A cut differs by at least this much in mean absolute luma, of 1."""

CUT_UNEXPLAINED = 0.55
"""At a cut, at least this share of the difference is left after motion compensation.

On photographs, cuts keep 0.68 or more, fast camera moves 0.43 or less.
"""

_INVERSION_STEPS = 3
_LEAST_TRUST = 0.01


@dataclass(frozen=True, slots=True)
class PairMotion:
    """How the points of two consecutive frames move.

    Attributes:
        forward: Flow from the first frame to the second, on the first frame's pixels.
        backward: Flow from the second frame to the first, on the second frame's pixels.
        forward_trust: [H, W] float32 in 0..1, how far `backward` undoes `forward`; near 0 where
            a point of the first frame is hidden in the second.
        backward_trust: The same for `backward`, on the second frame's pixels.
        cut: Whether the second frame shows another scene.
    """

    forward: Floats
    backward: Floats
    forward_trust: Floats
    backward_trust: Floats
    cut: bool


def luma_8bit(frame: Floats) -> Bytes:
    """Luma (ITU-R BT.601) of a frame.

    Args:
        frame: [H, W, C] float32 in 0..1 with C = 1 (grey), 3 (RGB) or 4 (RGB and alpha, which is
            left out). Values outside are clipped.

    Returns:
        [H, W] uint8.
    """
    import cv2
    import numpy as np

    grey = frame[..., 0] if frame.shape[2] == 1 else frame[..., :3] @ _bt601()
    return cv2.convertScaleAbs(np.clip(grey, 0, 1), alpha=255).astype(np.uint8, copy=False)


def pair_motion(first: Bytes, second: Bytes) -> PairMotion:
    """Measure the motion between two frames of one size.

    Frames with a side below `MIN_SIDE` get no motion, full trust and are never a cut.

    Args:
        first: [H, W] uint8 luma.
        second: [H, W] uint8 luma.
    """
    import cv2
    import numpy as np

    if min(first.shape) < MIN_SIDE:
        still = np.zeros((*first.shape, 2), np.float32)
        full = np.ones(first.shape, np.float32)
        return PairMotion(still, still, full, full, cut=False)
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forward: Floats = dis.calc(first, second, None)
    backward: Floats = dis.calc(second, first, None)
    grid = pixel_grid(*first.shape)
    return PairMotion(
        forward,
        backward,
        _trust(forward, backward, grid),
        _trust(backward, forward, grid),
        _is_cut(first, second, grid + forward, grid + backward),
    )


def acceleration(before: PairMotion | None, after: PairMotion | None) -> Floats | None:
    """Acceleration of the points of a frame, from the motion on both sides of it.

    Args:
        before: Motion from the frame before to this one; None where there is none.
        after: Motion from this frame to the next; None where there is none.

    Returns:
        [H, W, 2] in pixels per squared frame interval, damped towards 0 where the flows cannot be
        trusted. None if it is not known: at a clip's ends and at cuts.
    """
    if before is None or after is None or before.cut or after.cut:
        return None
    change = after.forward + before.backward
    change *= (after.forward_trust * before.backward_trust)[..., None]
    return change


def frame_between(
    first: Floats,
    second: Floats,
    motion: PairMotion,
    first_acceleration: Floats | None,
    second_acceleration: Floats | None,
    time: float,
) -> Floats:
    """Interpolate the frame at a time between two frames.

    Across a cut, that is the nearer of the two frames, the first one at half time.

    Args:
        first: [H, W, C] float32, C at most 4.
        second: The same shape.
        motion: The motion between them.
        first_acceleration: Acceleration on the first frame's pixels, None if not known.
        second_acceleration: The same on the second frame's pixels.
        time: 0..1, 0 at the first frame.

    Returns:
        [H, W, C] float32, within 0..1.
    """
    import numpy as np

    if motion.cut:
        return (first if time <= 0.5 else second).copy()
    if not motion.forward.any() and not motion.backward.any():
        return np.clip(first + np.float32(time) * (second - first), 0, 1)

    grid = pixel_grid(*first.shape[:2])
    bend = _mean(first_acceleration, second_acceleration, grid + motion.forward)
    here, fit_1 = _invert(motion.forward, bend, time, grid)
    bend = _mean(second_acceleration, first_acceleration, grid + motion.backward)
    there, fit_2 = _invert(motion.backward, bend, 1 - time, grid)
    seen_1 = sample(motion.forward_trust, here) + np.float32(_LEAST_TRUST)
    seen_2 = sample(motion.backward_trust, there) + np.float32(_LEAST_TRUST)

    weight = fit_1 * seen_1
    weight /= weight + fit_2 * seen_2
    weight = weight[..., None]
    in_first = there + sample(motion.backward, there)
    in_first += weight * (here - in_first)
    in_second = here + sample(motion.forward, here)
    in_second += (1 - weight) * (there - in_second)

    share = np.float32(time) * seen_1 * _inside(in_second)
    share /= share + np.float32(1 - time) * seen_2 * _inside(in_first)
    warped_1 = sample_picture(first, in_first)
    warped_2 = sample_picture(second, in_second)
    return np.clip(warped_1 + share[..., None] * (warped_2 - warped_1), 0, 1)


def pixel_grid(height: int, width: int) -> Floats:
    """The coordinates (x, y) of every pixel, [height, width, 2] float32."""
    import numpy as np

    grid = np.empty((height, width, 2), np.float32)
    grid[..., 0] = np.arange(width, dtype=np.float32)
    grid[..., 1] = np.arange(height, dtype=np.float32)[:, None]
    return grid


def sample(field: Floats, at: Floats) -> Floats:
    """Values of a smooth field [H, W] or [H, W, 2] at the points `at`, bilinear.

    Points outside take the value at the nearest edge.
    """
    import cv2

    remap: Any = cv2.remap
    return remap(field, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def sample_picture(picture: Floats, at: Floats) -> Floats:
    """A picture [H, W, C], C at most 4, at the points `at`, Lanczos over 8 by 8 pixels.

    Points outside take the value at the nearest edge. Values can overshoot by a little.
    """
    import cv2

    remap: Any = cv2.remap
    warped = remap(picture, at, None, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return warped.reshape(picture.shape)  # OpenCV drops the axis of a single channel


def _bt601() -> Floats:
    """The weights of red, green and blue in luma."""
    import numpy as np

    return np.array((0.299, 0.587, 0.114), np.float32)


def _gauss(squared_distance: Floats) -> Floats:
    """1 at distance 0, falling with a standard deviation of one pixel."""
    import cv2

    result: Any = cv2.exp(squared_distance * -0.5)
    return result


def _squared(vectors: NDArray[Any]) -> Floats:
    """Squared length of the vectors [H, W, 2]."""
    return vectors[..., 0] ** 2 + vectors[..., 1] ** 2


def _trust(there: Floats, back: Floats, grid: Floats) -> Floats:
    """How far the flow `back` undoes the flow `there`, 0..1."""
    return _gauss(_squared(there + sample(back, grid + there)))


def _is_cut(first: Bytes, second: Bytes, in_second: Floats, in_first: Floats) -> bool:
    """Whether the frames differ much and motion explains too little of the difference."""
    import numpy as np

    luma_1, luma_2 = first.astype(np.float32), second.astype(np.float32)
    differs = float(np.abs(luma_1 - luma_2).mean()) / 255
    if differs < CUT_DIFFERENCE:
        return False
    unexplained = min(
        float(np.abs(luma_1 - sample(luma_2, in_second)).mean()),
        float(np.abs(luma_2 - sample(luma_1, in_first)).mean()),
    )
    return unexplained / 255 >= CUT_UNEXPLAINED * differs


def _mean(own: Floats | None, other: Floats | None, in_other: Floats) -> Floats | None:
    """Mean of a frame's own acceleration and the other frame's, taken along the flow."""
    import numpy as np

    if other is None:
        return own
    brought = sample(other, in_other)
    return brought if own is None else (own + brought) * np.float32(0.5)


def _invert(flow: Floats, bend: Floats | None, time: float, grid: Floats) -> tuple[Floats, Floats]:
    """The points of a frame that lie on the pixels at `time` after it.

    A point p is at p + t v(p) - t (1 - t) / 2 a(p), with v its flow and a its acceleration: on
    its pixel at t = 0, where the flow takes it at t = 1. Its inverse is the fixed point of
    p = pixel - (t v(p) - t (1 - t) / 2 a(p)).

    Returns:
        The points, and how well each fits, 0..1: low where the iteration does not converge because
        no point of the frame, or more than one, moves to the pixel.
    """
    import numpy as np

    path = flow * np.float32(time)
    if bend is not None:
        path -= bend * np.float32(time * (1 - time) / 2)
    points = last = grid - path
    for _ in range(_INVERSION_STEPS - 1):
        last, points = points, grid - sample(path, points)
    return points, _gauss(_squared(points - last)) + np.float32(1e-4)


def _inside(points: Floats) -> Floats:
    """Near 1 for points inside the frame, falling to nearly 0 a few pixels outside of it."""
    import numpy as np

    height, width = points.shape[:2]
    last = np.array((width - 1, height - 1), np.float32)
    outside = np.minimum(points, 0) + np.maximum(points - last, 0)
    return _gauss(_squared(outside)) + np.float32(_LEAST_TRUST)
