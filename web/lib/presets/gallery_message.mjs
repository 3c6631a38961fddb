// @ts-check
/** Changes of presets out of the gallery, and the line below it that reports them. */
import { element } from "../ui/dom.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").PresetStore} PresetStore */

export class GalleryMessage {
  /**
   * @param {Host} host
   * @param {PresetStore} presets
   * @param {{onRemoved: (id: string) => void, onRestored: (id: string) => void}} handlers
   */
  constructor(host, presets, { onRemoved, onRestored }) {
    this.host = host;
    this.presets = presets;
    this.onRemoved = onRemoved;
    this.onRestored = onRestored;
    this.element = element(host.page, "div.wl-presets-message", { role: "status" });
  }

  /** @param {string} id */
  toggleFavourite(id) {
    return this._attempt(async () => {
      const key = this.presets.favourites.has(id) ? "presets.unstarred" : "presets.starred";
      const saved = this.presets.toggleFavourite(id);
      this.show(this.host.t(key, { name: this._nameOf(id) }));
      await saved;
    });
  }

  /** @param {string} id */
  remove(id) {
    const { host } = this;
    const name = this._nameOf(id);
    return this._attempt(async () => {
      const restore = await this.presets.remove(id);
      this.onRemoved(id);
      const onclick = () => this._attempt(async () => {
        await restore();
        this.show(host.t("presets.back", { name }));
        this.onRestored(id);
      });
      const undo = element(
        host.page, "button.wl-button", { type: "button", onclick }, host.t("presets.undo"),
      );
      this.show(host.t("presets.deleted", { name }), undo);
      undo.focus();
    });
  }

  /** @param {string} name Of a saved preset; the store's reload may have failed. */
  showSaved(name) {
    // It is not picked: its text holds what the user has typed, which would then come twice.
    if (this.presets.error) this._fail(this.presets.error);
    else this.show(this.host.t("presets.saved", { name }));
  }

  /** @param {() => Promise<void>} work A failure is shown. */
  async _attempt(work) {
    try {
      await work();
    } catch (error) {
      this._fail(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} id */
  _nameOf(id) {
    return this.presets.byId(id)?.name ?? id;
  }

  /**
   * @param {string} text
   * @param {...Node} more
   */
  show(text, ...more) {
    this.element.classList.remove("wl-error");
    this.element.replaceChildren(text, ...more);
  }

  /** @param {string} message */
  _fail(message) {
    this.show(message);
    this.element.classList.add("wl-error");
  }
}
