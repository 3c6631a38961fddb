// @ts-check
/** Requests while the user types: only the last one is sent and only its answer counts. */

/**
 * @template I, O
 */
export class DebouncedRequest {
  /**
   * @param {(input: I, signal: AbortSignal) => Promise<O>} send
   * @param {{done: (output: O, input: I) => void, failed: (error: Error, input: I) => void}
   *   } handlers Called for the last request, never for an earlier one.
   * @param {number} [delay] Milliseconds without a further request before one is sent.
   */
  constructor(send, handlers, delay = 250) {
    this.send = send;
    this.handlers = handlers;
    this.delay = delay;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /**
   * @param {I} input
   * @param {boolean} [now] Without the delay.
   */
  ask(input, now = false) {
    this.stop();
    if (now) void this.run(input);
    else this.timer = setTimeout(() => void this.run(input), this.delay);
  }

  /** Aborts: no handler is called until the next request. */
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
      const output = await this.send(input, running.signal);
      if (this.running === running) this.handlers.done(output, input);
    } catch (error) {
      if (this.running === running) this.handlers.failed(/** @type {Error} */ (error), input);
    }
  }
}
