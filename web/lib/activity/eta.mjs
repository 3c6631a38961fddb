// @ts-check
/** How long a job still takes: from the pace of its own steps, before that from past runs. */

/** @typedef {import("./job.mjs").Job} Job */

/**
 * @typedef {object} Pace How fast a progress counter advances.
 * @property {string} key What is counted: node, stage and segment.
 * @property {string} node
 * @property {number} done The counter's value.
 * @property {number} at When it reached that, ms.
 * @property {number[]} times Seconds of each of the last steps, without the first of a stage,
 *   which loads the model.
 */

/** The stages of our nodes, in order. */
const ORDER = [
  "encode",
  "high noise",
  "low noise",
  "sampling",
  "decode",
  "match",
  "loop",
  "interpolate",
  "join",
  "save",
];

/** Stages that count the clip's sampling steps. */
export const SAMPLING = new Set(["high noise", "low noise", "sampling"]);

/** Stages that each segment goes through; the others come once, at the end. */
const PER_SEGMENT = new Set(["encode", "decode", "match"]);

/** Steps whose times are averaged. */
const WINDOW = 8;

/**
 * @param {Pace | null} pace The pace so far.
 * @param {{node: string, key: string, done: number, at: number}} step A counter's new value.
 * @returns {Pace} The pace with it.
 */
export function updatePace(pace, { node, key, done, at }) {
  if (pace?.key !== key) {
    return { key, node, done, at, times: pace?.node === node ? pace.times : [] };
  }
  if (done <= pace.done) return pace;
  const time = Math.max(0, at - pace.at) / 1000 / (done - pace.done);
  return { key, node, done, at, times: [...pace.times, time].slice(-WINDOW) };
}

/**
 * The time a job still takes.
 *
 * @param {Job} job
 * @param {number} now Milliseconds.
 * @returns {number | null} Seconds; null where it is unknown.
 */
export function remaining(job, now) {
  const { estimate, state } = job;
  if (state === "queued") return estimate?.seconds ?? null;
  if (state !== "running") return null;
  const steps = samplingLeft(job, now);
  const others = otherStagesLeft(job, now);
  if (steps === null && others === null) return null;
  if (steps === 0 && others === null) return null; // what follows the last step is unknown
  return (steps ?? 0) + (others ?? 0);
}

/**
 * @param {Job} job
 * @param {number} now
 */
function samplingLeft({ done, total, pace, estimate, stage, part }, now) {
  const counts = stage !== null && (SAMPLING.has(stage) || !ORDER.includes(stage));
  const counter = total > 0 ? { done, total } : part;
  const time = pace?.times.length ? median(pace.times) : null;
  if (counter && time !== null && pace) {
    const left = counter.total - counter.done;
    if (left <= 0) return 0;
    const waited = counts ? Math.max(0, now - pace.at) / 1000 : 0;
    return time * (left - 1) + Math.max(0, time - waited);
  }
  const stages = estimate?.stages ?? null;
  if (!stages) return null;
  let whole = 0;
  for (const name of SAMPLING) whole += stages[name] ?? 0;
  return total > 0 ? (whole * (total - done)) / total : whole;
}

/**
 * @param {Job} job
 * @param {number} now
 */
function otherStagesLeft({ estimate, stage, stageStarted, shot, shots }, now) {
  if (!estimate?.stages) return null;
  const here = stage === null ? -1 : ORDER.indexOf(stage);
  let left = 0;
  for (const [name, seconds] of Object.entries(estimate.stages)) {
    if (SAMPLING.has(name)) continue;
    const at = ORDER.indexOf(name);
    const ahead = at >= here ? 1 : 0;
    const share = PER_SEGMENT.has(name) ? (Math.max(0, shots - shot) + ahead) / shots : ahead;
    const passed = name === stage && stageStarted ? Math.max(0, now - stageStarted) / 1000 : 0;
    left += Math.max(0, seconds * share - passed);
  }
  return left;
}

/**
 * The time left to show: it follows the computed one exponentially, so that it does not jump.
 *
 * @param {{eta: number | null, etaAt: number}} shown Seconds that are shown, and since when, ms.
 * @param {number | null} raw Seconds computed now.
 * @param {number} now Milliseconds.
 * @returns {number | null} Seconds to show from now on.
 */
export function smoothed({ eta, etaAt }, raw, now) {
  if (raw === null || eta === null) return raw;
  const passed = Math.max(0, now - etaAt) / 1000;
  const expected = Math.max(0, eta - passed);
  // Seconds; the more is left, the slower it follows.
  const timeConstant = Math.min(10, Math.max(2, expected * 0.1));
  return expected + (raw - expected) * (1 - Math.exp(-Math.max(passed, 0.1) / timeConstant));
}

/**
 * @param {Job} job
 * @param {number} now Milliseconds.
 * @returns {Job} The job with its time left.
 */
export function withEta(job, now) {
  const eta = smoothed(job, remaining(job, now), now);
  return eta === null && job.eta === null ? job : { ...job, eta, etaAt: now };
}

/**
 * @param {Job} job
 * @returns {number | null} How much of it is done, 0 to 1; null before anything is known.
 */
export function fraction(job) {
  const { state, stage, done, total, part, estimate, generators, sampled } = job;
  if (state === "finished") return 1;
  if (total <= 0) return part && part.total > 0 ? Math.min(1, part.done / part.total) : null;
  const share = samplingShare(estimate);
  let here = (share * Math.min(done, total)) / total;
  if (stage !== null && !SAMPLING.has(stage) && done >= total) {
    const at = Math.max(0, ORDER.indexOf(stage) - ORDER.indexOf("decode"));
    const behind = ORDER.length - ORDER.indexOf("decode");
    const within = part && part.total > 0 ? Math.min(1, part.done / part.total) : 0;
    here += ((1 - share) * (at + within)) / behind;
  }
  const of = Math.max(1, generators, sampled.length);
  return Math.min(1, (Math.max(0, sampled.length - 1) + here) / of);
}

/** @param {Job["estimate"]} estimate */
function samplingShare(estimate) {
  const stages = Object.entries(estimate?.stages ?? {});
  const all = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  if (all <= 0) return 0.9;
  const sampling = stages.reduce((sum, [name, s]) => sum + (SAMPLING.has(name) ? s : 0), 0);
  return Math.min(0.98, Math.max(0.3, sampling / all));
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
