// @ts-check
/** Plays a clip out of ComfyUI's folders. */
import { imagePlayer, videoPlayer } from "../ui/video_player.mjs";
import { mediaOf } from "./file_ref.mjs";
import { SafeStorage } from "./storage.mjs";

/** @typedef {import("./host.mjs").Host} Host */
/** @typedef {import("./file_ref.mjs").Ref} Ref */

/** Whether clips repeat, as chosen last in this browser. */
const LOOP = "wanderlens.player.loop";

/**
 * @param {object} options
 * @param {Host} options.host
 * @param {Ref & {fps?: number, modified?: number}} options.clip The file; with its frame rate,
 *   where it is known, arrow keys step by frames.
 * @param {boolean} [options.loop] Whether it repeats, where the user has not chosen yet.
 * @param {string | null} [options.poster] URL of what is shown until it plays.
 * @param {boolean} [options.autoplay] Whether it starts at once.
 * @returns {import("../ui/video_player.mjs").Player}
 */
export function clipPlayer({ host, clip, loop = true, poster = null, autoplay = false }) {
  const { page } = host;
  const url = clip.modified ? host.viewURL(clip, { v: clip.modified }) : host.viewURL(clip);
  const failed = host.t("player.cannot_play");
  if (mediaOf(clip) === "picture") return imagePlayer(page, { url, name: clip.filename, failed });
  const storage = SafeStorage.of(page);
  const chosen = storage.read(LOOP);
  return videoPlayer(page, {
    url,
    poster,
    autoplay,
    fps: clip.fps,
    loop: chosen === null ? loop : chosen === "true",
    onLoop: (on) => storage.write(LOOP, String(on)),
    texts: {
      label: host.t("player.label", { name: clip.filename }),
      repeat: host.t("player.loop"),
      failed,
    },
  });
}
