// @ts-check
/** What the user has starred: keys of one kind, in a file that other kinds share. */
import { changeUserFile } from "./user_file.mjs";

/** @typedef {import("./host.mjs").Host} Host */

const FILE = "favourites.json";

export class Favourites {
  /**
   * @param {Host} host
   * @param {string} kind Under which key of the file they stand.
   * @param {() => void} changed Told when a star is set or taken here.
   */
  constructor(host, kind, changed) {
    this._host = host;
    this._kind = kind;
    this._changed = changed;
    /** @type {ReadonlySet<string>} Replaced, never changed. */
    this.keys = new Set();
    /** Whether the file has been read; without it there may be more than are known. */
    this.known = false;
    this._changes = 0;
    /** @type {Promise<unknown>} Settles when all that is changed has been written. */
    this._written = Promise.resolve();
  }

  /**
   * Reads them anew. It never throws: where the file cannot be read, what was known stays. What is
   * changed meanwhile counts before what was read.
   */
  async read() {
    for (;;) {
      const changes = this._changes;
      await this._written;
      const file = await this._host.readUserFile(FILE).catch(() => undefined);
      if (changes !== this._changes) continue;
      if (file === undefined) return;
      this.keys = new Set(keysOf(file?.[this._kind]));
      this.known = true;
      return;
    }
  }

  /**
   * Sets stars or takes them; it shows at once.
   *
   * @param {readonly string[]} keys
   * @param {boolean} on
   * @throws {Error} If it could not be kept; it is then as it was.
   */
  async put(keys, on) {
    const before = this.keys;
    this._changes += 1;
    this._show(keys, () => on);
    const written = changeUserFile(this._host, FILE, this._kind, (kept) => {
      const others = keysOf(kept).filter((key) => !keys.includes(key));
      return on ? [...others, ...keys] : others;
    });
    this._written = Promise.allSettled([this._written, written]);
    try {
      await written;
    } catch (error) {
      this._show(keys, (key) => before.has(key));
      throw error;
    }
  }

  /**
   * @param {readonly string[]} keys
   * @param {(key: string) => boolean} isOn
   */
  _show(keys, isOn) {
    const next = new Set(this.keys);
    for (const key of keys) {
      if (isOn(key)) next.add(key);
      else next.delete(key);
    }
    this.keys = next;
    this._changed();
  }
}

/**
 * @param {unknown} value What the file holds.
 * @returns {string[]}
 */
function keysOf(value) {
  return Array.isArray(value) ? value.filter((key) => typeof key === "string") : [];
}
