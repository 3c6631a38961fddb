// @ts-check
/** Which finished jobs are selected: several to combine, or one to bridge from. */

/** Fires "change". */
export class Selection extends EventTarget {
  constructor() {
    super();
    /** Jobs whose clips are to be combined, in this order. @type {string[]} */
    this.ids = [];
    /** The job whose clip a bridge starts from. @type {string | null} */
    this.bridge = null;
  }

  /**
   * @param {string} id
   * @returns {number} Its place from 1; 0 where it is not selected.
   */
  numberOf(id) {
    return this.ids.indexOf(id) + 1;
  }

  /** @param {string} id */
  toggle(id) {
    const others = this.ids.filter((each) => each !== id);
    this._set(others.length === this.ids.length ? [...others, id] : others, null);
  }

  /** @param {string} id Whose clip the bridge starts from. */
  startBridge(id) {
    this._set([], id);
  }

  clear() {
    if (this.ids.length || this.bridge !== null) this._set([], null);
  }

  /**
   * Drops jobs that no longer exist.
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
