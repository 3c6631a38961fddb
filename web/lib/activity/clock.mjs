// @ts-check
/** The server's clock, which may be another one than this machine's. */

export class Clock {
  constructor() {
    /** How far this machine's is ahead, ms. @type {number | null} */
    this._ahead = null;
  }

  /**
   * A message told the server's time.
   *
   * @param {number} there The server's time, ms.
   * @param {number} here This machine's, when the message came.
   */
  hear(there, here) {
    // Messages can only be late, so the smallest difference is the truest.
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
