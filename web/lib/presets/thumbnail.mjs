// @ts-check
/** The thumbnail that all cards animate: the still, scaled down once, with mirrored borders. */

/** Pixels of the thumbnail's longer side. */
const SIZE = 240;

/** Width of the mirrored borders, as a fraction of the picture; paths seldom look farther. */
export const MARGIN = 0.25;

/** Width over height that cards can show; pictures beyond are cropped. */
const NARROWEST = 4 / 5;
const WIDEST = 16 / 9;

/**
 * @typedef {object} Thumbnail
 * @property {string} url For `src`.
 * @property {number} aspect Width over height of the picture itself.
 * @property {number} margin Width of its borders, as a fraction of its width and height.
 * @property {() => void} free Releases its memory.
 */

/**
 * Draws a thumbnail.
 *
 * @param {Document} page
 * @param {string | null} url The picture; null for a placeholder landscape.
 * @returns {Promise<Thumbnail>}
 * @throws {Error} If the picture cannot be loaded.
 */
export async function drawThumbnail(page, url) {
  const source = url === null ? landscape(page) : await loaded(page, url);
  const { width, height } = sizeOf(source);
  const crop = cropOf(width, height);
  const scale = SIZE / Math.max(crop.width, crop.height);
  const [w, h] = [Math.round(crop.width * scale), Math.round(crop.height * scale)];
  const canvas = mirrored(page, source, crop, w, h);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/webp", 0.9));
  if (!blob) throw new Error(`no picture of ${w}×${h} could be made`);
  const objectURL = URL.createObjectURL(/** @type {Blob} */ (blob));
  return {
    url: objectURL, aspect: w / h, margin: MARGIN, free: () => URL.revokeObjectURL(objectURL),
  };
}

/**
 * @param {number} width Of the picture.
 * @param {number} height
 * @returns {{x: number, y: number, width: number, height: number}} The centred part of it that
 *   a card shows.
 */
export function cropOf(width, height) {
  const aspect = Math.min(Math.max(width / height, NARROWEST), WIDEST);
  const [w, h] = [Math.min(width, height * aspect), Math.min(height, width / aspect)];
  return { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h };
}

/**
 * @param {Document} page
 * @param {string} url
 * @returns {Promise<HTMLImageElement>} Decoded.
 */
async function loaded(page, url) {
  const picture = page.createElement("img");
  picture.src = url;
  await picture.decode();
  return picture;
}

/** @param {HTMLImageElement | HTMLCanvasElement} source */
function sizeOf(source) {
  const width = "naturalWidth" in source ? source.naturalWidth : source.width;
  const height = "naturalHeight" in source ? source.naturalHeight : source.height;
  // An SVG without an intrinsic size has 0.
  return { width: width || SIZE, height: height || SIZE };
}

/**
 * @param {Document} page
 * @param {HTMLImageElement | HTMLCanvasElement} source
 * @param {{x: number, y: number, width: number, height: number}} crop
 * @param {number} w
 * @param {number} h
 * @returns {HTMLCanvasElement} The part at w×h, and its mirror image beyond each edge.
 */
function mirrored(page, source, crop, w, h) {
  const small = page.createElement("canvas");
  [small.width, small.height] = [w, h];
  const smallContext = contextOf(small);
  smallContext.imageSmoothingQuality = "high";
  smallContext.drawImage(source, crop.x, crop.y, crop.width, crop.height, 0, 0, w, h);
  const canvas = page.createElement("canvas");
  [canvas.width, canvas.height] = [w * (1 + 2 * MARGIN), h * (1 + 2 * MARGIN)].map(Math.round);
  const context = contextOf(canvas);
  for (const row of [-1, 0, 1]) {
    for (const column of [-1, 0, 1]) {
      const [flipX, flipY] = [column ? -1 : 1, row ? -1 : 1];
      const [left, top] = [w * (MARGIN + column), h * (MARGIN + row)];
      context.setTransform(
        flipX, 0, 0, flipY, flipX < 0 ? left + w : left, flipY < 0 ? top + h : top,
      );
      context.drawImage(small, 0, 0);
    }
  }
  return canvas;
}

/**
 * A placeholder landscape with things near and far, so that any camera move is visible.
 *
 * @param {Document} page
 * @returns {HTMLCanvasElement}
 */
function landscape(page) {
  const canvas = page.createElement("canvas");
  [canvas.width, canvas.height] = [480, 320];
  const context = contextOf(canvas);
  const fill = (/** @type {string} */ colour, /** @type {[number, number][]} */ points) => {
    context.fillStyle = colour;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.fill();
  };
  const sky = context.createLinearGradient(0, 0, 0, 200);
  sky.addColorStop(0, "#3f6d9e");
  sky.addColorStop(1, "#f0c9a0");
  context.fillStyle = sky;
  context.fillRect(0, 0, 480, 320);
  context.fillStyle = "#fff1d0";
  context.beginPath();
  context.arc(330, 120, 26, 0, Math.PI * 2);
  context.fill();
  fill("#7d8fae", [[0, 190], [70, 120], [130, 165], [210, 95], [300, 180], [390, 130], [480, 185],
    [480, 320], [0, 320]]);
  fill("#4f6b6b", [[0, 205], [110, 180], [250, 200], [380, 178], [480, 200], [480, 320], [0, 320]]);
  fill("#7a9a5b", [[0, 215], [480, 210], [480, 320], [0, 320]]);
  fill("#c9b48a", [[232, 213], [244, 213], [330, 320], [150, 320]]); // a path to the horizon
  for (const [x, base, size] of [[60, 250, 70], [120, 228, 36], [420, 262, 92], [360, 226, 34]]) {
    fill("#5a4632", [[x - size * 0.06, base], [x + size * 0.06, base], [x, base - size * 0.5]]);
    fill("#34553a", [[x - size * 0.32, base - size * 0.22], [x + size * 0.32, base - size * 0.22],
      [x, base - size]]);
  }
  return canvas;
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}
