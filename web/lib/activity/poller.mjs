// @ts-check
/** Looks again and again, as often as there is need, and never twice at a time. */

import { HostError } from "../comfy/host.mjs";

/** How soon to look after a message that something changed: several come together. */
const SOON = 150;

export class Watch {
  /**
   * @param {(recent: boolean) => Promise<void>} look Looks; told whether to look through the jobs
   *   that have ended, too.
   * @param {() => number | null} period Milliseconds until the next look; null for none.
   */
  constructor(look, period) {
    this._look = look;
    this._period = period;
    /** @type {any} */
    this._timer = null;
    this._due = Infinity;
    this._recent = false;
    /** @type {Promise<void> | null} */
    this._looking = null;
    this._stopped = true;
    /** Looks in a row that failed. */
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
   * Looks soon.
   *
   * @param {{recent?: boolean, in?: number}} [options] What to look through, and when, ms.
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
   * Looks now; after the look that is under way, if there is one.
   *
   * @param {{recent?: boolean}} [options]
   * @returns {Promise<void>} Over when it has looked; a failure is only counted.
   */
  async now({ recent = false } = {}) {
    this._recent ||= recent;
    clearTimeout(this._timer);
    this._due = Infinity;
    while (this._looking) await this._looking;
    this._looking = this._try();
    await this._looking;
  }

  async _try() {
    const recent = this._recent;
    this._recent = false;
    try {
      await this._look(recent);
      this.failures = 0;
    } catch (error) {
      // The server is away or starting; the next look tries again.
      if (!(error instanceof HostError)) console.error(error);
      this._recent ||= recent;
      this.failures += 1;
    } finally {
      this._looking = null;
    }
    const wait = this._period();
    if (wait !== null) this.soon({ in: wait });
  }
}
