// @ts-check
/** A clip's very last frame as a picture. */

/**
 * @param {Document} page The page to decode in.
 * @param {string} url The clip's address, of the page's own server.
 * @param {string} filename Its name; by its ending it is a video or an animated picture.
 * @returns {Promise<Blob>} A PNG of the clip's own size.
 * @throws {Error} If the browser cannot decode it.
 */
export function lastFrame(page, url, filename) {
  const type = ANIMATED[/** @type {".webp"} */ (/\.\w+$/.exec(filename.toLowerCase())?.[0])];
  return type ? lastOfPictures(page, url, type) : lastOfVideo(page, url);
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
    await happened(video, "loadeddata");
    // A browser shows the last frame of all at and beyond the end.
    video.currentTime = Number.isFinite(video.duration) ? video.duration : Number.MAX_SAFE_INTEGER;
    await happened(video, "seeked");
    return await drawn(page, video, video.videoWidth, video.videoHeight);
  } finally {
    video.removeAttribute("src");
    video.load(); // lets go of the connection
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} event
 * @returns {Promise<void>}
 */
function happened(video, event) {
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
async function lastOfPictures(page, url, type) {
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
      return await drawn(page, image, image.displayWidth, image.displayHeight);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}

/**
 * @param {Document} page
 * @param {any} source What a canvas can draw.
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
function drawn(page, source, width, height) {
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
