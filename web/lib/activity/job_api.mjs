// @ts-check
/** What ComfyUI's server knows of jobs: by its jobs API, where it has one, by queue and history. */
import { HostError } from "../comfy/host.mjs";
import { clipOf, failureOf } from "./prompt.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./prompt.mjs").Failure} Failure */

/**
 * @typedef {object} Waiting A job that is not finished.
 * @property {string} id
 * @property {boolean} running
 * @property {number | null} position In the queue, 1 for the next one; null for one that runs.
 */

/**
 * @typedef {object} Content What a job was asked.
 * @property {any} prompt
 * @property {any} workflow Null where it came without one.
 * @property {number | null} created By the server's clock, ms.
 */

/**
 * @typedef {object} Past A job that has ended.
 * @property {string} id
 * @property {"finished" | "failed" | "cancelled"} state
 * @property {number | null} started By the server's clock, ms.
 * @property {number | null} ended
 * @property {Ref | null} clip
 * @property {Failure | null} error
 * @property {Content} content
 */

/** Cores from this version on have the jobs API; to ask others for it would be an error there. */
const WITH_JOBS = [0, 8];

/** How many of the jobs that ended last are looked through for ones of ours. */
const RECENT = 64;
/** The same where each comes with its whole prompt, and so often. */
const RECENT_OF_HISTORY = 16;

/** Above so many unknown ones the history is asked for all of them at once. */
const ONE_BY_ONE = 4;

export class JobServer {
  /** @param {Host} host ComfyUI. */
  constructor(host) {
    this._host = host;
    /** @type {boolean | null} */
    this._hasJobs = null;
  }

  /** Looks anew what the server can do; it may be another one after a restart. */
  forgetAbilities() {
    this._hasJobs = null;
  }

  /** @returns {Promise<Waiting[]>} The jobs that are not finished, next one first. */
  async unfinished() {
    const answer = await this._jobs("status=pending,in_progress");
    if (answer === null) return waitingOfQueue(await this._host.getJson("/queue"));
    return waitingOfJobs(answer);
  }

  /** @returns {Promise<string[]>} Ids of the jobs that ended last, newest first. */
  async recent() {
    const answer = await this._jobs(`status=completed,failed&limit=${RECENT}`);
    if (answer !== null) return answer.map((/** @type {any} */ { id }) => String(id));
    const history = await this._host.getJson(`/history?max_items=${RECENT_OF_HISTORY}`);
    return Object.keys(history).reverse();
  }

  /**
   * @param {string} id
   * @returns {Promise<Past | null>} Null where it has not ended or is not known.
   */
  async past(id) {
    const entry = (await this._host.getJson(`/history/${encodeURIComponent(id)}`))?.[id];
    return entry ? pastOf(id, entry) : null;
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<Past[]>} Those that have ended, in the same order.
   */
  async pasts(ids) {
    if (ids.length <= ONE_BY_ONE) {
      const found = await Promise.all(ids.map((id) => this.past(id)));
      return found.filter((past) => past !== null);
    }
    let history = await this._host.getJson(`/history?max_items=${RECENT}`);
    const whole = Object.keys(history).length < RECENT;
    // All of it may be large: only where some of them may be older.
    if (!whole && !ids.every((id) => history[id])) history = await this._host.getJson("/history");
    return ids.filter((id) => history[id]).map((id) => pastOf(id, history[id]));
  }

  /** @returns {Promise<Map<string, Content>>} What the jobs in the queue were asked, by id. */
  async contents() {
    const queue = await this._host.getJson("/queue");
    const items = [...(queue?.queue_running ?? []), ...(queue?.queue_pending ?? [])];
    return new Map(items.map((item) => [String(item[1]), contentOf(item)]));
  }

  /** @returns {Promise<any[]>} The stages that run now; none where the route is not there. */
  async stages() {
    try {
      return (await this._host.getJson("/wanderlens/activity"))?.running ?? [];
    } catch (error) {
      if (error instanceof HostError && error.status > 0) return [];
      throw error;
    }
  }

  /** @returns {Promise<any[]>} Our clips, newest first; none where the route is not there. */
  async clips() {
    try {
      return (await this._host.getJson("/wanderlens/clips"))?.clips ?? [];
    } catch (error) {
      if (error instanceof HostError && error.status > 0) return [];
      throw error;
    }
  }

  /**
   * @param {Ref} ref
   * @returns {Promise<boolean>} Whether the file is there.
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
   * Takes a job out of the queue, if it waits there.
   *
   * @param {string[]} ids
   */
  async remove(ids) {
    await this._host.postJson("/queue", { delete: ids });
  }

  /**
   * Ends a job, if it runs.
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
      // A server that is only starting or overloaded may have one.
      if (!(error instanceof HostError) || error.status < 400 || error.status >= 500) throw error;
      this._hasJobs = false;
      return null;
    }
  }

  /** Whether the server may have the jobs API, by its version. */
  async _mayHaveJobs() {
    const stats = await this._host.getJson("/system_stats");
    const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(stats?.system?.comfyui_version ?? "") ?? [];
    if (major === undefined) return true; // asking will tell
    return Number(major) > WITH_JOBS[0] || Number(minor) >= WITH_JOBS[1];
  }
}

/**
 * @param {any[]} jobs Entries of the jobs API.
 * @returns {Waiting[]}
 */
export function waitingOfJobs(jobs) {
  const pending = jobs.filter(({ status }) => status === "pending");
  pending.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  return [
    ...jobs.filter(({ status }) => status === "in_progress").map(({ id }) => runs(String(id))),
    ...pending.map(({ id }, index) => waits(String(id), index + 1)),
  ];
}

/**
 * @param {any} queue The answer of `/queue`; its list of waiting prompts is a heap.
 * @returns {Waiting[]}
 */
export function waitingOfQueue(queue) {
  const pending = [...(queue?.queue_pending ?? [])].sort((a, b) => a[0] - b[0]);
  return [
    ...(queue?.queue_running ?? []).map((/** @type {any[]} */ item) => runs(String(item[1]))),
    ...pending.map((item, index) => waits(String(item[1]), index + 1)),
  ];
}

const runs = (/** @type {string} */ id) => ({ id, running: true, position: null });

const waits = (/** @type {string} */ id, /** @type {number} */ position) => {
  return { id, running: false, position };
};

/**
 * @param {string} id
 * @param {any} entry An entry of the history.
 * @returns {Past}
 */
export function pastOf(id, entry) {
  /** @type {Record<string, any>} */
  const said = {};
  for (const [name, data] of entry.status?.messages ?? []) said[name] = data;
  const state = said.execution_error
    ? "failed"
    : said.execution_interrupted
      ? "cancelled"
      : entry.status?.status_str === "error"
        ? "failed"
        : "finished";
  const last = said.execution_success ?? said.execution_error ?? said.execution_interrupted;
  return {
    id,
    state,
    started: said.execution_start?.timestamp ?? null,
    ended: last?.timestamp ?? null,
    clip: clipOf(entry.outputs),
    error: state === "failed" ? failureOf(said.execution_error) : null,
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
