// @ts-check
/** Camera paths as CSS transforms of a flat still; pure functions. */

/**
 * @typedef {number[]} Matrix Nine numbers in row-major order: a homography from still to screen,
 *   centred on the still, in units of its longer side, x right, y down.
 */

/**
 * @typedef {object} Path
 * @property {number} seconds Duration of the move.
 * @property {boolean} loop The last pose equals the first.
 * @property {Matrix[]} poses At equal intervals from start to end.
 */

/** The still is enlarged by at most this factor to keep the camera inside it. */
export const MAX_ENLARGEMENT = 1.6;

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * Applies a homography to a point.
 *
 * @param {Matrix} matrix
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]}
 */
export function apply([a, b, c, d, e, f, g, h, i], x, y) {
  const w = g * x + h * y + i;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

/**
 * @param {Matrix} matrix A homography that keeps the plane in front of the camera.
 * @returns {Matrix} Its inverse.
 * @throws {RangeError} If it is singular: the plane is seen edge-on.
 */
export function inverse([a, b, c, d, e, f, g, h, i]) {
  const minors = [
    e * i - f * h, c * h - b * i, b * f - c * e,
    f * g - d * i, a * i - c * g, c * d - a * f,
    d * h - e * g, b * g - a * h, a * e - b * d,
  ];
  const determinant = a * minors[0] + b * minors[3] + c * minors[6];
  if (!(Math.abs(determinant) > 1e-12)) throw new RangeError("the homography has no inverse");
  return minors.map((minor) => minor / determinant);
}

/**
 * How much the picture is enlarged so that it covers its frame all along a path.
 *
 * The corners of a frame that is s times smaller lie on rays from the middle of the screen; taken
 * back to the picture, each must stay on the inner side of each of its edges. Seen from the
 * picture's plane in homogeneous coordinates that is linear along the ray, so the smallest
 * enlargement is found without searching.
 *
 * @param {Path} path
 * @param {number} width The picture's width.
 * @param {number} height Its height.
 * @returns {number} From 1 to `MAX_ENLARGEMENT`, which may be too little.
 */
export function enlargement(path, width, height) {
  const half = halves(width, height);
  let reach = 1; // how far along the rays the frame may go: 1 / enlargement
  for (const pose of path.poses) reach = Math.min(reach, reachOf(pose, half));
  return reach > 1 / MAX_ENLARGEMENT ? 1 / reach : MAX_ENLARGEMENT;
}

/**
 * @param {Matrix} pose
 * @param {[number, number]} half The picture's half width and height in units of its longer side.
 * @returns {number} The greatest part of the frame, up to all of it, that the picture covers; 0 if
 *   it does not even cover its middle.
 */
function reachOf(pose, [halfWidth, halfHeight]) {
  const [a, b, c, d, e, f, g, h, i] = inverse(pose);
  let reach = 1;
  for (const [x, y] of cornersOf(halfWidth, halfHeight)) {
    const slopes = [a * x + b * y, d * x + e * y, g * x + h * y];
    // Inside means |x| <= half width · w and |y| <= half height · w, for w > 0.
    for (const [start, slope, half] of [[c, slopes[0], halfWidth], [f, slopes[1], halfHeight]]) {
      for (const sign of [1, -1]) {
        const room = half * i - sign * start;
        const closing = sign * slope - half * slopes[2];
        if (room < 0) return 0;
        if (closing > 0) reach = Math.min(reach, room / closing);
      }
    }
  }
  return reach;
}

/**
 * The transforms of an element along a path, for the Web Animations API.
 *
 * @param {Path} path
 * @param {number} width The element's width in pixels.
 * @param {number} height Its height.
 * @returns {{offset: number, transform: string}[]} One for each pose; the element's origin is its
 *   centre.
 */
export function keyframes(path, width, height) {
  const poses = path.poses.length ? path.poses : [IDENTITY];
  const scale = enlargement({ ...path, poses }, width, height);
  const last = Math.max(poses.length - 1, 1);
  return poses.map((pose, index) => ({
    offset: poses.length > 1 ? index / last : 1,
    transform: transformOf(pose, width, height, scale),
  }));
}

/**
 * @param {Matrix} pose A pose of a path.
 * @param {number} width The element's width in pixels.
 * @param {number} height Its height.
 * @param {number} [scale] An enlargement.
 * @returns {string} The CSS transform.
 */
export function transformOf(pose, width, height, scale = 1) {
  const unit = Math.max(width, height);
  const [a, b, c, d, e, f, g, h, i] = pose;
  const columns = [
    a * scale, d * scale, 0, g / unit,
    b * scale, e * scale, 0, h / unit,
    0, 0, i, 0,
    c * scale * unit, f * scale * unit, 0, i,
  ];
  return `matrix3d(${columns.map((value) => decimal(value / i)).join(", ")})`;
}

/** @param {number} value Written without an exponent, which old browsers' CSS does not read. */
function decimal(value) {
  return String(Number(value.toFixed(9)));
}

/**
 * The pose that represents a move in a single picture: half-way, or where a loop is farthest.
 *
 * @param {Path} path
 * @returns {number} The pose's index.
 */
export function representativePose(path) {
  const middle = Math.floor((path.poses.length - 1) / 2);
  if (!path.loop) return Math.max(middle, 0);
  const shifts = path.poses.map(shiftOf);
  return Math.max(shifts.indexOf(Math.max(...shifts)), 0);
}

/**
 * @param {Path} path
 * @returns {boolean} Whether the camera never moves.
 */
export function isStill(path) {
  return path.poses.every((pose) => shiftOf(pose) < 1e-3);
}

/**
 * @param {Matrix} pose
 * @returns {number} How far it moves the still's corners at most, in longer sides.
 */
function shiftOf(pose) {
  const moves = cornersOf(0.5, 0.5).map(([x, y]) => {
    const [right, down] = apply(pose, x, y);
    return Math.hypot(right - x, down - y);
  });
  return Math.max(...moves);
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {[number, number]} Half of each in units of the longer one.
 */
function halves(width, height) {
  const unit = Math.max(width, height);
  return [width / unit / 2, height / unit / 2];
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {[number, number][]}
 */
function cornersOf(x, y) {
  return [[x, y], [-x, y], [x, -y], [-x, -y]];
}
