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

/** The browser's storage, which may be full or forbidden at any time: nothing here throws. */
export class Shelf {
  /** @param {Storage | null} storage Null where the browser allows none: kept while the page is. */
  constructor(storage) {
    this._storage = storage ?? new Memory();
  }

  /**
   * @param {string} prefix
   * @returns {string[]} The keys that start so.
   */
  keys(prefix) {
    const keys = [];
    try {
      for (let i = 0; i < this._storage.length; i += 1) {
        const key = this._storage.key(i);
        if (key?.startsWith(prefix)) keys.push(key);
      }
    } catch {
      // forbidden since
    }
    return keys;
  }

  /**
   * @param {string} key
   * @returns {string | null}
   */
  read(key) {
    try {
      return this._storage.getItem(key);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} text
   * @returns {boolean} Whether there was room.
   */
  write(key, text) {
    try {
      this._storage.setItem(key, text);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} key */
  remove(key) {
    try {
      this._storage.removeItem(key);
    } catch {
      // forbidden: there is nothing to remove
    }
  }
}
