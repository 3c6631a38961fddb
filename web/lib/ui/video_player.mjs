// @ts-check
/** A player for videos, and for animated images, which the browser plays by itself. */
import { iconButton } from "./buttons.mjs";
import { element } from "./dom.mjs";

/** @typedef {{element: HTMLElement, focus: () => void, destroy: () => void}} Player */

/**
 * An animated image: it repeats by itself and has no controls.
 *
 * @param {Document} page
 * @param {{url: string, name: string, failed: string}} options `failed` is shown where the file
 *   cannot be decoded.
 * @returns {Player}
 */
export function imagePlayer(page, { url, name, failed }) {
  const trouble = troubleText(page);
  const image = element(page, "img.wl-player-media", {
    alt: name,
    src: url,
    onerror: () => trouble.show(failed),
  });
  return {
    element: element(page, "div.wl-player", {}, image, trouble.element),
    focus: () => {},
    destroy: () => image.removeAttribute("src"),
  };
}

/**
 * A video with the browser's own controls.
 *
 * @param {Document} page
 * @param {object} options
 * @param {string} options.url
 * @param {string | null} [options.poster] URL of what is shown until it plays.
 * @param {{label: string, repeat: string, failed: string}} options.texts
 * @param {number} [options.fps] Where it is known, arrow keys step by frames.
 * @param {boolean} options.loop Whether it repeats.
 * @param {(loop: boolean) => void} options.onLoop Called when the user switches that.
 * @param {boolean} [options.autoplay] Whether it starts at once.
 * @returns {Player}
 */
export function videoPlayer(page, options) {
  const { url, poster = null, texts, fps, loop, onLoop, autoplay = false } = options;
  const trouble = troubleText(page);
  /** @type {HTMLVideoElement} */
  const video = element(page, "video.wl-player-media", {
    "aria-label": texts.label,
    controls: true,
    muted: true,
    playsinline: true,
    poster,
    preload: "metadata",
    src: url,
    onerror: () => trouble.show(texts.failed),
    onkeydown: keydown,
  });
  video.loop = loop;
  const repeat = iconButton(page, "sync", texts.repeat, () => {
    video.loop = !video.loop;
    onLoop(video.loop);
    show();
    if (video.loop && video.ended) void play();
  });
  repeat.classList.add("wl-player-loop");
  const show = () => repeat.setAttribute("aria-pressed", String(video.loop));
  show();

  const play = async () => {
    try {
      await video.play();
    } catch {
      // Removed meanwhile, or it cannot be decoded, which has an event of its own.
    }
  };
  if (autoplay) void play();

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The browser's controls handle the space bar; shortcuts of the page must not.
    if (event.key === " ") event.stopPropagation();
    if (!step || !fps) return;
    event.preventDefault();
    event.stopPropagation();
    video.pause();
    video.currentTime = frameTime(video.currentTime, step, fps, video.duration);
  }

  return {
    element: element(page, "div.wl-player", {}, video, repeat, trouble.element),
    focus: () => video.focus(),
    destroy: () => {
      video.pause();
      video.removeAttribute("src");
      video.load(); // ends the download
    },
  };
}

/** @param {Document} page */
function troubleText(page) {
  const trouble = element(page, "p.wl-player-trouble.wl-error", { role: "alert", hidden: true });
  return {
    element: trouble,
    show: (/** @type {string} */ text) => {
      trouble.textContent = text;
      trouble.hidden = false;
    },
  };
}

/**
 * The time of a frame's middle, so that rounding cannot show its neighbour.
 *
 * @param {number} time The current time, seconds.
 * @param {number} step How many frames to go; negative for backwards.
 * @param {number} fps
 * @param {number} duration Of the video, seconds.
 * @returns {number} Seconds; wraps around at both ends.
 */
export function frameTime(time, step, fps, duration) {
  const frames = Math.max(1, Math.round(duration * fps));
  const at = Math.min(frames - 1, Math.floor(time * fps + 1e-3));
  return (((at + step + frames) % frames) + 0.5) / fps;
}
