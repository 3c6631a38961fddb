// @ts-check
/** A menu for each model file, with links to missing ones. */
import { element, freshId } from "../ui/dom.mjs";
import { section } from "../ui/form_controls.mjs";
import { choices, loadModels, missingModels, neededParts, pickModels } from "./models.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Models} Models */
/** @typedef {import("./models.mjs").Part} Part */

export class ModelFields {
  /**
   * @param {Host} host
   * @param {(change: Partial<FormValues>) => void} onChange
   */
  constructor(host, onChange) {
    this.host = host;
    this.onChange = onChange;
    this.make = element.bind(null, host.page);
    /** @type {import("./models.mjs").Library | null} */
    this.library = null;
    /** @type {Partial<Models>} */
    this.remembered = {};
    /** Why the list could not be loaded; "" for no error. */
    this.error = "";
    this.shown = "";
    this.list = this.make("div.wl-models");
    this.again = this.make("button.wl-button", {
      type: "button", onclick: () => this.load(),
    }, host.t("convert.look_again"));
    this.section = section(
      host.page, { title: host.t("convert.models") }, this.list, this.again,
    );
    this.element = this.section.element;
    /** @type {FormValues | null} */
    this.values = null;
  }

  /** Loads the list of files. */
  async load() {
    this.again.disabled = true;
    try {
      const { library, remembered } = await loadModels(this.host);
      this.library = library;
      this.remembered = remembered;
      this.error = "";
    } catch (error) {
      this.error = /** @type {Error} */ (error).message;
    } finally {
      this.again.disabled = false;
    }
    this.shown = "";
    if (!this.library) {
      this.section.setState(this.error, true);
      if (this.values) this.onChange({});
      return;
    }
    const given = this.values?.models ?? {};
    this.onChange({ models: pickModels(this.library, given, this.remembered) });
  }

  /**
   * @param {FormValues} values
   * @param {FormValues} shot What is made.
   */
  update(values, shot) {
    this.values = values;
    if (!this.library) return;
    const missing = missingModels(this.library, values.models, shot);
    const parts = neededParts(shot);
    const state = missing.length
      ? this.host.t("convert.missing_count", { n: missing.length })
      : this.host.t("convert.all_there");
    this.section.setState(state, missing.length > 0);
    const key = JSON.stringify([parts, values.models]);
    if (key === this.shown) return;
    const appeared = missing.length > 0 && this.shown === "";
    this.shown = key;
    const active = this.host.page.activeElement;
    const focused = /** @type {HTMLElement | null} */ (active)?.dataset?.part;
    this.list.replaceChildren(...parts.map((part) => this.row(part, values, missing)));
    if (focused) {
      this.list.querySelector(`[data-part="${focused}"]`)?.focus();
    }
    if (appeared) this.section.element.open = true;
  }

  /**
   * @param {Part} part
   * @param {FormValues} values
   * @param {ReturnType<typeof missingModels>} missing
   */
  row(part, values, missing) {
    const { host, make } = this;
    const id = freshId("model");
    const { fitting, others } = choices(/** @type {any} */ (this.library)[part]);
    const option = (/** @type {string} */ file) => make("option", { value: file }, file);
    const group = (/** @type {string} */ key, /** @type {string[]} */ files) =>
      files.length > 0 && make("optgroup", { label: host.t(key) }, files.map(option));
    const select = make(
      "select.wl-input", {
        id, dataset: { part }, "aria-describedby": `${id}-error`,
        onchange: () => this.onChange({ models: { ...values.models, [part]: select.value } }),
      },
      make("option", { value: "" }, host.t("convert.no_file")),
      group("convert.fitting", fitting), group("convert.others", others),
    );
    select.value = values.models[part];
    const lacks = missing.find((each) => each.part === part);
    return make(
      "div.wl-field", {},
      make("label.wl-label", { for: id }, host.t(`convert.part.${part}`)),
      select,
      make("p.wl-form-hint", { id: `${id}-error` }, lacks && [
        make("span.wl-error", {}, host.t("convert.get")), " ",
        lacks.url
          ? make("a", { href: lacks.url, target: "_blank", rel: "noopener noreferrer" }, lacks.name)
          : lacks.name,
        " ", host.t("convert.into", { folder: lacks.folder }),
      ]),
    );
  }

  /**
   * Why nothing can be queued.
   *
   * @param {FormValues} values
   * @param {FormValues} shot
   * @returns {string} "" for no reason.
   */
  reason(values, shot) {
    if (!this.library) return this.error || this.host.t("convert.looking");
    const missing = missingModels(this.library, values.models, shot);
    return missing.length
      ? this.host.t("convert.missing", { names: missing.map(({ name }) => name).join(", ") })
      : "";
  }
}
