// @ts-check
/** Jobs on ComfyUI's server: through its jobs API where it has one, else its queue and history. */
import { HostError } from "../comfy/host.mjs";
import { clipOf, failureOf } from "./prompt.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./prompt.mjs").Failure} Failure */

/**
 * @typedef {object} QueuedJob A job that has not ended.
 * @property {string} id
 * @property {boolean} running
 * @property {number | null} position In the queue, from 1; null for one that runs.
 */

/**
 * @typedef {object} Content What was queued.
 * @property {any} prompt
 * @property {any} workflow Null where it came without one.
 * @property {number | null} created By the server's clock, ms.
 */

/**
 * @typedef {object} EndedJob
 * @property {string} id
 * @property {"finished" | "failed" | "cancelled"} state
 * @property {number | null} started By the server's clock, ms.
 * @property {number | null} ended
 * @property {Ref | null} clip
 * @property {Failure | null} error
 * @property {Content} content
 */

/** The first version with the jobs API; asking an older one would be logged as an error there. */
const WITH_JOBS = [0, 8];

/** How many of the jobs that ended last are searched for ones of ours. */
const RECENT = 64;
/** The same where each comes with its whole prompt. */
const RECENT_OF_HISTORY = 16;

/** More jobs than these are asked for in one request for the history. */
const ONE_BY_ONE = 4;

export class JobApi {
  /** @param {Host} host */
  constructor(host) {
    this._host = host;
    /** @type {boolean | null} */
    this._hasJobs = null;
  }

  /** Tests again for the jobs API: after a restart it may be another version. */
  redetect() {
    this._hasJobs = null;
  }

  /** @returns {Promise<QueuedJob[]>} The jobs that have not ended, next one first. */
  async unfinished() {
    const answer = await this._jobs("status=pending,in_progress");
    if (answer === null) return queuedFromQueue(await this._host.getJson("/queue"));
    return queuedFromJobs(answer);
  }

  /** @returns {Promise<string[]>} Ids of the jobs that ended last, newest first. */
  async recentIds() {
    const answer = await this._jobs(`status=completed,failed&limit=${RECENT}`);
    if (answer !== null) return answer.map((/** @type {any} */ { id }) => String(id));
    const history = await this._host.getJson(`/history?max_items=${RECENT_OF_HISTORY}`);
    return Object.keys(history).reverse();
  }

  /**
   * @param {string} id
   * @returns {Promise<EndedJob | null>} Null where it has not ended or is unknown.
   */
  async endedJob(id) {
    const entry = (await this._host.getJson(`/history/${encodeURIComponent(id)}`))?.[id];
    return entry ? endedJobOf(id, entry) : null;
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<EndedJob[]>} Those that have ended, in the same order.
   */
  async endedJobs(ids) {
    if (ids.length <= ONE_BY_ONE) {
      const jobs = await Promise.all(ids.map((id) => this.endedJob(id)));
      return jobs.filter((job) => job !== null);
    }
    let history = await this._host.getJson(`/history?max_items=${RECENT}`);
    const whole = Object.keys(history).length < RECENT;
    // The whole history may be large: only where some of them may be older.
    if (!whole && !ids.every((id) => history[id])) history = await this._host.getJson("/history");
    return ids.filter((id) => history[id]).map((id) => endedJobOf(id, history[id]));
  }

  /** @returns {Promise<Map<string, Content>>} The prompts of the jobs in the queue, by id. */
  async contents() {
    const queue = await this._host.getJson("/queue");
    const items = [...(queue?.queue_running ?? []), ...(queue?.queue_pending ?? [])];
    return new Map(items.map((item) => [String(item[1]), contentOf(item)]));
  }

  /** @returns {Promise<any[]>} The stages that run now; none without our route. */
  async stages() {
    return (await this._ours("/wanderlens/activity"))?.running ?? [];
  }

  /** @returns {Promise<any[]>} Our clips, newest first; none without our route. */
  async clips() {
    return (await this._ours("/wanderlens/clips"))?.clips ?? [];
  }

  /**
   * @param {string} route
   * @returns {Promise<any>} The answer of a route of ours; null where the server refuses it.
   */
  async _ours(route) {
    try {
      return await this._host.getJson(route);
    } catch (error) {
      if (error instanceof HostError && error.status > 0) return null;
      throw error;
    }
  }

  /**
   * @param {Ref} ref
   * @returns {Promise<boolean>} Whether the file exists.
   */
  async exists({ filename, subfolder, type }) {
    try {
      const query = new URLSearchParams({ filename, subfolder, type });
      await this._host.request(`/view?${query}`, { method: "HEAD", cache: "no-store" });
      return true;
    } catch (error) {
      if (error instanceof HostError && error.status > 0) return false;
      throw error;
    }
  }

  /**
   * Removes jobs from the queue; those that run go on.
   *
   * @param {string[]} ids
   */
  async remove(ids) {
    await this._host.postJson("/queue", { delete: ids });
  }

  /**
   * Interrupts a job, if it runs.
   *
   * @param {string} id
   */
  async interrupt(id) {
    await this._host.postJson("/interrupt", { prompt_id: id });
  }

  /**
   * @param {string} query
   * @returns {Promise<any[] | null>} Null where there is no jobs API.
   */
  async _jobs(query) {
    this._hasJobs ??= await this._mayHaveJobs();
    if (!this._hasJobs) return null;
    try {
      const answer = await this._host.getJson(`/jobs?${query}`);
      if (!Array.isArray(answer?.jobs)) throw new HostError("no jobs API", 404);
      return answer.jobs;
    } catch (error) {
      // One that is starting or overloaded (5xx) may have it.
      if (!(error instanceof HostError) || error.status < 400 || error.status >= 500) throw error;
      this._hasJobs = false;
      return null;
    }
  }

  /** Whether the server's version has the jobs API; true where it is unknown. */
  async _mayHaveJobs() {
    const stats = await this._host.getJson("/system_stats");
    const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(stats?.system?.comfyui_version ?? "") ?? [];
    if (major === undefined) return true;
    return Number(major) > WITH_JOBS[0] || Number(minor) >= WITH_JOBS[1];
  }
}

/**
 * @param {any[]} jobs Entries of the jobs API.
 * @returns {QueuedJob[]}
 */
export function queuedFromJobs(jobs) {
  const pending = jobs.filter(({ status }) => status === "pending");
  pending.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  return [
    ...jobs.filter(({ status }) => status === "in_progress")
      .map(({ id }) => runningJob(String(id))),
    ...pending.map(({ id }, index) => pendingJob(String(id), index + 1)),
  ];
}

/**
 * @param {any} queue The answer of `/queue`; its list of waiting prompts is a heap.
 * @returns {QueuedJob[]}
 */
export function queuedFromQueue(queue) {
  const pending = [...(queue?.queue_pending ?? [])].sort((a, b) => a[0] - b[0]);
  return [
    ...(queue?.queue_running ?? []).map((/** @type {any[]} */ item) => runningJob(String(item[1]))),
    ...pending.map((item, index) => pendingJob(String(item[1]), index + 1)),
  ];
}

const runningJob = (/** @type {string} */ id) => ({ id, running: true, position: null });

const pendingJob = (/** @type {string} */ id, /** @type {number} */ position) => {
  return { id, running: false, position };
};

/**
 * @param {string} id
 * @param {any} entry An entry of the history.
 * @returns {EndedJob}
 */
export function endedJobOf(id, entry) {
  /** @type {Record<string, any>} */
  const messages = {};
  for (const [name, data] of entry.status?.messages ?? []) messages[name] = data;
  const state = messages.execution_error
    ? "failed"
    : messages.execution_interrupted
      ? "cancelled"
      : entry.status?.status_str === "error"
        ? "failed"
        : "finished";
  const { execution_success: success, execution_error: failure } = messages;
  const last = success ?? failure ?? messages.execution_interrupted;
  return {
    id,
    state,
    started: messages.execution_start?.timestamp ?? null,
    ended: last?.timestamp ?? null,
    clip: clipOf(entry.outputs),
    error: state === "failed" ? failureOf(messages.execution_error) : null,
    content: contentOf(entry.prompt ?? []),
  };
}

/**
 * @param {any[]} item A prompt as queue and history hold it.
 * @returns {Content}
 */
function contentOf(item) {
  const extra = item[3] ?? {};
  return {
    prompt: item[2] ?? null,
    workflow: extra.extra_pnginfo?.workflow ?? null,
    created: typeof extra.create_time === "number" ? extra.create_time : null,
  };
}
