// @ts-check
/** Deletions that can be undone, stored so that they survive a reload of the page. */
import { SafeStorage } from "../comfy/storage.mjs";

/** @typedef {{filename: string, subfolder: string}} Place */

/**
 * @typedef {object} Deletion Clips that can be restored.
 * @property {string[]} ids The server's ids.
 * @property {Place[]} clips The same clips, in the same order.
 * @property {string[]} starred Keys of those that were favourites.
 */

const KEY = "wanderlens.clips.deleted";

export class StoredDeletions {
  /** @param {Storage | null} storage Null where there is none. */
  constructor(storage) {
    this._storage = new SafeStorage(storage);
  }

  /** @returns {Deletion[]} Latest first. */
  read() {
    const stored = this._storage.readJson(KEY);
    return Array.isArray(stored) ? stored.filter(isDeletion) : [];
  }

  /** @param {readonly Deletion[]} deletions */
  write(deletions) {
    if (deletions.length) this._storage.write(KEY, JSON.stringify(deletions));
    else this._storage.remove(KEY);
  }
}

/** @param {any} value */
function isDeletion(value) {
  const { ids, clips, starred } = value ?? {};
  const texts = (/** @type {unknown} */ list) =>
    Array.isArray(list) && list.every((each) => typeof each === "string");
  return texts(ids) && texts(starred) && Array.isArray(clips) && clips.length === ids.length
    && clips.every((each) => texts([each?.filename, each?.subfolder]));
}
