// @ts-check
/** The fields that direct the shot: text, menus, presets. */
import { element } from "../ui/dom.mjs";
import { fieldsOf } from "../presets/fields.mjs";
import { presetGallery } from "../presets/gallery.mjs";
import { SafeStorage } from "../comfy/storage.mjs";
import { menu, section, slider, textArea } from "../ui/form_controls.mjs";
import { FROM_PRESET, recommended } from "./form.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */

const MENUS = /** @type {const} */ (["camera", "pacing", "look"]);

/** Storage key: whether the presets were open the last time. */
const OPEN = "wanderlens.form.presets";

export class DirectionFields {
  /**
   * @param {Context} context
   * @param {Mode} mode
   * @param {(change: Partial<FormValues>) => void} onChange
   */
  constructor(context, mode, onChange) {
    const { host, presets } = context;
    const page = host.page;
    const t = host.t.bind(host);
    const storage = SafeStorage.of(page);
    this.context = context;
    this.mode = mode;
    this.onChange = onChange;
    /** @type {FormValues | null} */
    this.values = null;
    /** @type {string | null} */
    this.picture = null;
    /** @type {ReturnType<typeof presetGallery> | null} */
    this.gallery = null;

    this.direction = textArea(page, {
      label: t("convert.direction"),
      placeholder: t(`convert.direction_${mode}`),
      onInput: (direction) => onChange({ direction }),
    });
    /** @type {Record<string, ReturnType<typeof menu>>} */
    this.menus = Object.fromEntries(MENUS.map((name) => [name, menu(page, {
      label: t(`convert.${name}`),
      choices: this.choices(name, null),
      onChange: (value) => onChange({ [name]: value }),
    })]));
    this.intensity = slider(page, {
      label: t("convert.intensity"), min: 0, max: 1.5, step: 0.05,
      onInput: (intensity) => onChange({ intensity }),
    });
    this.galleryRoom = element(page, "div.wl-form-gallery");
    this.picked = element(page, "p.wl-muted.wl-form-hint", { role: "status" });
    this.presetsSection = section(page, {
      title: t("convert.presets"),
      open: storage.read(OPEN) !== "no",
      onToggle: (open) => {
        storage.write(OPEN, open ? "yes" : "no");
        if (open) this.openGallery();
      },
    }, this.galleryRoom, this.picked, this.intensity.element);
    this.element = element(
      page, "div.wl-form-part", {},
      this.direction.element,
      element(page, "div.wl-form-three", {}, MENUS.map((name) => this.menus[name].element)),
      this.presetsSection.element,
    );
    this.onPresets = () => this.showMenus();
    presets.addEventListener("change", this.onPresets);
    presets.ensure().catch(() => {}); // the gallery shows the error and a button to retry
    this.onPresets();
  }

  destroy() {
    this.context.presets.removeEventListener("change", this.onPresets);
    this.gallery?.destroy();
  }

  /** @param {string | null} url The picture that the presets animate. */
  setPicture(url) {
    this.picture = url;
    this.gallery?.setPicture(url);
  }

  openGallery() {
    if (this.gallery || !this.values) return;
    const { host, presets } = this.context;
    this.gallery = presetGallery({
      host, presets, picture: this.picture, value: this.values.preset, compact: true,
      onPick: (preset) => this.pick(preset),
      fields: () => fieldsOf(this.values ?? {}, presets.byId(this.values?.preset)),
    });
    this.galleryRoom.replaceChildren(this.gallery.element);
  }

  /** @param {import("../presets/fields.mjs").Preset | null} preset */
  pick(preset) {
    if (!this.values) return;
    const { host } = this.context;
    const change = recommended(this.values, preset, this.mode);
    const { fps, duration, loop } = change;
    const said = loop ? "convert.set_loop" : "convert.set";
    this.picked.textContent = preset && this.mode === "convert"
      ? host.t(said, { fps: fps ?? 16, duration: duration ?? 5 })
      : "";
    this.onChange(change);
  }

  /**
   * @param {FormValues} values
   */
  update(values) {
    const { presets, host } = this.context;
    const before = this.values?.preset;
    this.values = values;
    this.direction.set(values.direction);
    for (const name of MENUS) this.menus[name].set(values[name]);
    this.intensity.set(values.intensity);
    this.intensity.element.hidden = !values.preset;
    const name = presets.byId(values.preset)?.name ?? values.preset;
    this.presetsSection.setState(name || host.t("convert.no_preset"));
    if (before !== values.preset) {
      this.gallery?.setValue(values.preset);
      if (!values.preset) this.picked.textContent = "";
    }
    if (this.presetsSection.element.open) this.openGallery();
  }

  /** @param {import("./prompt.mjs").Composed | null} composed For the automatic choices. */
  setComposed(composed) {
    this.composed = composed;
    this.showMenus();
  }

  showMenus() {
    for (const name of MENUS) {
      const key = JSON.stringify([this.context.presets.menus[name], this.composed?.[name]]);
      if (this.menus[name].element.dataset.key === key) continue;
      this.menus[name].element.dataset.key = key;
      this.menus[name].setChoices(this.choices(name, this.composed?.[name] ?? null));
    }
    if (this.values) this.update(this.values);
  }

  /**
   * @param {"camera" | "pacing" | "look"} name
   * @param {string | null} resolved What text and preset resolve to.
   */
  choices(name, resolved) {
    const { host, presets } = this.context;
    const options = presets.menus[name].length ? presets.menus[name] : [FROM_PRESET];
    return options.map((value) => ({ value, label: this.labelOf(value, resolved, host) }));
  }

  /**
   * @param {string} value
   * @param {string | null} resolved
   * @param {import("../comfy/host.mjs").Host} host
   */
  labelOf(value, resolved, host) {
    if (value === "none") return host.t("convert.none");
    if (value !== FROM_PRESET) return capitalised(value);
    return resolved && resolved !== "none" ? host.t("convert.automatic_as", { name: resolved })
      : host.t("convert.automatic");
  }
}

/** @param {string} text */
function capitalised(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
