// @ts-check
/** Reconciles the jobs with the server: finds what its messages did not tell. */
import { keyOf } from "../comfy/file_ref.mjs";
import { matchClip } from "./match_clip.mjs";
import { stageEvent } from "./api_events.mjs";
import { isUnfinished } from "./job.mjs";

/** @typedef {import("./clock.mjs").ServerClock} ServerClock */
/** @typedef {import("./job_api.mjs").Content} Content */
/** @typedef {import("./job_api.mjs").EndedJob} EndedJob */
/** @typedef {import("./job_api.mjs").JobApi} JobApi */
/** @typedef {import("./job_api.mjs").QueuedJob} QueuedJob */
/** @typedef {import("./job_state.mjs").Event} JobEvent */
/** @typedef {import("./job.mjs").Job} Job */

/** ComfyUI ignores an interruption that comes too early; it is sent again after so long, ms. */
const INTERRUPT_AGAIN = 2000;
/** A request to queue a job takes no longer than this, ms. */
const SENT_WITHIN = 10_000;
/** A job's outputs are in the history at most so long after its end, ms. */
const OUTPUTS_WITHIN = 30_000;

/**
 * @typedef {object} Jobs What is read and changed of the store.
 * @property {() => Job[]} all
 * @property {(id: string) => Job | null} get
 * @property {(id: string, event: JobEvent) => void} apply
 * @property {(id: string) => boolean} isUnknown Whether a prompt was never seen.
 * @property {(id: string) => boolean} lacksPrompt Whether it is an unfinished job whose prompt is
 *   unknown.
 * @property {(id: string, content: Content, end?: JobEvent | null) => boolean} adopt Adds a job if
 *   it is one of ours; returns whether it is.
 * @property {() => number} now This machine's clock, ms.
 */

export class Reconciler {
  /**
   * @param {JobApi} api
   * @param {ServerClock} clock
   * @param {Jobs} jobs
   */
  constructor(api, clock, jobs) {
    this._api = api;
    this._clock = clock;
    this._jobs = jobs;
    /** Jobs on their way to the server. @type {Set<string>} */
    this._sending = new Set();
    /** When each was queued by us, or last seen on the server. @type {Map<string, number>} */
    this._seen = new Map();
    /** When each was interrupted last. @type {Map<string, number>} */
    this._interrupted = new Map();
    /** Since when no message can have been missed, ms. */
    this._completeSince = 0;
  }

  /** Messages may have been missed until now. */
  messagesMissed() {
    this._completeSince = this._jobs.now();
  }

  /**
   * Tracks a job that is being sent to the server, which does not know it yet.
   *
   * @param {string} id
   * @param {Promise<any>} sent Resolves when the server has it.
   */
  async sending(id, sent) {
    this._sending.add(id);
    try {
      await sent;
      this._seen.set(id, this._jobs.now());
    } finally {
      this._sending.delete(id);
    }
  }

  /**
   * Removes jobs from the queue and interrupts those that run.
   *
   * @param {string[]} ids
   */
  async cancel(ids) {
    await this._api.remove(ids);
    for (const { id, running } of await this._api.unfinished()) {
      if (running && ids.includes(id)) await this._interrupt(id);
    }
  }

  /** @param {boolean} recent Whether to look for jobs of ours that have ended unseen, too. */
  async reconcile(recent) {
    const { get, apply, now } = this._jobs;
    const asked = now();
    const waiting = await this._api.unfinished();
    for (const each of waiting) {
      const job = get(each.id);
      if (!job) continue;
      this._seen.set(each.id, asked);
      apply(each.id, this._queueEvent(each));
      if (!job.cancelling) continue;
      if (each.running) await this._interrupt(each.id);
      else await this._api.remove([each.id]); // it was queued after it was cancelled
    }
    const lost = await this._resolveMissing(new Set(waiting.map(({ id }) => id)), asked);
    await this._adoptQueued(waiting);
    // After this, the clips that the history gives to other jobs are known.
    if (recent || lost.length) await this._adoptEnded();
    if (lost.length) await this._findClips(lost, asked);
  }

  /** Updates the stages of the jobs that run. */
  async updateStages() {
    const { all, apply, now } = this._jobs;
    if (!all().some(({ state }) => state === "running")) return;
    for (const detail of await this._api.stages()) {
      apply(String(detail.prompt_id), { at: now(), ...stageEvent(detail, this._clock) });
    }
  }

  /**
   * Looks up the jobs in the history that the queue no longer has.
   *
   * @param {Set<string>} waiting Ids of the jobs in the queue.
   * @param {number} asked When the queue was requested.
   * @returns {Promise<string[]>} Ids that the history does not have, either.
   */
  async _resolveMissing(waiting, asked) {
    const { all, apply } = this._jobs;
    const missing = all().filter((job) => !waiting.has(job.id) && this._isMissing(job, asked));
    const endedJobs = await this._api.endedJobs(missing.map(({ id }) => id));
    for (const job of endedJobs) apply(job.id, this._endEvent(job));
    const known = new Set(endedJobs.map(({ id }) => id));
    return missing.filter((job) => !known.has(job.id) && isUnfinished(job)).map(({ id }) => id);
  }

  /**
   * Whether the history should have a job that is not in the queue.
   *
   * @param {Job} job
   * @param {number} asked When the queue was requested.
   */
  _isMissing(job, asked) {
    const { id, state, clip, ended } = job;
    if (this._sending.has(id) || (this._seen.get(id) ?? 0) > asked) return false;
    const late = state === "finished" && !clip && asked - (ended ?? 0) < OUTPUTS_WITHIN;
    return late || isUnfinished(job);
  }

  /**
   * Finds the clips of jobs that the server no longer knows: it may have finished them before a
   * restart.
   *
   * @param {string[]} ids
   * @param {number} asked When the queue was requested.
   */
  async _findClips(ids, asked) {
    const { get } = this._jobs;
    /** @type {Promise<any[]> | null} */
    let listed = null;
    const clips = () => (listed ??= this._api.clips()); // one request for all of them
    const jobs = ids.map(get).filter((job) => job !== null);
    // In the order of the queue, so that a clip goes to the earliest job it can be of.
    for (const { id } of jobs.sort(inQueueOrder)) {
      const job = get(id); // it may have changed meanwhile
      if (!job || !isUnfinished(job) || !this._isMissing(job, asked)) continue;
      if (!this._mayBeInTransit(job)) await this._findClip(job, clips);
    }
  }

  /**
   * Whether another tab may be sending a job just now.
   *
   * @param {Job} job
   */
  _mayBeInTransit({ id, state, position, created }) {
    const unseen = state === "queued" && position === null && !this._seen.has(id);
    return unseen && this._jobs.now() - created < SENT_WITHIN;
  }

  /**
   * @param {Job} job
   * @param {() => Promise<any[]>} clips Lists our clips.
   */
  async _findClip(job, clips) {
    const { all, apply, now } = this._jobs;
    let clip = job.clip && (await this._api.exists(job.clip)) ? job.clip : null;
    let ended = null;
    if (!clip && !job.cancelling) {
      const list = await clips();
      const taken = new Set(all().flatMap((each) => (each.clip ? [keyOf(each.clip)] : [])));
      const since = this._clock.remote(job.started ?? job.created);
      const match = matchClip(job, list, taken, since);
      if (match) ({ clip } = match);
      if (match) ended = this._clock.local(match.modified);
    }
    const at = now();
    if (clip) {
      const times = { started: null, ended, at };
      apply(job.id, { type: "ended", state: "finished", clip, error: null, ...times });
      return;
    }
    // Where no message can have been missed, someone else removed it from the queue.
    const removed = job.cancelling || (this._seen.get(job.id) ?? 0) > this._completeSince;
    apply(job.id, { type: "gone", state: removed ? "cancelled" : "lost", at });
  }

  /** @param {QueuedJob[]} waiting */
  async _adoptQueued(waiting) {
    const { adopt, apply, lacksPrompt, isUnknown } = this._jobs;
    const unknown = waiting.filter(({ id }) => isUnknown(id) || lacksPrompt(id));
    if (!unknown.length) return;
    const contents = await this._api.contents();
    for (const each of unknown) {
      const content = contents.get(each.id);
      if (content && adopt(each.id, content)) apply(each.id, this._queueEvent(each));
    }
    if (unknown.some(({ running }) => running)) await this.updateStages();
  }

  async _adoptEnded() {
    const ended = (await this._api.recentIds()).filter((id) => this._jobs.isUnknown(id));
    for (const job of await this._api.endedJobs(ended)) {
      this._jobs.adopt(job.id, job.content, this._endEvent(job));
    }
  }

  /**
   * @param {QueuedJob} job
   * @returns {JobEvent}
   */
  _queueEvent({ running, position }) {
    const at = this._jobs.now();
    return running ? { type: "running", at } : { type: "queued", position, at };
  }

  /**
   * @param {EndedJob} job
   * @returns {JobEvent}
   */
  _endEvent({ state, started, ended, clip, error }) {
    const local = (/** @type {number | null} */ time) =>
      time === null ? null : this._clock.local(time);
    const times = { started: local(started), ended: local(ended) };
    return { type: "ended", state, clip, error, ...times, at: this._jobs.now() };
  }

  /** @param {string} id */
  async _interrupt(id) {
    const now = this._jobs.now();
    if (now - (this._interrupted.get(id) ?? 0) < INTERRUPT_AGAIN) return;
    this._interrupted.set(id, now);
    await this._api.interrupt(id);
  }
}

/**
 * The order in which the server runs them.
 *
 * @param {Job} a
 * @param {Job} b
 */
function inQueueOrder(a, b) {
  return (a.started ?? Infinity) - (b.started ?? Infinity) || a.created - b.created;
}
