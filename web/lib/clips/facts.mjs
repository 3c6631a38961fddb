// @ts-check
/** What is said of a clip. */
import { isLoop } from "./select.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

/** @type {Map<string, Intl.NumberFormat>} Making one takes longer than using it a hundred times. */
const formats = new Map();

/**
 * @param {Host} host
 * @param {number} number
 * @param {number} [digits] After the point, at most.
 */
function amount(host, number, digits = 2) {
  const { language } = host.texts;
  const key = `${language} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, { maximumFractionDigits: digits });
    formats.set(key, format);
  }
  return format.format(number);
}

/**
 * A clip's length, short.
 *
 * @param {Host} host
 * @param {Clip} clip
 */
export function lengthOf(host, { seconds }) {
  return host.t("clips.seconds", { seconds: amount(host, seconds, seconds < 10 ? 1 : 0) });
}

/**
 * What a clip is called: its prompt, else its preset, else its file.
 *
 * @param {Clip} clip
 */
export function titleOf({ prompt, preset, filename }) {
  return prompt.trim().split("\n")[0] || preset || filename;
}

/**
 * What a card shows beside the title, for screen readers.
 *
 * @param {Host} host
 * @param {Clip} clip
 * @param {boolean} favourite
 */
export function spoken(host, clip, favourite) {
  const parts = [host.t(`clips.kind.${clip.kind}`), lengthOf(host, clip)];
  if (isLoop(clip) && clip.kind !== "loop") parts.push(host.t("clips.loops"));
  if (favourite) parts.push(host.t("clips.favourite"));
  return parts.join(", ");
}

/**
 * @param {Host} host
 * @param {Clip} clip
 * @returns {{key: string, label: string, text: string}[]} Its facts, those that are known.
 */
export function factsOf(host, clip) {
  const { settings } = clip;
  const date = new Date(clip.modified).toLocaleString(host.texts.language, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const menu = (/** @type {unknown} */ value) =>
    typeof value === "string" && value !== "from preset" && value !== "none" ? value : "";
  /** @type {[string, string][]} */
  const facts = [
    ["prompt", clip.prompt],
    ["preset", clip.preset],
    ["camera", menu(settings.camera)],
    ["pacing", menu(settings.pacing)],
    ["look", menu(settings.look)],
    ["negative", settings.negative ?? ""],
    ["made", host.t(`clips.kind.${clip.kind}`)],
    ["size", `${clip.width} × ${clip.height}`],
    ["rate", host.t("clips.rate", { fps: amount(host, clip.fps) })],
    [
      "length",
      host.t("clips.length", {
        seconds: amount(host, clip.seconds),
        frames: amount(host, clip.frames, 0),
      }),
    ],
    ["quality", settings.quality ?? ""],
    ["seed", Number.isFinite(settings.seed) ? String(settings.seed) : ""],
    ["from", settings.image ?? ""],
    ["file", clip.subfolder ? `${clip.subfolder}/${clip.filename}` : clip.filename],
    [
      "written",
      host.t("clips.written", { date, size: amount(host, clip.size / 1_000_000, 1) }),
    ],
  ];
  return facts
    .filter(([, text]) => text !== "")
    .map(([key, text]) => ({ key, label: host.t(`clips.fact.${key}`), text }));
}
