// @ts-check
/** A clip's last frame as a PNG. */

/**
 * @param {Document} page
 * @param {string} url The clip's URL, of the page's own server.
 * @param {string} filename Its extension tells a video from an animated image.
 * @returns {Promise<Blob>} A PNG of the clip's size.
 * @throws {Error} If the browser cannot decode it.
 */
export function lastFrame(page, url, filename) {
  const type = ANIMATED[/** @type {".webp"} */ (/\.\w+$/.exec(filename.toLowerCase())?.[0])];
  return type ? lastOfImage(page, url, type) : lastOfVideo(page, url);
}

const ANIMATED = { ".webp": "image/webp", ".gif": "image/gif" };

/**
 * @param {Document} page
 * @param {string} url
 */
async function lastOfVideo(page, url) {
  const video = page.createElement("video");
  video.muted = true;
  video.preload = "auto";
  try {
    video.src = url;
    await eventOf(video, "loadeddata");
    // At and beyond the end, browsers show the last frame.
    video.currentTime = Number.isFinite(video.duration) ? video.duration : Number.MAX_SAFE_INTEGER;
    await eventOf(video, "seeked");
    return await toPng(page, video, video.videoWidth, video.videoHeight);
  } finally {
    video.removeAttribute("src");
    video.load(); // closes the connection
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} event
 * @returns {Promise<void>}
 */
function eventOf(video, event) {
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const { signal } = stop;
    const settle = (/** @type {() => void} */ done) => () => {
      stop.abort();
      done();
    };
    video.addEventListener(event, settle(resolve), { signal });
    const failed = () => reject(new Error(video.error?.message || "the clip cannot be decoded"));
    video.addEventListener("error", settle(failed), { signal });
  });
}

/**
 * @param {Document} page
 * @param {string} url
 * @param {string} type
 */
async function lastOfImage(page, url, type) {
  const Decoder = /** @type {any} */ (page.defaultView)?.ImageDecoder;
  if (!Decoder) throw new Error("this browser cannot decode animated pictures");
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const decoder = new Decoder({ data: await answer.arrayBuffer(), type });
  try {
    await decoder.tracks.ready;
    await decoder.completed;
    const { image } = await decoder.decode({
      frameIndex: decoder.tracks.selectedTrack.frameCount - 1,
    });
    try {
      return await toPng(page, image, image.displayWidth, image.displayHeight);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}

/**
 * @param {Document} page
 * @param {any} source A `CanvasImageSource`.
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
function toPng(page, source, width, height) {
  const canvas = page.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(source, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("the frame cannot be encoded"))),
      "image/png",
    );
  });
}
