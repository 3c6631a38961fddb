// @ts-check
/** Compares the jobs with what the server knows: what messages did not tell is found here. */
import { keyOf } from "../comfy/file_ref.mjs";
import { clipOfJob } from "./match_clip.mjs";
import { stageEvent } from "./api_events.mjs";
import { isUnfinished } from "./job_state.mjs";

/** @typedef {import("./clock.mjs").Clock} Clock */
/** @typedef {import("./job_api.mjs").Content} Content */
/** @typedef {import("./job_api.mjs").JobServer} JobServer */
/** @typedef {import("./job_api.mjs").Past} Past */
/** @typedef {import("./job_api.mjs").Waiting} Waiting */
/** @typedef {import("./job_state.mjs").Event} JobEvent */
/** @typedef {import("./job_state.mjs").Job} Job */

/** An interruption that comes too early is lost on ComfyUI; it is sent again after so long, ms. */
const INTERRUPT_AGAIN = 2000;
/** A request to queue a job takes no longer than this, ms. */
const SENT_WITHIN = 10_000;
/** A job's outputs are in the history shortly after its end, ms. */
const OUTPUTS_WITHIN = 30_000;

/**
 * @typedef {object} Book The jobs.
 * @property {() => Job[]} all
 * @property {(id: string) => Job | null} get
 * @property {(id: string, event: JobEvent) => void} hear Something is known of a job.
 * @property {(id: string) => boolean} isNew Whether nothing is known of a prompt.
 * @property {(id: string) => boolean} isBare Whether it is not known what an unfinished job was
 *   asked.
 * @property {(id: string, content: Content, end?: JobEvent | null) => boolean} adopt Takes a job
 *   in, if it is one of ours; tells whether it is.
 * @property {() => number} now
 */

export class Lookout {
  /**
   * @param {JobServer} server
   * @param {Clock} clock The server's clock.
   * @param {Book} book
   */
  constructor(server, clock, book) {
    this._server = server;
    this._clock = clock;
    this._book = book;
    /** @type {Set<string>} */
    this._sending = new Set();
    /** When each was queued by us, or last seen on the server. @type {Map<string, number>} */
    this._seen = new Map();
    /** @type {Map<string, number>} */
    this._interrupted = new Map();
    /** Since when no message can have been missed. */
    this._complete = 0;
  }

  /** Messages may have been missed until now. */
  missed() {
    this._complete = this._book.now();
  }

  /**
   * A job is on its way to the server, which does not know it yet.
   *
   * @param {string} id
   * @param {Promise<any>} sent Over when the server has it.
   */
  async sending(id, sent) {
    this._sending.add(id);
    try {
      await sent;
      this._seen.set(id, this._book.now());
    } finally {
      this._sending.delete(id);
    }
  }

  /**
   * Takes jobs out of the queue and ends those that run.
   *
   * @param {string[]} ids
   */
  async end(ids) {
    await this._server.remove(ids);
    for (const { id, running } of await this._server.unfinished()) {
      if (running && ids.includes(id)) await this._interrupt(id);
    }
  }

  /** @param {boolean} recent Whether to look for jobs of ours that have ended unseen, too. */
  async look(recent) {
    const { get, hear, now } = this._book;
    const asked = now();
    const waiting = await this._server.unfinished();
    for (const each of waiting) {
      const job = get(each.id);
      if (!job) continue;
      this._seen.set(each.id, asked);
      hear(each.id, this._isWaiting(each));
      if (!job.cancelling) continue;
      if (each.running) await this._interrupt(each.id);
      else await this._server.remove([each.id]); // it came into the queue after it was cancelled
    }
    const lost = await this._lookForMissing(new Set(waiting.map(({ id }) => id)), asked);
    await this._lookForNew(waiting);
    // Before lost jobs are given clips, those that the history gives to others are known.
    if (recent || lost.length) await this._lookForEnded();
    if (lost.length) await this._lookForClips(lost, asked);
  }

  /** What the jobs that run do now. */
  async lookForStages() {
    const { all, hear, now } = this._book;
    if (!all().some(({ state }) => state === "running")) return;
    for (const detail of await this._server.stages()) {
      hear(String(detail.prompt_id), { at: now(), ...stageEvent(detail, this._clock) });
    }
  }

  /**
   * Asks the history of the jobs that the queue no longer has.
   *
   * @param {Set<string>} waiting Jobs that the server has not finished.
   * @param {number} asked When it was asked.
   * @returns {Promise<string[]>} Those that the history has not, either.
   */
  async _lookForMissing(waiting, asked) {
    const { all, hear } = this._book;
    const missing = all().filter((job) => !waiting.has(job.id) && this._isMissing(job, asked));
    const pasts = await this._server.pasts(missing.map(({ id }) => id));
    for (const past of pasts) hear(past.id, this._endOf(past));
    const known = new Set(pasts.map(({ id }) => id));
    return missing.filter((job) => !known.has(job.id) && isUnfinished(job)).map(({ id }) => id);
  }

  /**
   * Whether the server ought to know something of a job that is not in its queue.
   *
   * @param {Job} job
   * @param {number} asked When the queue was asked for.
   */
  _isMissing(job, asked) {
    const { id, state, clip, ended } = job;
    if (this._sending.has(id) || (this._seen.get(id) ?? 0) > asked) return false;
    const late = state === "finished" && !clip && asked - (ended ?? 0) < OUTPUTS_WITHIN;
    return late || isUnfinished(job);
  }

  /**
   * The server no longer knows these jobs: it may have finished them before.
   *
   * @param {string[]} ids
   * @param {number} asked When the queue was asked for.
   */
  async _lookForClips(ids, asked) {
    const { get } = this._book;
    /** @type {Promise<any[]> | null} */
    let listed = null;
    const clips = () => (listed ??= this._server.clips()); // once, however many are missing
    const jobs = ids.map(get).filter((job) => job !== null);
    // As the server makes them, so that a clip goes to the job that was first.
    for (const { id } of jobs.sort(byTurn)) {
      const job = get(id); // what was heard meanwhile counts
      if (!job || !isUnfinished(job) || !this._isMissing(job, asked)) continue;
      if (!this._isOnItsWay(job)) await this._lookForClip(job, clips);
    }
  }

  /**
   * Whether another window may be sending a job just now.
   *
   * @param {Job} job
   */
  _isOnItsWay({ id, state, position, created }) {
    const untold = state === "queued" && position === null && !this._seen.has(id);
    return untold && this._book.now() - created < SENT_WITHIN;
  }

  /**
   * @param {Job} job
   * @param {() => Promise<any[]>} clips Lists our clips.
   */
  async _lookForClip(job, clips) {
    const { all, hear, now } = this._book;
    let clip = job.clip && (await this._server.exists(job.clip)) ? job.clip : null;
    let ended = null;
    if (!clip && !job.cancelling) {
      const list = await clips();
      const taken = new Set(all().flatMap((each) => (each.clip ? [keyOf(each.clip)] : [])));
      const since = this._clock.remote(job.started ?? job.created);
      const found = clipOfJob(job, list, taken, since);
      if (found) ({ clip } = found);
      if (found) ended = this._clock.local(found.modified);
    }
    const at = now();
    if (clip) {
      const times = { started: null, ended, at };
      hear(job.id, { type: "ended", state: "finished", clip, error: null, ...times });
      return;
    }
    // As long as no message can have been missed, it was taken out of the queue somewhere else.
    const removed = job.cancelling || (this._seen.get(job.id) ?? 0) > this._complete;
    hear(job.id, { type: "gone", state: removed ? "cancelled" : "lost", at });
  }

  /** @param {Waiting[]} waiting */
  async _lookForNew(waiting) {
    const { adopt, hear, isBare, isNew } = this._book;
    const news = waiting.filter(({ id }) => isNew(id) || isBare(id));
    if (!news.length) return;
    const contents = await this._server.contents();
    for (const each of news) {
      const content = contents.get(each.id);
      if (content && adopt(each.id, content)) hear(each.id, this._isWaiting(each));
    }
    if (news.some(({ running }) => running)) await this.lookForStages();
  }

  async _lookForEnded() {
    const ended = (await this._server.recent()).filter((id) => this._book.isNew(id));
    for (const past of await this._server.pasts(ended)) {
      this._book.adopt(past.id, past.content, this._endOf(past));
    }
  }

  /**
   * @param {Waiting} waiting
   * @returns {JobEvent}
   */
  _isWaiting({ running, position }) {
    const at = this._book.now();
    return running ? { type: "running", at } : { type: "queued", position, at };
  }

  /**
   * @param {Past} past
   * @returns {JobEvent}
   */
  _endOf({ state, started, ended, clip, error }) {
    const local = (/** @type {number | null} */ time) =>
      time === null ? null : this._clock.local(time);
    const times = { started: local(started), ended: local(ended) };
    return { type: "ended", state, clip, error, ...times, at: this._book.now() };
  }

  /** @param {string} id */
  async _interrupt(id) {
    const now = this._book.now();
    if (now - (this._interrupted.get(id) ?? 0) < INTERRUPT_AGAIN) return;
    this._interrupted.set(id, now);
    await this._server.interrupt(id);
  }
}

/**
 * The order in which the server takes them.
 *
 * @param {Job} a
 * @param {Job} b
 */
function byTurn(a, b) {
  return (a.started ?? Infinity) - (b.started ?? Infinity) || a.created - b.created;
}
