// @ts-check
/** The clips that are made: what is asked of the server, and what it knows and tells. */
import { withOwnIds } from "../comfy/host.mjs";
import { listen } from "./api_events.mjs";
import { Ledger } from "./job_store.mjs";
import { Lookout } from "./reconcile.mjs";
import { JobServer } from "./job_api.mjs";
import { isUnfinished, newJob } from "./job_state.mjs";
import { uuid } from "../comfy/uuid.mjs";
import { Watch } from "./poller.mjs";
import { listenToWindow } from "./cross_tab.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./job_state.mjs").Job} Job */

/** Milliseconds between looks: while something is unfinished, and while messages do not come. */
const PERIOD = 5000;
const PERIOD_AWAY = 1000;
/** Failures in a row after which a server that is away is asked less often. */
const PATIENCE = 60;

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

/** The list of the jobs, kept by what the server says, and what is done with them. */
export class Jobs extends Ledger {
  /**
   * @param {Host} host ComfyUI.
   * @param {Storage | null} storage Where jobs are remembered; null where the browser allows none.
   * @param {() => number} [now] The clock, ms.
   */
  constructor(host, storage, now = () => Date.now()) {
    super(storage, now);
    this._host = host;
    this._server = new JobServer(host);
    this._lookout = new Lookout(this._server, this._clock, this._book());
    this._watch = new Watch((recent) => this._look(recent), () => this._period());
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
    this._load();
    this._stops.push(
      listen(this._host, this._ear()),
      listenToWindow(this._host.page?.defaultView ?? null, {
        hear: (id, kept) => this._hearWindow(id, kept),
        close: () => this._keep(),
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

  /**
   * Queues a job.
   *
   * @param {Order} order
   * @returns {Promise<string>} Its id.
   * @throws {import("../comfy/host.mjs").HostError} The server refused it.
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

  /** The same for all that this browser has queued; those of other pages and packs go on. */
  cancelAll() {
    return this._cancel(this.own().map(({ id }) => id));
  }

  /** @returns {Job[]} What this browser has queued and is not finished, newest first. */
  own() {
    return this.all().filter((job) => isUnfinished(job) && !job.adopted);
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
    const kept = job?.prompt ? { prompt: job.prompt, workflow: job.workflow } : null;
    if (kept?.workflow) return kept;
    const content = (await this._server.past(id))?.content;
    return content?.prompt ? content : kept;
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

  /** @param {{in?: number}} [options] How soon, ms. */
  _wake(options) {
    this._watch.soon(options);
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

  /** @returns {import("./reconcile.mjs").Book} */
  _book() {
    return {
      all: () => this.all(),
      get: (id) => this.get(id),
      hear: (id, event) => this._hear(id, event),
      isNew: (id) => this._isNew(id),
      isBare: (id) => this._isBare(id),
      adopt: (id, content, end) => this._adopt(id, content, end),
      now: () => this._now(),
    };
  }

  /** @returns {import("./api_events.mjs").Ear} */
  _ear() {
    return {
      hear: (id, event) => this._hear(id, event),
      see: (id, picture) => this._see(id, picture),
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
}
