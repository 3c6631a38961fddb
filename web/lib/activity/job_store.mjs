// @ts-check
/** The jobs as this page knows them: applies events to them, stores them and reports changes. */
import { ServerClock } from "./clock.mjs";
import { generators, isOurs, titleOf } from "./prompt.mjs";
import { JobStorage } from "./job_storage.mjs";
import { isUnfinished, newJob } from "./job.mjs";
import { applyEvent } from "./job_state.mjs";

/** @typedef {import("./job_api.mjs").Content} Content */
/** @typedef {import("./job.mjs").Job} Job */
/** @typedef {import("./job_state.mjs").Event} JobEvent */

/** Progress is written into the browser's storage at most this often, ms. */
const WRITE_EVERY = 2000;

/**
 * Fires "change" whenever a job changes; its detail is `{id, list}`: which job, and whether the
 * list of the jobs or one's state has changed. Fires "ended", with the job as its detail, when one
 * finishes or fails while the page is open.
 */
export class JobStore extends EventTarget {
  /**
   * @param {Storage | null} storage Null where the browser allows none.
   * @param {() => number} now This machine's clock, ms.
   */
  constructor(storage, now) {
    super();
    this._now = now;
    this._clock = new ServerClock();
    this._storage = new JobStorage(storage);
    /** @type {Map<string, Job>} */
    this._jobs = new Map();
    /** Prompts without our nodes, and removed jobs. @type {Set<string>} */
    this._ignored = new Set();
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
    this._storage.remove(id, { forget: true });
    this._ignored.add(id);
    this._drop(id);
  }

  /** Reads the stored jobs. */
  _load() {
    for (const job of this._storage.load()) this._jobs.set(job.id, job);
  }

  /** Stores the progress of the unfinished ones. */
  _saveUnfinished() {
    for (const job of this.all().filter(isUnfinished)) this._storage.save(job, this._now());
  }

  /**
   * Called when the server should be polled soon.
   *
   * @param {{in?: number}} [_options] How soon, ms.
   */
  _pollSoon(_options) {}

  /**
   * @param {string} id
   * @param {JobEvent} event
   */
  _apply(id, event) {
    const job = this._jobs.get(id);
    if (!job) {
      if (!this._ignored.has(id)) this._pollSoon();
      return;
    }
    const next = applyEvent(job, event);
    if (next !== job) this._put(next);
  }

  /**
   * @param {string} id
   * @param {Blob} picture
   */
  _setPreview(id, picture) {
    const job = this._jobs.get(id);
    if (job?.state === "running") this._put({ ...job, preview: URL.createObjectURL(picture) });
  }

  /** @param {string} id Whether a prompt was never seen. */
  _isUnknown(id) {
    return !this._jobs.has(id) && !this._ignored.has(id) && !this._storage.isForgotten(id);
  }

  /** @param {string} id Whether it is an unfinished job whose prompt is unknown here. */
  _lacksPrompt(id) {
    const job = this._jobs.get(id);
    return job !== undefined && isUnfinished(job) && job.prompt === null;
  }

  /**
   * Adds a job that was queued elsewhere, if it has nodes of ours; to a known one, its prompt.
   *
   * @param {string} id
   * @param {Content} content
   * @param {JobEvent | null} [end] Its end, where it has ended.
   * @returns {boolean} Whether it is one of ours.
   */
  _adopt(id, content, end = null) {
    const here = this._jobs.get(id);
    if (here) {
      if (this._lacksPrompt(id) && content.prompt) this._put(withContent(here, content));
      return true;
    }
    // Another tab may have queued and stored it, whose storage event is still to come.
    const stored = this._storage.read(id);
    if (!stored && !isOurs(content.prompt)) {
      this._ignored.add(id);
      return false;
    }
    const job = stored ? withContent(stored, content) : this._adopted(id, content);
    this._put(end ? applyEvent(job, end) : job);
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
   * Another tab has stored or removed a job. Progress that is known here is newer than what it saw.
   *
   * @param {string} id
   * @param {boolean} isStored False where it was removed.
   */
  _applyOtherTab(id, isStored) {
    const here = this._jobs.get(id) ?? null;
    const there = isStored ? this._storage.read(id) : null;
    if (!there) {
      this._applyRemoval(here);
    } else if (!here || (isUnfinished(here) && !isUnfinished(there))) {
      this._put(there, { save: false });
    } else if (here.adopted && !there.adopted) {
      // The tab that queued it knows more of it.
      const { adopted, kind, title, created, values, picture, estimate } = there;
      this._put({ ...here, adopted, kind, title, created, values, picture, estimate });
    }
  }

  /**
   * Another tab has removed a job: the server refused it, or the user removed it from the list.
   *
   * @param {Job | null} job
   */
  _applyRemoval(job) {
    if (!job) return;
    this._drop(job.id, { save: false });
    if (isUnfinished(job)) this._pollSoon(); // it may be in the queue all the same
    else this._ignored.add(job.id);
  }

  /**
   * Sets a job, stores it and fires the events.
   *
   * @param {Job} job
   * @param {{save?: boolean}} [options] Without `save`, the storage is left as it is.
   */
  _put(job, { save = true } = {}) {
    const { id } = job;
    const before = this._jobs.get(id) ?? null;
    this._jobs.set(id, job);
    if (before?.preview && before.preview !== job.preview) URL.revokeObjectURL(before.preview);
    const changed = before?.state !== job.state || before.clip !== job.clip
      || before.adopted !== job.adopted;
    if (save && (changed || this._now() - this._storage.written(id) >= WRITE_EVERY)) {
      this._storage.save(job, this._now());
    }
    this._changed(id, changed || before.position !== job.position);
    const ends = job.state === "finished" || job.state === "failed";
    const endsNow = before && isUnfinished(before) && ends;
    if (endsNow) this.dispatchEvent(new CustomEvent("ended", { detail: job }));
    // The messages named no output; the history has it in a moment.
    if (endsNow && job.state === "finished" && !job.clip) this._pollSoon({ in: 500 });
    if (changed && !isUnfinished(job)) this._trim();
  }

  /** Drops what exceeds the limits of the storage. */
  _trim() {
    const { jobs, prompts } = this._storage.surplus(this.all());
    for (const id of jobs) {
      this._ignored.add(id); // or the server's list would add it again
      this._drop(id);
    }
    for (const id of prompts) {
      const job = this._jobs.get(id);
      if (!job) continue;
      const light = { ...job, prompt: null, workflow: null };
      this._jobs.set(id, light);
      this._storage.save(light, this._now());
    }
  }

  /**
   * @param {string} id
   * @param {{save?: boolean}} [options] Without `save`, the storage is left as it is.
   */
  _drop(id, { save = true } = {}) {
    const job = this._jobs.get(id);
    if (job?.preview) URL.revokeObjectURL(job.preview);
    this._jobs.delete(id);
    if (save) this._storage.remove(id);
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
 * Fills in an unfinished job's prompt where it has none.
 *
 * @param {Job} job
 * @param {Content} content
 * @returns {Job}
 */
function withContent(job, { prompt, workflow }) {
  if (job.prompt !== null || !isUnfinished(job)) return job;
  return { ...job, prompt, workflow, generators: generators(prompt).length };
}
