// @ts-check
/** A job and how it changes with what is heard of it; nothing here has an effect. */
import { paced, SAMPLING, timed } from "./eta.mjs";
import { better, generators, stageOfNode } from "./prompt.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./eta.mjs").Pace} Pace */
/** @typedef {import("./prompt.mjs").Failure} Failure */

/** @typedef {"queued" | "running" | "finished" | "failed" | "cancelled" | "lost"} State */

/**
 * @typedef {object} Job
 * @property {string} id The prompt's id.
 * @property {string} kind What it makes: convert, extend, bridge, combine, loop, other.
 * @property {string} title
 * @property {State} state
 * @property {number} created When it was queued, ms.
 * @property {number | null} started
 * @property {number | null} ended
 * @property {number | null} position In the server's queue, 1 for the next one.
 * @property {string | null} stage What it does now.
 * @property {number | null} stageStarted Since when, ms.
 * @property {number} stageStamp The same by the server's clock; tells late messages.
 * @property {string | null} node The node that runs.
 * @property {number} done Steps of the whole clip.
 * @property {number} total
 * @property {{done: number, total: number} | null} part How far a stage without steps is.
 * @property {number} shot
 * @property {number} shots
 * @property {number} generators Nodes in it that sample.
 * @property {string[]} sampled Those of them that have begun or need not.
 * @property {Pace | null} pace
 * @property {number | null} eta Seconds left at `etaAt`.
 * @property {number} etaAt
 * @property {string | null} preview Object URL of the newest preview.
 * @property {Ref | null} clip
 * @property {Failure | null} error
 * @property {boolean} cancelling Whether it was asked to end.
 * @property {any} values What the form held.
 * @property {boolean} adopted Whether it was queued elsewhere: by a graph, another page, the API.
 * @property {Ref | null} picture
 * @property {{seconds: number, stages?: Record<string, number>} | null} estimate
 * @property {any} prompt Null when it is finished: the clip holds it.
 * @property {any} workflow
 */

const ENDED = new Set(["finished", "failed", "cancelled"]);

/**
 * @param {Partial<Job> & {id: string, created: number}} fields What is known.
 * @returns {Job} A queued job.
 */
export function newJob(fields) {
  return {
    kind: "other",
    title: "",
    state: "queued",
    started: null,
    ended: null,
    position: null,
    stage: null,
    stageStarted: null,
    stageStamp: 0,
    node: null,
    done: 0,
    total: 0,
    part: null,
    shot: 1,
    shots: 1,
    generators: generators(fields.prompt).length,
    sampled: [],
    pace: null,
    eta: null,
    etaAt: 0,
    preview: null,
    clip: null,
    error: null,
    cancelling: false,
    values: null,
    adopted: false,
    picture: null,
    estimate: null,
    prompt: null,
    workflow: null,
    ...fields,
  };
}

/** @param {Job} job */
export function isUnfinished({ state }) {
  return state === "queued" || state === "running";
}

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
 * )} Event What was heard of a job, and when (ms).
 */

/**
 * The job after an event. Messages may come twice, late, or not at all: a job that has ended stays
 * so, one that is behind catches up.
 *
 * @param {Job} job The job; it is not changed.
 * @param {Event} event What was heard.
 * @returns {Job} The same object where nothing changes.
 */
export function step(job, event) {
  const { at } = event;
  if (event.type === "ended") return ended(job, event);
  if (ENDED.has(job.state)) {
    if (event.type !== "executed" || job.state !== "finished") return job;
    const clip = better(event.clip, job.clip); // late; of equals the history's stays
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
      return over(job, "finished", at);
    case "interrupted":
      return over(job, "cancelled", at);
    case "error":
      // A node may turn the cancelling into an error of its own.
      if (job.cancelling) return over(job, "cancelled", at);
      return { ...over(job, "failed", at), error: event.error };
    case "queued":
      return queued(job, event.position);
    case "cancelling":
      return job.cancelling === event.on ? job : { ...job, cancelling: event.on };
    case "gone":
      return job.state === event.state ? job : over(job, event.state, at);
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
  return timed({ ...begun, started: job.started ?? at }, at);
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
function over(job, state, at) {
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
    ...over(job, event.state, event.ended ?? job.ended ?? event.at),
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
  if (job.node === node && job.stage !== null) return job; // a repetition, or its stage came first
  const known = stageOfNode(job.prompt, node);
  // What comes behind the last sampling prepares nothing any more.
  const sampled = job.generators > 0 && job.sampled.length >= job.generators;
  const over = sampled && job.total > 0 && job.done >= job.total;
  const stage = known === "prepare" && over ? "save" : known;
  return timed({ ...job, node, stage, stageStarted: at, part: null }, at);
}

/**
 * @param {Job} job
 * @param {Extract<Event, {type: "stage"}>} event
 */
function stage(job, { node, stage: name, shot, shots, stamp, since, at }) {
  if (stamp < job.stageStamp) return job;
  const same = job.node !== node || (job.stage === name && job.shot === shot);
  if (same && stamp === job.stageStamp) return job; // a repetition, perhaps of a node that is over
  const moved = counterOf(job, node, name);
  return timed(
    { ...moved, stage: name, stageStarted: since, stageStamp: stamp, shot, shots, part: null },
    at,
  );
}

/**
 * The job with the counter of steps of a node: each sampling node starts its own.
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
    const pace = paced(here.pace, { node, key, done: value, at });
    return timed({ ...here, done: value, total: max, pace }, at);
  }
  if (job.part?.total === max && value <= job.part.done && job.node === node) return job;
  const part = { done: value, total: max };
  // Steps go on being measured by their own counter.
  const pace = job.total > 0 ? job.pace : paced(job.pace, { node, key, done: value, at });
  return timed({ ...job, node, part, pace }, at);
}
