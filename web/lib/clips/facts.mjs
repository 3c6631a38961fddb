// @ts-check
/** Texts about a clip: title, length, facts. */
import { numberText } from "../comfy/i18n.mjs";
import { firstLine } from "../ui/text.mjs";
import { isLoop } from "./select.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

/**
 * A clip's length, short.
 *
 * @param {Host} host
 * @param {Clip} clip
 */
export function lengthOf(host, { seconds }) {
  return host.t("clips.seconds", { seconds: numberText(host, seconds, seconds < 10 ? 1 : 0) });
}

/**
 * A clip's title: its prompt, else its preset, else its file.
 *
 * @param {Clip} clip
 */
export function titleOf({ prompt, preset, filename }) {
  return firstLine(prompt) || preset || filename;
}

/**
 * What a card shows besides the title, for screen readers.
 *
 * @param {Host} host
 * @param {Clip} clip
 * @param {boolean} favourite
 */
export function description(host, clip, favourite) {
  const parts = [host.t(`clips.kind.${clip.kind}`), lengthOf(host, clip)];
  if (isLoop(clip) && clip.kind !== "loop") parts.push(host.t("clips.loops"));
  if (favourite) parts.push(host.t("clips.favourite"));
  return parts.join(", ");
}

/**
 * @param {Host} host
 * @param {Clip} clip
 * @returns {{key: string, label: string, text: string}[]} The known facts.
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
    ["rate", host.t("clips.rate", { fps: numberText(host, clip.fps, 2) })],
    [
      "length",
      host.t("clips.length", {
        seconds: numberText(host, clip.seconds, 2),
        frames: numberText(host, clip.frames),
      }),
    ],
    ["quality", settings.quality ?? ""],
    ["seed", Number.isFinite(settings.seed) ? String(settings.seed) : ""],
    ["from", settings.image ?? ""],
    ["file", clip.subfolder ? `${clip.subfolder}/${clip.filename}` : clip.filename],
    [
      "written",
      host.t("clips.written", { date, size: numberText(host, clip.size / 1_000_000, 1) }),
    ],
  ];
  return facts
    .filter(([, text]) => text !== "")
    .map(([key, text]) => ({ key, label: host.t(`clips.fact.${key}`), text }));
}
