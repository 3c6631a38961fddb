// @ts-check
/** What can be brought back, also after the page was loaded again: the server keeps it longer. */

/** @typedef {{filename: string, subfolder: string}} Place */

/**
 * @typedef {object} Deletion Clips that can be brought back.
 * @property {string[]} ids As the server calls them.
 * @property {Place[]} clips The same clips, in the same order.
 * @property {string[]} starred Keys of those that were favourites.
 */

const KEY = "wanderlens.clips.deleted";

export class KeptDeletions {
  /** @param {Storage | null} storage Null where there is none. */
  constructor(storage) {
    this._storage = storage;
  }

  /** @returns {Deletion[]} The last one first. */
  read() {
    try {
      const kept = JSON.parse(this._storage?.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isDeletion) : [];
    } catch {
      return []; // not ours, or the browser gives no storage
    }
  }

  /** @param {readonly Deletion[]} deletions */
  write(deletions) {
    try {
      if (deletions.length) this._storage?.setItem(KEY, JSON.stringify(deletions));
      else this._storage?.removeItem(KEY);
    } catch {
      // No room, or no storage: then only this page knows of them.
    }
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
