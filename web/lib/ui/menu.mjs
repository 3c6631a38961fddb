// @ts-check
/** A menu that opens at a button. */
import { element } from "./dom.mjs";

/**
 * @typedef {object} Item
 * @property {string} icon PrimeIcons' name.
 * @property {string} label
 * @property {string} [hint]
 * @property {() => unknown} act
 */

/** Pixels kept free at the window's edges. */
const EDGE = 8;

/**
 * Opens a menu; it closes when an item is chosen, on Escape, Tab, scrolling, and clicks elsewhere.
 *
 * @param {Document} page
 * @param {HTMLElement} button Where it opens; it gets the focus back when the menu closes.
 * @param {Item[]} items
 * @param {string} label The menu's accessible name.
 * @returns {() => void} Closes it.
 */
export function openMenu(page, button, items, label) {
  const buttons = items.map((item) =>
    element(
      page,
      "button.wl-menu-item",
      {
        type: "button",
        role: "menuitem",
        tabindex: -1,
        title: item.hint ?? null,
        onclick: () => {
          close(true);
          void item.act();
        },
      },
      element(page, `i.pi.pi-${item.icon}`, { "aria-hidden": "true" }),
      item.label,
    ),
  );
  const menu = element(
    page,
    "div.wl.wl-menu",
    { role: "menu", "aria-label": label, onkeydown: keydown },
    buttons,
  );
  const outside = (/** @type {Event} */ event) => {
    const target = /** @type {Node} */ (event.target);
    // A press on the button itself closes the menu in the button's click handler.
    if (!menu.contains(target) && !button.contains(target)) close(false);
  };
  let open = true;

  /** @param {boolean} back Whether the button gets the focus back. */
  function close(back) {
    if (!open) return;
    open = false;
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    page.removeEventListener("pointerdown", outside, true);
    page.removeEventListener("scroll", outside, true);
    page.defaultView?.removeEventListener("resize", outside);
    if (back) button.focus();
  }

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    const at = buttons.indexOf(page.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    event.stopPropagation(); // shortcuts of the page
    if (to !== undefined) buttons[(to + buttons.length) % buttons.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close(true);
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }

  page.body.append(menu);
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  page.addEventListener("pointerdown", outside, true);
  page.addEventListener("scroll", outside, true);
  page.defaultView?.addEventListener("resize", outside);
  buttons[0]?.focus();
  return () => close(false);
}

/**
 * Below the button where there is room, else above; never out of the window.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
function place(menu, button) {
  const { innerHeight = 0, innerWidth = 0 } = button.ownerDocument.defaultView ?? {};
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const x = right - width >= EDGE ? right - width : left;
  const y = bottom + height + EDGE <= innerHeight ? bottom + 2 : top - height - 2;
  menu.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - width - EDGE))}px`;
  menu.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
}
