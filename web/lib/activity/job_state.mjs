// @ts-check
/** How events change a job: a pure reducer. */
import { updatePace, SAMPLING, withEta } from "./eta.mjs";
import { better, generators, stageOfNode } from "./prompt.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./job.mjs").Job} Job */
/** @typedef {import("./job.mjs").State} State */
/** @typedef {import("./prompt.mjs").Failure} Failure */

const ENDED = new Set(["finished", "failed", "cancelled"]);

/**
 * @typedef {{at: number} & (
 *   | {type: "start" | "success" | "interrupted"}
 *   | {type: "cached", nodes: string[]}
 *   | {type: "executing", node: string}
 *   | {type: "progress", node: string, value: number, max: number}
 *   | {type: "executed", clip: Ref | null}
 *   | {type: "error", error: Failure}
 *   | {type: "stage", node: string, stage: string, shot: number, shots: number, stamp: number,
 *      since: number, started: number}
 *   | {type: "queued", position: number | null}
 *   | {type: "running"}
 *   | {type: "cancelling", on: boolean}
 *   | {type: "gone", state: "lost" | "cancelled"}
 *   | {type: "ended", state: "finished" | "failed" | "cancelled", started: number | null,
 *      ended: number | null, clip: Ref | null, error: Failure | null}
 * )} Event Something that happened to a job, and when it became known (`at`, ms).
 */

/**
 * The job after an event. Messages may come twice, late, or not at all: a job that has ended stays
 * so, one that is behind catches up.
 *
 * @param {Job} job Not modified.
 * @param {Event} event
 * @returns {Job} The same object where nothing changes.
 */
export function applyEvent(job, event) {
  const { at } = event;
  if (event.type === "ended") return ended(job, event);
  if (ENDED.has(job.state)) {
    if (event.type !== "executed" || job.state !== "finished") return job;
    const clip = better(event.clip, job.clip); // late; of equal ones the history's stays
    return clip === job.clip ? job : { ...job, clip };
  }
  switch (event.type) {
    case "start":
      return running(job, at);
    case "running":
      return running(job, at);
    case "cached":
      return cached(running(job, at), event.nodes);
    case "executing":
      return executing(running(job, at), event.node, at);
    case "progress":
      return progress(running(job, at), event);
    case "stage":
      return stage(running(job, event.started), event);
    case "executed":
      return { ...running(job, at), clip: better(job.clip, event.clip) };
    case "success":
      return endedAs(job, "finished", at);
    case "interrupted":
      return endedAs(job, "cancelled", at);
    case "error":
      // A node may turn the cancelling into an error of its own.
      if (job.cancelling) return endedAs(job, "cancelled", at);
      return { ...endedAs(job, "failed", at), error: event.error };
    case "queued":
      return queued(job, event.position);
    case "cancelling":
      return job.cancelling === event.on ? job : { ...job, cancelling: event.on };
    case "gone":
      return job.state === event.state ? job : endedAs(job, event.state, at);
    default:
      return job;
  }
}

/**
 * @param {Job} job
 * @param {number} at
 */
function running(job, at) {
  if (job.state === "running") return job;
  const begun = { ...job, state: /** @type {State} */ ("running"), position: null, ended: null };
  return withEta({ ...begun, started: job.started ?? at }, at);
}

/**
 * @param {Job} job
 * @param {number | null} position
 * @returns {Job}
 */
function queued(job, position) {
  if (job.state === "running") return job; // asked before it began, answered after
  if (job.state === "queued" && job.position === position) return job;
  return { ...job, state: "queued", ended: null, position };
}

/**
 * @param {Job} job
 * @param {State} state
 * @param {number} at
 * @returns {Job}
 */
function endedAs(job, state, at) {
  return {
    ...job,
    state,
    ended: at,
    position: null,
    stage: null,
    stageStarted: null,
    node: null,
    part: null,
    pace: null,
    eta: null,
    preview: null,
    cancelling: false,
    error: null,
  };
}

/**
 * @param {Job} job
 * @param {Extract<Event, {type: "ended"}>} event
 * @returns {Job}
 */
function ended(job, event) {
  const was = ENDED.has(job.state);
  const clip = better(job.clip, event.clip);
  if (was && job.state === event.state && clip === job.clip) return job;
  return {
    ...endedAs(job, event.state, event.ended ?? job.ended ?? event.at),
    started: event.started ?? job.started,
    clip,
    error: event.error,
  };
}

/**
 * @param {Job} job
 * @param {string[]} nodes
 */
function cached(job, nodes) {
  const known = new Set(generators(job.prompt));
  const fresh = nodes.filter((id) => known.has(id) && !job.sampled.includes(id));
  return fresh.length ? { ...job, sampled: [...job.sampled, ...fresh] } : job;
}

/**
 * @param {Job} job
 * @param {string} node
 * @param {number} at
 */
function executing(job, node, at) {
  if (job.node === node && job.stage !== null) return job; // repeated, or its stage came first
  const known = stageOfNode(job.prompt, node);
  // After the last sampling node there is nothing left to prepare.
  const sampled = job.generators > 0 && job.sampled.length >= job.generators;
  const allDone = sampled && job.total > 0 && job.done >= job.total;
  const stage = known === "prepare" && allDone ? "save" : known;
  return withEta({ ...job, node, stage, stageStarted: at, part: null }, at);
}

/**
 * @param {Job} job
 * @param {Extract<Event, {type: "stage"}>} event
 */
function stage(job, { node, stage: name, shot, shots, stamp, since, at }) {
  if (stamp < job.stageStamp) return job;
  const same = job.node !== node || (job.stage === name && job.shot === shot);
  if (same && stamp === job.stageStamp) return job; // repeated, perhaps for a node that is done
  const moved = counterOf(job, node, name);
  return withEta(
    { ...moved, stage: name, stageStarted: since, stageStamp: stamp, shot, shots, part: null },
    at,
  );
}

/**
 * The job with the step counter of a node: each sampling node starts its own.
 *
 * @param {Job} job
 * @param {string} node
 * @param {string | null} stage
 * @returns {Job}
 */
function counterOf(job, node, stage) {
  if (stage === null || !SAMPLING.has(stage)) return { ...job, node };
  if (job.sampled.at(-1) === node) return { ...job, node };
  const sampled = [...job.sampled.filter((id) => id !== node), node];
  return { ...job, node, sampled, done: 0, total: 0, pace: null };
}

/**
 * @param {Job} job
 * @param {Extract<Event, {type: "progress"}>} event
 */
function progress(job, { node, value, max, at }) {
  if (!(max > 0)) return job;
  const samples = generators(job.prompt).includes(node);
  const known = job.node === node && job.stage !== null && job.stage !== "prepare";
  const counts = known ? SAMPLING.has(String(job.stage)) : samples;
  const key = `${node} ${job.stage} ${job.shot}`;
  if (counts) {
    const here = counterOf(job, node, "sampling");
    if (here.total === max && value <= here.done) return job;
    const pace = updatePace(here.pace, { node, key, done: value, at });
    return withEta({ ...here, done: value, total: max, pace }, at);
  }
  if (job.part?.total === max && value <= job.part.done && job.node === node) return job;
  const part = { done: value, total: max };
  // Sampling steps keep their own pace.
  const pace = job.total > 0 ? job.pace : updatePace(job.pace, { node, key, done: value, at });
  return withEta({ ...job, node, part, pace }, at);
}
