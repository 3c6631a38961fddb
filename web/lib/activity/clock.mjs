// @ts-check
/** Converts between the server's clock and this machine's, which may differ. */

export class ServerClock {
  constructor() {
    /** How far this machine's clock is ahead, ms. @type {number | null} */
    this._ahead = null;
  }

  /**
   * @param {number} there The server's time in a message, ms.
   * @param {number} here This machine's time when the message came, ms.
   */
  observe(there, here) {
    // Messages can only be late, so the smallest difference is the best estimate.
    const ahead = here - there;
    this._ahead = this._ahead === null ? ahead : Math.min(this._ahead, ahead);
  }

  /** @param {number} there A time by the server's clock. */
  local(there) {
    return there + (this._ahead ?? 0);
  }

  /** @param {number} here A time by this machine's clock. */
  remote(here) {
    return here - (this._ahead ?? 0);
  }
}
