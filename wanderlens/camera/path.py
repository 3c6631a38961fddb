"""Camera paths: the pose of the camera at every moment of a clip.

Camera frame (the one OpenCV and most of computer vision use): x to the right, y down, z forward
along the line of sight. The world frame is the camera's own frame at the start of the clip, so
every path starts at the identity. The subject stands at (0, 0, 1): the unit of length is the
distance to it, which is unknown in metres and does not matter to the picture.

Rotations follow the right-hand rule about these axes: yaw about y (positive turns right), pitch
about x (positive looks up), roll about z (positive turns the camera clockwise). The camera's
orientation is ``R = Ry(yaw) Rx(pitch) Rz(roll)``, camera to world.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

Matrix3 = tuple[
    tuple[float, float, float],
    tuple[float, float, float],
    tuple[float, float, float],
]

#: Channels that are added up, with the unit of their values.
ADDITIVE_CHANNELS: Mapping[str, str] = {
    "tx": "subject distances, to the right",
    "ty": "subject distances, down",
    "tz": "subject distances, forward",
    "yaw": "degrees, to the right",
    "pitch": "degrees, up",
    "roll": "degrees, clockwise",
    "orbit": "degrees around the subject, to the right",
}
#: Channels that are ratios to their value at the start, scaled as powers.
RATIO_CHANNELS: Mapping[str, str] = {
    "zoom": "focal length over the focal length at the start",
    "focus": "focus distance over the focus distance at the start",
}
CHANNELS: tuple[str, ...] = (*ADDITIVE_CHANNELS, *RATIO_CHANNELS)


@dataclass(frozen=True, slots=True)
class Wave:
    """A sine that is added to a channel.

    Attributes:
        amplitude: In the channel's unit.
        frequency: In hertz.
        phase: In degrees.
    """

    amplitude: float
    frequency: float
    phase: float

    def at(self, seconds: float, period: float | None = None) -> float:
        """The wave's value less its value at the start, so that a path starts at rest.

        Args:
            seconds: Time since the start of the clip.
            period: Length of the loop in seconds; the frequency is then rounded to a whole number
                of cycles in it (at least one). None for an open clip.
        """
        frequency = self.frequency
        if period is not None:
            frequency = max(1, round(frequency * period)) / period
        phase = math.radians(self.phase)
        return self.amplitude * (math.sin(math.tau * frequency * seconds + phase) - math.sin(phase))


@dataclass(frozen=True, slots=True)
class Curve:
    """A smooth curve through keys, plus waves.

    Between the keys it is the monotone cubic of Fritsch and Carlson (SIAM J. Numer. Anal. 17,
    1980): it passes through every key and never overshoots one.

    Attributes:
        keys: Pairs (time, value), time from 0 to 1 over the clip, strictly rising.
        waves: Sines in seconds, added to the keyed curve.
    """

    keys: tuple[tuple[float, float], ...] = ()
    waves: tuple[Wave, ...] = ()

    def __post_init__(self) -> None:
        """Checks the keys.

        Raises:
            ValueError: If key times do not rise strictly from 0 to 1.
        """
        times = [time for time, _ in self.keys]
        if times and (times[0] != 0 or times[-1] != 1 or any(a >= b for a, b in pairwise(times))):
            raise ValueError(f"key times must rise strictly from 0 to 1, got {times}")

    def keyed(self, time: float) -> float:
        """The keyed part at a time from 0 to 1 (clamped)."""
        keys = self.keys
        if not keys:
            return 0.0
        time = min(max(time, 0.0), 1.0)
        slopes = _tangents(keys)
        index = max(i for i in range(len(keys) - 1) if keys[i][0] <= time)
        (t0, v0), (t1, v1) = keys[index], keys[index + 1]
        width = t1 - t0
        s = (time - t0) / width
        # Cubic Hermite basis.
        return (
            (1 + 2 * s) * (1 - s) ** 2 * v0
            + s * (1 - s) ** 2 * width * slopes[index]
            + s**2 * (3 - 2 * s) * v1
            + s**2 * (s - 1) * width * slopes[index + 1]
        )


def _tangents(keys: tuple[tuple[float, float], ...]) -> list[float]:
    """Fritsch-Carlson tangents at the keys; a straight line when there are two."""
    steps = [(v1 - v0) / (t1 - t0) for (t0, v0), (t1, v1) in pairwise(keys)]
    tangents = [steps[0]]
    for before, after in pairwise(steps):
        # The harmonic mean keeps each piece monotone; a turning point is level.
        tangents.append(0.0 if before * after <= 0 else 2 * before * after / (before + after))
    tangents.append(steps[-1])
    return tangents


@dataclass(frozen=True, slots=True)
class CameraPose:
    """The camera at one moment, relative to the start of the clip.

    Attributes:
        x: Position to the right, in subject distances.
        y: Position down, in subject distances.
        z: Position forward, in subject distances.
        yaw: Turn to the right, in degrees.
        pitch: Turn upward, in degrees.
        roll: Clockwise turn about the line of sight, in degrees.
        zoom: Focal length over the focal length at the start.
        focus: Focus distance over the focus distance at the start.
    """

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    zoom: float = 1.0
    focus: float = 1.0

    @property
    def rotation(self) -> Matrix3:
        """Camera-to-world rotation, rows first: ``Ry(yaw) Rx(pitch) Rz(roll)``."""
        sy, cy = _sin_cos(self.yaw)
        sp, cp = _sin_cos(self.pitch)
        sr, cr = _sin_cos(self.roll)
        return (
            (cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp),
            (cp * sr, cp * cr, -sp),
            (-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp),
        )

    @property
    def position(self) -> tuple[float, float, float]:
        """Camera position (x, y, z) in the world frame, in subject distances."""
        return (self.x, self.y, self.z)

    def project(self, point: tuple[float, float, float]) -> tuple[float, float]:
        """Where a world point appears, as (right, down) in units of the starting focal length.

        Args:
            point: World coordinates in subject distances.

        Raises:
            ValueError: If the point lies behind the camera.
        """
        offset = [p - c for p, c in zip(point, self.position, strict=True)]
        rotation = self.rotation
        # World to camera is the transpose.
        right, down, ahead = (sum(rotation[i][k] * offset[i] for i in range(3)) for k in range(3))
        if ahead <= 0:
            raise ValueError(f"the point {point} lies behind the camera at {self.position}")
        return (self.zoom * right / ahead, self.zoom * down / ahead)


@dataclass(frozen=True, slots=True)
class CameraPath:
    """A move, scaled by intensity and pacing, over the length of a clip.

    Attributes:
        curves: A curve for each channel that moves; see ``ADDITIVE_CHANNELS``, ``RATIO_CHANNELS``.
        seconds: Length of the clip; of the period when it loops.
        gain: Factor on every additive value and exponent on every ratio.
        wander_gain: Factor on the pacing's own waves.
        ease: From 0 (constant speed) to 1 (starts and ends at rest).
        beats: Pulses of speed over the clip, 0 for none.
        wander: Waves that the pacing adds, by channel.
        there_and_back: The path is played out and back, so that it ends where it began.
        loop: Waves complete whole cycles.
        hold_subject_size: The zoom follows the distance so that the subject keeps its size.
    """

    curves: Mapping[str, Curve] = field(default_factory=dict)
    seconds: float = 5.0
    gain: float = 1.0
    wander_gain: float = 1.0
    ease: float = 0.0
    beats: int = 0
    wander: Mapping[str, tuple[Wave, ...]] = field(default_factory=dict)
    there_and_back: bool = False
    loop: bool = False
    hold_subject_size: bool = False

    def at(self, time: float) -> CameraPose:
        """The pose at a moment.

        Args:
            time: From 0 to 1 over the clip. A loop at 1 is at 0 again.

        Returns:
            The pose relative to the clip's start; at 0 it is the identity.
        """
        progress = self._progress(time)
        values = {name: self._value(name, time, progress) for name in ADDITIVE_CHANNELS}
        ratios = {name: self._ratio(name, progress) for name in RATIO_CHANNELS}
        if self.hold_subject_size:
            ratios["zoom"] *= 1 - values["tz"]
        angle = math.radians(values["orbit"])
        radius = 1 - values["tz"]  # an approach shortens the circle around (0, 0, 1)
        return CameraPose(
            x=values["tx"] + radius * math.sin(angle),
            y=values["ty"],
            z=1 - radius * math.cos(angle),
            yaw=values["yaw"] - values["orbit"],
            pitch=values["pitch"],
            roll=values["roll"],
            zoom=ratios["zoom"],
            focus=ratios["focus"],
        )

    def sample(self, frames: int) -> tuple[CameraPose, ...]:
        """One pose per frame.

        An open clip's last frame is at the end of the path; a loop's last frame is one step
        before its start, so that no pose comes twice.

        Args:
            frames: Number of frames, at least 1.

        Raises:
            ValueError: If ``frames`` is less than 1.
        """
        return tuple(self.at(time) for time in self.times(frames))

    def times(self, frames: int) -> Iterator[float]:
        """The time of each frame, from 0 to 1; see `sample`.

        Raises:
            ValueError: If ``frames`` is less than 1.
        """
        if frames < 1:
            raise ValueError(f"frames must be at least 1, got {frames}")
        steps = frames if self.loop else max(frames - 1, 1)
        return (index / steps for index in range(frames))

    def _progress(self, time: float) -> float:
        """How far along the keyed path the camera is, 0 to 1."""
        if self.beats:
            # Speed 1 - 0.8 cos: nearly at rest between beats, never backwards.
            time -= 0.8 * math.sin(math.tau * self.beats * time) / (math.tau * self.beats)
        if self.there_and_back:
            time = (1 - math.cos(math.tau * time)) / 2
        smooth = time * time * (3 - 2 * time)
        return (1 - self.ease) * time + self.ease * smooth

    def _value(self, channel: str, time: float, progress: float) -> float:
        period = self.seconds if self.loop else None
        seconds = time * self.seconds
        value = 0.0
        curve = self.curves.get(channel)
        if curve is not None:
            value += self.gain * curve.keyed(progress)
            value += self.gain * sum(wave.at(seconds, period) for wave in curve.waves)
        value += self.wander_gain * sum(
            wave.at(seconds, period) for wave in self.wander.get(channel, ())
        )
        return value

    def _ratio(self, channel: str, progress: float) -> float:
        curve = self.curves.get(channel)
        if curve is None:
            return 1.0
        return (curve.keyed(progress) / curve.keyed(0.0)) ** self.gain


def _sin_cos(degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return math.sin(angle), math.cos(angle)
