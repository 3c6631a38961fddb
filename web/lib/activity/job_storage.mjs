// @ts-check
/** Jobs as the browser keeps them: one key each, so that windows do not overwrite each other. */
import { Shelf } from "../comfy/storage.mjs";
import { isUnfinished, newJob } from "./job_state.mjs";

/** @typedef {import("./job_state.mjs").Job} Job */

export const PREFIX = "wanderlens.job.";
const FORGOTTEN = "wanderlens.forgotten";
const VERSION = 1;

/** Ended jobs that are kept, and ids that were removed from the list but may be in the server's. */
const MOST = 200;
const MOST_FORGOTTEN = 500;
/** Jobs that ended without a clip and keep their prompt, to be queued again. */
const MOST_PROMPTS = 30;
/** Characters of all jobs; ComfyUI and other packs need room for theirs (2 MB of about 10). */
const MOST_TEXT = 1_000_000;

const NO_GRAPH = { prompt: null, workflow: null };

export class Records {
  /** @param {Storage | null} storage Where they are kept; null where the browser allows none. */
  constructor(storage) {
    this._shelf = new Shelf(storage);
    /** When each was written last. @type {Map<string, number>} */
    this._written = new Map();
    /** Jobs whose workflow has made room for others. @type {Set<string>} */
    this._light = new Set();
  }

  /** @param {string} id When it was written last, ms; 0 for never. */
  written(id) {
    return this._written.get(id) ?? 0;
  }

  /** @returns {Job[]} All of them, newest first; what cannot be read is left out. */
  load() {
    const keys = this._shelf.keys(PREFIX);
    const jobs = keys.map((key) => this._read(key)).filter((job) => job !== null);
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
   * Keeps a job as it is now, as much of it as there is room for.
   *
   * @param {Job} job
   * @param {number} [now] The time, ms.
   * @returns {boolean} Whether there was room.
   */
  save(job, now = Date.now()) {
    this._written.set(job.id, now);
    // What was queued elsewhere may be a large graph of the user's; the server has it.
    if (job.adopted) return this._fit(job.id, textOf({ ...job, ...NO_GRAPH }));
    const whole = this._light.has(job.id) ? { ...job, workflow: null } : job;
    const forms = [whole, { ...job, workflow: null }, { ...job, ...NO_GRAPH }];
    return forms.some((form) => this._fit(job.id, textOf(form)));
  }

  /**
   * Lets a job go, for ever if it was removed by the user.
   *
   * @param {string} id
   * @param {{forget?: boolean}} [options]
   */
  remove(id, { forget = false } = {}) {
    this._shelf.remove(PREFIX + id);
    this._written.delete(id);
    this._light.delete(id);
    if (!forget) return;
    const ids = [...this._forgotten().filter((each) => each !== id), id];
    this._shelf.write(FORGOTTEN, JSON.stringify(ids.slice(-MOST_FORGOTTEN)));
  }

  /** @param {string} id Whether the user removed it from the list. */
  isForgotten(id) {
    return this._forgotten().includes(id);
  }

  /**
   * Which jobs are more than are kept, and which prompts: those that ended longest ago.
   *
   * @param {Job[]} jobs All.
   * @returns {{jobs: string[], prompts: string[]}} Their ids.
   */
  surplus(jobs) {
    const over = jobs.filter((job) => !isUnfinished(job)).sort((a, b) => endOf(b) - endOf(a));
    const held = over.filter((job) => job.prompt !== null);
    const prompts = held.filter((job, index) => job.clip !== null || index >= MOST_PROMPTS);
    return { jobs: over.slice(MOST).map(idOf), prompts: prompts.map(idOf) };
  }

  /**
   * @param {string} key
   * @returns {Job | null}
   */
  _read(key) {
    try {
      const { version, ...kept } = JSON.parse(this._shelf.read(key) ?? "null");
      if (version !== VERSION || PREFIX + kept.id !== key) return null;
      const job = { ...newJob(kept), preview: null };
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
    try {
      const ids = JSON.parse(this._shelf.read(FORGOTTEN) ?? "[]");
      return Array.isArray(ids) ? ids : [];
    } catch {
      return [];
    }
  }

  /**
   * Keeps a text; what is worth less makes room for it.
   *
   * @param {string} id
   * @param {string} text
   * @returns {boolean} Whether there was room.
   */
  _fit(id, text) {
    if (text.length > MOST_TEXT / 2) return false; // all others would have to go
    const key = PREFIX + id;
    const fits = () => this._size(key) + text.length <= MOST_TEXT && this._shelf.write(key, text);
    if (fits()) return true;
    for (const makeRoom of this._sacrifices(id)) {
      makeRoom();
      if (fits()) return true;
    }
    return false;
  }

  /** @param {string} but The key of a job that does not count. */
  _size(but) {
    const others = this._shelf.keys(PREFIX).filter((key) => key !== but);
    return others.reduce((sum, key) => sum + (this._shelf.read(key)?.length ?? 0), 0);
  }

  /**
   * What can go, the least loss first: workflows, prompts of ended jobs, ended jobs; of each the
   * oldest first.
   *
   * @param {string} but A job that keeps its own.
   * @returns {(() => void)[]}
   */
  _sacrifices(but) {
    const jobs = this.load().filter(({ id }) => id !== but).reverse();
    const ended = jobs.filter((job) => !isUnfinished(job)).sort((a, b) => endOf(a) - endOf(b));
    const write = (/** @type {Job} */ job) => this._shelf.write(PREFIX + job.id, textOf(job));
    return [
      ...jobs.filter(({ workflow }) => workflow !== null).map((job) => () => {
        this._light.add(job.id);
        write({ ...job, workflow: null });
      }),
      ...ended.filter(({ prompt }) => prompt !== null).map((job) => () => {
        write({ ...job, ...NO_GRAPH });
      }),
      ...ended.map(({ id }) => () => this._shelf.remove(PREFIX + id)),
    ];
  }
}

/** @param {Job} job */
function textOf({ preview: _, ...kept }) {
  return JSON.stringify({ version: VERSION, ...kept });
}

/** @param {Job} job */
function idOf({ id }) {
  return id;
}

/** @param {Job} job */
function endOf({ ended, created }) {
  return ended ?? created;
}
