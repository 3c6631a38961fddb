// @ts-check
/** The jobs as this page knows them: what is heard changes them, is remembered and told. */
import { Clock } from "./clock.mjs";
import { generators, isOurs, titleOf } from "./prompt.mjs";
import { Records } from "./job_storage.mjs";
import { isUnfinished, newJob, step } from "./job_state.mjs";

/** @typedef {import("./job_api.mjs").Content} Content */
/** @typedef {import("./job_state.mjs").Job} Job */
/** @typedef {import("./job_state.mjs").Event} JobEvent */

/** Progress is written into the browser's storage at most this often, ms. */
const WRITE_EVERY = 2000;

/**
 * Fires "change" whenever a job changes; its detail is `{id, list}`: which job, and whether the
 * list of the jobs or of their states is another one. Fires "ended", with the job as its detail,
 * when one finishes or fails while the page is open.
 */
export class Ledger extends EventTarget {
  /**
   * @param {Storage | null} storage Where jobs are remembered; null where the browser allows none.
   * @param {() => number} now The clock, ms.
   */
  constructor(storage, now) {
    super();
    this._now = now;
    this._clock = new Clock();
    this._records = new Records(storage);
    /** @type {Map<string, Job>} */
    this._jobs = new Map();
    /** Prompts that are none of ours, or no longer in the list. @type {Set<string>} */
    this._others = new Set();
  }

  /** @returns {Job[]} Newest first. */
  all() {
    return [...this._jobs.values()].sort((a, b) => b.created - a.created);
  }

  /**
   * @param {string} id
   * @returns {Job | null}
   */
  get(id) {
    return this._jobs.get(id) ?? null;
  }

  /**
   * Removes a job that has ended from the list; its clip stays.
   *
   * @param {string} id
   */
  forget(id) {
    const job = this._jobs.get(id);
    if (!job || isUnfinished(job)) return;
    this._records.remove(id, { forget: true });
    this._others.add(id);
    this._drop(id);
  }

  /** Reads what is remembered. */
  _load() {
    for (const job of this._records.load()) this._jobs.set(job.id, job);
  }

  /** Remembers how far the unfinished ones are. */
  _keep() {
    for (const job of this.all().filter(isUnfinished)) this._records.save(job, this._now());
  }

  /**
   * The server is to be asked soon.
   *
   * @param {{in?: number}} [_options] How soon, ms.
   */
  _wake(_options) {}

  /**
   * @param {string} id
   * @param {JobEvent} event
   */
  _hear(id, event) {
    const job = this._jobs.get(id);
    if (!job) {
      if (!this._others.has(id)) this._wake();
      return;
    }
    const next = step(job, event);
    if (next !== job) this._put(next);
  }

  /**
   * @param {string} id
   * @param {Blob} picture A preview.
   */
  _see(id, picture) {
    const job = this._jobs.get(id);
    if (job?.state === "running") this._put({ ...job, preview: URL.createObjectURL(picture) });
  }

  /** @param {string} id Whether nothing is known of a prompt. */
  _isNew(id) {
    return !this._jobs.has(id) && !this._others.has(id) && !this._records.isForgotten(id);
  }

  /** @param {string} id Whether what an unfinished job was asked is not known here. */
  _isBare(id) {
    const job = this._jobs.get(id);
    return job !== undefined && isUnfinished(job) && job.prompt === null;
  }

  /**
   * Takes a job in that was queued somewhere else, if it is one of ours; of one that is known
   * already, what it was asked.
   *
   * @param {string} id
   * @param {Content} content
   * @param {JobEvent | null} [end] Its end, where it has ended.
   */
  _adopt(id, content, end = null) {
    const here = this._jobs.get(id);
    if (here) {
      if (this._isBare(id) && content.prompt) this._put(withContent(here, content));
      return true;
    }
    // Another window of this browser may have queued it, whose word of it is still on its way.
    const kept = this._records.read(id);
    if (!kept && !isOurs(content.prompt)) {
      this._others.add(id);
      return false;
    }
    const job = kept ? withContent(kept, content) : this._adopted(id, content);
    this._put(end ? step(job, end) : job);
    return true;
  }

  /**
   * @param {string} id
   * @param {Content} content
   */
  _adopted(id, { prompt, workflow, created }) {
    const at = created === null ? this._now() : this._clock.local(created);
    const title = titleOf(prompt);
    return newJob({ id, created: at, title, prompt, workflow, adopted: true });
  }

  /**
   * Another window has written a job. What is heard here is newer than what it saw of progress.
   *
   * @param {string} id
   * @param {boolean} kept Whether it is still in the list.
   */
  _hearWindow(id, kept) {
    const here = this._jobs.get(id) ?? null;
    const there = kept ? this._records.read(id) : null;
    if (!there) {
      this._hearRemoved(here);
    } else if (!here || (isUnfinished(here) && !isUnfinished(there))) {
      this._put(there, { keep: true });
    } else if (here.adopted && !there.adopted) {
      // The window that queued it knows more of it.
      const { adopted, kind, title, created, values, picture, estimate } = there;
      this._put({ ...here, adopted, kind, title, created, values, picture, estimate });
    }
  }

  /**
   * Another window has removed a job: the server refused it, or it is no longer in the list.
   *
   * @param {Job | null} job
   */
  _hearRemoved(job) {
    if (!job) return;
    this._drop(job.id, { keep: true });
    if (isUnfinished(job)) this._wake(); // if it is in the queue, that is seen soon
    else this._others.add(job.id);
  }

  /**
   * Sets a job, remembers it and says so.
   *
   * @param {Job} job
   * @param {{keep?: boolean}} [options] Whether the storage is left as it is.
   */
  _put(job, { keep = false } = {}) {
    const { id } = job;
    const before = this._jobs.get(id) ?? null;
    this._jobs.set(id, job);
    if (before?.preview && before.preview !== job.preview) URL.revokeObjectURL(before.preview);
    const other = before?.state !== job.state || before.clip !== job.clip
      || before.adopted !== job.adopted;
    if (!keep && (other || this._now() - this._records.written(id) >= WRITE_EVERY)) {
      this._records.save(job, this._now());
    }
    this._changed(id, other || before.position !== job.position);
    const ends = job.state === "finished" || job.state === "failed";
    const news = before && isUnfinished(before) && ends;
    if (news) this.dispatchEvent(new CustomEvent("ended", { detail: job }));
    // Its outputs were not heard of; the history has them in a moment.
    if (news && job.state === "finished" && !job.clip) this._wake({ in: 500 });
    if (other && !isUnfinished(job)) this._trim();
  }

  /** Lets go of what is too much to remember. */
  _trim() {
    const { jobs, prompts } = this._records.surplus(this.all());
    for (const id of jobs) {
      this._others.add(id); // or the server's list would bring it back
      this._drop(id);
    }
    for (const id of prompts) {
      const job = this._jobs.get(id);
      if (!job) continue;
      const light = { ...job, prompt: null, workflow: null };
      this._jobs.set(id, light);
      this._records.save(light, this._now());
    }
  }

  /**
   * @param {string} id
   * @param {{keep?: boolean}} [options] Whether the storage is left as it is.
   */
  _drop(id, { keep = false } = {}) {
    const job = this._jobs.get(id);
    if (job?.preview) URL.revokeObjectURL(job.preview);
    this._jobs.delete(id);
    if (!keep) this._records.remove(id);
    this._changed(id, true);
  }

  /**
   * @param {string | null} id
   * @param {boolean} list
   */
  _changed(id, list) {
    this.dispatchEvent(new CustomEvent("change", { detail: { id, list } }));
  }
}

/**
 * A job with what it was asked, where it does not know that itself.
 *
 * @param {Job} job
 * @param {Content} content
 * @returns {Job}
 */
function withContent(job, { prompt, workflow }) {
  if (job.prompt !== null || !isUnfinished(job)) return job;
  return { ...job, prompt, workflow, generators: generators(prompt).length };
}
