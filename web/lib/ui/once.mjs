// @ts-check
/** What a second press is not to do a second time. */

/** The presses of a double click are so far apart, ms: what the first does may be over by then. */
const DOUBLE_CLICK = 500;

export class Once {
  /** @param {() => number} [now] A clock that only goes on, ms. */
  constructor(now = () => performance.now()) {
    this._now = now;
    /** Until when each is not done again. @type {Map<string, number>} */
    this._until = new Map();
  }

  /**
   * Does something, unless it is being done now or has only just begun.
   *
   * @template T
   * @param {string} name What it is, and to what.
   * @param {() => Promise<T> | T} work
   * @param {number} [pause] From one beginning to the next at least so long, ms.
   * @returns {Promise<T | undefined>} Undefined where it was not done.
   */
  async run(name, work, pause = DOUBLE_CLICK) {
    const begun = this._now();
    if ((this._until.get(name) ?? 0) > begun) return undefined;
    for (const [each, until] of this._until) if (until <= begun) this._until.delete(each);
    this._until.set(name, Infinity);
    try {
      return await work();
    } finally {
      this._until.set(name, begun + pause);
    }
  }
}
