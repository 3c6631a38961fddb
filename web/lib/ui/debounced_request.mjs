// @ts-check
/** Questions to the server as one types: the last one counts, and only it. */

/**
 * @template I, O
 */
export class Live {
  /**
   * @param {(input: I, signal: AbortSignal) => Promise<O>} work Asks.
   * @param {{done: (output: O, input: I) => void, failed: (error: Error, input: I) => void}} show
   *   Told of the answer to the last question; never of an earlier one.
   * @param {number} [delay] Milliseconds without a further question.
   */
  constructor(work, show, delay = 250) {
    this.work = work;
    this.show = show;
    this.delay = delay;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /**
   * @param {I} input
   * @param {boolean} [now] Without waiting for a further question.
   */
  ask(input, now = false) {
    this.stop();
    if (now) void this.run(input);
    else this.timer = setTimeout(() => void this.run(input), this.delay);
  }

  /** Nothing is told any more, until the next question. */
  stop() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  /** @param {I} input */
  async run(input) {
    const running = new AbortController();
    this.running = running;
    try {
      const output = await this.work(input, running.signal);
      if (this.running === running) this.show.done(output, input);
    } catch (error) {
      if (this.running === running) this.show.failed(/** @type {Error} */ (error), input);
    }
  }
}
