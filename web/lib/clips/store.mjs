// @ts-check
/** Our clips in ComfyUI's output folder, and which of them are favourites. */
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

/** Clips in one request. */
const MOST = 500;

/** Fires "change" whenever clips, favourites or deletions are others. */
export class ClipStore extends EventTarget {
  /**
   * @param {Host} host
   * @param {Storage | null} [storage] Keeps what can be brought back; the browser tab's.
   */
  constructor(host, storage = browserStorage(host.page, "sessionStorage")) {
    super();
    this.host = host;
    this._favourites = new Favourites(host, "clips", () => this._changed());
    this._stored = new StoredDeletions(storage);
    /** Whether clips are there; a later failure leaves them there. */
    this.loaded = false;
    /** Whether there are more clips than are listed. */
    this.more = false;
    /** @type {string | null} Why the last load failed, for people. */
    this.error = null;
    /** @type {Deletion[]} What can be brought back, the last one first. */
    this.deletions = this._stored.read();
    /** @type {import("./select.mjs").Query} What is searched for, as long as the page is open. */
    this.query = EVERYTHING;
    /** @type {Clip[]} */
    this._clips = [];
    /** @type {Promise<void> | null} */
    this._loading = null;
    this._again = false;
    /** How often clips were deleted: what was read before is old. */
    this._deletes = 0;
  }

  /** Keys of the favourites; replaced, never changed. */
  get favourites() {
    return this._favourites.keys;
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
          this._favourites.read(), // without them there are still the clips
        ]);
        if (deletes !== this._deletes) continue; // it may list what is gone
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
   * @throws {Error} If it could not be kept; it is then as it was.
   */
  async toggleFavourite(clip) {
    const key = clipKey(clip);
    await this._favourites.put([key], !this.favourites.has(key));
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
    const deletion = { ids: [], clips: [], starred: [] };
    try {
      for (const part of parts(clips)) {
        const names = part.map(({ filename, subfolder }) => ({ filename, subfolder }));
        const answer = await this.host.postJson("/wanderlens/clips/delete", { clips: names });
        for (const { id, filename, subfolder } of answer.deleted) {
          deletion.ids.push(id);
          deletion.clips.push({ filename, subfolder });
        }
        if (answer.error) throw new Error(answer.error); // it stopped half-way
      }
    } catch (error) {
      this._deleted(deletion);
      void this.load(); // the list may be another than is thought
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
    // ComfyUI gives a name that is free to the next clip, which nobody has starred.
    if (deletion.starred.length) this._favourites.put(deletion.starred, false).catch(() => {});
  }

  /**
   * Brings deleted clips back.
   *
   * @param {Deletion} [deletion] Which; the last one where none is named.
   * @throws {Error} If not all could be brought back; those that are left can be tried again.
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
   * @param {import("./deletions.mjs").Place[]} places Where the first ones of it are now: another
   *   clip may have taken a name.
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

  /** Forgets what was deleted; it stays deleted. */
  forgetDeletions() {
    this._setDeletions([]);
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
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
