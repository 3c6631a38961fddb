// @ts-check
/** Which finished jobs are chosen, in their order, and what for. */

/** Fires "change". */
export class Choice extends EventTarget {
  constructor() {
    super();
    /** @type {string[]} */
    this.ids = [];
    /** The job whose clip is to be led to another one. @type {string | null} */
    this.bridge = null;
  }

  /** @param {string} id Its number from 1; 0 where it is not chosen. */
  numberOf(id) {
    return this.ids.indexOf(id) + 1;
  }

  /** @param {string} id */
  toggle(id) {
    const others = this.ids.filter((each) => each !== id);
    this._set(others.length === this.ids.length ? [...others, id] : others, null);
  }

  /** @param {string} id The first clip of a bridge. */
  startBridge(id) {
    this._set([], id);
  }

  clear() {
    if (this.ids.length || this.bridge !== null) this._set([], null);
  }

  /**
   * Drops jobs that are no longer there.
   *
   * @param {(id: string) => boolean} isThere
   */
  keep(isThere) {
    const ids = this.ids.filter(isThere);
    const bridge = this.bridge !== null && isThere(this.bridge) ? this.bridge : null;
    if (ids.length !== this.ids.length || bridge !== this.bridge) this._set(ids, bridge);
  }

  /**
   * @param {string[]} ids
   * @param {string | null} bridge
   */
  _set(ids, bridge) {
    this.ids = ids;
    this.bridge = bridge;
    this.dispatchEvent(new Event("change"));
  }
}
