// @ts-check
/** Buttons with an icon. */
import { element } from "./dom.mjs";
import { setAttribute } from "./dom_patch.mjs";

/**
 * A button with an icon and a text.
 *
 * @param {Document} page
 * @param {string} icon PrimeIcons' name.
 * @param {string} text
 * @param {(event: Event) => void} onclick
 * @param {string} [classes] Such as ".wl-button--primary".
 */
export function textButton(page, icon, text, onclick, classes = "") {
  const glyph = element(page, `i.pi.pi-${icon}`, { "aria-hidden": "true" });
  return element(page, `button.wl-button${classes}`, { type: "button", onclick }, glyph, text);
}

/**
 * A button with an icon alone; its text is its label.
 *
 * @param {Document} page
 * @param {string} icon PrimeIcons' name.
 * @param {string} text
 * @param {(event: Event) => void} onclick
 */
export function iconButton(page, icon, text, onclick) {
  return element(
    page,
    "button.wl-button.wl-button--icon",
    { type: "button", title: text, "aria-label": text, onclick },
    element(page, `i.pi.pi-${icon}`, { "aria-hidden": "true" }),
  );
}

/**
 * Shows a star as set or not.
 *
 * @param {HTMLElement} button One whose first child is an icon.
 * @param {boolean} on
 */
export function setStarred(button, on) {
  setAttribute(button, "aria-pressed", String(on));
  const icon = /** @type {Element} */ (button.firstElementChild);
  icon.className = `pi ${on ? "pi-star-fill" : "pi-star"}`;
}
