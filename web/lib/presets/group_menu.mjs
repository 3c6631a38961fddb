// @ts-check
/** The choice of a group of presets: all, favourites, the user's own, or another. */
import { element } from "../ui/dom.mjs";
import { USER_GROUP } from "./fields.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./fields.mjs").Preset} Preset */
/** @typedef {import("./store.mjs").PresetStore} PresetStore */

export const ALL = "all";
export const FAVOURITES = "favourites";

/**
 * @param {Host} host
 * @param {string} group Of a preset, or `ALL` or `FAVOURITES`.
 * @returns {string} Its name in the page's language.
 */
export function groupName(host, group) {
  const key = `presets.groups.${group}`;
  const name = host.t(key);
  return name === key ? group : name;
}

/** A row of buttons, or a compact menu. */
export class GroupMenu {
  /**
   * @param {Host} host
   * @param {boolean} compact
   * @param {() => void} onChange
   */
  constructor(host, compact, onChange) {
    this.host = host;
    this.compact = compact;
    this.onChange = onChange;
    this.value = ALL;
    /** @type {any} */
    this.element = element(
      host.page,
      compact ? "select.wl-input" : "div.wl-presets-groups",
      {
        role: compact ? null : "group",
        "aria-label": host.t("presets.filter"),
        onchange: () => compact && this.choose(this.element.value),
      },
    );
  }

  /** @param {PresetStore} presets Whose groups are offered. */
  offer(presets) {
    const mine = presets.maySave || presets.groups.includes(USER_GROUP);
    const others = presets.groups.filter((group) => group !== USER_GROUP);
    const groups = [ALL, FAVOURITES, ...(mine ? [USER_GROUP] : []), ...others];
    if (!groups.includes(this.value)) this.value = ALL;
    this.element.replaceChildren(...groups.map((group) => this.option(group)));
    this.show();
  }

  /** @param {string} group */
  option(group) {
    const { host } = this;
    const name = groupName(host, group);
    if (this.compact) return element(host.page, "option", { value: group }, name);
    return element(host.page, "button.wl-presets-chip", {
      type: "button", dataset: { group }, onclick: () => this.choose(group),
    }, name);
  }

  /** @param {string} group */
  choose(group) {
    this.value = group;
    this.show();
    this.onChange();
  }

  show() {
    if (this.compact) {
      this.element.value = this.value;
      return;
    }
    for (const chip of this.element.children) {
      chip.setAttribute("aria-pressed", String(chip.dataset.group === this.value));
    }
  }
}
