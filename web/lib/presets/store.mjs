// @ts-check
/** The presets: ours and the user's own, and which of them are favourites. */
import { fileOf, nameProblem, USER_GROUP } from "./fields.mjs";
import { changeUserFile } from "../user_file.mjs";

/** @typedef {import("../host.mjs").Host} Host */
/** @typedef {import("./fields.mjs").Fields} Fields */
/** @typedef {import("./fields.mjs").Preset} Preset */

const ROUTE = "/wanderlens/presets";
const FAVOURITES_FILE = "favourites.json";
const FAVOURITES_KEY = "presets";

/** A preset could not be kept; the message is fit for people. */
export class PresetSaveError extends Error {
  /**
   * @param {string} message
   * @param {"name" | "exists" | "host"} reason "exists" where a file of that name is in the way.
   */
  constructor(message, reason) {
    super(message);
    this.name = "PresetSaveError";
    this.reason = reason;
  }
}

/** Fires "change" whenever presets or favourites are others. */
export class PresetStore extends EventTarget {
  /** @param {Host} host */
  constructor(host) {
    super();
    this.host = host;
    /** @type {Preset[]} */
    this._presets = [];
    /** Ids. @type {Set<string>} */
    this.favourites = new Set();
    /** Options of the menus. @type {{camera: string[], pacing: string[], look: string[]}} */
    this.menus = { camera: [], pacing: [], look: [] };
    /** In the order of the menu. @type {string[]} */
    this.groups = [];
    /** Presets of the user's own can be kept. */
    this.maySave = false;
    this.loaded = false;
    /** Why the last load failed; fit for people. @type {string | null} */
    this.error = null;
    /** @type {Promise<void> | null} */
    this._loading = null;
  }

  /** In the order of the menu. */
  all() {
    return this._presets;
  }

  /** @param {string | null | undefined} id */
  byId(id) {
    return this._presets.find((preset) => preset.id === id) ?? null;
  }

  /**
   * Reads everything from the server. Whoever asks while it is being read waits for the same
   * answer.
   *
   * @throws {Error} If the server refused; what was known before stays.
   */
  load() {
    this._loading ??= this._load().finally(() => {
      this._loading = null;
    });
    return this._loading;
  }

  /** Reads everything unless it has been read. */
  async ensure() {
    if (!this.loaded) await this.load();
  }

  async _load() {
    try {
      const [answer, kept] = await Promise.all([
        this.host.getJson(ROUTE),
        this.host.readUserFile(FAVOURITES_FILE).catch(() => null),
      ]);
      this._presets = answer.presets;
      this.menus = answer.menus;
      this.groups = answer.groups;
      this.maySave = answer.may_save === true;
      this.favourites = new Set(idsOf(kept?.[FAVOURITES_KEY]));
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = /** @type {Error} */ (error).message;
      throw error;
    } finally {
      this._changed();
    }
  }

  /**
   * @param {string} id
   * @throws {Error} If it could not be kept; it is then as it was.
   */
  async toggleFavourite(id) {
    const on = !this.favourites.has(id);
    this._setFavourite(id, on);
    try {
      await this._keepFavourite(id, on);
    } catch (error) {
      this._setFavourite(id, !on);
      throw error;
    }
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  _setFavourite(id, on) {
    const favourites = new Set(this.favourites);
    if (on) favourites.add(id);
    else favourites.delete(id);
    this.favourites = favourites;
    this._changed();
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  _keepFavourite(id, on) {
    const { host } = this;
    return changeUserFile(host, FAVOURITES_FILE, FAVOURITES_KEY, (/** @type {unknown} */ kept) => {
      const others = idsOf(kept).filter((each) => each !== id);
      return on ? [...others, id] : others;
    });
  }

  /**
   * Keeps a preset of the user's own.
   *
   * @param {string} name Its name; also its file's.
   * @param {Partial<Fields>} fields What it does.
   * @param {{overwrite?: boolean}} [options] Whether it may replace one of the same name.
   * @returns {Promise<string>} Its id.
   * @throws {PresetSaveError} If it could not; nothing has changed then.
   */
  async save(name, fields, { overwrite = false } = {}) {
    const problem = nameProblem(name);
    if (problem) throw new PresetSaveError(this.host.t(`presets.name.${problem}`), "name");
    const trimmed = name.trim();
    const taken = this.host.t("presets.name.taken", { name: trimmed });
    const id = `${USER_GROUP}/${trimmed}`;
    if (!overwrite && this.byId(id)) throw new PresetSaveError(taken, "exists");
    try {
      await this.host.writeUserFile(fileFor(trimmed), fileOf(fields), { overwrite });
    } catch (error) {
      const { status, message } = /** @type {import("../host.mjs").HostError} */ (error);
      if (status === 409) throw new PresetSaveError(taken, "exists");
      throw new PresetSaveError(message, "host");
    }
    await this.load().catch(() => {}); // kept it is; `error` says that the list is old
    return id;
  }

  /**
   * Deletes a preset of the user's own.
   *
   * @param {string} id Its id.
   * @returns {Promise<() => Promise<void>>} Puts it back.
   * @throws {Error} If there is no such preset or the server refused.
   */
  async remove(id) {
    const preset = this.byId(id);
    if (!preset?.mine) throw new Error(this.host.t("presets.notMine"));
    const path = fileFor(preset.name);
    const content = (await this.host.readUserFile(path)) ?? fileOf(preset);
    await this.host.request(`/userdata/${encodeURIComponent(`wanderlens/${path}`)}`, {
      method: "DELETE",
    });
    await this.load().catch(() => {});
    return async () => {
      await this.host.writeUserFile(path, content, { overwrite: false });
      await this.load();
    };
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} name A preset's name. */
function fileFor(name) {
  return `presets/${name}.json`;
}

/** @param {unknown} kept What a file holds. */
function idsOf(kept) {
  return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
}
