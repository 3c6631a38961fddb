// @ts-check
/** What was typed and not created, until the browser's tab is closed. */

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */

/** @typedef {{values: Partial<FormValues>, picture: Ref | null}} Kept */

export class KeptForm {
  /**
   * @param {Storage} storage
   * @param {Mode} mode
   */
  constructor(storage, mode) {
    this.storage = storage;
    this.key = `wanderlens.form.${mode}`;
  }

  /** @returns {Kept | null} Null where nothing is. */
  read() {
    try {
      const kept = JSON.parse(this.storage.getItem(this.key) ?? "null");
      return kept !== null && typeof kept?.values === "object" && kept.values ? kept : null;
    } catch {
      return null; // not ours, or the browser gives no storage
    }
  }

  /** @param {Kept} kept */
  write(kept) {
    try {
      this.storage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // No room, or no storage: then it is not kept.
    }
  }

  clear() {
    try {
      this.storage.removeItem(this.key);
    } catch {
      // No storage.
    }
  }
}
