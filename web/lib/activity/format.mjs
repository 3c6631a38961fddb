// @ts-check
/** Texts about a job, in the page's language. */
import { numberText } from "../comfy/i18n.mjs";
import { SAMPLING } from "./eta.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./job.mjs").Job} Job */
/** @typedef {import("../clips/store.mjs").Clip} Clip */

const STAGES = new Set([
  "decode",
  "encode",
  "high noise",
  "interpolate",
  "join",
  "load",
  "loop",
  "low noise",
  "match",
  "prepare",
  "rescue",
  "sampling",
  "save",
  "text",
]);

/** @type {Map<string, Intl.RelativeTimeFormat>} */
const formats = new Map();

/**
 * @param {Host} host
 * @param {Job} job
 */
export function titleText(host, { title, kind }) {
  return title || host.t(`clips.kind.${kind}`);
}

/**
 * The state of a job, such as "High noise · step 5 of 20 · segment 1 of 2".
 *
 * @param {Host} host
 * @param {Job} job
 */
export function stageText(host, job) {
  if (job.cancelling) return host.t("activity.cancelling");
  if (job.state === "queued") return queueText(host, job);
  const { stage, done, total, part, shot, shots } = job;
  const parts = [];
  if (stage === null) parts.push(host.t("activity.running"));
  else parts.push(STAGES.has(stage) ? host.t(`activity.stage.${stage.replace(" ", "_")}`) : stage);
  if (stage !== null && SAMPLING.has(stage) && total > 0 && done > 0) {
    parts.push(host.t("activity.step", { done, total }));
  } else if (part && part.total > 1) {
    parts.push(percentText(host, part.done / part.total));
  } else if (stage === null && total > 0) {
    parts.push(host.t("activity.step", { done, total }));
  }
  if (shots > 1) parts.push(host.t("activity.shot", { shot, shots }));
  return parts.join(" · ");
}

/**
 * @param {Host} host
 * @param {Job} job
 */
function queueText(host, { position }) {
  if (position === null) return host.t("activity.waiting");
  return position === 1 ? host.t("activity.next") : host.t("activity.position", { n: position });
}

/**
 * @param {Host} host
 * @param {number} share 0 to 1.
 */
export function percentText(host, share) {
  const percent = Math.min(1, Math.max(0, share));
  return percent.toLocaleString(host.texts.language, { style: "percent" });
}

/**
 * A duration, such as "1:05" or "1:02:05".
 *
 * @param {number} milliseconds
 */
export function clockText(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
}

/**
 * The time left, rounded to how exactly it is known.
 *
 * @param {Host} host
 * @param {number | null} seconds
 * @returns {string} Empty where it is unknown.
 */
export function leftText(host, seconds) {
  if (seconds === null) return "";
  if (seconds < 8) return host.t("activity.left_moments");
  if (seconds < 90) return host.t("activity.left_seconds", { n: Math.round(seconds / 5) * 5 });
  if (seconds < 5400) return host.t("activity.left_minutes", { n: Math.round(seconds / 60) });
  return host.t("activity.left_hours", { n: numberText(host, seconds / 3600, 1) });
}

/**
 * The estimate for a queued job.
 *
 * @param {Host} host
 * @param {Job} job
 */
export function takesText(host, { estimate }) {
  return estimate ? host.t("activity.takes", { time: clockText(estimate.seconds * 1000) }) : "";
}

/**
 * The seconds left of a job at a given time.
 *
 * @param {Job} job
 * @param {number} now
 */
export function etaNow({ eta, etaAt }, now) {
  return eta === null ? null : Math.max(0, eta - (now - etaAt) / 1000);
}

/**
 * Length, size and rate of a clip, as far as they are known.
 *
 * @param {Host} host
 * @param {Clip | null} clip
 */
export function clipText(host, clip) {
  if (!clip) return "";
  return [
    host.t("activity.seconds", { n: numberText(host, clip.seconds, 1) }),
    `${clip.width} × ${clip.height}`,
    host.t("activity.fps", { n: numberText(host, clip.fps, 2) }),
  ].join(" · ");
}

/**
 * When a job ended and how long it took.
 *
 * @param {Host} host
 * @param {Job} job
 * @param {number} now
 */
export function endText(host, { created, started, ended, state }, now) {
  const parts = [agoText(host, ended ?? created, now)];
  if (state === "finished" && started !== null && ended !== null && ended > started) {
    parts.push(host.t("activity.took", { time: clockText(ended - started) }));
  }
  return parts.join(" · ");
}

/** Units of an age, with their seconds. */
const UNITS = /** @type {const} */ ([
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
]);

/**
 * @param {Host} host
 * @param {number} then
 * @param {number} now
 */
export function agoText(host, then, now) {
  const seconds = Math.max(0, (now - then) / 1000);
  const { language } = host.texts;
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? [null, 1];
  if (unit === null) return host.t("activity.just_now");
  let format = formats.get(language);
  if (!format) {
    format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    formats.set(language, format);
  }
  return format.format(-Math.floor(seconds / size), unit);
}
