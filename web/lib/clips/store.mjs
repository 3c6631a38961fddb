// @ts-check
/** Our clips in ComfyUI's output folder, and which of them are favourites. */
import { changeUserFile } from "../user_file.mjs";
import { clipKey, EVERYTHING } from "./select.mjs";

/** @typedef {import("../host.mjs").Host} Host */

/**
 * @typedef {object} Clip
 * @property {string} filename
 * @property {string} subfolder
 * @property {"output"} type
 * @property {number} size Bytes.
 * @property {number} modified Milliseconds of the epoch.
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {number} fps
 * @property {number} frames
 * @property {number} seconds
 * @property {"convert" | "extend" | "bridge" | "combine" | "loop" | "other"} kind
 * @property {string} prompt Composed, or as typed.
 * @property {string} preset
 * @property {Record<string, any>} settings Those of the form, as far as they are known; "image" is
 *   the picture or clip that it starts with, "next" the clip that it leads to.
 * @property {boolean} [workflow] Whether the file carries a graph.
 */

/** @typedef {{ids: string[], clips: Clip[]}} Deletion Clips that can be brought back. */

const FAVOURITES_FILE = "favourites.json";
const FAVOURITES_KEY = "clips";
/** Clips in one request. */
const MOST = 500;

/** Fires "change" whenever clips, favourites or deletions are others. */
export class ClipStore extends EventTarget {
  /** @param {Host} host */
  constructor(host) {
    super();
    this.host = host;
    /** @type {Set<string>} Keys of the favourites; replaced, never changed. */
    this.favourites = new Set();
    /** Whether clips are there; a later failure leaves them there. */
    this.loaded = false;
    /** Whether there are more clips than are listed. */
    this.more = false;
    /** @type {string | null} Why the last load failed, for people. */
    this.error = null;
    /** @type {Deletion[]} What can be brought back, the last one first. */
    this.deletions = [];
    /** @type {import("./select.mjs").Query} What is searched for, as long as the page is open. */
    this.query = EVERYTHING;
    /** @type {Clip[]} */
    this._clips = [];
    /** @type {Promise<void> | null} */
    this._loading = null;
    this._again = false;
  }

  /** @returns {readonly Clip[]} The newest first. */
  all() {
    return this._clips;
  }

  /**
   * @param {{filename: string, subfolder: string, type?: string}} ref A file.
   * @returns {Clip | null} Null where it is none of our clips, or not loaded yet.
   */
  find(ref) {
    if (ref.type && ref.type !== "output") return null;
    const key = clipKey(ref);
    return this._clips.find((clip) => clipKey(clip) === key) ?? null;
  }

  /** @param {{filename: string, subfolder: string}} clip */
  isFavourite(clip) {
    return this.favourites.has(clipKey(clip));
  }

  /**
   * Reads clips and favourites anew. It never throws: what failed stands in `error`. Called while
   * it reads, it reads once more when it is done.
   *
   * @returns {Promise<void>}
   */
  load() {
    if (this._loading) {
      this._again = true;
      return this._loading;
    }
    this._loading = this._load().finally(() => {
      this._loading = null;
    });
    return this._loading;
  }

  async _load() {
    do {
      this._again = false;
      try {
        const [answer, kept] = await Promise.all([
          this.host.getJson("/wanderlens/clips"),
          // Without the favourites there are still the clips.
          this.host.readUserFile(FAVOURITES_FILE).catch(() => undefined),
        ]);
        this._clips = answer.clips;
        this.more = answer.more === true;
        if (kept !== undefined) this.favourites = new Set(keysOf(kept?.[FAVOURITES_KEY]));
        this.loaded = true;
        this.error = null;
      } catch (error) {
        this.error = /** @type {Error} */ (error).message;
      }
      this._changed();
    } while (this._again);
  }

  /**
   * @param {{filename: string, subfolder: string}} clip
   * @throws {Error} If it could not be kept; it is then as it was.
   */
  async toggleFavourite(clip) {
    const key = clipKey(clip);
    const on = !this.favourites.has(key);
    this._setFavourite(key, on);
    try {
      await changeUserFile(this.host, FAVOURITES_FILE, FAVOURITES_KEY, (kept) => {
        const others = keysOf(kept).filter((each) => each !== key);
        return on ? [...others, key] : others;
      });
    } catch (error) {
      this._setFavourite(key, !on);
      throw error;
    }
  }

  /**
   * @param {string} key
   * @param {boolean} on
   */
  _setFavourite(key, on) {
    const favourites = new Set(this.favourites);
    if (on) favourites.add(key);
    else favourites.delete(key);
    this.favourites = favourites;
    this._changed();
  }

  /**
   * Deletes clips. They can be brought back until the server ends.
   *
   * @param {readonly Clip[]} clips
   * @returns {Promise<{deleted: Clip[], undo: () => Promise<void>}>} What is gone.
   * @throws {Error} If not all could be deleted; those that were can be brought back.
   */
  async remove(clips) {
    /** @type {Deletion} */
    const deletion = { ids: [], clips: [] };
    try {
      for (const part of parts(clips)) {
        const names = part.map(({ filename, subfolder }) => ({ filename, subfolder }));
        const answer = await this.host.postJson("/wanderlens/clips/delete", { clips: names });
        /** @type {{id: string, filename: string, subfolder: string}[]} */
        const entries = answer.deleted;
        const gone = new Set(entries.map(clipKey));
        deletion.ids.push(...entries.map(({ id }) => id));
        deletion.clips.push(...part.filter((clip) => gone.has(clipKey(clip))));
      }
    } catch (error) {
      void this.load(); // the list may be another than is thought
      throw error;
    } finally {
      this._deleted(deletion);
    }
    return { deleted: deletion.clips, undo: () => this.undo(deletion) };
  }

  /** @param {Deletion} deletion */
  _deleted(deletion) {
    if (!deletion.ids.length) return;
    const gone = new Set(deletion.clips.map(clipKey));
    this._clips = this._clips.filter((clip) => !gone.has(clipKey(clip)));
    this.deletions = [deletion, ...this.deletions];
    this._changed();
  }

  /**
   * Brings deleted clips back.
   *
   * @param {Deletion} [deletion] Which; the last one where none is named.
   * @throws {Error} If not all could be brought back.
   */
  async undo(deletion = this.deletions[0]) {
    if (!deletion) return;
    try {
      for (const ids of parts(deletion.ids)) {
        await this.host.postJson("/wanderlens/clips/restore", { ids });
        deletion.ids = deletion.ids.filter((id) => !ids.includes(id));
      }
      this.deletions = this.deletions.filter((each) => each !== deletion);
    } finally {
      await this.load();
    }
  }

  /** Forgets what was deleted; it stays deleted. */
  forgetDeletions() {
    this.deletions = [];
    this._changed();
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {unknown} value What a file holds.
 * @returns {string[]}
 */
function keysOf(value) {
  return Array.isArray(value) ? value.filter((key) => typeof key === "string") : [];
}

/**
 * As much as the server takes at once.
 *
 * @template T
 * @param {readonly T[]} items
 * @returns {T[][]}
 */
function parts(items) {
  const found = [];
  for (let at = 0; at < items.length; at += MOST) found.push(items.slice(at, at + MOST));
  return found;
}
