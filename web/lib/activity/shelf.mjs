// @ts-check
/** The browser's storage, which may be full or forbidden at any time: nothing here throws. */
import { Memory } from "../comfy/storage.mjs";

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
