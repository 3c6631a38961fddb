"""Camera poses as homographies of a flat picture, for the page's previews."""

from __future__ import annotations

import math
from typing import Any

from .animatic import FOCAL
from .path import CameraPath, CameraPose, Matrix3

#: Moments of a path that are given to the page, from its start to its end.
MOMENTS = 25


def homography(pose: CameraPose) -> Matrix3:
    """Where the picture appears to a camera, if it stands flat at the subject's distance.

    The picture is the plane z = 1 of the world frame, seen from the path's start at the focal
    length of `animatic.FOCAL`; see Hartley and Zisserman, Multiple View Geometry, 13.1.

    Args:
        pose: The camera, relative to the start.

    Returns:
        Rows of H, so that (x, y, 1) of the picture appears at H (x, y, 1), up to its third
        coordinate. Both in units of the picture's longer side, x right and y down from the centre.
    """
    x, y, z = pose.position
    rotation = pose.rotation
    # A point of the plane less the camera's position, as a map of (right, down, 1).
    offset = ((1.0, 0.0, -x), (0.0, 1.0, -y), (0.0, 0.0, 1 - z))
    # World to camera is the transpose of the rotation.
    seen = [
        [sum(rotation[k][row] * offset[k][column] for k in range(3)) for column in range(3)]
        for row in range(3)
    ]
    zoom = pose.zoom
    (a, b, c), (d, e, f), (g, h, i) = seen
    # From focal lengths to longer sides on both sides of the map.
    return (
        (zoom * a, zoom * b, zoom * c * FOCAL),
        (zoom * d, zoom * e, zoom * f * FOCAL),
        (g / FOCAL, h / FOCAL, i),
    )


def path_as_json(path: CameraPath) -> dict[str, Any]:
    """A path for the page.

    Args:
        path: The path.

    Returns:
        "seconds", "loop", "poses": `MOMENTS` homographies of nine numbers, rows first, at equal
        times from the start to the end (the end of a loop is its start), and "blur": how far the
        subject is out of focus at each, 0 to 1, as an animatic shows it.
    """
    steps = MOMENTS - 1
    poses = [path.at(index / steps) for index in range(MOMENTS)]
    return {
        "seconds": path.seconds,
        "loop": path.loop,
        "poses": [[round(value, 6) for row in homography(pose) for value in row] for pose in poses],
        "blur": [round(min(abs(math.log(pose.focus)), 1.0), 3) for pose in poses],
    }
