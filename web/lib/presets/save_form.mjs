// @ts-check
/** "Save as preset…": asks for a name and saves the present direction under it. */
import { element, freshId } from "../ui/dom.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").PresetStore} PresetStore */

/**
 * @param {object} options
 * @param {Host} options.host
 * @param {PresetStore} options.presets
 * @param {() => Partial<import("./fields.mjs").Fields>} options.fields The fields to save.
 * @param {(name: string) => void} options.onSaved
 * @returns {HTMLElement} Not a `form`, as it may be inside one.
 */
export function saveForm({ host, presets, fields, onSaved }) {
  const make = element.bind(null, host.page);
  const t = host.t.bind(host);
  const [nameId, errorId] = [freshId("preset-name"), freshId("preset-error")];
  const name = make("input.wl-input", {
    id: nameId, type: "text", maxlength: 80, autocomplete: "off", "aria-describedby": errorId,
    oninput: () => show("", false), onkeydown: onKey,
  });
  const error = make("div.wl-error", { id: errorId, role: "alert" });
  const button = (/** @type {string} */ key, /** @type {() => void} */ onclick, classes = "") =>
    make(`button.wl-button${classes}`, { type: "button", onclick }, t(`presets.${key}`));
  const keep = button("keep", () => save(false), ".wl-button--primary");
  const replace = button("replace", () => save(true));
  const open = button("save", () => toggle(true));
  const form = make(
    "div.wl-presets-form",
    {},
    make("label", { for: nameId }, t("presets.saveName")),
    make("div.wl-presets-row", {}, name, keep, replace, button("cancel", () => toggle(false))),
    error,
  );
  toggle(false, false);
  return make("div.wl-presets-save", {}, open, form);

  /**
   * @param {boolean} shown
   * @param {boolean} [focus]
   */
  function toggle(shown, focus = true) {
    form.hidden = !shown;
    open.hidden = shown;
    show("", false);
    if (focus) (shown ? name : open).focus();
  }

  /**
   * @param {string} message
   * @param {boolean} mayReplace
   */
  function show(message, mayReplace) {
    error.textContent = message;
    name.setAttribute("aria-invalid", String(message !== ""));
    replace.hidden = !mayReplace;
    keep.hidden = mayReplace;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault(); // Enter would submit a surrounding form, Escape close a dialog
    event.stopPropagation();
    if (event.key === "Escape") toggle(false);
    else if (replace.hidden) save(false);
    else replace.focus();
  }

  /** @param {boolean} overwrite */
  async function save(overwrite) {
    enable(false);
    try {
      await presets.save(name.value, fields(), { overwrite });
      const saved = name.value.trim();
      name.value = "";
      toggle(false);
      onSaved(saved);
    } catch (problem) {
      const { message, reason } = /** @type {any} */ (problem);
      enable(true); // a disabled element cannot be focused
      show(message, reason === "exists");
      (reason === "exists" ? replace : name).focus();
    } finally {
      enable(true);
    }
  }

  /** @param {boolean} enabled */
  function enable(enabled) {
    for (const each of [keep, replace]) each.disabled = !enabled;
  }
}
