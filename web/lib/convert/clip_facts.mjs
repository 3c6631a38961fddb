// @ts-check
/** Size, rate and length of a clip: from the store, else from the video element. */
/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */

/** @typedef {{width: number, height: number, frames: number, fps: number | null}} Facts */

/** Assumed frame rate: browsers do not tell that of a video. */
export const LIKELY_FPS = 16;

/**
 * @param {Context} context
 * @param {Ref} clip
 * @param {HTMLVideoElement} video Of the clip.
 * @returns {Promise<Facts>}
 */
export async function clipFacts({ clips }, clip, video) {
  const known = clips.find(clip);
  if (known?.frames && known.width) {
    const { width, height, frames, fps } = known;
    return { width, height, frames, fps };
  }
  if (!video.videoWidth) {
    await new Promise((done) => {
      video.addEventListener("loadedmetadata", done, { once: true });
      video.addEventListener("error", done, { once: true });
    });
  }
  const seconds = Number.isFinite(video.duration) ? video.duration : 5;
  return {
    width: video.videoWidth || 832,
    height: video.videoHeight || 480,
    frames: Math.max(Math.round(seconds * LIKELY_FPS), 1),
    fps: null,
  };
}
