// @ts-check
/** The browser's storage, behind a class that never throws. */

/**
 * @param {Document | undefined} page
 * @param {"localStorage" | "sessionStorage"} [kind] Permanent, or until the browser tab is closed.
 * @returns {Storage | null} Null where there is none or access is denied.
 */
export function browserStorage(page, kind = "localStorage") {
  try {
    return page?.defaultView?.[kind] ?? null;
  } catch {
    return null;
  }
}

/** The part of `Storage` that `SafeStorage` needs, in memory. */
class MemoryStorage {
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
}

/** A storage that may be full or denied at any time: nothing here throws. */
export class SafeStorage {
  /** @param {Storage | null} storage Null keeps the items in memory, for this object alone. */
  constructor(storage) {
    this._storage = storage ?? new MemoryStorage();
  }

  /**
   * @param {Document | undefined} page
   * @param {"localStorage" | "sessionStorage"} [kind]
   */
  static of(page, kind) {
    return new SafeStorage(browserStorage(page, kind));
  }

  /**
   * @param {string} prefix
   * @returns {string[]} The keys that start with it.
   */
  keys(prefix) {
    const keys = [];
    try {
      for (let i = 0; i < this._storage.length; i += 1) {
        const key = this._storage.key(i);
        if (key?.startsWith(prefix)) keys.push(key);
      }
    } catch {
      // denied
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
   * @returns {any} The parsed JSON; null where there is none or it is malformed.
   */
  readJson(key) {
    try {
      return JSON.parse(this.read(key) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} text
   * @returns {boolean} Whether it was stored.
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
      // denied
    }
  }
}
