"""The animatic: the still itself moved along a camera path, as a preview without a model.

A still has no depth, so the scene is taken to have the shape that most pictures have: the subject
in the middle at distance 1, the background farther away toward the top, the ground in front of it
toward the bottom. Near things then pass faster than far ones. Nothing in the picture moves
by itself; that is what the model is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .path import CameraPath, CameraPose

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Image = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.floating]

#: Focal length over the picture's longer side: a 35 mm lens on 35 mm film (36 mm wide).
FOCAL = 35 / 36
#: Distance of the background at the top, and of the ground at the bottom, in subject distances.
FAR, NEAR = 1.5, 0.8
#: The picture is enlarged by at most this much to keep the camera inside it.
MAX_ZOOM = 1.6
_ITERATIONS = 6
#: A flat picture has nothing to show beyond 73 degrees to the side (the cosine of that angle).
_LEAST_AHEAD = 0.3


def render_animatic(picture: Image, path: CameraPath, frames: int) -> Iterator[Image]:
    """Moves a picture along a camera path.

    The picture is enlarged as far as the path needs to stay inside it, at most by `MAX_ZOOM`;
    beyond its borders it is mirrored.

    Args:
        picture: [height, width, 3], RGB, 0 to 255, at the size of the clip.
        path: Where the camera goes.
        frames: Number of frames, at least 1.

    Yields:
        One frame after another, as the picture: [height, width, 3], uint8.
    """
    poses = path.sample(frames)
    zoom = _zoom_to_stay_inside(picture.shape[1], picture.shape[0], poses)
    blurred = None
    for pose in poses:
        rows, columns = picture.shape[:2]
        map_x, map_y, depth = _source_of_each_pixel(columns, rows, pose, zoom)
        frame = _remap(picture, map_x, map_y)
        if pose.focus != 1:
            if blurred is None:
                blurred = _blur(picture)
            frame = _mix(frame, _remap(blurred, map_x, map_y), depth, pose.focus)
        yield frame


def scene_depth(down: Floats) -> Floats:
    """Distance of the assumed scene at places in the picture, in subject distances.

    Args:
        down: Vertical place, -0.5 (top) to 0.5 (bottom), of any shape.

    Returns:
        `FAR` at the top, 1 around the middle, `NEAR` at the bottom.
    """
    ground = _smoothstep(0.1, 0.55, down)
    behind = _smoothstep(0.05, 0.5, -down)
    return 1 + (FAR - 1) * behind + (NEAR - 1) * ground


def _smoothstep(low: float, high: float, value: Floats) -> Floats:
    import numpy as np

    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _source_of_each_pixel(
    columns: int, rows: int, pose: CameraPose, zoom: float
) -> tuple[Floats, Floats, Floats]:
    """Where in the picture each pixel of a frame comes from, and how far away it is.

    A ray is followed to the scene by fixed-point iteration: assume a distance, see where in the
    picture the point would lie, take the distance of the scene there.

    Returns:
        Column, row (in pixels of the picture) and distance, each [rows, columns], float32.
    """
    import numpy as np

    focal = FOCAL * max(columns, rows)
    scale = focal * zoom * pose.zoom
    across = (np.arange(columns, dtype=np.float32) + 0.5 - columns / 2) / scale
    along = (np.arange(rows, dtype=np.float32) + 0.5 - rows / 2) / scale
    x, y = np.meshgrid(across, along)
    rotation = np.asarray(pose.rotation, np.float32)
    ray = [rotation[i, 0] * x + rotation[i, 1] * y + rotation[i, 2] for i in range(3)]
    ahead = np.maximum(ray[2], _LEAST_AHEAD)
    depth = np.ones_like(x)
    right, down = x, y
    for _ in range(_ITERATIONS):
        reach = np.maximum(depth - pose.z, 0.05) / ahead
        right = (pose.x + ray[0] * reach) / depth
        down = (pose.y + ray[1] * reach) / depth
        depth = scene_depth(down * focal / rows)
    map_x = (right * focal + columns / 2 - 0.5).astype(np.float32)
    map_y = (down * focal + rows / 2 - 0.5).astype(np.float32)
    return map_x, map_y, depth.astype(np.float32)


def _zoom_to_stay_inside(columns: int, rows: int, poses: Sequence[CameraPose]) -> float:
    """The least enlargement at which no frame looks past the picture's border."""
    small = (max(columns // 16, 8), max(rows // 16, 8))
    for step in range(7):
        zoom = 1 + (MAX_ZOOM - 1) * step / 6
        if all(_looks_inside(*small, pose, zoom) for pose in poses[:: max(len(poses) // 16, 1)]):
            return zoom
    return MAX_ZOOM


def _looks_inside(columns: int, rows: int, pose: CameraPose, zoom: float) -> bool:
    map_x, map_y, _ = _source_of_each_pixel(columns, rows, pose, zoom)
    inside_x = map_x.min() >= -0.5 and map_x.max() <= columns - 0.5
    return bool(inside_x and map_y.min() >= -0.5 and map_y.max() <= rows - 0.5)


def _remap(picture: Image, map_x: Floats, map_y: Floats) -> Image:
    import cv2
    import numpy as np

    return np.asarray(
        cv2.remap(picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101),
        np.uint8,
    )


def _blur(picture: Image) -> Image:
    import cv2
    import numpy as np

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(picture.shape[:2]) / 160), np.uint8)


def _mix(sharp: Image, blurred: Image, depth: Floats, focus: float) -> Image:
    """Blurs what lies away from the focus, more than it did at the start of the clip."""
    import numpy as np

    blur = np.abs(np.log(depth / focus)) - np.abs(np.log(depth))
    weight = np.clip(blur, 0, 1)[..., None]
    return (sharp + (blurred.astype(np.float32) - sharp) * weight + 0.5).astype(np.uint8)
