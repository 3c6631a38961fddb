// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  apply, enlargement, inverse, isStill, keyframes, MAX_ENLARGEMENT, representativePose, transformOf,
} from "../../web/lib/camera/path.mjs";

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const FOCAL = 35 / 36;
const SIZES = [[832, 480], [480, 832], [640, 640], [240, 135]];

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The homography of the plane z = 1, as wanderlens/camera/homography.py makes it. */
function homography({ x = 0, y = 0, z = 0, yaw = 0, pitch = 0, roll = 0, zoom = 1 }) {
  const [a, b, c] = [yaw, pitch, roll].map((degrees) => (degrees * Math.PI) / 180);
  const [sy, cy, sp, cp] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b)];
  const [sr, cr] = [Math.sin(c), Math.cos(c)];
  const rotation = [
    [cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp],
    [cp * sr, cp * cr, -sp],
    [-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp],
  ];
  const offset = [[1, 0, -x], [0, 1, -y], [0, 0, 1 - z]];
  const seen = [0, 1, 2].map((row) => [0, 1, 2].map((column) =>
    [0, 1, 2].reduce((sum, k) => sum + rotation[k][row] * offset[k][column], 0)));
  const [[h1, h2, h3], [h4, h5, h6], [h7, h8, h9]] = seen;
  return [
    zoom * h1, zoom * h2, zoom * h3 * FOCAL,
    zoom * h4, zoom * h5, zoom * h6 * FOCAL,
    h7 / FOCAL, h8 / FOCAL, h9,
  ];
}

function pathOf(...poses) {
  return { seconds: 5, loop: false, poses };
}

/** Poses that a preset could have: up to 12 degrees and a fifth of the distance. */
function somePoses(seed, count = 8) {
  const next = random(seed);
  const within = (most) => (next() * 2 - 1) * most;
  return Array.from({ length: count }, () => homography({
    x: within(0.2), y: within(0.15), z: within(0.3), yaw: within(12), pitch: within(8),
    roll: within(10), zoom: 1 + within(0.2),
  }));
}

/** The 16 numbers of a matrix3d, columns first. */
function numbersOf(transform) {
  const [, list] = /^matrix3d\((.*)\)$/.exec(transform);
  const numbers = list.split(", ").map(Number);
  assert.equal(numbers.length, 16);
  assert.ok(numbers.every(Number.isFinite));
  return numbers;
}

/** Where CSS puts a point of an element, in pixels from its centre. */
function placed(transform, x, y) {
  const m = numbersOf(transform);
  const w = m[3] * x + m[7] * y + m[15];
  return [(m[0] * x + m[4] * y + m[12]) / w, (m[1] * x + m[5] * y + m[13]) / w];
}

function near(actual, expected, tolerance = 1e-6) {
  actual.forEach((value, index) => {
    assert.ok(Math.abs(value - expected[index]) <= tolerance, `${actual} is not ${expected}`);
  });
}

function frameCorners(width, height) {
  const unit = Math.max(width, height);
  const [x, y] = [width / unit / 2, height / unit / 2];
  return [[x, y], [-x, y], [x, -y], [-x, -y]];
}

/** How far outside the picture the worst corner of the frame is taken back to; at most 0 inside. */
function outside(path, width, height, scale) {
  const [[halfWidth, halfHeight]] = frameCorners(width, height);
  let worst = -Infinity;
  for (const pose of path.poses) {
    for (const [x, y] of frameCorners(width, height)) {
      const [u, v] = apply(inverse(pose), x / scale, y / scale);
      worst = Math.max(worst, Math.abs(u) - halfWidth, Math.abs(v) - halfHeight);
    }
  }
  return worst;
}

test("a camera that stands still moves nothing", () => {
  const path = pathOf(IDENTITY, IDENTITY, homography({}));
  for (const [width, height] of SIZES) {
    assert.equal(enlargement(path, width, height), 1);
    for (const { transform } of keyframes(path, width, height)) {
      near(numbersOf(transform), [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    }
  }
  assert.ok(isStill(path));
  assert.ok(!isStill(pathOf(IDENTITY, homography({ z: 0.1 }))));
});

test("an inverse takes points back", () => {
  for (const pose of somePoses(1)) {
    near(apply(inverse(pose), ...apply(pose, 0.3, -0.2)), [0.3, -0.2], 1e-12);
  }
  assert.throws(() => inverse([1, 0, 0, 0, 1, 0, 0, 0, 0]), RangeError);
});

test("the enlargement is the smallest that covers the frame", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const path = pathOf(IDENTITY, ...somePoses(seed, 3));
    for (const [width, height] of SIZES) {
      const scale = enlargement(path, width, height);
      assert.ok(scale >= 1 && scale <= MAX_ENLARGEMENT);
      if (scale < MAX_ENLARGEMENT) assert.ok(outside(path, width, height, scale) < 1e-9);
      if (scale > 1) assert.ok(outside(path, width, height, scale - 1e-4) > 0, "it is not smaller");
    }
  }
});

test("where no enlargement up to the cap covers the frame, it is the cap", () => {
  for (const pose of [{ yaw: 40 }, { x: 2 }, { z: -1.5 }]) {
    assert.equal(enlargement(pathOf(IDENTITY, homography(pose)), 640, 360), MAX_ENLARGEMENT);
  }
});

test("a push in needs no enlargement, a pull back as much as it shrinks", () => {
  assert.equal(enlargement(pathOf(IDENTITY, homography({ z: 0.3 })), 832, 480), 1);
  const scale = enlargement(pathOf(IDENTITY, homography({ z: -0.25 })), 832, 480);
  near([scale], [1.25], 1e-9);
});

test("a camera that turns or moves right moves the picture left, and the other way round", () => {
  const middle = (pose) => placed(transformOf(homography(pose), 800, 400), 0, 0);
  near(middle({ yaw: 10 }), [-800 * FOCAL * Math.tan(Math.PI / 18), 0], 1e-3);
  near(middle({ x: 0.1 }), [-800 * FOCAL * 0.1, 0], 1e-3);
  assert.ok(middle({ yaw: -10 })[0] > 0);
  assert.ok(middle({ pitch: 10 })[1] > 0, "looking up moves the picture down");
  assert.ok(middle({ y: 0.1 })[1] < 0, "moving down moves the picture up");
});

test("a roll keeps lengths and turns the picture against the camera", () => {
  for (const roll of [-25, 3, 90]) {
    const transform = transformOf(homography({ roll }), 300, 700);
    const [right, down] = placed(transform, 100, 0);
    near([Math.hypot(right, down)], [100], 1e-4);
    near([Math.hypot(...placed(transform, -30, 40))], [50], 1e-4);
    assert.ok(Math.sign(down) === -Math.sign(roll));
  }
});

test("the transform is the homography, whatever the element's size", () => {
  for (const pose of somePoses(7)) {
    for (const [width, height] of SIZES) {
      const unit = Math.max(width, height);
      const [u, v] = apply(pose, 0.2, -0.1);
      const expected = [u * unit * 1.2, v * unit * 1.2];
      near(placed(transformOf(pose, width, height, 1.2), 0.2 * unit, -0.1 * unit), expected, 1e-2);
    }
  }
});

test("the scale of a homography does not matter", () => {
  const pose = homography({ yaw: 7, z: 0.2 });
  const doubled = pose.map((value) => value * 2);
  assert.equal(transformOf(pose, 640, 480), transformOf(doubled, 640, 480));
  near(
    [enlargement(pathOf(pose), 640, 480)], [enlargement(pathOf(doubled), 640, 480)], 1e-12,
  );
});

test("there is a keyframe for each pose, at equal times, written without exponents", () => {
  const frames = keyframes(pathOf(...somePoses(3, 5)), 640, 360);
  assert.deepEqual(frames.map((frame) => frame.offset), [0, 0.25, 0.5, 0.75, 1]);
  assert.ok(frames.every(({ transform }) => !/e/.test(transform.replace("matrix3d", ""))));
  assert.equal(keyframes(pathOf(), 640, 360).length, 1);
});

test("the pose that stands for a move is half-way, of a loop the farthest", () => {
  const poses = [0, 0.1, 0.3, 0.2, 0].map((x) => homography({ x }));
  assert.equal(representativePose(pathOf(...poses)), 2);
  const late = [0, 0.1, 0.2, 0.3, 0].map((x) => homography({ x }));
  assert.equal(representativePose({ seconds: 5, loop: true, poses: late }), 3);
  assert.equal(representativePose({ seconds: 5, loop: true, poses: [] }), 0);
});
