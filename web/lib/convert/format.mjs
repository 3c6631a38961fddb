// @ts-check
/** Texts about the plan of a clip: what is made, how long it takes. */
import { numberText } from "../comfy/i18n.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/**
 * @typedef {object} Plan As `/wanderlens/plan` gives it.
 * @property {number} width
 * @property {number} height
 * @property {number} frames
 * @property {number} seconds
 * @property {number} shots
 * @property {string[]} notes
 * @property {{seconds: number, memory_bytes: number | null, runs: number, exact: boolean} | null
 *   } estimate
 */

/**
 * A duration, rounded to how exactly it is known.
 *
 * @param {Host} host
 * @param {number} seconds
 */
export function durationText(host, seconds) {
  if (seconds < 90) {
    const rounded = seconds < 10 ? Math.max(Math.round(seconds), 1) : Math.round(seconds / 5) * 5;
    return host.t("convert.time.seconds", { n: numberText(host, rounded) });
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return host.t("convert.time.minutes", { n: numberText(host, minutes) });
  const [hours, rest] = [Math.floor(minutes / 60), Math.round((minutes % 60) / 5) * 5];
  if (rest === 0) return host.t("convert.time.hours", { n: numberText(host, hours) });
  if (rest === 60) return host.t("convert.time.hours", { n: numberText(host, hours + 1) });
  const values = { h: numberText(host, hours), m: numberText(host, rest) };
  return host.t("convert.time.hours_minutes", values);
}

/**
 * Length, frames, rate and size of what is made.
 *
 * @param {Host} host
 * @param {Plan} plan
 * @param {{fps: number | null, loop: boolean}} clip The rate, where it is known.
 * @returns {string[]} Most important first.
 */
export function planTexts(host, { width, height, frames, seconds }, { fps, loop }) {
  const period = loop ? "convert.made.period" : "convert.made.seconds";
  return [
    host.t(period, { n: numberText(host, seconds, 2) }),
    host.t("convert.made.frames", { n: numberText(host, frames) }),
    ...(fps ? [host.t("convert.made.fps", { n: numberText(host, fps, 2) })] : []),
    host.t("convert.made.size", { width, height }),
  ];
}

/**
 * Time and memory of an estimate.
 *
 * @param {Host} host
 * @param {Plan["estimate"]} estimate
 */
export function estimateText(host, estimate) {
  if (!estimate) return host.t("convert.takes.unknown");
  const time = durationText(host, estimate.seconds);
  if (estimate.memory_bytes === null) return host.t("convert.takes.time", { time });
  const memory = numberText(host, estimate.memory_bytes / 1e9, 1);
  return host.t("convert.takes.time_memory", { time, memory });
}

/**
 * What an estimate is based on.
 *
 * @param {Host} host
 * @param {Plan["estimate"]} estimate
 */
export function basisText(host, estimate) {
  if (!estimate) return "";
  const key = estimate.exact ? "convert.takes.same" : "convert.takes.scaled";
  return host.t(key, { n: numberText(host, estimate.runs) });
}
