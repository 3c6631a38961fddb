// @ts-check
/** Jobs in the browser's storage: one key each, so that tabs do not overwrite each other. */
import { SafeStorage } from "../comfy/storage.mjs";
import { endOf, isUnfinished, newJob } from "./job.mjs";

/** @typedef {import("./job.mjs").Job} Job */

export const PREFIX = "wanderlens.job.";
const FORGOTTEN = "wanderlens.forgotten";
const VERSION = 1;

/** Most ended jobs, and most ids that the user removed but the server may still list. */
const MOST = 200;
const MOST_FORGOTTEN = 500;
/** Most jobs without a clip that keep their prompt, to be queued again. */
const MOST_PROMPTS = 30;
/** Most characters of all jobs; ComfyUI and other packs share the quota (2 MB of about 10). */
const MOST_TEXT = 1_000_000;

const NO_GRAPH = { prompt: null, workflow: null };

export class JobStorage {
  /** @param {Storage | null} storage Null where the browser allows none. */
  constructor(storage) {
    this._storage = new SafeStorage(storage);
    /** When each was stored last. @type {Map<string, number>} */
    this._written = new Map();
    /** Jobs whose workflow was dropped to make room. @type {Set<string>} */
    this._withoutWorkflow = new Set();
  }

  /**
   * @param {string} id
   * @returns {number} When it was stored last, ms; 0 for never.
   */
  written(id) {
    return this._written.get(id) ?? 0;
  }

  /** @returns {Job[]} All, newest first, without those that cannot be parsed. */
  load() {
    const keys = this._storage.keys(PREFIX);
    const jobs = keys.map((key) => this._read(key)).filter((job) => job !== null);
    return jobs.sort((a, b) => b.created - a.created);
  }

  /**
   * @param {string} id
   * @returns {Job | null} The job as it is stored.
   */
  read(id) {
    return this._read(PREFIX + id);
  }

  /**
   * Stores a job, without its workflow or prompt where there is too little room.
   *
   * @param {Job} job
   * @param {number} [now] Milliseconds.
   * @returns {boolean} Whether it was stored.
   */
  save(job, now = Date.now()) {
    this._written.set(job.id, now);
    // A prompt that was queued elsewhere may be a large graph; the server has it.
    if (job.adopted) return this._fit(job.id, textOf({ ...job, ...NO_GRAPH }));
    const whole = this._withoutWorkflow.has(job.id) ? { ...job, workflow: null } : job;
    const forms = [whole, { ...job, workflow: null }, { ...job, ...NO_GRAPH }];
    return forms.some((form) => this._fit(job.id, textOf(form)));
  }

  /**
   * @param {string} id
   * @param {{forget?: boolean}} [options] `forget` remembers that the user removed it, so that
   *   it is not adopted from the server again.
   */
  remove(id, { forget = false } = {}) {
    this._storage.remove(PREFIX + id);
    this._written.delete(id);
    this._withoutWorkflow.delete(id);
    if (!forget) return;
    const ids = [...this._forgotten().filter((each) => each !== id), id];
    this._storage.write(FORGOTTEN, JSON.stringify(ids.slice(-MOST_FORGOTTEN)));
  }

  /**
   * @param {string} id
   * @returns {boolean} Whether the user removed it from the list.
   */
  isForgotten(id) {
    return this._forgotten().includes(id);
  }

  /**
   * What exceeds the limits: the jobs that ended longest ago.
   *
   * @param {Job[]} jobs All of them.
   * @returns {{jobs: string[], prompts: string[]}} Ids of jobs to drop, and of those to drop the
   *   prompt of.
   */
  surplus(jobs) {
    const ended = jobs.filter((job) => !isUnfinished(job)).sort((a, b) => endOf(b) - endOf(a));
    const withPrompt = ended.filter((job) => job.prompt !== null);
    const prompts = withPrompt.filter((job, index) => job.clip !== null || index >= MOST_PROMPTS);
    return { jobs: ended.slice(MOST).map(idOf), prompts: prompts.map(idOf) };
  }

  /**
   * @param {string} key
   * @returns {Job | null}
   */
  _read(key) {
    try {
      const { version, ...stored } = this._storage.readJson(key) ?? {};
      if (version !== VERSION || PREFIX + stored.id !== key) return null;
      const job = { ...newJob(stored), preview: null };
      const texts = [job.kind, job.title, job.state];
      const sound = typeof job.created === "number" && Array.isArray(job.sampled)
        && texts.every((text) => typeof text === "string");
      return sound ? job : null;
    } catch {
      return null;
    }
  }

  /** @returns {string[]} */
  _forgotten() {
    const ids = this._storage.readJson(FORGOTTEN);
    return Array.isArray(ids) ? ids : [];
  }

  /**
   * Stores a job's text, dropping what is worth less where there is too little room.
   *
   * @param {string} id
   * @param {string} text
   * @returns {boolean} Whether it was stored.
   */
  _fit(id, text) {
    if (text.length > MOST_TEXT / 2) return false; // all others would have to be dropped
    const key = PREFIX + id;
    const fits = () => this._size(key) + text.length <= MOST_TEXT && this._storage.write(key, text);
    if (fits()) return true;
    for (const makeRoom of this._droppable(id)) {
      makeRoom();
      if (fits()) return true;
    }
    return false;
  }

  /**
   * @param {string} but Key of a job that is not counted.
   * @returns {number} Characters of the others.
   */
  _size(but) {
    const others = this._storage.keys(PREFIX).filter((key) => key !== but);
    return others.reduce((sum, key) => sum + (this._storage.read(key)?.length ?? 0), 0);
  }

  /**
   * What can be dropped, the least loss first: workflows, prompts of ended jobs, ended jobs; of
   * each the oldest first.
   *
   * @param {string} but Id of a job that is left as it is.
   * @returns {(() => void)[]} Each drops one thing.
   */
  _droppable(but) {
    const jobs = this.load().filter(({ id }) => id !== but).reverse();
    const ended = jobs.filter((job) => !isUnfinished(job)).sort((a, b) => endOf(a) - endOf(b));
    const write = (/** @type {Job} */ job) => this._storage.write(PREFIX + job.id, textOf(job));
    return [
      ...jobs.filter(({ workflow }) => workflow !== null).map((job) => () => {
        this._withoutWorkflow.add(job.id);
        write({ ...job, workflow: null });
      }),
      ...ended.filter(({ prompt }) => prompt !== null).map((job) => () => {
        write({ ...job, ...NO_GRAPH });
      }),
      ...ended.map(({ id }) => () => this._storage.remove(PREFIX + id)),
    ];
  }
}

/** @param {Job} job */
function textOf({ preview: _, ...stored }) {
  return JSON.stringify({ version: VERSION, ...stored });
}

/** @param {Job} job */
function idOf({ id }) {
  return id;
}
