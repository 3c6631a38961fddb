// @ts-check
/** The list of jobs, kept in step with the server, and what can be done with them. */
import { withOwnIds } from "../comfy/host.mjs";
import { listenToApi } from "./api_events.mjs";
import { JobStore } from "./job_store.mjs";
import { Reconciler } from "./reconcile.mjs";
import { JobApi } from "./job_api.mjs";
import { isUnfinished, newJob } from "./job.mjs";
import { uuid } from "../comfy/uuid.mjs";
import { Poller } from "./poller.mjs";
import { listenToTabs } from "./cross_tab.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./job.mjs").Job} Job */

/** Milliseconds between polls: while jobs are unfinished, and while no messages come. */
const PERIOD = 5000;
const PERIOD_AWAY = 1000;
/** Failures in a row after which an unreachable server is polled less often. */
const MAX_FAST_RETRIES = 60;

/**
 * @typedef {object} JobRequest A job to queue.
 * @property {string} kind
 * @property {string} title
 * @property {any} prompt In API format.
 * @property {any} workflow The same in the editor's format.
 * @property {any} [values] The form's values.
 * @property {Ref | null} [picture]
 * @property {Job["estimate"]} [estimate]
 */

export class Jobs extends JobStore {
  /**
   * @param {Host} host
   * @param {Storage | null} storage Null where the browser allows none.
   * @param {() => number} [now] This machine's clock, ms.
   */
  constructor(host, storage, now = () => Date.now()) {
    super(storage, now);
    this._host = host;
    this._api = new JobApi(host);
    this._reconciler = new Reconciler(this._api, this._clock, this._jobAccess());
    this._poller = new Poller((recent) => this._poll(recent), () => this._period());
    this._connected = true;
    /** Whether the server answers; a single failed poll does not count. */
    this.answers = true;
    /** @type {(() => void)[]} */
    this._stops = [];
  }

  /** Reads the stored jobs, polls the server and listens to it from now on. */
  start() {
    this.stop();
    this._reconciler.messagesMissed();
    this._load();
    this._stops.push(
      listenToApi(this._host, this._handlers()),
      listenToTabs(this._host.page?.defaultView ?? null, {
        onJob: (id, isStored) => this._applyOtherTab(id, isStored),
        onClose: () => this._saveUnfinished(),
      }),
    );
    this._poller.start();
    this._changed(null, true);
    void this._poller.now({ recent: true });
  }

  /** Stops polling and listening; the stored jobs stay. */
  stop() {
    for (const stop of this._stops.splice(0)) stop();
    this._poller.stop();
  }

  /**
   * Queues a job.
   *
   * @param {JobRequest} request
   * @returns {Promise<string>} Its id.
   * @throws {import("../comfy/host.mjs").HostError} The server refused it.
   */
  async submit(request) {
    const { kind, title, workflow } = request;
    const prompt = withOwnIds(request.prompt); // messages name its nodes by these ids
    const { values = null, picture = null, estimate = null } = request;
    const id = uuid();
    const created = this._now();
    const fields = { id, created, kind, title, prompt, workflow, values, picture, estimate };
    this._put(newJob(fields));
    try {
      await this._reconciler.sending(id, this._host.queue({ prompt, workflow, promptId: id }));
    } catch (error) {
      this._drop(id);
      throw error;
    }
    this._poller.soon();
    return id;
  }

  /**
   * Removes a job from the queue, or interrupts it.
   *
   * @param {string} id
   */
  cancel(id) {
    return this._cancel([id]);
  }

  /** Cancels all jobs that this browser has queued; those of other pages and packs go on. */
  cancelAll() {
    return this._cancel(this.own().map(({ id }) => id));
  }

  /** @returns {Job[]} The unfinished jobs that this browser has queued, newest first. */
  own() {
    return this.all().filter((job) => isUnfinished(job) && !job.adopted);
  }

  /**
   * Queues a job again and drops the old one.
   *
   * @param {string} id
   * @returns {Promise<string | null>} The new id; null where the prompt is no longer known.
   */
  async again(id) {
    const job = this._jobs.get(id);
    const content = await this.content(id);
    if (!job || !content) return null;
    const { kind, title, values, picture, estimate } = job;
    const { prompt, workflow } = content;
    const newId = await this.submit({ kind, title, prompt, workflow, values, picture, estimate });
    this.forget(id);
    return newId;
  }

  /**
   * The prompt and the workflow of a job.
   *
   * @param {string} id
   * @returns {Promise<{prompt: any, workflow: any} | null>} Null where they are no longer known.
   */
  async content(id) {
    const job = this._jobs.get(id);
    const stored = job?.prompt ? { prompt: job.prompt, workflow: job.workflow } : null;
    if (stored?.workflow) return stored;
    const content = (await this._api.endedJob(id))?.content;
    return content?.prompt ? content : stored;
  }

  /** @param {string[]} ids */
  async _cancel(ids) {
    const unfinished = ids.filter((id) => {
      const job = this._jobs.get(id);
      return job && isUnfinished(job);
    });
    if (!unfinished.length) return;
    const set = (/** @type {boolean} */ on) => {
      for (const id of unfinished) this._apply(id, { type: "cancelling", on, at: this._now() });
    };
    set(true);
    try {
      await this._reconciler.cancel(unfinished);
    } catch (error) {
      set(false);
      throw error;
    }
    await this._poller.now();
  }

  /** @param {{in?: number}} [options] How soon, ms. */
  _pollSoon(options) {
    this._poller.soon(options);
  }

  /** @param {boolean} recent Whether to look for jobs of ours that have ended unseen, too. */
  async _poll(recent) {
    await this._reconciler.reconcile(recent);
    if (recent || !this._connected) await this._reconciler.updateStages();
  }

  /** @returns {number | null} Milliseconds until the next poll; null for none. */
  _period() {
    const answers = this._poller.failures < 2;
    if (answers !== this.answers) {
      this.answers = answers;
      this._changed(null, true);
    }
    if (!this._connected || this._poller.failures) {
      return this._poller.failures > MAX_FAST_RETRIES ? PERIOD : PERIOD_AWAY;
    }
    const unfinished = [...this._jobs.values()].filter(isUnfinished);
    if (unfinished.some(({ cancelling }) => cancelling)) return PERIOD_AWAY;
    return unfinished.length ? PERIOD : null;
  }

  /** @returns {import("./reconcile.mjs").Jobs} */
  _jobAccess() {
    return {
      all: () => this.all(),
      get: (id) => this.get(id),
      apply: (id, event) => this._apply(id, event),
      isUnknown: (id) => this._isUnknown(id),
      lacksPrompt: (id) => this._lacksPrompt(id),
      adopt: (id, content, end) => this._adopt(id, content, end),
      now: () => this._now(),
    };
  }

  /** @returns {import("./api_events.mjs").Handlers} */
  _handlers() {
    return {
      onEvent: (id, event) => this._apply(id, event),
      onPreview: (id, picture) => this._setPreview(id, picture),
      onQueueChange: () => this._poller.soon({ recent: true }),
      onConnection: (connected) => {
        this._connected = connected;
        this._reconciler.messagesMissed();
        if (connected) this._api.redetect();
        this._poller.soon({ recent: connected });
      },
      runningJob: () => {
        const running = [...this._jobs.values()].filter(({ state }) => state === "running");
        return running.length === 1 ? running[0].id : null;
      },
      clock: this._clock,
      now: this._now,
    };
  }
}
