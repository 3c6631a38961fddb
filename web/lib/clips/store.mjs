// @ts-check
/** The clips in ComfyUI's output folder, the favourites among them, and undoable deletions. */
import { Favourites } from "../comfy/favourites.mjs";
import { browserStorage } from "../comfy/storage.mjs";
import { StoredDeletions } from "./deletions.mjs";
import { clipKey, EVERYTHING } from "./select.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./deletions.mjs").Deletion} Deletion */

/**
 * @typedef {object} Clip
 * @property {string} filename
 * @property {string} subfolder
 * @property {"output"} type
 * @property {number} size Bytes.
 * @property {number} modified Milliseconds since the epoch.
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {number} fps
 * @property {number} frames
 * @property {number} seconds
 * @property {"convert" | "extend" | "bridge" | "combine" | "loop" | "other"} kind
 * @property {string} prompt The composed one, else the one that was typed.
 * @property {string} preset
 * @property {Record<string, any>} settings Those of the form, as far as they are known; "image" is
 *   the still or clip that it starts from, "next" the clip that a bridge leads to.
 * @property {boolean} [workflow] Whether the file carries a graph.
 */

/** Most clips in one request. */
const MOST = 500;

/** Fires "change" whenever clips, favourites or deletions change. */
export class ClipStore extends EventTarget {
  /**
   * @param {Host} host
   * @param {Storage | null} [storage] For undoable deletions.
   */
  constructor(host, storage = browserStorage(host.page, "sessionStorage")) {
    super();
    this.host = host;
    this._favourites = new Favourites(host, "clips", () => this._changed());
    this._stored = new StoredDeletions(storage);
    /** Whether the clips have been read once; a later failure leaves them. */
    this.loaded = false;
    /** Whether there are more clips than are listed. */
    this.more = false;
    /** Why the last load failed, for the user. @type {string | null} */
    this.error = null;
    /** Deletions that can be undone, latest first. @type {Deletion[]} */
    this.deletions = this._stored.read();
    /** The gallery's query, as long as the page is open. @type {import("./select.mjs").Query} */
    this.query = EVERYTHING;
    /** @type {Clip[]} */
    this._clips = [];
    /** @type {Promise<void> | null} */
    this._loading = null;
    this._again = false;
    /** Number of deletions so far: a list read before the last one is outdated. */
    this._deletes = 0;
  }

  /** Keys of the favourites; replaced, never mutated. */
  get favourites() {
    return this._favourites.keys;
  }

  /** @returns {readonly Clip[]} Newest first. */
  all() {
    return this._clips;
  }

  /**
   * @param {{filename: string, subfolder: string, type?: string}} ref A file.
   * @returns {Clip | null} Null where it is no clip of ours, or not loaded yet.
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
   * Reads clips and favourites. It never throws: a failure is in `error`. Called during a load, it
   * loads once more after it.
   *
   * @returns {Promise<void>}
   */
  load() {
    if (this._loading) {
      this._again = true;
      return this._loading;
    }
    this._loading = this._load();
    return this._loading;
  }

  async _load() {
    do {
      this._again = false;
      const deletes = this._deletes;
      try {
        const [answer] = await Promise.all([
          this.host.getJson("/wanderlens/clips"),
          this._favourites.read(), // does not throw
        ]);
        if (deletes !== this._deletes) continue; // it may list deleted ones
        this._clips = answer.clips;
        this.more = answer.more === true;
        this.loaded = true;
        this.error = null;
      } catch (error) {
        this.error = /** @type {Error} */ (error).message;
      }
      this._changed();
    } while (this._again);
    this._loading = null;
  }

  /**
   * @param {{filename: string, subfolder: string}} clip
   * @throws {Error} If it could not be stored; the change is then undone.
   */
  async toggleFavourite(clip) {
    const key = clipKey(clip);
    await this._favourites.put([key], !this.favourites.has(key));
  }

  /**
   * Deletes clips. They can be restored as long as the server runs.
   *
   * @param {readonly Clip[]} clips
   * @returns {Promise<{deleted: Clip[], undo: () => Promise<void>}>}
   * @throws {Error} If not all could be deleted; those that were can be restored.
   */
  async remove(clips) {
    /** @type {Deletion} */
    const deletion = { ids: [], clips: [], starred: [] };
    try {
      for (const part of parts(clips)) {
        const names = part.map(({ filename, subfolder }) => ({ filename, subfolder }));
        const answer = await this.host.postJson("/wanderlens/clips/delete", { clips: names });
        for (const { id, filename, subfolder } of answer.deleted) {
          deletion.ids.push(id);
          deletion.clips.push({ filename, subfolder });
        }
        if (answer.error) throw new Error(answer.error); // it stopped at the first failure
      }
    } catch (error) {
      this._deleted(deletion);
      void this.load(); // the list may differ from what is assumed
      throw error;
    }
    this._deleted(deletion);
    const gone = new Set(deletion.clips.map(clipKey));
    return {
      deleted: clips.filter((clip) => gone.has(clipKey(clip))),
      undo: () => this.undo(deletion),
    };
  }

  /** @param {Deletion} deletion */
  _deleted(deletion) {
    if (!deletion.ids.length) return;
    const keys = deletion.clips.map(clipKey);
    const gone = new Set(keys);
    deletion.starred = keys.filter((key) => this.favourites.has(key));
    this._clips = this._clips.filter((clip) => !gone.has(clipKey(clip)));
    this._deletes += 1;
    if (this._loading) this._again = true;
    this._setDeletions([deletion, ...this.deletions]);
    // ComfyUI reuses free file names: the next clip of that name is no favourite.
    if (deletion.starred.length) this._favourites.put(deletion.starred, false).catch(() => {});
  }

  /**
   * Restores deleted clips.
   *
   * @param {Deletion} [deletion] By default the last one.
   * @throws {Error} If not all could be restored; the rest can be tried again.
   */
  async undo(deletion = this.deletions[0]) {
    if (!deletion) return;
    try {
      while (deletion.ids.length) {
        const ids = deletion.ids.slice(0, MOST);
        const answer = await this.host.postJson("/wanderlens/clips/restore", { ids });
        this._restored(deletion, answer.restored);
        if (answer.restored.length < ids.length) {
          throw new Error(answer.error ?? this.host.t("host.refused", { status: 200 }));
        }
      }
    } finally {
      await this.load();
    }
  }

  /**
   * @param {Deletion} deletion
   * @param {import("./deletions.mjs").Place[]} places The files of the first ones now: names may
   *   have been taken meanwhile.
   */
  _restored(deletion, places) {
    const { clips, starred: keys } = deletion;
    const starred = places.filter((_, at) => keys.includes(clipKey(clips[at])));
    deletion.ids = deletion.ids.slice(places.length);
    deletion.clips = clips.slice(places.length);
    this._setDeletions(this.deletions.filter((each) => each !== deletion || each.ids.length > 0));
    if (starred.length) this._favourites.put(starred.map(clipKey), true).catch(() => {});
  }

  /** @param {Deletion[]} deletions */
  _setDeletions(deletions) {
    this.deletions = deletions;
    this._stored.write(deletions);
    this._changed();
  }

  /** Gives up undoing; the clips stay deleted. */
  forgetDeletions() {
    this._setDeletions([]);
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Splits a list into parts that the server accepts at once.
 *
 * @template T
 * @param {readonly T[]} items
 * @returns {T[][]}
 */
function parts(items) {
  const slices = [];
  for (let at = 0; at < items.length; at += MOST) slices.push(items.slice(at, at + MOST));
  return slices;
}
