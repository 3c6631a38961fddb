// @ts-check
/** The presets, bundled and the user's own, and the favourites among them. */
import { Favourites } from "../comfy/favourites.mjs";
import { fileOf, nameProblem, USER_GROUP } from "./fields.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./fields.mjs").Fields} Fields */
/** @typedef {import("./fields.mjs").Preset} Preset */

const ROUTE = "/wanderlens/presets";

/** A preset could not be saved; the message is for the user. */
export class PresetSaveError extends Error {
  /**
   * @param {string} message
   * @param {"name" | "exists" | "host"} reason "exists" where there is one of that name.
   */
  constructor(message, reason) {
    super(message);
    this.name = "PresetSaveError";
    this.reason = reason;
  }
}

/** Fires "change" whenever presets or favourites change. */
export class PresetStore extends EventTarget {
  /** @param {Host} host */
  constructor(host) {
    super();
    this.host = host;
    /** @type {Preset[]} */
    this._presets = [];
    this._favourites = new Favourites(host, "presets", () => this._changed());
    /** Options of the menus. @type {{camera: string[], pacing: string[], look: string[]}} */
    this.menus = { camera: [], pacing: [], look: [] };
    /** In the order of the menu. @type {string[]} */
    this.groups = [];
    /** Whether the user's own presets can be saved. */
    this.maySave = false;
    this.loaded = false;
    /** Why the last load failed, for the user. @type {string | null} */
    this.error = null;
    /** @type {Promise<void> | null} */
    this._loading = null;
  }

  /** Ids; replaced, never mutated. */
  get favourites() {
    return this._favourites.keys;
  }

  /** Whether everything has been read; otherwise loading again may help. */
  get whole() {
    return this.loaded && this._favourites.known;
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
   * Reads everything from the server. Calls during a load share its answer.
   *
   * @throws {Error} If the server refused; the known presets stay.
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
      const [answer] = await Promise.all([
        this.host.getJson(ROUTE),
        this._favourites.read(), // does not throw
      ]);
      this._presets = answer.presets;
      this.menus = answer.menus;
      this.groups = answer.groups;
      this.maySave = answer.may_save === true;
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
   * @throws {Error} If it could not be stored; the change is then undone.
   */
  async toggleFavourite(id) {
    await this._favourites.put([id], !this.favourites.has(id));
  }

  /**
   * Saves a preset of the user's own.
   *
   * @param {string} name Also its file's name.
   * @param {Partial<Fields>} fields
   * @param {{overwrite?: boolean}} [options] Whether it may replace one of the same name.
   * @returns {Promise<string>} Its id.
   * @throws {PresetSaveError} If it could not be saved; nothing has changed then.
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
      const { status, message } = /** @type {import("../comfy/host.mjs").HostError} */ (error);
      if (status === 409) throw new PresetSaveError(taken, "exists");
      throw new PresetSaveError(message, "host");
    }
    await this.load().catch(() => {}); // it is saved; `error` says that the list is old
    return id;
  }

  /**
   * Deletes a preset of the user's own.
   *
   * @param {string} id Its id.
   * @returns {Promise<() => Promise<void>>} Restores it.
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
