// @ts-check
/** What the browser remembers for us, where it does. */

/**
 * The browser's storage.
 *
 * @param {Document | undefined} page
 * @param {"localStorage" | "sessionStorage"} [kind] For good, or until the browser's tab is closed.
 * @returns {Storage | null} Null where there is none or it is forbidden.
 */
export function storageOf(page, kind = "localStorage") {
  try {
    return page?.defaultView?.[kind] ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {Document} page
 * @param {string} key
 * @returns {string | null} What is remembered; null for nothing.
 */
export function remembered(page, key) {
  try {
    return storageOf(page)?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

/**
 * Remembers a text; where the browser has no room or no storage, it does not.
 *
 * @param {Document} page
 * @param {string} key
 * @param {string} text
 */
export function remember(page, key, text) {
  try {
    storageOf(page)?.setItem(key, text);
  } catch {
    // Full or forbidden: the next time starts as the first one did.
  }
}

/** A storage for as long as the page is open. */
export class Memory {
  constructor() {
    /** @type {Map<string, string>} */
    this._items = new Map();
  }

  get length() {
    return this._items.size;
  }

  /** @param {number} index */
  key(index) {
    return [...this._items.keys()][index] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return this._items.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  setItem(key, text) {
    this._items.set(key, text);
  }

  /** @param {string} key */
  removeItem(key) {
    this._items.delete(key);
  }

  clear() {
    this._items.clear();
  }
}
