// @ts-check
/** Plays a clip. */
import { element } from "./dom.mjs";
import { mediaOf } from "../comfy/file_ref.mjs";
import { remember, remembered } from "../comfy/storage.mjs";
import { iconButton } from "./buttons.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */

/** Whether clips repeat, as it was chosen last in this browser. */
const LOOP = "wanderlens.player.loop";

/**
 * A player with the browser's own controls. Moving pictures that are no videos repeat by
 * themselves and have none.
 *
 * @param {object} options
 * @param {Host} options.host
 * @param {Ref & {fps?: number, modified?: number}} options.clip The file; with its frame rate,
 *   where it is known, arrow keys step by frames.
 * @param {boolean} [options.loop] Whether it repeats, where the user has not chosen yet.
 * @param {string | null} [options.poster] Address of what is shown until it plays.
 * @param {boolean} [options.autoplay] Whether it begins at once.
 * @returns {{element: HTMLElement, focus: () => void, destroy: () => void}}
 */
export function player({ host, clip, loop = true, poster = null, autoplay = false }) {
  const { page } = host;
  const url = clip.modified ? host.viewURL(clip, { v: clip.modified }) : host.viewURL(clip);
  const trouble = element(page, "p.wl-player-trouble.wl-error", { role: "alert", hidden: true });
  const fail = () => {
    trouble.textContent = host.t("player.cannot_play");
    trouble.hidden = false;
  };

  if (mediaOf(clip) === "picture") {
    const picture = element(page, "img.wl-player-media", {
      alt: clip.filename,
      src: url,
      onerror: fail,
    });
    return {
      element: element(page, "div.wl-player", {}, picture, trouble),
      focus: () => {},
      destroy: () => picture.removeAttribute("src"),
    };
  }

  /** @type {HTMLVideoElement} */
  const video = element(page, "video.wl-player-media", {
    "aria-label": host.t("player.label", { name: clip.filename }),
    controls: true,
    muted: true,
    playsinline: true,
    poster,
    preload: "metadata",
    src: url,
    onerror: fail,
    onkeydown: keydown,
  });
  const last = remembered(page, LOOP);
  video.loop = last === null ? loop : last === "true";
  const repeat = iconButton(page, "sync", host.t("player.loop"), () => {
    video.loop = !video.loop;
    remember(page, LOOP, String(video.loop));
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
      // It was taken away meanwhile, or cannot be decoded, which is told by its own event.
    }
  };
  if (autoplay) void play();

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The browser's controls know the space bar; ComfyUI must not take it for its canvas.
    if (event.key === " ") event.stopPropagation();
    if (!step || !clip.fps) return;
    event.preventDefault();
    event.stopPropagation();
    video.pause();
    video.currentTime = frameTime(video.currentTime, step, clip.fps, video.duration);
  }

  return {
    element: element(page, "div.wl-player", {}, video, repeat, trouble),
    focus: () => video.focus(),
    destroy: () => {
      video.pause();
      video.removeAttribute("src");
      video.load(); // lets the file go
    },
  };
}

/**
 * The middle of a frame, so that rounding cannot show its neighbour.
 *
 * @param {number} time Where the clip is, seconds.
 * @param {number} step How many frames to go.
 * @param {number} fps
 * @param {number} duration Of the clip, seconds.
 * @returns {number} Where it goes; round at its ends.
 */
export function frameTime(time, step, fps, duration) {
  const frames = Math.max(1, Math.round(duration * fps));
  const at = Math.min(frames - 1, Math.floor(time * fps + 1e-3));
  return (((at + step + frames) % frames) + 0.5) / fps;
}
