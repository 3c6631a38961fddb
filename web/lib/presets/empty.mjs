// @ts-check
/** What the gallery shows when no preset matches. */
import { element } from "../ui/dom.mjs";
import { ALL, FAVOURITES } from "./group_menu.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/**
 * @param {Host} host
 * @param {object} state
 * @param {import("./store.mjs").PresetStore} state.presets
 * @param {string} state.query The text of the search.
 * @param {string} state.group The group that is searched.
 * @param {boolean} state.saves Whether presets can be saved in this gallery.
 * @param {{again: () => void, clear: () => void, everywhere: () => void}} actions
 * @returns {HTMLElement[]}
 */
export function whyEmpty(host, { presets, query, group, saves }, actions) {
  const text = (/** @type {string} */ key, values = {}) =>
    element(host.page, "p", {}, host.t(`presets.${key}`, values));
  const button = (/** @type {keyof typeof actions} */ key) => element(
    host.page, "button.wl-button", { type: "button", onclick: actions[key] },
    host.t(`presets.${key}`),
  );
  if (!presets.loaded) {
    if (presets.error === null) return [text("loading")];
    const reason = element(host.page, "p.wl-error", {}, presets.error);
    return [text("failed"), reason, button("again")];
  }
  if (query && group === ALL) return [text("none", { query }), button("clear")];
  if (query) return [text("noneHere", { query }), button("everywhere")];
  if (group === FAVOURITES) return [text("noFavourites")];
  return [text(saves ? "noMine" : "noMineHere")];
}
