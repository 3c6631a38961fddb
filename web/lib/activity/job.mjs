// @ts-check
/** A job: one prompt in ComfyUI's queue that makes a clip, and what is known of it. */
import { generators } from "./prompt.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./eta.mjs").Pace} Pace */
/** @typedef {import("./prompt.mjs").Failure} Failure */

/** @typedef {"queued" | "running" | "finished" | "failed" | "cancelled" | "lost"} State */

/**
 * @typedef {object} Job
 * @property {string} id The prompt's id.
 * @property {string} kind convert, extend, bridge, combine, loop or other.
 * @property {string} title
 * @property {State} state
 * @property {number} created When it was queued, ms.
 * @property {number | null} started
 * @property {number | null} ended
 * @property {number | null} position In the server's queue, 1 for the next one.
 * @property {string | null} stage The stage of the pipeline that runs.
 * @property {number | null} stageStarted When that stage began, ms.
 * @property {number} stageStamp The same by the server's clock, to recognise late messages.
 * @property {string | null} node The node that runs.
 * @property {number} done Sampling steps done, of the whole clip.
 * @property {number} total Sampling steps of the whole clip.
 * @property {{done: number, total: number} | null} part Progress of a stage without sampling
 *   steps.
 * @property {number} shot The segment that is made, from 1. (The server's messages and stored jobs
 *   call segments "shots".)
 * @property {number} shots Segments of the clip.
 * @property {number} generators Nodes in it that sample.
 * @property {string[]} sampled Ids of those that have begun or are cached.
 * @property {Pace | null} pace Speed of the sampling steps.
 * @property {number | null} eta Seconds left at `etaAt`.
 * @property {number} etaAt
 * @property {string | null} preview Object URL of the newest preview.
 * @property {Ref | null} clip
 * @property {Failure | null} error
 * @property {boolean} cancelling Whether it has been cancelled but has not ended.
 * @property {any} values The form's values.
 * @property {boolean} adopted Whether it was queued elsewhere: by a graph, another page, the API.
 * @property {Ref | null} picture Shown until there is a preview.
 * @property {{seconds: number, stages?: Record<string, number>} | null} estimate
 * @property {any} prompt Null once it is finished: the clip's metadata holds it.
 * @property {any} workflow
 */

/**
 * @param {Partial<Job> & {id: string, created: number}} fields The known ones.
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
 * When a job ended; when it was queued, where that is not known.
 *
 * @param {Job} job
 */
export function endOf({ ended, created }) {
  return ended ?? created;
}
