// @ts-check
/** The clips that are made: what the browser remembers, what the server knows, what it tells. */
import { withOwnIds } from "../host.mjs";
import { Clock } from "./clock.mjs";
import { listen } from "./hearing.mjs";
import { Lookout } from "./lookout.mjs";
import { isOurs, titleOf } from "./prompt.mjs";
import { Records } from "./records.mjs";
import { JobServer } from "./server.mjs";
import { isUnfinished, newJob, step } from "./states.mjs";
import { uuid } from "./uuid.mjs";
import { Watch } from "./watch.mjs";
import { listenToWindow } from "./windows.mjs";

/** @typedef {import("../host.mjs").Host} Host */
/** @typedef {import("../refs.mjs").Ref} Ref */
/** @typedef {import("./server.mjs").Content} Content */
/** @typedef {import("./states.mjs").Job} Job */
/** @typedef {import("./states.mjs").Event} JobEvent */

/** Milliseconds between looks: while something is unfinished, and while messages do not come. */
const PERIOD = 5000;
const PERIOD_AWAY = 1000;
/** Failures in a row after which a server that is away is asked less often. */
const PATIENCE = 60;
/** Progress is written into the browser's storage at most this often, ms. */
const WRITE_EVERY = 2000;

/**
 * @typedef {object} Order A job to queue.
 * @property {string} kind
 * @property {string} title
 * @property {any} prompt In API format.
 * @property {any} workflow The same as a workflow.
 * @property {any} [values] What the form held.
 * @property {Ref | null} [picture]
 * @property {Job["estimate"]} [estimate]
 */

/**
 * Fires "change" whenever a job changes; its detail is `{id, list}`: which job, and whether the
 * list of the jobs or of their states is another one. Fires "ended", with the job as its detail,
 * when one finishes or fails while the page is open.
 */
export class Jobs extends EventTarget {
  /**
   * @param {Host} host ComfyUI.
   * @param {Storage | null} storage Where jobs are remembered; null where the browser allows none.
   * @param {() => number} [now] The clock, ms.
   */
  constructor(host, storage, now = () => Date.now()) {
    super();
    this._host = host;
    this._now = now;
    this._clock = new Clock();
    this._records = new Records(storage);
    this._server = new JobServer(host);
    this._lookout = new Lookout(this._server, this._clock, this._book());
    this._watch = new Watch((recent) => this._look(recent), () => this._period());
    /** @type {Map<string, Job>} */
    this._jobs = new Map();
    /** Prompts that have no node of ours. @type {Set<string>} */
    this._others = new Set();
    this._connected = true;
    /** Whether the server answers; a single failure says little. */
    this.answers = true;
    /** @type {(() => void)[]} */
    this._stops = [];
  }

  /** Reads what is remembered, asks the server and listens to it from now on. */
  start() {
    this.stop();
    this._lookout.missed();
    for (const job of this._records.load()) this._jobs.set(job.id, job);
    this._stops.push(
      listen(this._host, this._ear()),
      listenToWindow(this._host.page?.defaultView ?? null, {
        hear: (id, kept) => this._hearWindow(id, kept),
        close: () => this.all().filter(isUnfinished).forEach((job) => this._records.save(job)),
      }),
    );
    this._watch.start();
    this._changed(null, true);
    void this._watch.now({ recent: true });
  }

  /** Lets go of everything; what is remembered stays. */
  stop() {
    for (const stop of this._stops.splice(0)) stop();
    this._watch.stop();
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
   * Queues a job.
   *
   * @param {Order} order
   * @returns {Promise<string>} Its id.
   * @throws {import("../host.mjs").HostError} The server refused it.
   */
  async submit(order) {
    const { kind, title, workflow } = order;
    const prompt = withOwnIds(order.prompt); // under these its nodes are told of
    const { values = null, picture = null, estimate = null } = order;
    const id = uuid();
    const created = this._now();
    const fields = { id, created, kind, title, prompt, workflow, values, picture, estimate };
    this._put(newJob(fields));
    try {
      await this._lookout.sending(id, this._host.queue({ prompt, workflow, promptId: id }));
    } catch (error) {
      this._drop(id);
      throw error;
    }
    this._watch.soon();
    return id;
  }

  /**
   * Takes a job out of the queue or ends it.
   *
   * @param {string} id
   */
  cancel(id) {
    return this._cancel([id]);
  }

  /**
   * The same for all of ours; those of other packs go on, and where the server has several users
   * those that were queued elsewhere.
   */
  cancelAll() {
    const several = Boolean(this._host.api?.user);
    const jobs = [...this._jobs.values()].filter(({ adopted }) => !(several && adopted));
    return this._cancel(jobs.map(({ id }) => id));
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
    this._drop(id);
  }

  /**
   * Queues a job once more; it takes the place of the old one.
   *
   * @param {string} id
   * @returns {Promise<string | null>} Its new id; null where its prompt is gone.
   */
  async again(id) {
    const job = this._jobs.get(id);
    const content = await this.content(id);
    if (!job || !content) return null;
    const { kind, title, values, picture, estimate } = job;
    const { prompt, workflow } = content;
    const made = await this.submit({ kind, title, prompt, workflow, values, picture, estimate });
    this.forget(id);
    return made;
  }

  /**
   * What a job was asked.
   *
   * @param {string} id
   * @returns {Promise<{prompt: any, workflow: any} | null>} Null where nobody knows it any more.
   */
  async content(id) {
    const job = this._jobs.get(id);
    if (job?.prompt) return { prompt: job.prompt, workflow: job.workflow };
    const content = (await this._server.past(id))?.content;
    return content?.prompt ? content : null;
  }

  /** @param {string[]} ids */
  async _cancel(ids) {
    const asked = ids.filter((id) => {
      const job = this._jobs.get(id);
      return job && isUnfinished(job);
    });
    if (!asked.length) return;
    const set = (/** @type {boolean} */ on) => {
      for (const id of asked) this._hear(id, { type: "cancelling", on, at: this._now() });
    };
    set(true);
    try {
      await this._lookout.end(asked);
    } catch (error) {
      set(false);
      throw error;
    }
    await this._watch.now();
  }

  /** @param {boolean} recent Whether to look for jobs of ours that have ended unseen, too. */
  async _look(recent) {
    await this._lookout.look(recent);
    if (recent || !this._connected) await this._lookout.lookForStages();
  }

  /** @returns {number | null} */
  _period() {
    const answers = this._watch.failures < 2;
    if (answers !== this.answers) {
      this.answers = answers;
      this._changed(null, true);
    }
    if (!this._connected || this._watch.failures) {
      return this._watch.failures > PATIENCE ? PERIOD : PERIOD_AWAY;
    }
    const unfinished = [...this._jobs.values()].filter(isUnfinished);
    if (unfinished.some(({ cancelling }) => cancelling)) return PERIOD_AWAY;
    return unfinished.length ? PERIOD : null;
  }

  /**
   * Takes a job in that was queued somewhere else, if it is one of ours.
   *
   * @param {string} id
   * @param {Content} content
   * @param {JobEvent | null} [end] Its end, where it has ended.
   */
  _adopt(id, { prompt, workflow, created }, end = null) {
    if (this._jobs.has(id)) return false;
    if (!isOurs(prompt)) {
      this._others.add(id);
      return false;
    }
    const title = titleOf(prompt);
    const at = created === null ? this._now() : this._clock.local(created);
    const job = newJob({ id, created: at, title, prompt, workflow, adopted: true });
    this._put(end ? step(job, end) : job);
    return true;
  }

  /** @returns {import("./lookout.mjs").Book} */
  _book() {
    return {
      all: () => this.all(),
      get: (id) => this.get(id),
      hear: (id, event) => this._hear(id, event),
      isNew: (id) =>
        !this._jobs.has(id) && !this._others.has(id) && !this._records.isForgotten(id),
      adopt: (id, content, end) => this._adopt(id, content, end),
      now: () => this._now(),
    };
  }

  /**
   * @param {string} id
   * @param {JobEvent} event
   */
  _hear(id, event) {
    const job = this._jobs.get(id);
    if (!job) {
      if (!this._others.has(id)) this._watch.soon();
      return;
    }
    const next = step(job, event);
    if (next !== job) this._put(next);
  }

  /** @returns {import("./hearing.mjs").Ear} */
  _ear() {
    return {
      hear: (id, event) => this._hear(id, event),
      see: (id, picture) => {
        const job = this._jobs.get(id);
        if (job?.state === "running") this._put({ ...job, preview: URL.createObjectURL(picture) });
      },
      change: () => this._watch.soon({ recent: true }),
      connection: (connected) => {
        this._connected = connected;
        this._lookout.missed();
        if (connected) this._server.forgetAbilities();
        this._watch.soon({ recent: connected });
      },
      running: () => {
        const running = [...this._jobs.values()].filter(({ state }) => state === "running");
        return running.length === 1 ? running[0].id : null;
      },
      clock: this._clock,
      now: this._now,
    };
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
      // One that the server refused, or that was removed; if it is in the queue, that is seen soon.
      if (here) this._drop(id, { keep: true });
      if (here && isUnfinished(here)) this._watch.soon();
    } else if (!here || (isUnfinished(here) && !isUnfinished(there))) {
      this._put(there, { keep: true });
    }
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
    const other = before?.state !== job.state || before.clip !== job.clip;
    if (!keep && (other || this._now() - this._records.written(id) >= WRITE_EVERY)) {
      this._records.save(job, this._now());
    }
    if (other && !isUnfinished(job)) this._trim();
    this._changed(id, other || before.position !== job.position);
    const ends = job.state === "finished" || job.state === "failed";
    const news = before && isUnfinished(before) && ends;
    if (news) this.dispatchEvent(new CustomEvent("ended", { detail: this._jobs.get(id) ?? job }));
    // Its outputs were not heard of; the history has them in a moment.
    if (news && job.state === "finished" && !job.clip) this._watch.soon({ in: 500 });
  }

  /** Lets go of what is too much to remember. */
  _trim() {
    const { jobs, prompts } = this._records.surplus(this.all());
    for (const id of jobs) {
      this._drop(id);
      this._others.add(id); // or the server's list would bring it back
    }
    for (const id of prompts) {
      const job = this._jobs.get(id);
      if (!job) continue;
      const light = { ...job, prompt: null, workflow: null };
      this._jobs.set(id, light);
      this._records.save(light);
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
