// @ts-check
/** Ignores a second press of the same button while the first is handled, and double clicks. */

/** The most time between the presses of a double click, ms. */
const DOUBLE_CLICK = 500;

export class RepeatGuard {
  /** @param {() => number} [now] A monotonic clock, ms. */
  constructor(now = () => performance.now()) {
    this._now = now;
    /** Until when each action is not run again, ms. @type {Map<string, number>} */
    this._until = new Map();
  }

  /**
   * Runs an action, unless it is under way or has only just begun.
   *
   * @template T
   * @param {string} name The action and its object.
   * @param {() => Promise<T> | T} work
   * @param {number} [pause] Least time from one start to the next, ms.
   * @returns {Promise<T | undefined>} Undefined where it was not run.
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
