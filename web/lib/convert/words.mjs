// @ts-check
/** Numbers of a clip in words. */

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
 * @param {Host} host
 * @param {number} value
 * @param {number} [digits] After the point, at most.
 */
export function number(host, value, digits = 0) {
  const format = { maximumFractionDigits: digits };
  return new Intl.NumberFormat(host.texts.language, format).format(value);
}

/**
 * How long something takes, as exact as one may know.
 *
 * @param {Host} host
 * @param {number} seconds
 */
export function about(host, seconds) {
  if (seconds < 90) {
    const rounded = seconds < 10 ? Math.max(Math.round(seconds), 1) : Math.round(seconds / 5) * 5;
    return host.t("convert.time.seconds", { n: number(host, rounded) });
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return host.t("convert.time.minutes", { n: number(host, minutes) });
  const [hours, rest] = [Math.floor(minutes / 60), Math.round((minutes % 60) / 5) * 5];
  if (rest === 0) return host.t("convert.time.hours", { n: number(host, hours) });
  if (rest === 60) return host.t("convert.time.hours", { n: number(host, hours + 1) });
  return host.t("convert.time.hours_minutes", { h: number(host, hours), m: number(host, rest) });
}

/**
 * What is made.
 *
 * @param {Host} host
 * @param {Plan} plan
 * @param {{fps: number | null, loop: boolean}} clip The rate, where it is known.
 * @returns {string[]} In the order of their weight.
 */
export function made(host, { width, height, frames, seconds }, { fps, loop }) {
  const period = loop ? "convert.made.period" : "convert.made.seconds";
  return [
    host.t(period, { n: number(host, seconds, 2) }),
    host.t("convert.made.frames", { n: number(host, frames) }),
    ...(fps ? [host.t("convert.made.fps", { n: number(host, fps, 2) })] : []),
    host.t("convert.made.size", { width, height }),
  ];
}

/**
 * What it takes.
 *
 * @param {Host} host
 * @param {Plan["estimate"]} estimate
 */
export function takes(host, estimate) {
  if (!estimate) return host.t("convert.takes.unknown");
  const time = about(host, estimate.seconds);
  if (estimate.memory_bytes === null) return host.t("convert.takes.time", { time });
  const memory = number(host, estimate.memory_bytes / 1e9, 1);
  return host.t("convert.takes.time_memory", { time, memory });
}

/**
 * What an estimate rests on.
 *
 * @param {Host} host
 * @param {Plan["estimate"]} estimate
 */
export function basis(host, estimate) {
  if (!estimate) return "";
  const key = estimate.exact ? "convert.takes.same" : "convert.takes.scaled";
  return host.t(key, { n: number(host, estimate.runs) });
}
