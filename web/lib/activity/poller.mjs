// @ts-check
/** Polls at a varying period, never twice at a time. */

import { HostError } from "../comfy/host.mjs";

/** Milliseconds from a message that something changed to the poll: messages come in bursts. */
const SOON = 150;

export class Poller {
  /**
   * @param {(recent: boolean) => Promise<void>} poll `recent` is whether to go through the jobs
   *   that have ended, too.
   * @param {() => number | null} period Milliseconds until the next poll; null for none.
   */
  constructor(poll, period) {
    this._poll = poll;
    this._period = period;
    /** @type {any} */
    this._timer = null;
    this._due = Infinity;
    this._recent = false;
    /** @type {Promise<void> | null} */
    this._polling = null;
    this._stopped = true;
    /** Polls in a row that failed. */
    this.failures = 0;
  }

  start() {
    this._stopped = false;
  }

  stop() {
    this._stopped = true;
    clearTimeout(this._timer);
    this._due = Infinity;
  }

  /**
   * Polls soon; an earlier one that is scheduled stays.
   *
   * @param {{recent?: boolean, in?: number}} [options] `in` is how soon, ms.
   */
  soon({ recent = false, in: wait = SOON } = {}) {
    this._recent ||= recent;
    const due = Date.now() + wait;
    if (this._stopped || due >= this._due) return;
    clearTimeout(this._timer);
    this._due = due;
    this._timer = setTimeout(() => void this.now(), wait);
  }

  /**
   * Polls now, or after the poll that is under way.
   *
   * @param {{recent?: boolean}} [options]
   * @returns {Promise<void>} Resolves when it has polled; a failure is only counted.
   */
  async now({ recent = false } = {}) {
    this._recent ||= recent;
    clearTimeout(this._timer);
    this._due = Infinity;
    while (this._polling) await this._polling;
    this._polling = this._try();
    await this._polling;
  }

  async _try() {
    const recent = this._recent;
    this._recent = false;
    try {
      await this._poll(recent);
      this.failures = 0;
    } catch (error) {
      // The server is away or starting; the next poll tries again.
      if (!(error instanceof HostError)) console.error(error);
      this._recent ||= recent;
      this.failures += 1;
    } finally {
      this._polling = null;
    }
    const wait = this._period();
    if (wait !== null) this.soon({ in: wait });
  }
}
