// @ts-check
/** What the form holds before it is submitted, stored until the browser tab is closed. */
import { SafeStorage } from "../comfy/storage.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */

/** @typedef {{values: Partial<FormValues>, picture: Ref | null}} Draft */

export class FormDraft {
  /**
   * @param {Storage | null} storage Null where there is none.
   * @param {Mode} mode
   */
  constructor(storage, mode) {
    this.storage = new SafeStorage(storage);
    this.key = `wanderlens.form.${mode}`;
  }

  /** @returns {Draft | null} Null where none is stored. */
  read() {
    const draft = this.storage.readJson(this.key);
    return typeof draft?.values === "object" && draft.values ? draft : null;
  }

  /** @param {Draft} draft */
  write(draft) {
    this.storage.write(this.key, JSON.stringify(draft));
  }

  clear() {
    this.storage.remove(this.key);
  }
}
