// @ts-check
/** Favourites of one kind, stored as keys in a file that all kinds share. */
import { changeUserFile } from "./user_file.mjs";

/** @typedef {import("./host.mjs").Host} Host */

const FILE = "favourites.json";

export class Favourites {
  /**
   * @param {Host} host
   * @param {string} kind Their key in the file.
   * @param {() => void} changed Called when favourites change here.
   */
  constructor(host, kind, changed) {
    this._host = host;
    this._kind = kind;
    this._changed = changed;
    /** Replaced, never mutated. @type {ReadonlySet<string>} */
    this.keys = new Set();
    /** Whether the file has been read; until then there may be more. */
    this.known = false;
    this._changes = 0;
    /** Resolves when all changes are written. @type {Promise<unknown>} */
    this._written = Promise.resolve();
  }

  /**
   * Reads the file. It never throws: where the file cannot be read, the known ones stay. Changes
   * that are made meanwhile override what was read.
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
   * Adds favourites or removes them; `keys` changes at once.
   *
   * @param {readonly string[]} keys
   * @param {boolean} on
   * @throws {Error} If it could not be stored; the change is then undone.
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
 * @param {unknown} value Of the file.
 * @returns {string[]}
 */
function keysOf(value) {
  return Array.isArray(value) ? value.filter((key) => typeof key === "string") : [];
}
