// @ts-check
/** Jobs as the browser keeps them: one key each, so that windows do not overwrite each other. */
import { Memory } from "../storage.mjs";
import { isUnfinished, newJob } from "./states.mjs";

/** @typedef {import("./states.mjs").Job} Job */

export const PREFIX = "wanderlens.job.";
const FORGOTTEN = "wanderlens.forgotten";
const VERSION = 1;

/** Jobs that are kept, and ids that were removed from the list but may be in the server's. */
const MOST = 200;
const MOST_FORGOTTEN = 500;
/** Jobs that ended without a clip and keep their prompt, to be queued again. */
const MOST_PROMPTS = 30;

export class Records {
  /** @param {Storage | null} storage Where they are kept; null where the browser allows none. */
  constructor(storage) {
    this._storage = storage ?? new Memory();
    /** When each was written last. @type {Map<string, number>} */
    this._written = new Map();
  }

  /** @param {string} id When it was written last, ms; 0 for never. */
  written(id) {
    return this._written.get(id) ?? 0;
  }

  /** @returns {Job[]} All of them, newest first; what cannot be read is left out. */
  load() {
    const jobs = this._keys().map((key) => this._read(key)).filter((job) => job !== null);
    return jobs.sort((a, b) => b.created - a.created);
  }

  /**
   * @param {string} id
   * @returns {Job | null} The job as it is kept.
   */
  read(id) {
    return this._read(PREFIX + id);
  }

  /**
   * Keeps a job as it is now.
   *
   * @param {Job} job
   * @param {number} [now] The time, ms.
   * @returns {boolean} Whether there was room.
   */
  save(job, now = Date.now()) {
    this._written.set(job.id, now);
    const { preview: _, ...kept } = job;
    // What was queued elsewhere may be a large graph of the user's; the server has it.
    const asked = job.adopted ? { prompt: null, workflow: null } : {};
    const text = JSON.stringify({ version: VERSION, ...kept, ...asked });
    for (const make of [() => {}, () => this._dropPrompts(job.id), () => this._dropHalf(job.id)]) {
      make();
      if (this._write(PREFIX + job.id, text)) return true;
    }
    return false;
  }

  /**
   * Lets a job go, for ever if it was removed by the user.
   *
   * @param {string} id
   * @param {{forget?: boolean}} [options]
   */
  remove(id, { forget = false } = {}) {
    this._storage.removeItem(PREFIX + id);
    this._written.delete(id);
    if (!forget) return;
    const ids = [...this._forgotten().filter((each) => each !== id), id];
    this._write(FORGOTTEN, JSON.stringify(ids.slice(-MOST_FORGOTTEN)));
  }

  /** @param {string} id Whether the user removed it from the list. */
  isForgotten(id) {
    return this._forgotten().includes(id);
  }

  /**
   * Which jobs are more than are kept, and which prompts.
   *
   * @param {Job[]} jobs All, newest first.
   * @returns {{jobs: string[], prompts: string[]}} Their ids.
   */
  surplus(jobs) {
    const when = (/** @type {Job} */ job) => job.ended ?? job.created;
    const over = jobs.filter((job) => !isUnfinished(job)).sort((a, b) => when(b) - when(a));
    const old = over.slice(MOST).map(({ id }) => id);
    const held = jobs.filter((job) => !isUnfinished(job) && job.prompt !== null);
    const prompts = held.filter((job, index) => job.clip !== null || index >= MOST_PROMPTS);
    return { jobs: old, prompts: prompts.map(({ id }) => id) };
  }

  _keys() {
    const keys = [];
    for (let i = 0; i < this._storage.length; i += 1) {
      const key = this._storage.key(i);
      if (key?.startsWith(PREFIX)) keys.push(key);
    }
    return keys;
  }

  /**
   * @param {string} key
   * @returns {Job | null}
   */
  _read(key) {
    try {
      const { version, ...kept } = JSON.parse(this._storage.getItem(key) ?? "null");
      if (version !== VERSION || PREFIX + kept.id !== key) return null;
      if (typeof kept.created !== "number") return null;
      return { ...newJob(kept), preview: null };
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  _write(key, text) {
    try {
      this._storage.setItem(key, text);
      return true;
    } catch {
      return false; // the storage is full, or the browser allows none
    }
  }

  /** @returns {string[]} */
  _forgotten() {
    try {
      const ids = JSON.parse(this._storage.getItem(FORGOTTEN) ?? "[]");
      return Array.isArray(ids) ? ids : [];
    } catch {
      return [];
    }
  }

  /** @param {string} but A job that keeps its own. */
  _dropPrompts(but) {
    for (const job of this.load()) {
      if (job.id === but || isUnfinished(job) || job.prompt === null) continue;
      const { preview: _, ...kept } = { ...job, prompt: null, workflow: null };
      this._write(PREFIX + job.id, JSON.stringify({ version: VERSION, ...kept }));
    }
  }

  /** @param {string} but A job that stays. */
  _dropHalf(but) {
    const ended = this.load().filter((job) => job.id !== but && !isUnfinished(job));
    for (const { id } of ended.slice(ended.length >> 1)) this._storage.removeItem(PREFIX + id);
  }
}
